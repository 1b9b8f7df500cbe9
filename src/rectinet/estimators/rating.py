"""Prediction of ratings as the expected value of ordered classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax
from sklearn.base import RegressorMixin
from sklearn.metrics import root_mean_squared_error

from rectinet.estimators._inputs import Input
from rectinet.estimators._labels import Labels, RatingLabels
from rectinet.estimators._softmax import SoftmaxBase
from rectinet.inside.expected import expected_rating
from rectinet.inside.explanation import Explanation
from rectinet.runs import rules
from rectinet.runs.parameters import documented, parameter


@documented
@dataclass(eq=False, repr=False)
class RatingRegressor(RegressorMixin, SoftmaxBase):  # type: ignore[misc]
    """Predicts ratings such as stars: the expected class, sum_k k P(k | x), of a classifier (section 4.2).

    Trained as a classifier, on the negative log-likelihood of a softmax, so that every rating has a probability; epochs
    are compared by the root mean squared error of the expected rating.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of float64, shape (n_classes,)
        In ascending order.
    network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, class_weight_, \
n_features_in_, feature_names_in_
        As in `RectifierClassifier`; "training_error" is the share of examples whose most probable rating is wrong,
        "validation_error" the root mean squared error of the expected rating.
    """

    classes: ArrayLike | None = parameter(None, rules.RATINGS, "All possible ratings; None: those in y.")

    _labels: ClassVar[Labels] = RatingLabels()

    def class_probabilities(self, X: Input) -> NDArray[np.float64]:
        """Probabilities of the ratings; not called predict_proba, which scikit-learn takes for a sign of a classifier.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(softmax(self._outputs(X)[1].astype(np.float64), axis=1))

    def rmse(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Root mean squared error of the expected ratings; `score` is the coefficient of determination R^2."""
        return float(root_mean_squared_error(y, self.predict(X), sample_weight=sample_weight))

    def explain_expected(self, X: Input) -> Explanation:
        """A first-order explanation of the expected rating: exact contributions to the logits, times its slope in each.

        The softmax between the logits and the expected rating is not linear, so no exact explanation of this kind
        exists; `explain` explains the logits exactly.

        Returns
        -------
        Explanation
            One output, "expected rating", with `exact` False; the constant is the part that the contributions do not
            explain.
        """
        return expected_rating(self.explain(X), self.classes_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # on continuous targets, which are not ratings
        return tags
