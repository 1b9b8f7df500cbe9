"""Conversion of PyTorch modules to fitted estimators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rectinet.arrays import Array
from rectinet.estimators._exportable import torch_part
from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Inputs
from rectinet.estimators._raw import ESTIMATORS, Estimator
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network
from rectinet.runs import Outcome
from rectinet.runs.targets import Classes, Ratings, Targets, Values
from rectinet.targets import Task, checked_task


def from_torch(
    module: Any,
    *,
    task: Task | None = None,
    classes: ArrayLike | None = None,
    feature_names: Sequence[str] | None = None,
) -> Estimator:
    """A PyTorch module as a fitted estimator, which predicts, explains, prunes and saves like any other.

    A module does not define what its outputs mean. Unless `task` or `classes` is given, one output is a value in its
    own units (`RectifierRegressor`), and several are the logits of the classes 0, 1, ... (`RectifierClassifier`).

    Parameters
    ----------
    module : torch.nn.Module
        A Sequential of Linear modules with ReLU, Softplus, Tanh or Sigmoid between them, all of the same kind, ending
        in a Linear. Identity, Dropout (no effect in prediction) and Flatten are allowed between them, and a classifier
        may end in Softmax, LogSoftmax or, for two classes, Sigmoid. Modules made by `to_torch` are accepted.
    task : {"classify", "rate", "regress"}, optional
    classes : array-like of shape (n_classes,), optional
        The classes of the outputs, in order; numbers for task="rate". If there is one output, two classes: its logistic
        is the probability of the second.
    feature_names : sequence of str, optional
        Names of the features.

    Returns
    -------
    RectifierClassifier, RatingRegressor or RectifierRegressor
        With the module's dtype and a copy of its parameters.

    Raises
    ------
    ImportError
        When PyTorch is not installed.
    TypeError
        When `module` is not a torch.nn.Module, or contains one that is not listed above.
    ValueError
        For modules whose sizes do not match, parameters that are not finite or not float32 or float64, hidden units of
        different kinds, and a number of classes or names that differs from the number of outputs or features.
    """
    wanted = None if task is None else checked_task(task)
    if wanted == "regress" and classes is not None:
        raise ValueError('task="regress" has no classes; leave one of the two out')
    taken = torch_part().taken_from(module)
    network, scaler = taken.network, taken.scaler
    if wanted is None:
        wanted = "classify" if classes is not None or network.n_outputs > 1 or taken.ending else "regress"
    if taken.ending and (wanted == "regress" or (taken.ending == "sigmoid") != (network.n_outputs == 1)):
        raise ValueError(
            f"a module that ends with a {taken.ending} after {network.n_outputs} outputs is no network for "
            f"task={wanted!r}; softmax goes with several outputs, sigmoid with one, both with classes: leave it out"
        )
    unit = _one_unit(network)
    targets, network = _targets(wanted, classes, network)
    names = None if feature_names is None else np.array(list(map(str, feature_names)), dtype=object)
    if names is not None and not (len(names) == network.n_inputs == len(set(names))):
        raise ValueError(f"feature_names must be {network.n_inputs} different names; got {len(names)}")
    params: dict[str, Any] = {
        "hidden_layer_sizes": tuple(layer.n_out for layer in network.hidden),
        "activation": unit.name,
        "softplus_alpha": unit.alpha,
        "dtype": network.dtype.name,
        "scaling": None if scaler is None else scaler.kind,
    }
    estimator = ESTIMATORS[wanted](**params)
    inputs = Inputs(type(estimator).__name__, network.dtype.name, network.n_inputs, names, scaler)
    estimator._fitted = Fitted(Outcome(network, 0, targets), inputs)
    return estimator


def _one_unit(network: Network) -> Any:
    """The activation of all hidden layers, which must be the same."""
    found = {layer.activation for layer in network.hidden}
    if len(found) > 1:
        kinds = ", ".join(sorted({unit.name for unit in found}))
        if kinds == "softplus":
            kinds += f" of beta {', '.join(f'{unit.alpha:g}' for unit in found)}"
        raise ValueError(f"hidden units must be of one kind in all layers; those of the module are {kinds}")
    return found.pop() if found else type(network.layers[0].activation)()


def _targets(task: Task, classes: ArrayLike | None, network: Network) -> tuple[Targets, Network]:
    """The meaning of the outputs, with classes sorted in ascending order as in every estimator."""
    n = network.n_outputs
    if task == "regress":
        return Values(np.zeros(n), np.ones(n), n == 1, network.dtype.name), network
    labels: NDArray[Any] = np.arange(max(n, 2)) if classes is None else np.asarray(classes)
    if task == "rate":
        labels = labels.astype(np.float64)
    if labels.ndim != 1 or len(labels) != max(n, 2) or len(set(labels.tolist())) < len(labels):
        raise ValueError(f"classes must be {max(n, 2)} different ones for {n} outputs; got {labels.tolist()!r:.100}")
    if n == 1:  # the logistic of one output z is the softmax of (0, z)
        network = _with_output(network, np.array([False, True]), np.array([0, 0]))
    order = np.argsort(labels)
    network = _with_output(network, np.ones(len(order), dtype=bool), order)
    found = Classes(labels[order], np.ones(len(order)))
    return (Ratings(found) if task == "rate" else found), network


def _with_output(network: Network, kept: NDArray[np.bool_], order: NDArray[np.int64]) -> Network:
    """The network with its outputs reordered; those not `kept` become 0."""
    last = network.layers[-1]
    W, b = last.W[:, order] * kept.astype(last.W.dtype), last.b[order] * kept.astype(last.b.dtype)
    layer: Layer = replace(last, W=padded_copy(_array(W)), b=_array(b))
    return Network((*network.hidden, layer))


def _array(values: Array) -> Array:
    return np.ascontiguousarray(values)
