"""Estimators as model files and back."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from rectinet.estimators._decoders import PREFIX as DECODER
from rectinet.estimators._decoders import decoder_arrays, decoder_document, decoders_from
from rectinet.storage import DamagedModelFile, Model, WrongKind, load_model, save_model
from rectinet.storage.networks import PREFIX as NETWORK
from rectinet.storage.networks import network_arrays, network_document, network_from

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
_PRETRAINED = "pretrained."  # a pre-trained network beside the one fine-tuned from it


def save(estimator: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted or pre-trained estimator."""
    save_model(path, as_model(estimator))


def as_model(estimator: Any) -> Model:
    """What a file holds of a fitted or pre-trained estimator."""
    params = estimator.get_params(deep=False)
    if not (params["random_state"] is None or isinstance(params["random_state"], (int, np.integer))):
        params["random_state"] = estimator.seed_  # a generator has no exact form in a file; its draw has
    params["checkpoint"] = None  # a place on this machine, no part of the model
    facts = {name: getattr(estimator, name) for name in _FACTS if hasattr(estimator, name)}
    arrays = {name: getattr(estimator, name) for name in _ARRAYS if hasattr(estimator, name)}
    if hasattr(estimator, "pretrain_history_"):
        facts["pretrain_history"] = [  # in one order: a checkpoint gives entries back sorted
            {name: entry[name] for name in sorted(entry) if name != "seconds"} for entry in estimator.pretrain_history_
        ]
    pretrained = estimator.__dict__.get("pretrained_network_")
    network = estimator.__dict__.get("network_", pretrained)
    facts["fitted"] = network is not pretrained
    if pretrained is not None and network is not pretrained:
        facts["pretrained"] = network_document(pretrained)
        arrays |= {_PRETRAINED + name.removeprefix(NETWORK): v for name, v in network_arrays(pretrained).items()}
    if hasattr(estimator, "autoencoders_"):
        facts["decoders"] = decoder_document(estimator.autoencoders_)
        arrays |= decoder_arrays(estimator.autoencoders_)
    history = estimator.__dict__.get("history_", [])
    return Model(type(estimator).__name__, params, network, facts, history, arrays)


def load(path: str | os.PathLike[str]) -> Any:
    """Read an estimator written by `save`.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator
        As it was saved, fitted or pre-trained, of the same class. Its histories have no "seconds": they are not part
        of the file.

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
    own = getattr(kind, "_from_model", None)
    return as_estimator(model, path) if own is None else own(model, path)


def as_estimator(model: Model, path: str | os.PathLike[str]) -> Any:
    """The estimator whose `as_model` this is; `path` is for messages.

    Raises
    ------
    DamagedModelFile
        When its parameters or facts do not fit its class.
    """
    from rectinet import estimators

    kind = getattr(estimators, model.kind)
    try:
        estimator = kind(**model.params)
    except TypeError as problem:
        raise DamagedModelFile(f"{path}: its parameters do not fit {model.kind} ({problem})") from problem
    for name in _FACTS:
        if name in model.facts:
            setattr(estimator, name, model.facts[name])
    for name in _ARRAYS:
        if name in model.arrays:
            setattr(estimator, name, np.array(model.arrays[name]))
    if "pretrain_history" in model.facts:
        estimator.pretrain_history_ = model.facts["pretrain_history"]
    if not model.facts.get("fitted", True):
        estimator.pretrained_network_ = model.network
        return estimator
    estimator.network_, estimator.history_ = model.network, model.history
    if "pretrained" in model.facts:
        arrays = {
            NETWORK + name.removeprefix(_PRETRAINED): v
            for name, v in model.arrays.items()
            if name.startswith(_PRETRAINED)
        }
        estimator.pretrained_network_ = network_from(arrays, model.facts["pretrained"])
    if "decoders" in model.facts:
        decoders = {name: v for name, v in model.arrays.items() if name.startswith(DECODER)}
        estimator.autoencoders_ = decoders_from(decoders, model.facts["decoders"], model.network)
    return estimator
