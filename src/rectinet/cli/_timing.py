"""Timing of one training step at a given density: skipping zeros, the dense control, and PyTorch."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.activations import Activation
from rectinet.engine import Engine, Steps, Totals, get_engine
from rectinet.network import Network, initialise
from rectinet.problems import Examples, Supervised

INPUT_DENSITY: Final = 0.19  # of MNIST
N_EXAMPLES: Final = 2000
RATE: Final = 1e-12  # too small to change a weight in float32, so that densities stay as set
ROUND_SECONDS: Final = 0.15


@dataclass(frozen=True)
class Timing:
    """Median milliseconds per step, and the densities they were measured at."""

    density: float  # share of hidden units active per example
    union: float  # share of hidden units active for at least one example of a minibatch
    skipping: float
    control: float
    pytorch: float | None


def planted(sizes: Sequence[int], density: float, rng: np.random.Generator) -> tuple[Network, Examples]:
    """A rectifier network, and random examples on a share `density` of which every hidden unit is active."""
    X = rng.random((N_EXAMPLES, sizes[0]), dtype=np.float32)
    X *= rng.random(X.shape) < INPUT_DENSITY
    network = initialise(sizes, Activation("rectifier"), rng=rng)
    H = X
    for layer in network.hidden:
        Z = H @ layer.W
        layer.b[...] = -np.quantile(Z, 1 - density, axis=0) if density < 1 else 1e-3 - Z.min(axis=0)
        H = layer.activation.value(Z + layer.b)
    return network, Examples(X, rng.integers(sizes[-1], size=N_EXAMPLES).astype(np.int32))


def measure(
    sizes: Sequence[int], density: float, *, batch_size: int, n_threads: int, n_rounds: int, pytorch: bool, seed: int
) -> Timing:
    """Time the implementations in turn, so that other load on the machine affects all of them alike."""
    rng = np.random.default_rng(seed)
    network, examples = planted(sizes, density, rng)
    orders = _minibatches(examples.n, batch_size, rng)
    totals = Totals()

    problem = Supervised(network, examples, "softmax", (0.0,) * len(network.hidden))
    rates = np.full(1, RATE)

    def native(engine: Engine) -> Callable[[], None]:
        def step() -> None:
            engine.train(problem, Steps(next(orders), batch_size, rates), totals)

        return step

    contenders = [
        native(get_engine("native", n_threads=n_threads)),
        native(get_engine("native", n_threads=n_threads, skip_zeros=False)),
    ]
    if pytorch:
        contenders.append(_pytorch_step(network, examples, orders, n_threads))
    for step in contenders:
        step()
    rounds = [[_milliseconds(step) for step in contenders] for _ in range(n_rounds)]
    skipping, control, *rest = np.median(rounds, axis=0).tolist()
    widths = np.array([layer.n_out for layer in network.hidden])
    return Timing(
        density=float((totals.active[1:] / (totals.examples * widths)).mean()),
        union=float((totals.union[1:] / (totals.steps * widths)).mean()),
        skipping=skipping,
        control=control,
        pytorch=rest[0] if rest else None,
    )


def _minibatches(n: int, batch_size: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """An endless iterator of random minibatches."""
    while True:
        order = rng.permutation(n)
        for start in range(0, n - batch_size + 1, batch_size):
            yield order[start : start + batch_size]


def _milliseconds(step: Callable[[], None]) -> float:
    """Milliseconds per step, over as many steps as fill a round."""
    n_steps, began = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < ROUND_SECONDS:
        step()
        n_steps += 1
    return 1000 * elapsed / n_steps


def _pytorch_step(
    network: Network, examples: Examples, orders: Iterator[NDArray[np.int64]], n_threads: int
) -> Callable[[], None]:
    """The same step by PyTorch's autograd and SGD, from the same parameters."""
    torch: Any = import_module("torch")  # optional dependency: no types if not installed
    torch.set_num_threads(n_threads)
    stack: list[Any] = []
    for layer in network.layers:
        linear = torch.nn.Linear(layer.n_in, layer.n_out)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(layer.W.T)))
            linear.bias.copy_(torch.from_numpy(layer.b.copy()))
        stack += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*stack[:-1])
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    X, y = torch.from_numpy(examples.X), torch.from_numpy(examples.Y.astype(np.int64))

    def step() -> None:
        rows = torch.from_numpy(next(orders))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(X[rows]), y[rows]).backward()
        optimizer.step()

    return step
