"""What the demo trains: one network with different hidden units, with and without skipping its zeros."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Matrix
from rectinet.datasets import load
from rectinet.demo.turns import Turns
from rectinet.engine import Engine, get_engine
from rectinet.inside import sparsity
from rectinet.runs import Configuration, Data, Outcome, Part, run
from rectinet.runs.run import Moment, Watch

N_CLASSES: Final = 10
SIZES: Final = (400, 400, 400)
EPOCHS: Final = 30
ACTIVITY_L1: Final = 0.002  # of 0.001 and 0.002 the one with the lower validation error


@dataclass(frozen=True)
class Contender:
    """One kind of network.

    Attributes
    ----------
    style : {"rectifier", "l1", "control", "softplus", "tanh"}
        Its name in results, and the class of its colour on the page.
    skip_zeros : bool
        False computes with inactive units as if they were active: the control that credits zeros apart from all else.
    """

    label: str
    style: str
    configuration: Configuration
    skip_zeros: bool = True

    @property
    def engine(self) -> Engine:
        c = self.configuration
        return get_engine(c.engine, n_threads=c.n_threads, skip_zeros=self.skip_zeros)

    def learn(self, data: Data, watch: Watch) -> Result:
        """Train on the data and predict its test examples.

        Raises
        ------
        KeyboardInterrupt
            When the run was ended before its last epoch.
        """
        outcome = run(self.configuration, data, engine=self.engine, watch=watch)
        if outcome.ending == "interrupted" or data.test is None:
            raise KeyboardInterrupt
        return Result(self, outcome, data.test)


@dataclass(frozen=True)
class Result:
    """What became of a contender, seen on the test examples."""

    contender: Contender
    outcome: Outcome
    test: Part

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which examples the network gets wrong."""
        return np.asarray(self.outcome.predictions["test"] != self.test.targets)

    @property
    def percent(self) -> float:
        """The test error, in per cent."""
        return 100 * float(self.wrong.mean())

    @cached_property
    def zeros(self) -> NDArray[np.float64]:
        """Fraction of outputs that are exactly 0, per hidden layer."""
        return sparsity.zeros(self.contender.engine, self.outcome.network, self.test.matrix)

    @property
    def seconds(self) -> float:
        """Of supervised training alone."""
        return float(sum(entry["seconds"] for entry in self.outcome.history))

    def codes(self, X: Matrix) -> list[Array]:
        return self.contender.engine.codes(self.outcome.network.hidden, X)


def digits() -> Data:
    """The bundled digits: 1,000 to train on, 297 to choose the best epoch, 500 for the test."""
    found = load("digits")
    train, validation, test = (Part(split.X, split.y) for split in (found.train, found.valid, found.test))
    return Data(train, validation, test)


def contenders(
    sizes: Sequence[int] = SIZES, epochs: int = EPOCHS, seed: int = 0, n_threads: int = 1
) -> tuple[Contender, ...]:
    """The networks: the same first weights, minibatches and learning rate, as in section 4 of the paper."""
    c = Configuration(hidden_layer_sizes=sizes, random_state=seed, n_threads=n_threads)
    rectifier = replace(c, learning_rate=0.1, max_epochs=epochs, patience=epochs)
    sparser = replace(rectifier, activity_l1=ACTIVITY_L1)
    return (
        Contender("rectifier", "rectifier", rectifier),
        Contender("rectifier + L1", "l1", sparser),
        Contender("L1, no skipping", "control", sparser, skip_zeros=False),
        Contender("softplus", "softplus", replace(rectifier, activation="softplus")),
        Contender("tanh", "tanh", replace(rectifier, activation="tanh")),
    )


def contest(entered: Sequence[Contender], data: Data, show: Callable[[Contender, Moment], None]) -> dict[str, Result]:
    """Train all, an epoch each in turn; results by style.

    Parameters
    ----------
    show : callable
        Told of every moment of every run.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    turns = Turns(entered)

    def enter(contender: Contender) -> Result:
        def watch(moment: Moment) -> bool:
            show(contender, moment)
            return turns.watch(contender, moment)

        with turns.taking_part(contender):
            return contender.learn(data, watch)

    with ThreadPoolExecutor(len(entered)) as threads:
        running = [threads.submit(enter, contender) for contender in entered]
        try:
            wait(running)
        finally:
            turns.stopped = True  # on Ctrl-C, which reaches this thread alone
    return {contender.style: future.result() for contender, future in zip(entered, running, strict=True)}
