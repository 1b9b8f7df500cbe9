"""What Ctrl-C ends: one training, or all of those that a tool such as cross-validation runs one after the other."""

from __future__ import annotations

import sys

from rectinet.warning import warn


def end_interrupted(n_epochs: int, trying: bool = False) -> None:
    """Say that training, or the `trying` of learning rates, ended early and left a usable network.

    As one fit of many it ends them all.

    Cross-validation would go on with the next fold and take the half-trained network for a whole one.

    Raises
    ------
    KeyboardInterrupt
        Under joblib, by which scikit-learn's tools run several fits.
    """
    if _one_of_many():
        raise KeyboardInterrupt(f"training was interrupted after {n_epochs} whole epochs, as one fit of several")
    left = (
        "while learning rates were being tried: the estimator has the network of the trial that was under way, after "
        f"{n_epochs} whole epochs on part of the examples"
        if trying
        else f"after {n_epochs} whole epochs; the estimator is usable as it is"
    )
    warn(f"training was interrupted {left}")


def _one_of_many() -> bool:
    frame = sys._getframe(1)
    while (above := frame.f_back) is not None:
        if above.f_globals.get("__name__", "").partition(".")[0] == "joblib":
            return True
        frame = above
    return False
