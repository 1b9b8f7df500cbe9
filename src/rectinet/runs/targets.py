"""What targets mean: classes, ratings or values; how they are encoded, weighed, scored and decoded."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from rectinet.arrays import Array
from rectinet.losses import SOFTMAX, SQUARED, Score
from rectinet.problems import Examples
from rectinet.problems.supervised import SupervisedLoss
from rectinet.runs.config import Configuration, Task
from rectinet.runs.data import Part, StoredExamples
from rectinet.stored import Stored
from rectinet.wording import setting, shown

Labels = NDArray[Any]
ENOUGH: Final = 20  # examples whose mean and standard deviation are kept for good


class Targets(Protocol):
    """The facts about targets that a run takes from its training examples."""

    loss: ClassVar[SupervisedLoss]

    @property
    def n_outputs(self) -> int: ...

    def encode(self, y: Labels) -> NDArray[Any]:
        """Targets as the loss wants them."""
        ...

    def weigh(self, part: Part) -> Array | None:
        """Sample weights, times class weights where there are any."""
        ...

    def score(self, outputs: Array, examples: Examples | StoredExamples) -> Score:
        """How good the outputs are; weighted when the examples are."""
        ...

    def decode(self, outputs: Array) -> NDArray[Any]:
        """Predictions in the targets' own terms."""
        ...


@dataclass(frozen=True)
class Classes:
    """One output per class.

    Attributes
    ----------
    labels : ndarray of shape (n_classes,)
        Ascending.
    weights : ndarray of float64, shape (n_classes,)
    weighted : bool
        Whether the weights are to be used.
    """

    labels: Labels
    weights: NDArray[np.float64]
    weighted: bool = False
    loss: ClassVar[SupervisedLoss] = "softmax"

    @property
    def n_outputs(self) -> int:
        return len(self.labels)

    def encode(self, y: Labels) -> NDArray[np.int32]:
        codes = np.searchsorted(self.labels, y)
        known = self.labels[np.minimum(codes, len(self.labels) - 1)] == y
        if not known.all():
            unknown = np.unique(y[~known]).tolist()
            raise ValueError(f"y has the unknown class {unknown[0]!r}; the classes are {self.labels.tolist()!r}")
        return codes.astype(np.int32)

    def weigh(self, part: Part) -> Array | None:
        if not self.weighted:
            return part.weight
        per_example: Array = self.weights[np.searchsorted(self.labels, part.targets)]
        if part.weight is None:
            return per_example
        with np.errstate(over="ignore"):
            product = per_example * part.weight
        if np.isfinite(product).all():
            return np.asarray(product)
        return np.asarray(per_example / per_example.max() * (part.weight / part.weight.max()))

    def score(self, outputs: Array, examples: Examples | StoredExamples) -> Score:
        """Share of wrong classes, and the mean negative log-likelihood."""
        error = average(SOFTMAX.error(outputs, examples.Y), examples)
        return Score(error, average(SOFTMAX.value(outputs, examples.Y).sum(axis=1), examples))

    def decode(self, outputs: Array) -> Labels:
        return np.asarray(self.labels[outputs.argmax(axis=1)])


@dataclass(frozen=True)
class Ratings:
    """Classes that are numbers, predicted by their expected value, sum_k k P(k | x) (section 4.2)."""

    classes: Classes
    loss: ClassVar[SupervisedLoss] = "softmax"

    @property
    def n_outputs(self) -> int:
        return self.classes.n_outputs

    def encode(self, y: Labels) -> NDArray[np.int32]:
        return self.classes.encode(y)

    def weigh(self, part: Part) -> Array | None:
        return self.classes.weigh(part)

    def score(self, outputs: Array, examples: Examples | StoredExamples) -> Score:
        """Root mean squared error of the expected rating, and the mean negative log-likelihood."""
        missed = self.decode(outputs) - self.classes.labels[examples.Y]
        return Score(float(np.sqrt(average(np.square(missed), examples))), self.classes.score(outputs, examples).loss)

    def decode(self, outputs: Array) -> NDArray[np.float64]:
        return np.asarray(softmax(outputs.astype(np.float64), axis=1) @ self.classes.labels)


@dataclass(frozen=True)
class Seen:
    """Moments of the targets that came so far (Welford; merged as Chan, Golub and LeVeque 1983).

    Attributes
    ----------
    n : int
        Examples.
    mean, spread : ndarray of float64, shape (n_targets,)
        The spread is the weighted sum of squared differences from the mean; weights are 1 on average.
    """

    n: int
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def of(cls, columns: Array, weight: Array | None) -> Self:
        mean, scale = _mean_and_scale(columns, weight)
        return cls(len(columns), mean, np.square(scale) * len(columns))

    def with_more(self, columns: Array, weight: Array | None) -> Seen:
        more = Seen.of(columns, weight)
        n, apart = self.n + more.n, more.mean - self.mean
        spread = self.spread + more.spread + np.square(apart) * (self.n * more.n / n)
        return Seen(n, self.mean + apart * (more.n / n), spread)

    @property
    def scale(self) -> NDArray[np.float64]:
        """The standard deviations; 1 of a constant."""
        scale = np.sqrt(self.spread / self.n)
        return np.where(_is_constant(scale, self.mean), 1.0, scale)

    @property
    def enough(self) -> bool:
        return self.n >= ENOUGH and not _is_constant(np.sqrt(self.spread / self.n), self.mean).any()


@dataclass(frozen=True)
class Values:
    """One output per target, standardised by the training examples so that one learning rate suits any unit.

    Attributes
    ----------
    mean, scale : ndarray of float64, shape (n_targets,)
        Predictions are ``outputs * scale + mean``.
    flat : bool
        Whether targets have one dimension, so that predictions have.
    dtype : str
        Of the network.
    seen : Seen or None
        What the mean and scale stand on while that is too little: a first call of `partial_fit` with a few examples,
        or with a constant, does not tell the scale of what is to come.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    flat: bool
    dtype: str = field(default="float32")
    seen: Seen | None = None
    loss: ClassVar[SupervisedLoss] = "squared"

    @property
    def n_outputs(self) -> int:
        return len(self.mean)

    def encode(self, y: Labels) -> Array:
        columns = y.reshape(len(y), -1)
        if columns.shape[1] != self.n_outputs:
            raise ValueError(f"y has {columns.shape[1]} targets; the regressor was begun with {self.n_outputs}")
        return np.ascontiguousarray((columns - self.mean) / self.scale, dtype=self.dtype)

    def with_more(self, part: Part) -> Values:
        """The mean and scale over these examples, too; to the last bit as they are where the same ones come again."""
        assert self.seen is not None
        seen = self.seen.with_more(part.targets.reshape(len(part), -1), part.weight)
        kept = np.isclose(seen.scale, self.scale, rtol=1e-9) & (np.abs(seen.mean - self.mean) <= 1e-9 * self.scale)
        mean, scale = np.where(kept, self.mean, seen.mean), np.where(kept, self.scale, seen.scale)
        return replace(self, mean=mean, scale=scale, seen=None if seen.enough else seen)

    def weigh(self, part: Part) -> Array | None:
        return part.weight

    def score(self, outputs: Array, examples: Examples | StoredExamples) -> Score:
        """Mean squared error over examples and targets, in standardised units, twice."""
        error = average(SQUARED.error(outputs.astype(np.float64), examples.Y) / self.n_outputs, examples)
        return Score(error, error)

    def decode(self, outputs: Array) -> NDArray[np.float64]:
        values = outputs.astype(np.float64) * self.scale + self.mean
        return np.asarray(values[:, 0] if self.flat else values)


def average(per_example: NDArray[np.float64], examples: Examples | StoredExamples) -> float:
    """Weighted when the examples are."""
    return float(np.average(per_example, weights=examples.weight))


def learn_targets(configuration: Configuration, part: Part, classes: Labels | None = None) -> Targets:
    """The facts about targets, from training examples.

    Parameters
    ----------
    classes : ndarray, optional
        All labels that may come, where more than those of these examples are to be known.
    """
    y = part.targets
    if configuration.task == "regress":
        return _values(y, part.weight, configuration.dtype)
    listed = classes
    if listed is None and configuration.classes is not None:
        listed = np.unique(np.asarray(configuration.classes, dtype=np.float64))
    found = _classes(y, configuration.class_weight, listed)
    return Ratings(found) if configuration.task == "rate" else found


def strata(task: Task, y: Labels) -> NDArray[np.int64] | None:
    """What a validation split keeps the proportions of: classes, if there are."""
    if task == "regress":
        return None
    return np.asarray(np.unique(y, return_inverse=True)[1], dtype=np.int64)


def examples_of(part: Part, targets: Targets, dtype: str) -> Examples | StoredExamples:
    """Examples as engines take them; weights have mean 1, so that they change what counts, not the length of a step."""
    weight = targets.weigh(part)
    if weight is not None:
        if not weight.any():
            raise ValueError(
                f"every example has weight 0 by {setting('class_weight')}: nothing is left to learn from or to judge by"
            )
        weight = _of_mean_1(weight).astype(dtype)
    Y = targets.encode(part.targets)
    return StoredExamples(part.X, Y, weight) if isinstance(part.X, Stored) else Examples(part.X, Y, weight)


def _of_mean_1(weight: Array) -> Array:
    """Weights divided by their mean; by their maximum first where their sum overflows."""
    with np.errstate(over="ignore"):
        mean = weight.mean()
    if np.isfinite(mean) and mean > 0:
        return np.asarray(weight / mean)
    scaled = weight / weight.max()
    return np.asarray(scaled / scaled.mean())


def _classes(y: Labels, class_weight: Any, listed: Labels | None) -> Classes:
    from sklearn.utils.class_weight import compute_class_weight

    labels = np.unique(y) if listed is None else listed
    if len(labels) < 2:
        raise ValueError(f"a classifier needs examples of at least 2 classes; got one class, {labels.tolist()[0]!r}")
    known = Classes(labels, np.ones(len(labels)))
    known.encode(y)  # or an error that names the unknown class
    weights = compute_class_weight(class_weight, classes=labels, y=y)
    if not (np.isfinite(weights).all() and (weights >= 0).all()):
        raise ValueError(f"{setting('class_weight')} must have finite weights of at least 0; got {shown(class_weight)}")
    return Classes(labels, weights, class_weight is not None)


def _values(y: Labels, weight: Array | None, dtype: str) -> Values:
    columns = y.reshape(len(y), -1)
    mean, scale = _mean_and_scale(columns, weight)
    with np.errstate(over="ignore", invalid="ignore"):
        farthest = np.abs(columns - mean)
    if not (np.isfinite(farthest).all() and np.isfinite(scale).all()):
        widest = float(np.abs(columns).max())
        raise ValueError(f"y has values up to {widest:.3g}, which cannot be standardised; divide them by a constant")
    constant = _is_constant(scale, mean)
    seen = Seen.of(columns, weight) if len(columns) < ENOUGH or constant.any() else None
    return Values(mean, np.where(constant, 1.0, scale), y.ndim == 1, dtype, seen)


def _is_constant(scale: NDArray[np.float64], mean: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a standard deviation is what rounding leaves of a constant target."""
    return np.asarray(scale <= 10 * np.finfo(np.float64).eps * np.abs(mean))


def _mean_and_scale(columns: Array, weight: Array | None) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean and standard deviation of each column, computed in its own units where squares or sums leave what
    float64 holds.
    """
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        mean = np.average(columns, axis=0, weights=weight)
        scale = np.sqrt(np.average(np.square(columns - mean), axis=0, weights=weight))
    extreme = ~np.isfinite(scale) | ((scale < 1e-150) & (columns != columns[0]).any(axis=0))
    if extreme.any():
        unit = np.where(extreme, np.maximum(np.abs(columns).max(axis=0), np.finfo(np.float64).tiny), 1.0)
        own, weight = columns / unit, None if weight is None else _of_mean_1(weight)
        own_mean = np.average(own, axis=0, weights=weight)
        own_scale = np.sqrt(np.average(np.square(own - own_mean), axis=0, weights=weight))
        mean, scale = np.where(extreme, own_mean * unit, mean), np.where(extreme, own_scale * unit, scale)
    return np.asarray(mean), np.asarray(scale)
