"""Checks of constructor parameters: one clear message per wrong one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any, get_args

import numpy as np

from rectinet import activations, noise
from rectinet.autoencoder import RECONSTRUCTIONS
from rectinet.pretraining.settings import CodeScaling, Target

Test = Callable[[Any], bool]


def check_parameters(estimator: Any) -> None:
    """Raise for the first constructor parameter that cannot be used.

    Raises
    ------
    ValueError
        Names the parameter, its value and what is allowed.
    """
    for name, (test, allowed) in {**_RULES, **getattr(estimator, "_rules", {})}.items():
        if hasattr(estimator, name) and not test(getattr(estimator, name)):
            raise ValueError(f"{name} must be {allowed}; got {getattr(estimator, name)!r}")
    n_hidden = len(hidden_sizes(estimator))
    for name in (*_PER_LAYER, *getattr(estimator, "_per_layer", ())):
        value = getattr(estimator, name, None)
        if isinstance(value, (list, tuple, np.ndarray)) and len(value) != n_hidden:
            raise ValueError(f"{name} must be one value or one per hidden layer ({n_hidden}); got {value!r}")
    if estimator.derivative_at_zero == 1 and estimator.activation == "rectifier" and estimator.engine != "reference":
        raise ValueError(
            'derivative_at_zero=1 needs engine="reference": an engine that skips the units at 0 cannot send their '
            f"derivative back; got engine={estimator.engine!r}"
        )


def hidden_sizes(estimator: Any) -> tuple[int, ...]:
    """Units per hidden layer; a bare integer is one layer."""
    sizes = estimator.hidden_layer_sizes
    return tuple(int(n) for n in (sizes if isinstance(sizes, Iterable) else (sizes,)))


def _whole(least: int) -> Test:
    return lambda value: isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= least


def _number(test: Callable[[float], bool]) -> Test:
    return lambda value: (
        isinstance(value, Real)
        and not isinstance(value, (bool, np.bool_))
        and bool(np.isfinite(float(value)))
        and test(float(value))
    )


def _one_or_many(test: Test) -> Test:
    """A value that passes, or a sequence of them."""
    return lambda value: all(map(test, value)) if isinstance(value, (list, tuple, np.ndarray)) else test(value)


def _one_of(*names: str) -> tuple[Test, str]:
    listed = ", ".join(f'"{name}"' for name in names)
    return (lambda value: isinstance(value, str) and value in names), f"one of {listed}"


def _or_none(test: Test) -> Test:
    return lambda value: value is None or test(value)


def _flag(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_))


def _one_or_one_per_layer(rule: tuple[Test, str]) -> tuple[Test, str]:
    return _one_or_many(rule[0]), f"{rule[1]}, or a sequence of such, one per hidden layer"


def _level(value: Any) -> bool:
    """A level of noise, or (p_zero, p_one) of salt and pepper."""
    number = _number(lambda p: p >= 0)
    return (len(value) == 2 and all(map(number, value))) if isinstance(value, (list, tuple)) else number(value)


# What pre-training and the stacked auto-encoder have in common, by the names they give it.
EPOCHS = _one_or_one_per_layer((_whole(0), "an integer of at least 0"))
RATE = _one_or_one_per_layer(
    (lambda value: (isinstance(value, str) and value == "auto") or _number(lambda r: r > 0)(value),
     'a positive finite number, or "auto"')
)  # fmt: skip
DECAY_FROM = (_number(lambda d: 0 <= d <= 1), "a number from 0 to 1")

_PER_LAYER = (
    "activity_l1",
    "pretrain_epochs",
    "pretrain_learning_rate",
    "corruption",
    "corruption_level",
    "reconstruction",
    "tied",
    "pretrain_activity_l1",
    "sampled_reconstruction",
)

_RULES: dict[str, tuple[Test, str]] = {
    "hidden_layer_sizes": (_one_or_many(_whole(1)), "a sequence of positive integers, () for a linear model"),
    "activation": _one_of(*activations.NAMES),
    "softplus_alpha": (_number(lambda a: a > 0), "a positive finite number"),
    "signs": _one_of("positive", "balanced", "random"),
    "derivative_at_zero": (_number(lambda d: d in (0, 1)), "0 or 1"),
    "activity_l1": (
        _one_or_many(_number(lambda c: c >= 0)),
        "a finite number of at least 0, or a sequence of them, one per hidden layer",
    ),
    "activity_l1_normalization": _one_of("sum", "mean"),
    "learning_rate": (_number(lambda r: r > 0), "a positive finite number"),
    "batch_size": (_whole(1), "an integer of at least 1"),
    "max_epochs": (_whole(1), "an integer of at least 1"),
    "shuffle": (_flag, "True or False"),
    "early_stopping": (_flag, "True or False"),
    "validation_fraction": (_number(lambda f: 0 < f < 1), "a number between 0 and 1, both excluded"),
    "patience": (_whole(1), "an integer of at least 1"),
    "pretrain_epochs": EPOCHS,
    "pretrain_learning_rate": RATE,
    "corruption": _one_or_one_per_layer(_one_of(*get_args(noise.Kind))),
    "corruption_level": (
        lambda value: all(map(_level, value)) if isinstance(value, (list, tuple, np.ndarray)) else _level(value),
        "a number of at least 0, or a sequence of one number or pair (p_zero, p_one) per hidden layer",
    ),
    "reconstruction": _one_or_one_per_layer(_one_of(*RECONSTRUCTIONS)),
    "tied": _one_or_one_per_layer((_flag, "True or False")),
    "pretrain_batch_size": (_or_none(_whole(1)), "None or an integer of at least 1"),
    "pretrain_activity_l1": (
        _or_none(_one_or_many(_number(lambda c: c >= 0))),
        "None, a finite number of at least 0, or a sequence of them, one per hidden layer",
    ),
    "code_scaling": _one_of("auto", *get_args(CodeScaling)),
    "reconstruction_target": _one_of(*get_args(Target)),
    "sampled_reconstruction": _one_or_one_per_layer(
        (
            lambda value: value is None or value == "auto" or _number(lambda z: 0 < z <= 1)(value),
            '"auto", None or a number in (0, 1]',
        )
    ),
    "pretrain_decay_from": DECAY_FROM,
    "output_init": _one_of("uniform", "zeros"),
    "class_weight": (
        lambda value: value is None or isinstance(value, dict) or (isinstance(value, str) and value == "balanced"),
        'None, "balanced" or a dict from class to weight',
    ),
    "engine": _one_of("auto", "native", "reference"),
    "dtype": _one_of("float32", "float64"),
    "n_threads": (_or_none(_whole(1)), "None or an integer of at least 1"),
    "verbose": (lambda value: _flag(value) or _whole(0)(value), "False, True or an integer of at least 0"),
    "checkpoint": (_or_none(lambda value: isinstance(value, (str, os.PathLike))), "None or a path"),
}
