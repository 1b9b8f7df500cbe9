"""Estimators as model files and back."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from rectinet.storage import DamagedModelFile, Model, WrongKind, load_model, save_model

# Facts that every fitted estimator has; classes and target scales where there are any.
_FACTS = (
    "n_features_in_",
    "feature_names_in_",
    "classes_",
    "n_epochs_",
    "best_epoch_",
    "seed_",
    "n_targets_",
    "flat_targets_",
)
_ARRAYS = ("target_mean_", "target_scale_", "class_weight_")


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator."""
    params = estimator.get_params(deep=False)
    if not (params["random_state"] is None or isinstance(params["random_state"], (int, np.integer))):
        params["random_state"] = estimator.seed_  # a generator has no exact form in a file; its draw has
    params["checkpoint"] = None  # a place on this machine, no part of the model
    model = Model(
        kind=type(estimator).__name__,
        params=params,
        network=estimator.network_,
        facts={name: getattr(estimator, name) for name in _FACTS if hasattr(estimator, name)},
        history=estimator.history_,
        arrays={name: getattr(estimator, name) for name in _ARRAYS if hasattr(estimator, name)},
    )
    save_model(path, model)


def load(path: str | os.PathLike[str]) -> Any:
    """Read an estimator written by `save`.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator
        Fitted, of the class that was saved. Its history has no "seconds": they are not part of the file.

    Raises
    ------
    FileNotFoundError
    rectinet.storage.ModelFileError
        NotAModelFile, DamagedModelFile, NewerFormat or WrongKind.
    """
    from rectinet import estimators

    model = load_model(path)
    kind = getattr(estimators, model.kind, None)
    if not (isinstance(kind, type) and hasattr(kind, "save")):
        raise WrongKind(
            f"{path} holds a {model.kind}, which this version of rectinet does not know; install a newer one"
        )
    try:
        estimator = kind(**model.params)
    except TypeError as problem:
        raise DamagedModelFile(f"{path}: its parameters do not fit {model.kind} ({problem})") from problem
    for name, value in {**model.facts, **model.arrays}.items():
        setattr(estimator, name, np.array(value) if name in _ARRAYS else value)
    estimator.network_ = model.network
    estimator.history_ = model.history
    return estimator
