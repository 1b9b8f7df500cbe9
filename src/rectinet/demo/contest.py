"""The contenders of the demo: the same network with different units, trained alike on the same digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rectinet.activations import Activation
from rectinet.arrays import Array, Matrix
from rectinet.datasets import Dataset, Split
from rectinet.engine import Engine, get_engine
from rectinet.inside import sparsity
from rectinet.network import Network, initialise
from rectinet.optimisers import Schedule
from rectinet.problems import Examples, Supervised
from rectinet.randomness import Purpose, stream
from rectinet.runs.loop import Settings, State, Watch, fit
from rectinet.runs.statistics import error_interval, mcnemar
from rectinet.runs.supervised import SupervisedTask
from rectinet.runs.targets import Classes


@dataclass(frozen=True)
class Contender:
    """One kind of network.

    Attributes
    ----------
    activity_l1 : float
        Coefficient of the sum of |h| over the units of every hidden layer.
    skip_zeros : bool
        False computes with units that are off as if they were on: the control that credits zeros apart from all else.
    """

    label: str
    style: str  # class of its colour on the page
    activation: str
    activity_l1: float = 0.0
    skip_zeros: bool = True


CONTENDERS: Final = (
    Contender("rectifier", "rectifier", "rectifier"),
    Contender("rectifier + L1", "l1", "rectifier", activity_l1=1e-3),
    Contender("L1, no skipping", "control", "rectifier", activity_l1=1e-3, skip_zeros=False),
    Contender("softplus", "softplus", "softplus"),
    Contender("tanh", "tanh", "tanh"),
)


@dataclass(frozen=True)
class Plan:
    """What all contenders share."""

    n_hidden: tuple[int, ...] = (500, 500, 500)
    max_epochs: int = 60
    pretrain_epochs: int = 50
    learning_rate: float = 0.1
    batch_size: int = 10
    seed: int = 0
    n_threads: int = 1
    engine: str = "auto"


@dataclass(frozen=True)
class Outcome:
    """What became of one contender.

    Attributes
    ----------
    network : Network
        With the parameters of the best validation epoch.
    wrong : ndarray of bool, shape (n_test,)
        Which test examples it gets wrong, kept one by one for the paired test.
    first_weights : ndarray of shape (n_inputs, n_units)
        Of the first layer, as they were drawn.
    zeros : ndarray of shape (n_hidden_layers,)
        Fraction of units that are exactly 0, over the test examples.
    seconds : float
        Of training alone, validation excluded.
    """

    contender: Contender
    network: Network
    engine: Engine
    history: Sequence[dict[str, Any]]
    best_epoch: int
    wrong: NDArray[np.bool_]
    first_weights: Array
    zeros: NDArray[np.float64]
    seconds: float
    n_trained: int = field(repr=False)

    @property
    def error(self) -> float:
        return float(self.wrong.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval for the test error."""
        return error_interval(self.wrong)

    @property
    def examples_per_second(self) -> float:
        return self.n_trained / self.seconds

    def union(self) -> NDArray[np.float64]:
        """Inputs of each layer on for at least one example of a minibatch, mean over training; shape (n_layers,)."""
        return np.asarray(np.mean([entry["union"] for entry in self.history], axis=0))

    def codes(self, X: Matrix) -> list[Array]:
        """Values of every hidden layer, each of shape (n, n_units)."""
        return self.engine.codes(self.network.hidden, X)


def p_value(one: Outcome, other: Outcome) -> float:
    """Exact McNemar test: how surprising the difference of two networks is on the same test examples."""
    return mcnemar(one.wrong, other.wrong)


def fresh_network(contender: Contender, plan: Plan, data: Dataset) -> Network:
    """Random weights, the same for all contenders."""
    return initialise(
        (data.train.X.shape[1], *plan.n_hidden, len(data.class_names)),
        Activation(contender.activation),
        rng=stream(plan.seed, Purpose.INITIALISATION),
    )


class Entry:
    """One contender in training, an epoch at a time, as in section 4 of the paper: constant rate, no momentum.

    All contenders start from the same random weights, or from a network that is given, and see the minibatches in the
    same order.
    """

    def __init__(self, contender: Contender, plan: Plan, data: Dataset, start: Network | None = None) -> None:
        self.contender = contender
        self.engine = get_engine(plan.engine, n_threads=plan.n_threads, skip_zeros=contender.skip_zeros)
        self.network = fresh_network(contender, plan, data) if start is None else start.copy()
        self.first_weights = self.network.layers[0].W.copy()
        self.state = State()
        self._latest = self.network.copy()
        l1, labels = (contender.activity_l1,) * len(plan.n_hidden), np.arange(len(data.class_names))
        problem = Supervised(self.network, _examples(data.train), "softmax", l1)
        classes = Classes(labels, np.ones(len(labels)))
        self._task = SupervisedTask(problem, self.engine, classes, _examples(data.valid))
        self._settings = Settings(Schedule(plan.learning_rate), plan.batch_size, plan.max_epochs, plan.seed)
        self._data = data

    def train_one_epoch(self, watch: Watch = lambda state: False) -> bool:
        """Go on where the last epoch ended; False after Ctrl-C."""

        def look(state: State) -> bool:
            if state.step == 0:
                self._latest.assign(self.network)
            return watch(state)

        self.network.assign(self._latest)  # `fit` always ends with the best parameters, not with the latest
        fit(self._task, replace(self._settings, max_epochs=self.state.epoch + 1), self.state, look)
        return self.state.status != "interrupted"

    def outcome(self) -> Outcome:
        """What came of at least one epoch."""
        test, history = self._data.test, self.state.history
        predicted = self.engine.outputs(self.network, test.X).argmax(axis=1)
        return Outcome(
            contender=self.contender,
            network=self.network,
            engine=self.engine,
            history=history,
            best_epoch=self.state.best_epoch,
            wrong=predicted != test.y,
            first_weights=self.first_weights,
            zeros=sparsity.zeros(self.engine, self.network, test.X),
            seconds=sum(entry["seconds"] for entry in history),
            n_trained=len(history) * len(self._data.train),
        )


def _examples(split: Split) -> Examples:
    return Examples(split.X, split.y.astype(np.int32))
