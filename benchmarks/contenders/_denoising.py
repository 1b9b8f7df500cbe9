"""A denoising auto-encoder to train: data, noise, cost and initial parameters, the same for every contender.

Everybody sees the same examples in the same order, ten a step; drawing the noise is part of the step. On "imdb", 5,000
binary words and salt and pepper of 0.5, the reconstruction is sigmoid with cross-entropy; on "mnist", 784 pixels and
masking of 0.25, it is softplus with squared error.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import csr_array
from scipy.special import logit

from benchmarks.contenders import _steps
from benchmarks.problem import Array, digits
from benchmarks.reviews import bags
from rectinet.noise import Corruption
from rectinet.runs.config import SAMPLED_ZEROS

N_EXAMPLES = 20_000
LEARNING_RATE = 0.01
ZEROS = SAMPLED_ZEROS  # share of the zeros that sampled reconstruction looks at: the default


@dataclass(frozen=True)
class Problem:
    """What is learned from.

    Attributes
    ----------
    X : ndarray or csr_array of float32, shape (n, n_in)
    loss : {"cross_entropy", "squared"}
        Of a sigmoid, or of a softplus reconstruction; summed over inputs, averaged over the minibatch.
    """

    X: Array | csr_array
    corruption: Corruption
    loss: Literal["cross_entropy", "squared"]
    learning_rate: float
    threads: int
    seed: int


@dataclass(frozen=True)
class Parameters:
    """W of shape (n_in, n_hidden) and b of the encoder, V of shape (n_hidden, n_in) and c of the decoder."""

    W: Array
    b: Array
    V: Array
    c: Array


Build = Callable[[Problem, Parameters, str], _steps.Contender]


def problem(name: str, threads: int, seed: int) -> Problem:
    """The data set with its noise and loss."""
    if name == "imdb":
        text = bags()
        noise = Corruption.for_density("salt_and_pepper", 0.5, text.density)
        return Problem(text.unlabeled[:N_EXAMPLES], noise, "cross_entropy", LEARNING_RATE, threads, seed)
    return Problem(digits().train.X[:N_EXAMPLES], Corruption("masking", 0.25), "squared", LEARNING_RATE, threads, seed)


def initial_parameters(given: Problem, n_hidden: int) -> Parameters:
    """Uniform weights; for words the visible biases are those of their frequencies."""
    n_in = given.X.shape[1]
    rng, bound = np.random.default_rng(given.seed), np.sqrt(6 / (n_in + n_hidden))
    W, V = (rng.uniform(-bound, bound, shape).astype(np.float32) for shape in ((n_in, n_hidden), (n_hidden, n_in)))
    words = given.loss == "cross_entropy"
    c = logit(bags().frequency) if words else np.zeros(n_in)
    return Parameters(W, np.zeros(n_hidden, np.float32), V, c.astype(np.float32))


def main(build: Build, *, variants: tuple[str, ...], description: str | None) -> None:
    """Run a contender as a program."""
    parser = _steps.parser(description, variants)
    parser.add_argument("--data", choices=("imdb", "mnist"), default="imdb")
    parser.add_argument("--hidden", type=int, default=5000)

    def start(given: argparse.Namespace) -> _steps.Contender:
        data = problem(given.data, given.threads, given.seed)
        return build(data, initial_parameters(data, given.hidden), given.variant)

    _steps.main(parser.parse_args(), start)
