"""Where the runs of the study get their data: data sets by name, whole or with few labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Array, Rows
from rectinet.datasets import Dataset, load
from rectinet.runs import Data, Part
from rectinet.runs.data import canonical, stacked
from rectinet.stored import dense


@lru_cache(maxsize=2)
def dataset(name: str) -> Dataset:
    """A data set, kept while neighbouring runs use it."""
    return load(name)


@dataclass(frozen=True)
class Whole:
    """A data set as it is split."""

    name: str

    def load(self) -> Data:
        found = dataset(self.name)
        unlabeled = None if found.unlabeled is None else canonical(found.unlabeled)
        train, valid, test = (Part(canonical(part.X), part.y) for part in (found.train, found.valid, found.test))
        return Data(train, valid, test, unlabeled)


@dataclass(frozen=True)
class Centred:
    """A data set whose inputs, in [0, 1], are scaled to [-1, 1]."""

    name: str

    def load(self) -> Data:
        found = dataset(self.name)
        splits = (found.train, found.valid, found.test)
        train, valid, test = (Part(2 * dense(s.X) - 1, s.y) for s in splits)
        return Data(train, valid, test)


@dataclass(frozen=True)
class Inputs:
    """The inputs of the training part alone, for pre-training."""

    name: str

    def load(self) -> Data:
        return Data(Part(canonical(dataset(self.name).train.X)))


@dataclass(frozen=True)
class AllInputs:
    """Every input that may be seen without its target: those of the training part, and the unlabelled ones.

    Attributes
    ----------
    validated : bool
        Whether the reconstruction of the validation part is measured after every epoch, and the best epoch kept.
    """

    name: str
    validated: bool = False

    def load(self) -> Data:
        data = Whole(self.name).load()
        judges = data.validation if self.validated and data.validation is not None else None
        return Data(Part(data.pretraining_inputs), None if judges is None else Part(judges.X))


@dataclass(frozen=True)
class FewLabels:
    """A data set of whose training examples few keep their labels, as many of each class.

    Attributes
    ----------
    visits : int
        Labelled examples are repeated so that an epoch visits at least so many: a look at the validation set each.
    """

    name: str
    n_labels: int
    draw: int
    visits: int = 0

    def load(self) -> Data:
        data = Whole(self.name).load()
        rows = labelled_rows(data.train.targets, self.n_labels, self.draw)
        rows = np.tile(rows, max(1, self.visits // self.n_labels))
        return Data(data.train.take(rows), data.validation, data.test)


@dataclass(frozen=True)
class FewRatings:
    """A data set of whose training examples the first of a random order keep their targets; more include fewer.

    Attributes
    ----------
    judged_by : {"test", "validation"}
        Whose predictions are kept: those of the test part, or, to choose settings by, those of the validation part.
    """

    name: str
    n_labels: int
    draw: int
    judged_by: str = "test"

    def load(self) -> Data:
        data = Whole(self.name).load()
        rows = np.random.default_rng([self.draw, 75]).permutation(len(data.train))[: self.n_labels]
        judges = data.test if self.judged_by == "test" else data.validation
        return Data(data.train.take(rows), test=judges)


def labelled_rows(y: NDArray[Any], n_labels: int, draw: int) -> Rows:
    """As many rows of each class, other ones in each draw."""
    rng, classes = np.random.default_rng([draw, n_labels]), np.unique(y)
    each = n_labels // len(classes)
    return np.concatenate([rng.choice(np.flatnonzero(y == k), each, replace=False) for k in classes])


@dataclass(frozen=True)
class Share:
    """A data set of whose training examples a share of every class keep their labels; a larger share includes them.

    Attributes
    ----------
    share : float
        In (0, 1].
    visits : int
        Labelled examples are repeated so that an epoch visits at least so many: a look at the validation set each.
    """

    name: str
    share: float
    draw: int
    visits: int = 0

    def load(self) -> Data:
        data = Whole(self.name).load()
        y = data.train.targets
        order = np.random.default_rng([self.draw, 4]).permutation(len(y))
        by_class = [order[y[order] == k] for k in np.unique(y)]
        rows = np.sort(np.concatenate([mine[: max(1, round(self.share * len(mine)))] for mine in by_class]))
        rows = np.tile(rows, max(1, self.visits // len(rows)))
        return Data(data.train.take(rows), data.validation, data.test)


@dataclass(frozen=True)
class Beginning:
    """The first examples of each part of a data set; of parts that are smaller, all."""

    name: str
    n_train: int
    n_validation: int
    n_test: int

    def load(self) -> Data:
        data = Whole(self.name).load()
        sizes = {"train": self.n_train, "validation": self.n_validation, "test": self.n_test}
        parts = {name: _first(getattr(data, name), n) for name, n in sizes.items()}
        return Data(**parts)  # type: ignore[arg-type]  # train is always there


@dataclass(frozen=True)
class Fold:
    """One of ten balanced folds of all labelled examples to test on; of the others few keep their labels.

    Attributes
    ----------
    labelled : bool
        Without: the inputs of the other nine folds alone, for pre-training.
    """

    name: str
    fold: int
    n_labels: int
    labelled: bool = True

    def load(self) -> Data:
        data = Whole(self.name).load()
        given = [part for part in (data.train, data.validation, data.test) if part is not None]
        X, y = given[0].X, np.concatenate([part.targets for part in given])
        for part in given[1:]:
            X = stacked(X, part.X)
        order = np.random.default_rng(10).permutation(len(y))
        place = np.empty(len(y), dtype=np.int64)
        for k in np.unique(y):  # every tenth of each class is a fold
            mine = order[y[order] == k]
            place[mine] = np.arange(len(mine)) % 10
        everything, others = Part(X, y), np.flatnonzero(place != self.fold)
        if not self.labelled:
            return Data(Part(X[others]))
        few = others[labelled_rows(y[others], self.n_labels, self.fold)]
        return Data(everything.take(few), test=everything.take(np.flatnonzero(place == self.fold)))


def _first(part: Part | None, n: int) -> Part | None:
    return None if part is None else part.take(np.arange(min(n, len(part))))


@dataclass(frozen=True)
class Odd:
    """Examples of a function with f(-x) = -f(x): a sum of sines of some directions, of variance near 1/2."""

    draw: int
    n_inputs: int = 8
    n_directions: int = 4

    def load(self) -> Data:
        rng = np.random.default_rng([self.draw, 0x0DD])
        train, valid, test = (self._part(rng.normal(size=(n, self.n_inputs))) for n in (5_000, 1_000, 2_000))
        return Data(train, valid, test)

    def target(self, X: Array) -> Array:
        """The function, of rows of X."""
        rng = np.random.default_rng([self.draw, 0xF])
        directions = rng.normal(size=(self.n_inputs, self.n_directions)) * (2 / self.n_inputs**0.5)
        values: Array = np.sin(X @ directions).sum(axis=1) / self.n_directions**0.5
        return values

    def _part(self, X: Array) -> Part:
        return Part(X.astype(np.float32), self.target(X))
