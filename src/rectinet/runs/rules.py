"""What a parameter's value may be: a test, and the words for it in errors, documentation and on the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any, Final

import numpy as np

from rectinet.engine import registry
from rectinet.suggestion import did_you_mean
from rectinet.wording import setting, shown

Test = Callable[[Any], bool]
SEQUENCES: Final = (list, tuple, range, np.ndarray)


@dataclass(frozen=True)
class Rule:
    """Values that are allowed.

    Attributes
    ----------
    allowed : str
        Completes "must be ...".
    choices : tuple of str
        The words among the allowed values.
    metavar : str
        Stands for a value on the command line; empty for a switch.
    per_layer : bool
        Whether a sequence of one value for each hidden layer is allowed too.
    """

    test: Test
    allowed: str
    choices: tuple[str, ...] = ()
    metavar: str = "NUMBER"
    per_layer: bool = False

    def normal(self, value: Any) -> Any:
        """An allowed value in the one form that equal values share: Python's own int, float and tuple."""
        if isinstance(value, SEQUENCES):
            return tuple(map(self.normal, value))
        if isinstance(value, (str, bool)) or value is None:
            return value
        if isinstance(value, np.bool_):
            return bool(value)
        if isinstance(value, Integral) and self.metavar.startswith("INT"):
            return int(value)
        return float(value) if isinstance(value, Real) and self.metavar.startswith("NUMBER") else value

    def check(self, name: str, value: Any) -> None:
        """Raise ValueError with the name, the value and what is allowed, unless the value passes."""
        if not self.test(value):
            near = did_you_mean(value, self.choices) if isinstance(value, str) else ""
            raise ValueError(f"{setting(name)} must be {self.allowed}; got {shown(value)}{near}")


def whole(least: int, most: int | None = None) -> Rule:
    """Integers from `least` up."""

    def test(value: Any) -> bool:
        integer = isinstance(value, Integral) and not isinstance(value, bool)
        return integer and int(value) >= least and (most is None or int(value) <= most)

    limits = f"of at least {least}" if most is None else f"from {least} to {most}"
    return Rule(test, f"an integer {limits}", metavar="INT")


def number(test: Callable[[float], bool], allowed: str) -> Rule:
    """Finite numbers that pass a test."""

    def passes(value: Any) -> bool:
        real = isinstance(value, Real) and not isinstance(value, (bool, np.bool_))
        return real and bool(np.isfinite(float(value))) and test(float(value))

    return Rule(passes, allowed)


def one_of(*names: str) -> Rule:
    """Some words."""
    listed = ", ".join(f'"{name}"' for name in names)
    return Rule(lambda v: isinstance(v, str) and v in names, f"one of {listed}", choices=names, metavar="NAME")


def word_or(word: str, rule: Rule) -> Rule:
    """A word beside what a rule allows."""
    return replace(
        rule,
        test=lambda v: (isinstance(v, str) and v == word) or rule.test(v),
        allowed=f'{rule.allowed}, or "{word}"',
        choices=(word, *rule.choices),
    )


def none_or(rule: Rule) -> Rule:
    """None beside what a rule allows."""
    return replace(rule, test=lambda v: v is None or rule.test(v), allowed=f"None or {rule.allowed}")


def each_layer(rule: Rule) -> Rule:
    """One value for all hidden layers, or a sequence of one for each."""
    return replace(
        rule,
        test=lambda v: all(map(rule.test, v)) if isinstance(v, SEQUENCES) else rule.test(v),
        allowed=f"{rule.allowed}, or one of these per hidden layer",
        metavar=f"{rule.metavar},...",
        per_layer=True,
    )


def _noise_level(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) == 2 and all(map(AT_LEAST_0.test, value))
    return AT_LEAST_0.test(value)


def _different_numbers(value: Any) -> bool:
    try:
        numbers = np.unique(np.asarray(value, dtype=np.float64))
    except (TypeError, ValueError):
        return False
    return len(numbers) >= 2 and bool(np.isfinite(numbers).all())


_NAMED_ENGINE: Final = one_of(*registry.NAMES)
ENGINE: Final = replace(
    _NAMED_ENGINE,
    test=registry.is_engine,
    allowed=f'{_NAMED_ENGINE.allowed}, or one of the last two with a device, such as "torch:cuda"',
)
POSITIVE: Final = number(lambda v: v > 0, "a positive finite number")
AT_LEAST_0: Final = number(lambda v: v >= 0, "a finite number of at least 0")
SHARE: Final = number(lambda v: 0 <= v <= 1, "a number from 0 to 1")
NOISE_LEVEL: Final = Rule(_noise_level, "a number of at least 0 or a pair (p_zero, p_one)")
FLAG: Final = Rule(lambda v: isinstance(v, (bool, np.bool_)), "True or False", metavar="")
PATH: Final = Rule(lambda v: isinstance(v, (str, os.PathLike)), "a path", metavar="FILE")
SIZES: Final = Rule(
    lambda v: all(map(whole(1).test, v)) if isinstance(v, SEQUENCES) else whole(1).test(v),
    "positive integers, one per hidden layer, or () for a linear model",
    metavar="INT,...",
)
THREADS: Final = Rule(
    lambda v: v is None or whole(1, 256).test(v) or (whole(-1).test(v) and v == -1),
    "None, -1 or an integer from 1 to 256",
    metavar="INT",
)
VERBOSITY: Final = Rule(
    lambda v: isinstance(v, (bool, np.bool_)) or whole(0).test(v),
    "False, True or an integer of at least 0",
    metavar="INT",
)
RANDOM_STATE: Final = Rule(
    lambda v: v is None or whole(0, 2**63 - 1).test(v) or isinstance(v, (np.random.Generator, np.random.RandomState)),
    "None, an integer in [0, 2**63) or a numpy generator",
    metavar="INT",
)
CLASS_WEIGHT: Final = Rule(
    lambda v: v is None or isinstance(v, dict) or (isinstance(v, str) and v == "balanced"),
    'None, "balanced" or a weight for each class',
    choices=("balanced",),
    metavar="CLASS:WEIGHT,...",
)
LAYER: Final = Rule(
    lambda v: (isinstance(v, str) and v == "all") or whole(-(2**31)).test(v),
    'the index of a hidden layer or "all"',
    choices=("all",),
    metavar="INT",
)
RATINGS: Final = Rule(
    lambda v: v is None or _different_numbers(v), "at least 2 different numbers", metavar="NUMBER,..."
)
