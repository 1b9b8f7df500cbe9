"""The oracle: networks computed and trained in plain NumPy, as the formulas say and no faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import softmax as softmax_of

from rectinet.arrays import Array, Matrix
from rectinet.engine.protocol import AffineMaps, Problem, Steps, Totals
from rectinet.engine.reference import denoising, supervised
from rectinet.engine.reference.forward import forward, quiet
from rectinet.engine.reference.maps import affine_maps
from rectinet.network import Layer, Network
from rectinet.problems import Supervised


@dataclass(frozen=True)
class ReferenceEngine:
    """Computes in the network's dtype, in one thread, and skips nothing: the one engine that honours derivative 1 at 0.

    Parameters
    ----------
    n_threads, skip_zeros
        As every engine takes them; they change nothing here.
    """

    n_threads: int = 1
    skip_zeros: bool = True
    name: str = field(default="reference", init=False)
    row_exact: bool = field(default=False, init=False)  # BLAS may round an example's sums by the rows beside it
    block_steps: None = field(default=None, init=False)

    def outputs(self, network: Network, X: Matrix) -> Array:
        return forward(network.layers, X)[0][-1]

    def codes(self, layers: Sequence[Layer], X: Matrix) -> list[Array]:
        return forward(layers, X)[0]

    def affine_maps(
        self, layers: Sequence[Layer], readout: Array, X: Matrix, *, contributions: bool = False
    ) -> AffineMaps:
        return affine_maps(layers, readout, X, contributions)

    def train(self, problem: Problem, steps: Steps, totals: Totals | None = None) -> Totals:
        totals = Totals() if totals is None else totals
        parameters = dict(problem.parameters())
        for rows, rate in zip(steps.minibatches(), steps.rates, strict=True):
            before, gradients = cost_and_gradients(problem, rows, steps.epoch)
            totals.add(before)
            for name, values in parameters.items():
                _descend(values, steps, name, gradients[name], rate)
        return totals

    def predictor(self, network: Network, *, softmax: bool) -> Callable[[Array], Array]:
        mine = network.copy()

        def predict(x: Array) -> Array:
            outputs = self.outputs(mine, x[np.newaxis])[0]
            return np.asarray(softmax_of(outputs)) if softmax else outputs

        return predict


def cost_and_gradients(problem: Problem, rows: np.ndarray, epoch: int) -> tuple[Totals, dict[str, Array]]:
    """Sums over some examples as one minibatch, and the gradient of their mean cost by the names of the parameters."""
    if isinstance(problem, Supervised):
        return supervised.cost_and_gradients(problem, rows)
    return denoising.cost_and_gradients(problem, denoising.minibatch(problem, rows, epoch))


def gradients(problem: Problem, epoch: int = 0) -> tuple[float, dict[str, Array]]:
    """Mean cost of all examples as one minibatch, and its derivatives by the names of the parameters."""
    X = problem.examples.X
    totals, by_name = cost_and_gradients(problem, np.arange(X.shape[0]), epoch)
    return (totals.loss + totals.penalty) / totals.examples, by_name


@quiet
def _descend(values: Array, steps: Steps, name: str, gradient: Array, rate: float) -> None:
    values -= steps.rule.step(name, gradient, rate)
