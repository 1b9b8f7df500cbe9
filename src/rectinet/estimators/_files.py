"""Fitted estimators as the contents of model files and back."""

from __future__ import annotations

import os
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Inputs
from rectinet.network import Network
from rectinet.runs import Configuration, Outcome
from rectinet.runs.targets import Classes, Ratings, Targets, Values
from rectinet.storage import DamagedModelFile, Model
from rectinet.storage.decoders import PREFIX as DECODER
from rectinet.storage.decoders import decoder_arrays, decoder_document, decoders_from
from rectinet.storage.networks import PREFIX as NETWORK
from rectinet.storage.networks import network_arrays, network_document, network_from

_PRETRAINED = "pretrained."  # a pre-trained network beside the one fine-tuned from it

T = TypeVar("T")


def as_model(kind: str, params: dict[str, Any], fitted: Fitted | None, pretrained: Fitted | None) -> Model:
    """What a file holds of an estimator that is fitted, pre-trained, or both."""
    known = fitted or pretrained
    assert known is not None
    outcome = known.outcome
    if not (params["random_state"] is None or isinstance(params["random_state"], (int, np.integer))):
        params["random_state"] = outcome.seed  # a generator has no exact form in a file; its draw has
    params["checkpoint"] = None  # a place on this machine, no part of the model
    history = (pretrained or known).outcome.pretrain_history
    facts: dict[str, Any] = {
        "n_features_in_": known.inputs.n_features,
        "seed_": outcome.seed,
        "fitted": fitted is not None,
        "pretrain_history": [  # in one order: a checkpoint gives entries back sorted
            {name: entry[name] for name in sorted(entry) if name != "seconds"} for entry in history
        ],
    }
    arrays: dict[str, NDArray[Any]] = {}
    if known.inputs.feature_names is not None:
        facts["feature_names_in_"] = known.inputs.feature_names
    if fitted is not None and outcome.targets is not None:
        facts |= {"n_epochs_": outcome.n_epochs, "best_epoch_": outcome.best_epoch}
        more_facts, more_arrays = _of_targets(outcome.targets)
        facts, arrays = facts | more_facts, arrays | more_arrays
    if fitted is not None and pretrained is not None:
        facts["pretrained"] = network_document(pretrained.network)
        network = network_arrays(pretrained.network).items()
        arrays |= {_PRETRAINED + name.removeprefix(NETWORK): values for name, values in network}
    if outcome.autoencoders:
        facts["decoders"] = decoder_document(outcome.autoencoders)
        arrays |= decoder_arrays(outcome.autoencoders)
    return Model(kind, params, outcome.network, facts, outcome.history, arrays)


def constructed(cls: type[T], model: Model, path: str | os.PathLike[str]) -> T:
    """An estimator with the parameters of a file, not fitted yet.

    Raises
    ------
    DamagedModelFile
        When they do not fit its class.
    """
    try:
        return cls(**model.params)
    except TypeError as problem:
        raise DamagedModelFile(f"{path}: its parameters do not fit {model.kind} ({problem})") from problem


def fitted_from(model: Model, configuration: Configuration) -> tuple[Fitted | None, Fitted | None]:
    """The fitted and the pre-trained state of which `as_model` was taken."""
    facts, n_features = model.facts, model.facts["n_features_in_"]
    names = facts.get("feature_names_in_")
    inputs = Inputs(model.kind, configuration.dtype, n_features, names)
    pretrain_history = facts.get("pretrain_history", [])

    def pretrained(network: Network) -> Fitted:
        return Fitted(Outcome(network, facts["seed_"], pretrain_history=pretrain_history), inputs)

    if not facts.get("fitted", True):
        return None, pretrained(model.network)
    decoders = {name: values for name, values in model.arrays.items() if name.startswith(DECODER)}
    outcome = Outcome(
        network=model.network,
        seed=facts["seed_"],
        targets=_targets_from(model, configuration),
        history=model.history,
        n_epochs=facts.get("n_epochs_", 0),
        best_epoch=facts.get("best_epoch_", 0),
        pretrain_history=pretrain_history,
        autoencoders=tuple(decoders_from(decoders, facts.get("decoders", []), model.network)),
    )
    earlier = {
        NETWORK + name.removeprefix(_PRETRAINED): values
        for name, values in model.arrays.items()
        if name.startswith(_PRETRAINED)
    }
    before = pretrained(network_from(earlier, facts["pretrained"])) if "pretrained" in facts else None
    return Fitted(outcome, inputs), before


def _of_targets(targets: Targets) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Facts and arrays, by the names of the estimators' attributes."""
    if isinstance(targets, Values):
        facts = {"n_targets_": targets.n_outputs, "flat_targets_": targets.flat}
        return facts, {"target_mean_": targets.mean, "target_scale_": targets.scale}
    classes = targets.classes if isinstance(targets, Ratings) else targets
    assert isinstance(classes, Classes)
    return {"classes_": classes.labels}, {"class_weight_": classes.weights}


def _targets_from(model: Model, configuration: Configuration) -> Targets | None:
    facts, arrays = model.facts, model.arrays
    if configuration.task == "encode":
        return None
    if configuration.task == "regress":
        mean, scale = np.array(arrays["target_mean_"]), np.array(arrays["target_scale_"])
        return Values(mean, scale, facts["flat_targets_"], configuration.dtype)
    labels = facts["classes_"]
    weights = np.array(arrays.get("class_weight_", np.ones(len(labels))))
    classes = Classes(labels, weights, configuration.class_weight is not None)
    return Ratings(classes) if configuration.task == "rate" else classes
