"""Supervised training on text: the same bags of words, classes and initial parameters for every contender."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.sparse import csr_array

from benchmarks.contenders import _steps
from benchmarks.problem import Labels, Parameters, initial_parameters
from benchmarks.reviews import bags

SIZES = (5000, 5000, 5000, 5000, 5)
CLASS_OF_STARS = np.array([-1, 0, 0, 1, 1, -1, -1, 2, 2, 3, 4])  # 1 to 4 and 7 to 10 stars as five classes
LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Problem:
    """Reviews as csr_array of float32, shape (n, 5000), and their classes 0 to 4 as int64."""

    X: csr_array
    y: Labels
    parameters: Parameters
    threads: int


Build = Callable[[Problem, str], _steps.Contender]


def main(build: Build, *, variants: tuple[str, ...], description: str | None) -> None:
    """Run a contender as a program."""
    _steps.main(_steps.parser(description, variants).parse_args(), partial(_start, build))


def _start(build: Build, given: argparse.Namespace) -> _steps.Contender:
    text = bags()
    classes = CLASS_OF_STARS[text.stars.astype(np.int64)]
    return build(Problem(text.train, classes, initial_parameters(SIZES, given.seed), given.threads), given.variant)
