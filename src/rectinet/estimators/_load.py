"""Loading of model files."""

from __future__ import annotations

import os
from typing import Any, Final

from rectinet.estimators.autoencoder import StackedDenoisingAutoencoder
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.rating import RatingRegressor
from rectinet.estimators.regressor import RectifierRegressor
from rectinet.estimators.semisupervised import SemiSupervisedClassifier
from rectinet.estimators.table import TableModel
from rectinet.estimators.text import TextModel
from rectinet.storage import WrongKind, load_model

KINDS: Final[dict[str, Any]] = {
    kind.__name__: kind
    for kind in (
        RectifierClassifier,
        RectifierRegressor,
        RatingRegressor,
        SemiSupervisedClassifier,
        StackedDenoisingAutoencoder,
        TableModel,
        TextModel,
    )
}


def load(path: str | os.PathLike[str]) -> Any:
    """Read an estimator written by its `save`.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator
        The estimator as saved, fitted or pre-trained, of the same class. Its histories lack "seconds", which files do
        not keep.

    Raises
    ------
    FileNotFoundError
    rectinet.storage.ModelFileError
        NotAModelFile, DamagedModelFile, NewerFormat or WrongKind.
    """
    model = load_model(path)
    if model.kind not in KINDS:
        raise WrongKind(
            f"{path} holds a {model.kind}, which this version of rectinet does not know; install a newer one"
        )
    return KINDS[model.kind]._from_model(model, path)
