"""What Ctrl-C ends: one training, or all of those that a tool such as cross-validation runs one after the other."""

from __future__ import annotations

import sys

from rectinet.warning import warn


def end_interrupted(n_epochs: int) -> None:
    """Say that training ended early and left a usable network; as one fit of many, end them all.

    Cross-validation would go on with the next fold and take the half-trained network for a whole one.

    Raises
    ------
    KeyboardInterrupt
        Under joblib, by which scikit-learn's tools run several fits.
    """
    if _one_of_many():
        raise KeyboardInterrupt(f"training was interrupted after {n_epochs} whole epochs, as one fit of several")
    warn(f"training was interrupted after {n_epochs} whole epochs; the estimator is usable as it is")


def _one_of_many() -> bool:
    frame = sys._getframe(1)
    while (above := frame.f_back) is not None:
        if above.f_globals.get("__name__", "").partition(".")[0] == "joblib":
            return True
        frame = above
    return False
