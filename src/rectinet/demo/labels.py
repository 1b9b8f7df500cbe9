"""Pre-training and few labels: networks that saw all training images before any label, beside those that did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from rectinet.datasets import Dataset, Split
from rectinet.demo.contest import Contender, Entry, Outcome, Plan, fresh_network
from rectinet.engine import get_engine
from rectinet.network import Network
from rectinet.noise import Corruption
from rectinet.runs.greedy import PretrainingState, pretrain
from rectinet.runs.layers import LayerConfiguration

UNITS: Final = (  # the columns of Table 1
    Contender("rectifier", "rectifier", "rectifier"),
    Contender("softplus", "softplus", "softplus"),
    Contender("tanh", "tanh", "tanh"),
)
N_LABELS: Final = (50, 100, 200, 500)  # and all
N_NETWORKS: Final = 3 * len(UNITS) + 2 * len(N_LABELS)  # trained or taken over, those being pre-trained included
FEWEST_UPDATES: Final = 600
NOISE: Final = Corruption("masking", 0.25)  # section 4.1
RATE: Final = 0.01


@dataclass(frozen=True)
class Labels:
    """What came of it.

    Attributes
    ----------
    cells : dict
        Outcomes with all labels by (unit, pre-trained or not): Table 1 in miniature.
    curves : dict
        For rectifiers without (False) and with (True) pre-training: numbers of labels and outcomes.
    seconds : float
        Of pre-training the three networks.
    """

    cells: dict[tuple[str, bool], Outcome]
    curves: dict[bool, list[tuple[int, Outcome]]]
    seconds: float


def layer_settings(unit: str, plan: Plan) -> LayerConfiguration:
    """How the paper pre-trains on images: tanh by cross-entropy, the others with a softplus and the squared error."""
    reconstruction = "sigmoid" if unit == "tanh" else "softplus"
    return LayerConfiguration(plan.pretrain_epochs, RATE, plan.batch_size, NOISE, reconstruction=reconstruction)  # type: ignore[arg-type]


def pretrained(unit: Contender, plan: Plan, data: Dataset) -> tuple[Network, PretrainingState]:
    """A network whose hidden layers have learned to clean the training images; its outputs are zero."""
    network = fresh_network(unit, plan, data)
    layers = [layer_settings(unit.activation, plan)] * len(plan.n_hidden)
    state = pretrain(
        network, data.train.X, layers, engine=get_engine(plan.engine, n_threads=plan.n_threads), seed=plan.seed
    )
    network.layers[-1].W[...] = 0
    return network, state


def learn(unit: Contender, plan: Plan, data: Dataset, n_labels: int, start: Network | None) -> Outcome | None:
    """Train on the first n_labels / 10 digits of every class; None after Ctrl-C.

    As many epochs as the contest has, more where that would be fewer than 600 updates.
    """
    steps = -(-n_labels // plan.batch_size)
    epochs = max(plan.max_epochs, -(-FEWEST_UPDATES // steps)) if n_labels < len(data.train) else plan.max_epochs
    entry = Entry(unit, replace(plan, max_epochs=epochs), fewer_labels(data, n_labels), start)
    for _ in range(epochs):
        if not entry.train_one_epoch():
            return None
    return entry.outcome()


def fewer_labels(data: Dataset, n: int) -> Dataset:
    """The data set with n training examples, the same number of every class."""
    if n >= len(data.train):
        return data
    y = data.train.y
    rows = np.concatenate([np.flatnonzero(y == k)[: n // len(data.class_names)] for k in range(len(data.class_names))])
    return replace(data, train=Split(data.train.X[rows], y[rows]))


def compare(plan: Plan, data: Dataset, outcomes: Sequence[Outcome], watch: Callable[[], None]) -> Labels | None:
    """The six cells and the two curves; what the contest has trained already is taken from there. None after Ctrl-C.

    Parameters
    ----------
    watch : callable
        Called after every network.
    """
    cells: dict[tuple[str, bool], Outcome] = {}
    curves: dict[bool, list[tuple[int, Outcome]]] = {False: [], True: []}
    seconds, n_all = 0.0, len(data.train)
    for unit in UNITS:
        start, state = pretrained(unit, plan, data)
        if state.status == "interrupted":
            return None
        seconds += sum(entry["seconds"] for entry in state.history)
        watch()
        for before, network in ((False, None), (True, start)):
            known = next((o for o in outcomes if not before and o.contender == unit), None)
            whole = known or learn(unit, plan, data, n_all, network)
            if whole is None:
                return None
            cells[unit.label, before] = whole
            watch()
            for n in N_LABELS if unit is UNITS[0] else ():
                some = learn(unit, plan, data, n, network)
                if some is None:
                    return None
                curves[before].append((n, some))
                watch()
            if unit is UNITS[0]:
                curves[before].append((n_all, whole))
    return Labels(cells, curves, seconds)
