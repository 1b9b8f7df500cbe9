"""Deep sparse rectifier networks: the method of Glorot, Bordes and Bengio (AISTATS 2011) for Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from rectinet.errors import DivergenceError as DivergenceError
    from rectinet.estimators import RatingRegressor as RatingRegressor
    from rectinet.estimators import RectifierClassifier as RectifierClassifier
    from rectinet.estimators import RectifierRegressor as RectifierRegressor
    from rectinet.estimators import SemiSupervisedClassifier as SemiSupervisedClassifier
    from rectinet.estimators import StackedDenoisingAutoencoder as StackedDenoisingAutoencoder
    from rectinet.estimators import TableModel as TableModel
    from rectinet.estimators import TextModel as TextModel
    from rectinet.estimators import from_torch as from_torch
    from rectinet.estimators import load as load

_HOMES = {
    "DivergenceError": "rectinet.errors",
    "RectifierClassifier": "rectinet.estimators",
    "RectifierRegressor": "rectinet.estimators",
    "RatingRegressor": "rectinet.estimators",
    "SemiSupervisedClassifier": "rectinet.estimators",
    "StackedDenoisingAutoencoder": "rectinet.estimators",
    "TableModel": "rectinet.estimators",
    "TextModel": "rectinet.estimators",
    "from_torch": "rectinet.estimators",
    "load": "rectinet.estimators",
}

__all__ = [
    "RectifierClassifier",
    "RectifierRegressor",
    "RatingRegressor",
    "SemiSupervisedClassifier",
    "StackedDenoisingAutoencoder",
    "TableModel",
    "TextModel",
    "load",
    "from_torch",
    "DivergenceError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Import a public name on first use: importing scikit-learn, and pandas with it, takes about a second."""
    if name not in _HOMES:
        raise AttributeError(f"module 'rectinet' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
