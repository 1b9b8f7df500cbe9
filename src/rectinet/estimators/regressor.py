"""Regression by the squared error of a rectifier network's outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin

from rectinet.estimators._base import RectifierBase
from rectinet.estimators._fitted import fact
from rectinet.estimators._inputs import Input
from rectinet.estimators._labels import Labels, ValueLabels
from rectinet.runs.parameters import documented


@documented
@dataclass(eq=False, repr=False)
class RectifierRegressor(RegressorMixin, RectifierBase):  # type: ignore[misc]
    """A deep sparse rectifier network for regression with one or several targets.

    Trained by plain minibatch gradient descent (no momentum) on the squared error, summed over the targets. Targets are
    standardised internally by the weighted mean and standard deviation of the training examples (with `partial_fit`,
    those of the first call), so that one learning rate suits targets in any unit. Predictions are in the targets' own
    units; losses and errors in the history are those of the standardised targets.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of float64, shape (n_targets,)
        Predictions are ``outputs * target_scale_ + target_mean_``.
    n_targets_ : int
    flat_targets_ : bool
        Whether y was one-dimensional, as predictions then are.
    network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, n_features_in_, \
feature_names_in_
        As in `RectifierClassifier`; "training_error" and "validation_error" are mean squared errors.
    """

    _labels: ClassVar[Labels] = ValueLabels()

    target_mean_ = fact(lambda fitted: fitted.values.mean, "Mean of each target over the training examples.")
    target_scale_ = fact(lambda fitted: fitted.values.scale, "Standard deviation of each target.")
    n_targets_ = fact(lambda fitted: fitted.values.n_outputs, "Number of targets.")
    flat_targets_ = fact(lambda fitted: fitted.values.flat, "Whether y was one-dimensional.")

    def partial_fit(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train for one more epoch on these examples, starting from the current parameters; none are held out.

        k calls give, bit for bit, the result of one ``fit`` with max_epochs=k and early_stopping=False. If a call
        diverges, the estimator keeps its previous state.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            Targets are standardised by the mean and standard deviation of the first call. If it has fewer than 20
            examples or a constant target, later calls update both, and adapt the output layer so that predictions do
            not jump.
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1 within this call.

        Returns
        -------
        self
        """
        return self._one_more_epoch(X, y, sample_weight)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
