"""Conversion of fitted estimators to the contents of model files, and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.encoders.scaling import Scaler
from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Inputs
from rectinet.network import Network
from rectinet.runs import Configuration, Outcome
from rectinet.runs.plan import Plan
from rectinet.runs.targets import Classes, Ratings, Seen, Targets, Values
from rectinet.storage import WRONG_INSIDE, Model, ModelFileError, wrong_inside
from rectinet.storage.decoders import PREFIX as DECODER
from rectinet.storage.decoders import decoder_arrays, decoder_document, decoders_from
from rectinet.storage.networks import PREFIX as NETWORK
from rectinet.storage.networks import network_arrays, network_document, network_from

_SCALER = "scaler."
_PRETRAINED = "pretrained."  # prefix of a pre-trained network, kept besides the one fine-tuned from it


def kind_of(estimator: object) -> str:
    """The name of an estimator's class in model files.

    Raises
    ------
    TypeError
        For a class defined outside rectinet, which `rectinet.load` could not find.
    """
    kind = type(estimator)
    if kind.__module__.partition(".")[0] != "rectinet":
        ours = next(base.__name__ for base in kind.__mro__ if base.__module__.partition(".")[0] == "rectinet")
        raise TypeError(
            f"{kind.__name__} is a class of your own, which rectinet.load could not find again: save a {ours}, or keep "
            "it with pickle or joblib"
        )
    return kind.__name__


def as_model(kind: str, params: dict[str, Any], fitted: Fitted | None, pretrained: Fitted | None) -> Model:
    """The content of a model file for an estimator that is fitted, pre-trained, or both."""
    known = fitted or pretrained
    assert known is not None
    outcome = known.outcome
    if not (params["random_state"] is None or isinstance(params["random_state"], (int, np.integer))):
        params["random_state"] = outcome.seed  # files cannot hold a generator, only the seed drawn from it
    params["checkpoint"] = None  # a path on this machine, not part of the model
    history = (pretrained or known).outcome.pretrain_history
    facts: dict[str, Any] = {
        "n_features_in_": known.inputs.n_features,
        "seed_": outcome.seed,
        "fitted": fitted is not None,
        "pretrain_history": [  # in a fixed order: entries from a checkpoint come back sorted
            {name: entry[name] for name in sorted(entry) if name != "seconds"} for entry in history
        ],
    }
    arrays: dict[str, NDArray[Any]] = {}
    if known.inputs.feature_names is not None:
        facts["feature_names_in_"] = known.inputs.feature_names
    if known.inputs.index_base is not None:
        facts["index_base_"] = known.inputs.index_base
    if known.inputs.scaler is not None:
        facts["scaler"] = known.inputs.scaler.kind
        arrays |= {_SCALER + name: values for name, values in known.inputs.scaler.arrays().items()}
    if fitted is not None and outcome.targets is not None:
        facts |= {"n_epochs_": outcome.n_epochs, "best_epoch_": outcome.best_epoch}
        if outcome.plan is not None:
            facts["plan"] = outcome.plan.document()
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


@contextmanager
def fits_together(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn any error while a file's contents become an estimator into a DamagedModelFile that names the file."""
    try:
        yield
    except ModelFileError:
        raise
    except WRONG_INSIDE as problem:
        raise wrong_inside(path, problem) from problem


def fitted_from(model: Model, configuration: Configuration) -> tuple[Fitted | None, Fitted | None]:
    """The fitted and the pre-trained state in a model file, the inverse of `as_model`.

    Raises
    ------
    KeyError, TypeError, ValueError
        When entries are missing, of another type, or do not fit the network.
    """
    facts, n_features = model.facts, whole(model.facts, "n_features_in_", 1)
    if n_features != model.network.n_inputs:
        raise ValueError(f"it was fitted to {n_features} features and its network has {model.network.n_inputs} inputs")
    if configuration.engine != "reference" and any(x.activation.derivative_at_zero for x in model.network.layers):
        raise ValueError('a derivative of 1 at 0 needs engine="reference"')
    names = facts.get("feature_names_in_")
    if names is not None and not (_labels(names, n_features) and all(isinstance(name, str) for name in names)):
        raise ValueError(f"feature_names_in_ must be {n_features} different names")
    scaler = None
    if "scaler" in facts:
        scales = {name.removeprefix(_SCALER): v for name, v in model.arrays.items() if name.startswith(_SCALER)}
        scaler = Scaler.from_arrays(facts["scaler"], scales, n_features)
    if configuration.scaling != (None if scaler is None else scaler.kind):
        raise ValueError(f"scaling={configuration.scaling!r} and the scales in the file do not fit together")
    base = facts.get("index_base_")
    if base is not None and (base not in (0, 1) or isinstance(base, bool)):
        raise ValueError(f"index_base_ must be 0 or 1, not {base!r:.60}")
    inputs = Inputs(model.kind, model.network.dtype.name, n_features, names, scaler, base)
    pretrain_history = _history(facts.get("pretrain_history", []))
    whole(facts, "seed_", 0)

    def pretrained(network: Network) -> Fitted:
        return Fitted(Outcome(network, facts["seed_"], pretrain_history=pretrain_history), inputs)

    if not facts.get("fitted", True):
        return None, pretrained(model.network)
    decoders = {name: values for name, values in model.arrays.items() if name.startswith(DECODER)}
    outcome = Outcome(
        network=model.network,
        seed=facts["seed_"],
        targets=_targets_from(model, configuration),
        history=_history(model.history),
        n_epochs=whole(facts, "n_epochs_", 0) if "n_epochs_" in facts else 0,
        best_epoch=whole(facts, "best_epoch_", 0) if "best_epoch_" in facts else 0,
        pretrain_history=pretrain_history,
        autoencoders=tuple(decoders_from(decoders, facts.get("decoders", []), model.network)),
        plan=Plan.from_document(facts.get("plan")),
    )
    earlier = {
        NETWORK + name.removeprefix(_PRETRAINED): values
        for name, values in model.arrays.items()
        if name.startswith(_PRETRAINED)
    }
    before = pretrained(network_from(earlier, facts["pretrained"])) if "pretrained" in facts else None
    return Fitted(outcome, inputs), before


def whole(facts: dict[str, Any], name: str, least: int) -> int:
    """An entry that must be an integer."""
    value = facts[name]
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be an integer of at least {least}, not {value!r:.60}")
    return value


def _history(entries: Any) -> list[dict[str, Any]]:
    if not (isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries)):
        raise ValueError("a history must be a list of entries by name")
    return entries


def _labels(values: Any, n: int) -> bool:
    """Whether values are an array of n different labels."""
    return isinstance(values, np.ndarray) and values.shape == (n,) and len(set(values.tolist())) == n


def _of_targets(targets: Targets) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The targets as entries and arrays, named like the estimators' attributes."""
    if isinstance(targets, Values):
        facts: dict[str, Any] = {"n_targets_": targets.n_outputs, "flat_targets_": targets.flat}
        arrays = {"target_mean_": targets.mean, "target_scale_": targets.scale}
        if targets.seen is not None:
            facts["n_targets_seen"] = targets.seen.n
            arrays["targets_spread"] = targets.seen.spread
        return facts, arrays
    classes = targets.classes if isinstance(targets, Ratings) else targets
    assert isinstance(classes, Classes)
    return {"classes_": classes.labels}, {"class_weight_": classes.weights}


def _seen_from(model: Model, mean: NDArray[np.float64]) -> Seen | None:
    """The statistics behind mean and scale, if the file says that they rest on few targets."""
    if "n_targets_seen" not in model.facts:
        return None
    spread = np.array(model.arrays["targets_spread"])
    if spread.shape != mean.shape or not (np.isfinite(spread).all() and (spread >= 0).all()):
        raise ValueError(f"targets_spread must be {len(mean)} finite numbers of at least 0")
    return Seen(whole(model.facts, "n_targets_seen", 1), mean, spread)


def _targets_from(model: Model, configuration: Configuration) -> Targets | None:
    """The meaning of the outputs; there must be one output for each class or target."""
    facts, arrays, n = model.facts, model.arrays, model.network.n_outputs
    if configuration.task == "encode":
        return None
    if configuration.task == "regress":
        mean, scale, flat = np.array(arrays["target_mean_"]), np.array(arrays["target_scale_"]), facts["flat_targets_"]
        numbers = all(values.shape == (n,) and np.isfinite(values).all() for values in (mean, scale))
        if not (numbers and (scale > 0).all() and isinstance(flat, bool) and (n == 1 or not flat)):
            raise ValueError(f"target_mean_, target_scale_ and flat_targets_ do not fit {n} outputs")
        return Values(mean, scale, flat, model.network.dtype.name, _seen_from(model, mean))
    labels = facts["classes_"]
    weights = np.array(arrays.get("class_weight_", np.ones(n)))
    if not (n >= 2 and _labels(labels, n) and (labels[:-1] < labels[1:]).all()):
        raise ValueError(f"classes_ must be {n} labels in ascending order, one for each output")
    if weights.shape != (n,) or not np.isfinite(weights).all():
        raise ValueError(f"class_weight_ must be {n} finite numbers")
    classes = Classes(labels, weights, configuration.class_weight is not None)
    if configuration.task != "rate":
        return classes
    if labels.dtype.kind not in "iuf":
        raise ValueError("ratings must be numbers")
    return Ratings(classes)
