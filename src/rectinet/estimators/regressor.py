"""Regression by the squared error of a rectifier network's outputs."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array

from rectinet.engine import Array, Loss
from rectinet.estimators._base import RectifierBase
from rectinet.estimators._data import Input
from rectinet.estimators.predictor import Unscale


class RectifierRegressor(RegressorMixin, RectifierBase):  # type: ignore[misc]
    """A deep sparse rectifier network that predicts one or several numbers.

    Plain minibatch gradient descent at a constant rate on the squared error, summed over the targets. Targets are
    standardised inside, by the weighted mean and standard deviation of the training examples (with `partial_fit`, of
    the first call), so that one learning rate suits any unit; predictions come back in the targets' own units, losses
    and errors in the history are those of the standardised targets.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(1000, 1000, 1000)
        Units per hidden layer; () is linear least squares.
    activation, softplus_alpha, signs, derivative_at_zero, activity_l1, activity_l1_normalization, batch_size, \
max_epochs, shuffle, early_stopping, validation_fraction, patience, pretrain_epochs, pretrain_learning_rate, \
corruption, corruption_level, reconstruction, tied, pretrain_batch_size, pretrain_activity_l1, code_scaling, \
reconstruction_target, sampled_reconstruction, pretrain_decay_from, output_init, engine, dtype, n_threads, \
random_state, verbose, checkpoint
        As in `RectifierClassifier`. The validation part is drawn without regard to the targets.
    learning_rate : float, default=0.01
        Constant.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of float64, shape (n_targets,)
        Predictions are ``outputs * target_scale_ + target_mean_``.
    n_targets_ : int
    flat_targets_ : bool
        Whether y had one dimension, so that predictions have.
    network_, history_, pretrain_history_, pretrained_network_, n_epochs_, best_epoch_, seed_, n_features_in_, \
feature_names_in_
        As in `RectifierClassifier`; "training_error" and "validation_error" are mean squared errors.
    """

    _loss: ClassVar[Loss] = "squared"

    def partial_fit(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """One more epoch over these examples, on top of what was learned before; nothing is held out.

        k calls are, bit for bit, one ``fit`` with max_epochs=k and early_stopping=False. A call that diverges leaves
        the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or (n_samples, n_targets)
            The first call's mean and standard deviation are kept for standardising.
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1 over this call.

        Returns
        -------
        self
        """
        return self._one_more_epoch(X, y, sample_weight)

    def predict(self, X: Input) -> NDArray[np.float64]:
        """Predicted targets, in their own units.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of float64, shape (n_samples,) when y had one dimension, else (n_samples, n_targets)
        """
        scaled = self._outputs(X).astype(np.float64)
        values = scaled * self.target_scale_ + self.target_mean_
        return values[:, 0] if self.flat_targets_ else values

    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[np.float64]:
        values = check_array(y, dtype=np.float64, ensure_2d=False, input_name="y", allow_nd=False)
        columns = np.asarray(values.reshape(len(values), -1))
        if reset:
            self.n_targets_, self.flat_targets_ = int(columns.shape[1]), values.ndim == 1
        elif columns.shape[1] != self.n_targets_:
            raise ValueError(f"y has {columns.shape[1]} targets; the regressor was begun with {self.n_targets_}")
        return columns

    def _strata(self, y: NDArray[Any]) -> None:
        return None

    def _learn_targets(self, y: NDArray[Any], weight: Array | None) -> None:
        mean = np.average(y, axis=0, weights=weight)
        scale = np.sqrt(np.average(np.square(y - mean), axis=0, weights=weight))
        constant = scale <= 10 * np.finfo(np.float64).eps * np.abs(mean)  # what rounding leaves of a constant target
        self.target_mean_, self.target_scale_ = mean, np.where(constant, 1.0, scale)

    def _encode(self, y: NDArray[Any]) -> Array:
        scaled = (y - self.target_mean_) / self.target_scale_
        return np.ascontiguousarray(scaled, dtype=self.dtype)

    def _weigh(self, y: NDArray[Any], weight: Array | None) -> Array | None:
        return weight

    def _n_outputs(self) -> int:
        return self.n_targets_

    def _finish(self) -> Unscale:
        return Unscale(self.target_mean_, self.target_scale_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
