"""The outputs that an estimator explains, and their names."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.inside.readout import Readout
from rectinet.runs.targets import Classes, Ratings, Targets, Values


def readout_of(targets: Targets, contrast: tuple[Any, Any] | None) -> Readout:
    """Logits of classes and ratings (for two classes, their difference), or values in their own units.

    Parameters
    ----------
    contrast : tuple of two labels, optional
        Selects the logit of the first class minus that of the second.

    Raises
    ------
    ValueError
        When contrast does not name two different classes.
    """
    if isinstance(targets, Values):
        if contrast is not None:
            raise ValueError(f"contrast compares two classes, and a regressor has none; got {contrast!r}")
        names = ("value",) if targets.n_outputs == 1 else tuple(f"target {k}" for k in range(targets.n_outputs))
        return Readout(np.diag(targets.scale), targets.mean, names, "prediction")
    assert isinstance(targets, Classes | Ratings)
    labels = targets.classes.labels if isinstance(targets, Ratings) else targets.labels
    if contrast is not None:
        plus, minus = _places(labels, contrast)
    elif isinstance(targets, Classes) and len(labels) == 2:
        plus, minus = 1, 0
    else:
        return Readout.each(len(labels), [_name(label) for label in labels.tolist()], "logit")
    name = " - ".join(_name(label) for label in labels[[plus, minus]].tolist())
    return Readout.difference(len(labels), plus, minus, name)


def _name(label: object) -> str:
    return f"{label:g}" if isinstance(label, float) else str(label)


def _places(labels: NDArray[Any], contrast: object) -> tuple[int, int]:
    listed = labels.tolist()
    if isinstance(contrast, tuple | list) and len(contrast) == 2:
        plus, minus = contrast
        if plus in listed and minus in listed and plus != minus:
            return listed.index(plus), listed.index(minus)
    raise ValueError(f"contrast must be a pair of two different classes of {_some(listed)}; got {contrast!r}")


def _some(listed: list[Any]) -> str:
    shown = ", ".join(repr(label) for label in listed[:12])
    return shown if len(listed) <= 12 else f"{shown}, ..."
