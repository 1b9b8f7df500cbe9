"""Classification by a softmax over the outputs of a rectifier network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import ClassifierMixin

from rectinet.arrays import Array
from rectinet.estimators._inputs import Input
from rectinet.estimators._labels import ClassLabels, Labels
from rectinet.estimators._softmax import SoftmaxBase
from rectinet.runs.parameters import documented


@documented
@dataclass(eq=False, repr=False)
class RectifierClassifier(ClassifierMixin, SoftmaxBase):  # type: ignore[misc]
    """A deep sparse rectifier network for classification (Glorot, Bordes and Bengio 2011).

    Trained by plain minibatch gradient descent (no momentum) on the negative log-likelihood of a softmax with one
    output per class, two for binary problems. Weights from an inactive unit (output exactly zero) are neither read nor
    updated.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    class_weight_ : ndarray of float64, shape (n_classes,)
    network_ : rectinet.network.Network
    history_ : list of dict
        One entry per epoch: "epoch", "loss", "penalty", "training_error", "density" (share of non-zero inputs of each
        layer), "zeros" (share of exact zeros in each hidden layer), "union" (share of each layer's weight rows that a
        minibatch touches), "seconds" for that epoch alone and, with validation, "validation_error" and
        "validation_loss".
    pretrain_history_ : list of dict
        One entry per layer and epoch of pre-training: "layer" (0 is the first), "epoch", "learning_rate", "loss" (on
        corrupted inputs; estimated where the reconstruction is sampled), "penalty", "density" of the corrupted input
        and of its code, "zeros", "union", "sampled" (share of inputs reconstructed), "seconds", and "validation_error"
        if `pretrain` was given X_val.
    pretrained_network_ : rectinet.network.Network
        The network trained by `pretrain`, from which `fit` starts.
    n_epochs_, best_epoch_ : int
        Number of epochs run, and the epoch (from 1) whose parameters were kept; 0 without validation, when the last
        parameters are kept.
    seed_ : int
        The seed taken or drawn from `random_state`.
    n_features_in_ : int
    feature_names_in_ : ndarray of str

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rectinet import RectifierClassifier
    >>> X, y = load_digits(return_X_y=True)
    >>> clf = RectifierClassifier((100, 100), learning_rate=0.1, random_state=0).fit(X / 16, y)
    >>> clf.sparsity(X / 16)  # doctest: +SKIP
    """

    _labels: ClassVar[Labels] = ClassLabels()

    def predict_proba(self, X: Input) -> NDArray[np.float64]:
        """Class probabilities: the softmax of the outputs.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(softmax(self._outputs(X)[1].astype(np.float64), axis=1))

    def predict_log_proba(self, X: Input) -> NDArray[np.float64]:
        """Logarithms of the class probabilities, computed without underflow.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(log_softmax(self._outputs(X)[1].astype(np.float64), axis=1))

    def decision_function(self, X: Input) -> Array:
        """Logits; for two classes the second logit minus the first, the log-odds of the second class.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
        """
        _, outputs = self._outputs(X)
        return np.asarray(outputs[:, 1] - outputs[:, 0]) if outputs.shape[1] == 2 else outputs
