"""Small runs whose results are kept: what has to come out the same, bit for bit, however the code is arranged.

Every constructor parameter is written out, so that a new default changes no run. No learning rate is chosen by trials.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    StackedDenoisingAutoencoder,
    TextModel,
)

N, N_FEATURES, N_CLASSES = 72, 20, 3

SHARED: dict[str, Any] = {
    "hidden_layer_sizes": (19, 11),
    "activation": "rectifier",
    "softplus_alpha": 1.0,
    "signs": "positive",
    "derivative_at_zero": 0.0,
    "activity_l1": 0.0,
    "activity_l1_normalization": "sum",
    "engine": "native",
    "dtype": "float32",
    "n_threads": 1,
    "random_state": 7,
    "verbose": 0,
    "checkpoint": None,
    "corruption": "masking",
    "corruption_level": 0.25,
    "reconstruction": "softplus",
    "tied": False,
    "code_scaling": "none",
    "reconstruction_target": "code",
    "sampled_reconstruction": None,
    "batch_size": 5,
}
SUPERVISED: dict[str, Any] = SHARED | {
    "learning_rate": 0.1,
    "max_epochs": 4,
    "shuffle": True,
    "early_stopping": False,
    "validation_fraction": 0.2,
    "patience": 2,
    "pretrain_epochs": 0,
    "pretrain_learning_rate": 0.02,
    "pretrain_batch_size": 4,
    "pretrain_activity_l1": None,
    "pretrain_decay_from": 1.0,
    "output_init": "uniform",
}
CLASSIFIER: dict[str, Any] = SUPERVISED | {"class_weight": None}
STACK: dict[str, Any] = SHARED | {"epochs": 2, "learning_rate": 0.02, "decay_from": 1.0}
PRETRAINED: dict[str, Any] = {"pretrain_epochs": 2, "max_epochs": 2}
WORDS = ("dull", "fine", "grand", "long", "plot", "scene", "song", "tale", "warm", "witty")


@dataclass(frozen=True)
class Data:
    """One draw of everything the runs learn from."""

    X: np.ndarray  # (N, N_FEATURES) in [0, 1], half of it zero
    y: np.ndarray  # (N,) classes
    values: np.ndarray  # (N, 2)
    weight: np.ndarray  # (N,)
    unlabelled: np.ndarray  # (30, N_FEATURES)
    texts: list[str]


def data() -> Data:
    rng = np.random.Generator(np.random.Philox(key=2011))
    X = rng.random((N, N_FEATURES)) * (rng.random((N, N_FEATURES)) < 0.5)
    scores = X @ rng.normal(size=(N_FEATURES, N_CLASSES))
    values = np.c_[100 + 20 * X[:, 0] - 9 * X[:, 1], 0.01 * np.abs(X[:, 2] - X[:, 3])]
    more = rng.random((30, N_FEATURES)) * (rng.random((30, N_FEATURES)) < 0.5)
    texts = [" ".join(WORDS[k] for k in np.flatnonzero(row[:10])) or "film" for row in X]
    return Data(X, scores.argmax(axis=1), values, rng.integers(0, 4, N) + 0.5, more, texts)


# -- the runs ----------------------------------------------------------------------------------------------------------

Fit = Callable[[Data], Any]


def classifier(csr: bool = False, **changes: Any) -> Fit:
    """A fit to the classes; `csr` passes X as a sparse matrix."""

    def fit(d: Data) -> Any:
        return RectifierClassifier(**CLASSIFIER | changes).fit(csr_array(d.X) if csr else d.X, d.y)

    return fit


def with_validation(d: Data) -> Any:
    clf = RectifierClassifier(**CLASSIFIER | {"early_stopping": True, "max_epochs": 6, "patience": 1})
    return clf.fit(d.X[:50], d.y[:50], X_val=d.X[50:], y_val=d.y[50:])


def weighted(d: Data) -> Any:
    clf = RectifierClassifier(**CLASSIFIER | {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}, "early_stopping": True})
    return clf.fit(d.X, d.y, sample_weight=d.weight)


def with_unlabelled(d: Data) -> Any:
    clf = RectifierClassifier(**CLASSIFIER | PRETRAINED | {"tied": (True, False)})
    return clf.fit(d.X, d.y, X_unlabeled=d.unlabelled)


def pretrained_then_fitted(d: Data) -> Any:
    clf = RectifierClassifier(**CLASSIFIER | PRETRAINED | {"output_init": "zeros", "signs": "balanced"})
    return clf.pretrain(d.unlabelled, X_val=d.X[:9]).fit(d.X, d.y)


def piece_by_piece(d: Data) -> Any:
    clf = RectifierClassifier(**CLASSIFIER)
    for _ in range(3):
        clf.partial_fit(d.X, d.y, classes=np.arange(N_CLASSES))
    return clf


def resumed(d: Data) -> Any:
    """Stopped after two epochs and taken up again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint"
        for max_epochs in (2, 5):
            clf = RectifierClassifier(**CLASSIFIER | {"max_epochs": max_epochs, "early_stopping": True, "patience": 9})
            clf.set_params(checkpoint=path).fit(d.X, d.y)
    return clf.set_params(checkpoint=None)


def regressor(**changes: Any) -> Fit:
    def fit(d: Data) -> Any:
        settings = SUPERVISED | {"early_stopping": True, "learning_rate": 0.02} | changes
        return RectifierRegressor(**settings).fit(d.X, d.values, sample_weight=d.weight)

    return fit


def one_value_at_a_time(d: Data) -> Any:
    reg = RectifierRegressor(**SUPERVISED | {"dtype": "float64", "learning_rate": 0.02})
    return reg.partial_fit(d.X[:40], d.values[:40, 0]).partial_fit(d.X[40:], d.values[40:, 0])


def ratings(d: Data) -> Any:
    settings = CLASSIFIER | {"classes": None, "early_stopping": True, "class_weight": "balanced"}
    return RatingRegressor(**settings).fit(d.X, 1.0 + d.y)


def semi_supervised(d: Data) -> Any:
    y = np.where(np.arange(N) % 3 == 0, d.y, -1)
    return SemiSupervisedClassifier(**CLASSIFIER | PRETRAINED).fit(d.X, y)


def stack(csr: bool = False, **changes: Any) -> Fit:
    def fit(d: Data) -> Any:
        X = csr_array((d.X > 0.4).astype(float)) if csr else d.X
        return StackedDenoisingAutoencoder(**STACK | changes).fit(X[:60], X_val=X[60:])

    return fit


def texts(d: Data) -> Any:
    inner = RectifierClassifier(
        **CLASSIFIER
        | PRETRAINED
        | {"hidden_layer_sizes": (9,), "reconstruction": "sigmoid", "tied": True, "sampled_reconstruction": 0.3,
           "corruption": "salt_and_pepper", "corruption_level": ((0.5, 0.1),)}
    )  # fmt: skip
    labels = [None if k % 4 == 0 else str(label) for k, label in enumerate(d.y)]
    return TextModel(inner, n_words=8).fit(d.texts, labels, X_unlabeled=d.texts[:7])


REFERENCE: dict[str, Any] = {"engine": "reference", "dtype": "float64"}
SCALED: dict[str, Any] = {"reconstruction": "sigmoid", "code_scaling": "per-unit"}

RUNS: dict[str, Fit] = {
    "rectifier": classifier(),
    "rectifier, float64": classifier(dtype="float64"),
    "rectifier, CSR": classifier(csr=True),
    "rectifier, reference": classifier(**REFERENCE),
    "rectifier, reference float32": classifier(engine="reference"),
    "derivative 1 at 0, reference": classifier(derivative_at_zero=1.0, **REFERENCE),
    "no hidden layer": classifier(hidden_layer_sizes=()),
    "softplus": classifier(activation="softplus", softplus_alpha=3.0),
    "tanh": classifier(activation="tanh", signs="random"),
    "logistic, float64": classifier(activation="logistic", dtype="float64"),
    "linear": classifier(activation="linear", csr=True),
    "balanced signs, L1": classifier(signs="balanced", activity_l1=(1e-3, 1e-2)),
    "L1 by mean, unshuffled": classifier(activity_l1=0.1, activity_l1_normalization="mean", shuffle=False),
    "early stopping": classifier(early_stopping=True, max_epochs=8),
    "own validation set": with_validation,
    "weights and class weights": weighted,
    "partial_fit": piece_by_piece,
    "resumed": resumed,
    "regressor": regressor(),
    "regressor, reference": regressor(**REFERENCE),
    "regressor, partial_fit": one_value_at_a_time,
    "ratings": ratings,
    "semi-supervised": semi_supervised,
    "pre-trained with unlabelled": with_unlabelled,
    "pretrain, then fit": pretrained_then_fitted,
    "stack, softplus": stack(),
    "stack, softplus units, decay": stack(activation="softplus", decay_from=0.5, dtype="float64"),
    "stack, sigmoid, scaled codes": stack(**SCALED),
    "stack, tanh by sigmoid, reference": stack(activation="tanh", reconstruction="sigmoid", **REFERENCE),
    "stack, linear, pre-activation": stack(reconstruction="linear", reconstruction_target="pre-activation"),
    "stack, rectifier, signs, L1": stack(reconstruction="rectifier", signs="balanced", activity_l1=1e-3),
    "stack, tied, sampled, CSR": stack(csr=True, tied=True, sampled_reconstruction=(0.3, None), **SCALED),
    "stack, untied, sampled, reference": stack(csr=True, sampled_reconstruction=(0.3, 0.5), **SCALED | REFERENCE),
    "stack, salt and pepper": stack(csr=True, corruption="salt_and_pepper", corruption_level=((0.5, 0.1), (0.3, 0.2))),
    "stack, Gaussian": stack(corruption="gaussian", corruption_level=0.3, reconstruction="linear"),
    "texts": texts,
}


# -- what is kept of a run ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """Parameters and outputs, and every number of the history by where it stands."""

    arrays: dict[str, np.ndarray]
    numbers: dict[str, float]

    @property
    def digest(self) -> str:
        """SHA-256 of the arrays' bytes."""
        found = hashlib.sha256()
        for name, values in self.arrays.items():
            found.update(f"{name} {values.dtype} {values.shape}".encode())
            found.update(np.ascontiguousarray(values).tobytes())
        return found.hexdigest()


def result(name: str) -> Result:
    """Run it now."""
    d = data()
    model = RUNS[name](d)
    fitted = getattr(model, "estimator_", model)
    arrays = {name: np.array(values) for name, values in fitted.network_.parameters()}
    for k, mine in enumerate(getattr(fitted, "autoencoders_", ())):
        arrays |= {f"decoder {k}.{name}": np.array(values) for name, values in mine.parameters()}
    arrays["outputs"] = answers(model, d)
    histories = {"history": getattr(fitted, "history_", []), "pre-training": getattr(fitted, "pretrain_history_", [])}
    numbers = {
        f"{kind} {k} {key}": value
        for kind, entries in histories.items()
        for k, entry in enumerate(entries)
        for key, value in _numbers(entry)
    }
    return Result(arrays, numbers)


def answers(model: Any, d: Data) -> np.ndarray:
    """What a fitted model answers to the examples, by the engine's own outputs."""
    if isinstance(model, TextModel):
        return np.asarray(model.estimator_.decision_function(model.bag_.bags(d.texts)))
    if isinstance(model, StackedDenoisingAutoencoder):
        codes = model.transform(d.X)
        return np.asarray(codes.toarray() if hasattr(codes, "toarray") else codes)
    if isinstance(model, RectifierClassifier):
        return np.asarray(model.decision_function(d.X))
    return np.asarray(model.predict(d.X))


def _numbers(entry: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for key, value in entry.items():
        if key != "seconds":
            for k, number in enumerate(np.ravel(value)):
                yield f"{key}[{k}]", float(number)
