"""Models of raw data: an encoder and a network, fitted, saved and loaded together."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.callback import CallbackSupportMixin
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from rectinet.arrays import Array, Matrix
from rectinet.estimators._coder import Codes
from rectinet.estimators._exportable import write_fitted
from rectinet.estimators._files import fits_together, kind_of
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.rating import RatingRegressor
from rectinet.estimators.regressor import RectifierRegressor
from rectinet.estimators.semisupervised import SemiSupervisedClassifier
from rectinet.export.onnx import Before
from rectinet.runs.data import stacked
from rectinet.storage import Model, save_model
from rectinet.targets import ReadTargets, Task, checked_task, read_targets
from rectinet.warning import warn

Estimator = RectifierClassifier | RatingRegressor | RectifierRegressor
Raw = TypeVar("Raw")
Encoder = TypeVar("Encoder")

ESTIMATORS: Final[dict[Task, type[Estimator]]] = {
    "classify": RectifierClassifier,
    "rate": RatingRegressor,
    "regress": RectifierRegressor,
}


@dataclass(frozen=True)
class FittedRaw(Generic[Encoder]):
    """The result of a fit; encoder and estimator belong together and are replaced together."""

    estimator: Any
    encoder: Encoder


class RawModel(CallbackSupportMixin, BaseEstimator, ABC, Generic[Raw, Encoder]):  # type: ignore[misc]
    """An encoder followed by an estimator; to scikit-learn it is one classifier or regressor.

    Attributes
    ----------
    estimator : RectifierClassifier, RatingRegressor, RectifierRegressor, SemiSupervisedClassifier or None
    task : {"classify", "rate", "regress"} or None
    """

    estimator: Estimator | None
    task: Task | None
    _fact: ClassVar[str]  # name of the encoder's entry in a model file
    _fitted: FittedRaw[Encoder] | None = None

    # -- for subclasses -----------------------------------------------------------------------------------------------

    @abstractmethod
    def _encode(self, encoder: Encoder, X: Raw, name: str = "X") -> Matrix:
        """X as the network's input matrix; a ValueError says what is wrong with X."""

    @abstractmethod
    def _input_names(self, encoder: Encoder) -> Sequence[str]:
        """Names of the encoded columns."""

    @abstractmethod
    def _documents(self, encoder: Encoder) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """The encoder's entries and arrays for a model file, by name."""

    @classmethod
    @abstractmethod
    def _encoder_from(cls, document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Encoder:
        """The encoder restored from what `_documents` returned."""

    @abstractmethod
    def _before(self, encoder: Encoder, dtype: np.dtype[np.floating]) -> Before:
        """The part of an ONNX graph that encodes raw data for the network."""

    # -- fitting ------------------------------------------------------------------------------------------------------

    def _known_task(self) -> Task | None:
        """The task given as `task`, or that of the estimator; None if neither is given."""
        said = None if self.task is None else checked_task(self.task)
        if self.estimator is None:
            return said
        task: Task = self.estimator._labels.task
        if said not in (None, task):
            raise ValueError(
                f"task={said!r} and an estimator that is made for task={task!r}, a {type(self.estimator).__name__}; "
                "leave one of them out"
            )
        return task

    def _read(self, y: Any, task: Task | None, name: str = "y") -> ReadTargets:
        inner = self._inner()
        return read_targets(y, task, minus_one=inner is not None and inner._labels.minus_one, name=name)

    def _fit_behind(
        self,
        estimator: Any,
        X: Matrix,
        read: ReadTargets,
        sample_weight: ArrayLike | None,
        validation: tuple[Matrix, ReadTargets] | None,
        more: Matrix | None,
    ) -> None:
        """Fit the estimator to encoded rows; rows without a target are used for pre-training, if there is any."""
        labelled, rows = read.labelled, np.flatnonzero(read.labelled)
        without: Any = X[np.flatnonzero(~labelled)]
        if without.shape[0] and more is None and not estimator._configuration().pretrains:
            warn(f"{without.shape[0]} of {len(labelled)} rows have no target and are left out")
        elif without.shape[0]:
            more = without if more is None else stacked(without, more)
        estimator.set_callbacks(*vars(self).get("_skl_callbacks", []))
        try:
            estimator.fit(
                X if labelled.all() else X[rows],
                read.targets,
                sample_weight=None if sample_weight is None else np.asarray(sample_weight)[labelled],
                X_val=None if validation is None else validation[0][np.flatnonzero(validation[1].labelled)],
                y_val=None if validation is None else validation[1].targets,
                X_unlabeled=more,
            )
        finally:
            estimator.set_callbacks()
        if self._known_task() is None and read.note is not None and read.doubtful:
            warn(read.note)

    # -- using the model ----------------------------------------------------------------------------------------------

    @property
    def estimator_(self) -> Any:
        """The fitted estimator, which takes encoded data."""
        return self._part().estimator

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes or ratings, in ascending order."""
        classes: NDArray[Any] = self._part().estimator.classes_
        return classes

    def predict(self, X: Raw) -> NDArray[Any]:
        """Classes, expected ratings or values, shape (n_samples,)."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.predict(encoded))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Raw) -> NDArray[np.float64]:
        """Class probabilities, shape (n_samples, n_classes)."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.predict_proba(encoded))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Raw) -> NDArray[np.float64]:
        """Logarithms of the class probabilities, shape (n_samples, n_classes)."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.predict_log_proba(encoded))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def decision_function(self, X: Raw) -> Array:
        """Logits, shape (n_samples, n_classes); for two classes their difference, shape (n_samples,)."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.decision_function(encoded))

    @available_if(lambda self: self._is_rating())  # type: ignore[untyped-decorator]
    def class_probabilities(self, X: Raw) -> NDArray[np.float64]:
        """Probabilities of the ratings, shape (n_samples, n_classes)."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.class_probabilities(encoded))

    def score(self, X: Raw, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy for classes, else the coefficient of determination R^2, over the rows that have a target."""
        estimator, encoded = self._asked(X)
        read = self._read(y, estimator._labels.task)
        check_consistent_length(encoded, read.labelled, sample_weight)
        weight = None if sample_weight is None else np.asarray(sample_weight)[read.labelled]
        return float(estimator.score(encoded[np.flatnonzero(read.labelled)], read.targets, weight))

    def transform(self, X: Raw, layer: Codes | None = None) -> Array | csr_array:
        """The codes of X: outputs of a hidden layer; None uses the estimator's `transform_layer`."""
        estimator, encoded = self._asked(X)
        codes: Array | csr_array = estimator.transform(encoded, layer)
        return codes

    def sparsity(self, X: Raw) -> NDArray[np.float64]:
        """Fraction of exact zeros in the outputs of every hidden layer over these examples."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.sparsity(encoded))

    # -- files --------------------------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write encoder, settings and network to one file for `rectinet.load`, without pickle.

        Raises
        ------
        TypeError
            For a model, or an estimator in it, of a class defined outside rectinet, which `rectinet.load` could not
            find.
        OSError
            When the file cannot be written; an existing file at `path` is left untouched.
        """
        save_model(path, self._as_model())

    def to_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model with its encoder to an ONNX file, for onnxruntime and other programs.

        Each column of a table is an input of its own name, of shape (n, 1): numbers, booleans (0 or 1) and dates (days
        from 1970-01-01) as float64, NaN if missing; categories as strings, "" if missing. Texts are the input "text",
        of shape (n,), split into words by operators of onnxruntime. Outputs are those of `RectifierClassifier.to_onnx`.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced only once the new one is complete.

        Raises
        ------
        ImportError
            Without the package onnx (``pip install "rectinet[onnx]"``).
        ValueError, OSError
            As `RectifierClassifier.to_onnx`.

        Warns
        -----
        UserWarning
            For tokens="characters", which ONNX cannot split: only the network is written, with the bags of words as
            input "X".
        """
        fitted = self._part_checked()
        inner = fitted.estimator._read()
        write_fitted(path, inner, self._before(fitted.encoder, inner.network.dtype))

    def _as_model(self) -> Model:
        """The model as the content of a model file."""
        fitted = self._part_checked()
        model: Model = fitted.estimator._as_model()
        document, arrays = self._documents(fitted.encoder)
        facts = {**model.facts, self._fact: {"kind": model.kind, "params": model.params, **document}}
        mine = {f"{self._fact}.{name}": values for name, values in arrays.items()}
        return replace(model, kind=kind_of(self), params=self._own_params(), facts=facts, arrays=model.arrays | mine)

    @classmethod
    def _from_model(cls, model: Model, path: str | os.PathLike[str]) -> Self:
        """The model in a model file, the inverse of `_as_model`."""
        kinds = {kind.__name__: kind for kind in (*ESTIMATORS.values(), SemiSupervisedClassifier)}
        with fits_together(path):
            facts, start = dict(model.facts), f"{cls._fact}."
            inside = facts.pop(cls._fact)
            arrays = {name: values for name, values in model.arrays.items() if not name.startswith(start)}
            mine = {name.removeprefix(start): v for name, v in model.arrays.items() if name.startswith(start)}
            within = replace(model, kind=inside["kind"], params=inside["params"], facts=facts, arrays=arrays)
            estimator = kinds[inside["kind"]]._from_model(within, path)
            raw_model = cls(estimator=clone(estimator), **model.params)
            encoder = cls._encoder_from(inside, mine)
            n_inputs = len(raw_model._input_names(encoder))
            if n_inputs != estimator.n_features_in_:
                raise ValueError(f"its encoder gives {n_inputs} columns for {estimator.n_features_in_} inputs")
            raw_model._fitted = FittedRaw(estimator, encoder)
        return raw_model

    def _own_params(self) -> dict[str, Any]:
        return {name: value for name, value in self.get_params(deep=False).items() if name != "estimator"}

    def _with(self, fitted: FittedRaw[Encoder]) -> Self:
        """A model with this fitted state and matching parameters."""
        model = type(self)(estimator=clone(fitted.estimator), **self._own_params())
        model._fitted = fitted
        return model

    # -- the fitted state ---------------------------------------------------------------------------------------------

    def _part(self) -> FittedRaw[Encoder]:
        if self._fitted is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self._fitted

    def _part_checked(self) -> FittedRaw[Encoder]:
        check_is_fitted(self)
        return self._part()

    def _asked(self, X: Raw) -> tuple[Any, Matrix]:
        """The fitted estimator, and X encoded for it."""
        fitted = self._part_checked()
        return fitted.estimator, self._encode(fitted.encoder, X)

    def _inner(self) -> Any:
        """The fitted estimator, else the one given or implied by `task`; None if it is chosen only in `fit`."""
        if self._fitted is not None:
            return self._fitted.estimator
        return ESTIMATORS[self.task]() if self.estimator is None and self.task in ESTIMATORS else self.estimator

    def _is_classifier(self) -> bool:
        return isinstance(self._inner(), RectifierClassifier)

    def _is_rating(self) -> bool:
        return isinstance(self._inner(), RatingRegressor)

    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted is not None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        if (inner := self._inner()) is not None:  # cross-validation needs to know the kind of estimator
            kind = inner.__sklearn_tags__()
            tags.estimator_type, tags.classifier_tags = kind.estimator_type, kind.classifier_tags
            tags.regressor_tags, tags.target_tags = kind.regressor_tags, kind.target_tags
        return tags
