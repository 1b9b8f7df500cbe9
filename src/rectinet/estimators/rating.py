"""Ratings: the expected value of ordered classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import RegressorMixin
from sklearn.metrics import root_mean_squared_error
from sklearn.utils.validation import check_array, column_or_1d

from rectinet.engine import Array, Examples
from rectinet.estimators._data import Input
from rectinet.estimators._softmax import SoftmaxBase
from rectinet.estimators.predictor import Expect
from rectinet.network import Network
from rectinet.training import Score, Supervised


@dataclass(eq=False, repr=False)
class RatingRegressor(RegressorMixin, SoftmaxBase):  # type: ignore[misc]
    """Predicts ratings such as stars: a classifier whose answer is the expected class, sum_k k P(k | x) (section 4.2).

    It is trained as a classifier, by the negative log-likelihood of a softmax, so that it knows how sure it is; epochs
    are judged by the root mean squared error of the expected rating.

    Parameters
    ----------
    classes : sequence of numbers or None, default=None
        The ratings there are; None: those in y.
    hidden_layer_sizes, activation, ..., class_weight
        As in `RectifierClassifier`.

    Attributes
    ----------
    classes_ : ndarray of float64, shape (n_classes,)
        Ascending.
    network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, class_weight_, \
n_features_in_, feature_names_in_
        As in `RectifierClassifier`; "training_error" counts ratings that are not the most probable class,
        "validation_error" is the root mean squared error of the expected rating.
    """

    classes: ArrayLike | None = None

    def predict(self, X: Input) -> NDArray[np.float64]:
        """Expected ratings.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            Between the lowest and the highest class.
        """
        return np.asarray(self.class_probabilities(X) @ self.classes_)

    def class_probabilities(self, X: Input) -> NDArray[np.float64]:
        """Probabilities of the classes; by this name, since scikit-learn takes what has predict_proba for a classifier.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(softmax(self._outputs(X).astype(np.float64), axis=1))

    def rmse(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Root mean squared error of the expected ratings; `score` is the coefficient of determination R^2."""
        return float(root_mean_squared_error(y, self.predict(X), sample_weight=sample_weight))

    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[np.float64]:
        return np.asarray(check_array(column_or_1d(y, warn=True), dtype=np.float64, ensure_2d=False, input_name="y"))

    def _learn_targets(self, y: NDArray[Any], weight: Array | None) -> None:
        if self.classes is not None:
            listed = np.unique(np.asarray(self.classes, dtype=np.float64))
            if len(listed) < 2 or not np.isfinite(listed).all():
                raise ValueError(f"classes must be at least 2 different numbers; got {self.classes!r}")
            self.__dict__.setdefault("_listed_classes", listed)
        try:
            super()._learn_targets(y, weight)
        finally:
            self.__dict__.pop("_listed_classes", None)

    def _task(self, network: Network, examples: Examples, held_out: Examples | None) -> Supervised:
        task = super()._task(network, examples, held_out)
        return Rating(task.network, task.examples, task.objective, task.engine, task.validation, self.classes_)

    def _finish(self) -> Expect:
        return Expect(self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # on targets that hardly ever repeat: they are no ratings
        return tags


@dataclass(frozen=True)
class Rating(Supervised):
    """A classifier that is judged by its expected class."""

    ratings: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def validate(self) -> Score | None:
        likelihood = super().validate()
        if likelihood is None or self.validation is None:
            return None
        outputs = self.engine.outputs(self.network, self.validation.X).astype(np.float64)
        missed = softmax(outputs, axis=1) @ self.ratings - self.ratings[self.validation.Y]
        squared = float(np.average(np.square(missed), weights=self.validation.weight))
        return Score(float(np.sqrt(squared)), likelihood.loss)
