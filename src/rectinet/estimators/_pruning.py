"""Pruning of estimators: the smaller network, the state kept with it, and the change in predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from rectinet.estimators._inputs import Input
from rectinet.inside import sparsity
from rectinet.inside.pruning import (
    Comparison,
    Pruning,
    check_tolerance,
    choose,
    decoders_without,
    require_zeros,
    without,
)
from rectinet.warning import warn

if TYPE_CHECKING:
    from rectinet.estimators._base import RectifierBase
    from rectinet.estimators._prunable import Prunable

P = TypeVar("P", bound="Prunable")


def pruned(estimator: P, X: Input, tolerance: float, X_val: Input | None, y_val: ArrayLike | None) -> P:
    """The implementation of `Prunable.prune`."""
    fitted = estimator._read()
    share = check_tolerance(tolerance)
    network, outcome = fitted.network, fitted.outcome
    require_zeros(network)
    if X_val is None and y_val is not None:
        raise ValueError("y_val goes with X_val, which is missing")
    report = sparsity.report(estimator._engine(), network, fitted.inputs.check(X)[0])
    kept, emptied = choose(report, share)
    smaller = without(network, kept, report.means)
    pruning = Pruning(share, report.n_units, kept, (network.n_parameters, smaller.n_parameters), Comparison(0))
    now = replace(
        outcome,
        network=smaller,
        autoencoders=decoders_without(outcome.autoencoders, smaller, kept, report.means),
        pretrain_history=estimator.pretrain_history_,
        predictions={},  # these belong to the unpruned network
    )
    sizes = tuple(map(len, kept))
    model = estimator._like_this(replace(fitted, outcome=now, pruning=pruning), hidden_layer_sizes=sizes)
    held_out = None if X_val is None else estimator._compare(model, X_val, y_val)
    found = replace(pruning, seen=estimator._compare(model, X, None), held_out=held_out)
    model._fitted = replace(fitted, outcome=now, pruning=found)
    _warn_of_emptied(emptied, len(kept), share, report.n_examples)
    return model


def compare_predictions(before: RectifierBase, after: RectifierBase, X: Input, y: ArrayLike | None) -> Comparison:
    """Share of examples whose class changes, or the root mean squared change of ratings or values."""
    answers, others = before.predict(X), after.predict(X)
    scores = (None, None) if y is None else (float(before.score(X, y)), float(after.score(X, y)))
    if before._labels.task == "classify":
        return Comparison(len(answers), float(np.mean(answers != others)), None, *scores)
    return Comparison(len(answers), None, float(np.sqrt(np.mean(np.square(answers - others)))), *scores)


def _warn_of_emptied(emptied: Sequence[int], n_hidden: int, tolerance: float, n: int) -> None:
    if emptied:
        layers = ", ".join(str(k + 1) for k in emptied)
        what = "is off for all of" if tolerance == 0 else f"is on for at most {tolerance:.3%} of"
        warn(
            f"every unit of hidden layer {layers} (of {n_hidden}) {what} the {n:,} examples; its unit that is on most "
            "often was kept. Such a network gives nearly one answer to all: prune on other examples, or with a smaller "
            "tolerance"
        )
