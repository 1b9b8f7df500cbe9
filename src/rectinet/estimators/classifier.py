"""Classification by a softmax over the outputs of a rectifier network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import ClassifierMixin

from rectinet.engine import Array
from rectinet.estimators._data import Input
from rectinet.estimators._softmax import SoftmaxBase


class RectifierClassifier(ClassifierMixin, SoftmaxBase):  # type: ignore[misc]
    """A deep sparse rectifier network that tells classes apart (Glorot, Bordes and Bengio 2011).

    Plain minibatch gradient descent at a constant rate on the negative log-likelihood of a softmax over one output
    per class, two for binary problems. Weights that leave a unit which is off are neither read nor changed.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(1000, 1000, 1000)
        Units per hidden layer; () is multinomial logistic regression.
    activation : {"rectifier", "softplus", "tanh", "logistic", "linear"}, default="rectifier"
        Hidden units.
    softplus_alpha : float, default=1.0
        Sharpness of softplus units, (1 / alpha) log(1 + e^(alpha z)); the rectifier is the limit.
    signs : {"positive", "balanced", "random"}, default="positive"
        "balanced": exactly half the units of every hidden layer answer -f(z) (section 3.3); "random": each with
        probability 1/2.
    derivative_at_zero : {0, 1}, default=0
        Derivative of the rectifier at z = 0; 1 needs engine="reference".
    activity_l1 : float or sequence of float, default=0.0
        Coefficient of sum |h| over the hidden units of an example, one for all layers or one each. With "sum",
        1e-4 is a mild choice for layers of 1000 units.
    activity_l1_normalization : {"sum", "mean"}, default="sum"
        "mean" takes the mean over the units of a layer instead of the sum.
    learning_rate : float, default=0.01
        Constant. On data scaled to unit range 0.1 often works better.
    batch_size : int, default=10
        Examples per step.
    max_epochs : int, default=100
    shuffle : bool, default=True
        Whether every epoch visits the examples in a new order.
    early_stopping : bool, default=True
        Validate after every epoch, on `X_val` or on a part held out; stop after `patience` epochs without a better
        validation error (ties: smaller validation loss), and keep the best parameters. Too few examples to hold some
        out: a warning, and all epochs on all examples.
    validation_fraction : float, default=0.1
        Share of every class that is held out.
    patience : int, default=10
        Epochs.
    pretrain_epochs : int or sequence of int, default=0
        Epochs of unsupervised pre-training of every hidden layer in turn, as a denoising auto-encoder (section 3.2),
        before labels are looked at; 0 is none. This and the next six may be one value, or a sequence of one per layer.
    pretrain_learning_rate : float or "auto", default=0.01
        "auto" tries 0.1, 0.01, 0.001 and 0.0001 for every layer in short runs, and takes the one with the lowest
        reconstruction error on held-out examples.
    corruption : {"masking", "salt_and_pepper", "gaussian", "none"}, default="masking"
        Noise on a layer's input. One "salt_and_pepper" for all layers means masking above the first.
    corruption_level : float or (float, float), default=0.25
        Probability that an input becomes 0, or standard deviation of the Gaussian. Salt and pepper turns zeros of the
        clean input to 1 with probability level x density of X; in a sequence a pair (p_zero, p_one) says otherwise.
    reconstruction : {"softplus", "sigmoid", "linear", "rectifier"}, default="softplus"
        Output unit of the auto-encoder: "sigmoid" with cross-entropy, for inputs in [0, 1] (binary words); the others
        with squared error, "linear" where inputs may be negative. Visible biases start at the data's mean.
    tied : bool, default=False
        Whether decoders are the transposed encoders.
    pretrain_activity_l1 : float or None, default=None
        None: `activity_l1`, which goes on in fine-tuning.
    sampled_reconstruction : float, "auto" or None, default="auto"
        Share of the zeros of an input that are reconstructed, drawn anew for every example and weighted so that the
        gradient is right on average (Dauphin et al. 2011); None: all. "auto": 0.1 where the layer's input is sparse
        (the first layer, when X is), else None. May be one per layer, too.
    pretrain_batch_size : int or None, default=None
        None: `batch_size`. 100 is several times faster on large data and wants a rate about three times higher.
    code_scaling : {"auto", "none", "global", "per-unit"}, default="auto"
        Divide a trained layer's codes by their largest value, of all units or of each, folded into its weights, before
        the next layer is trained on them. "auto": per unit where that layer's reconstruction is "sigmoid" and the
        units are rectifiers, else none.
    reconstruction_target : {"code", "pre-activation"}, default="code"
        What layers above the first reconstruct with "linear": the code below after or before its nonlinearity.
    pretrain_decay_from : float, default=1.0
        Share of a layer's pre-training after which the rate falls linearly to 0; 1 keeps it constant.
    output_init : {"uniform", "zeros"}, default="uniform"
        Weights of the output layer at the start. "zeros" suits fine-tuning on few labels.
    engine : {"auto", "native", "reference"}, default="auto"
        "auto" is the native engine; "reference" plain NumPy, for comparison.
    dtype : {"float32", "float64"}, default="float32"
        Of parameters and computation.
    n_threads : int or None, default=None
        None means 1. Results do not depend on it.
    random_state : int, numpy generator or None, default=None
        Seeds initialisation, order of examples and the validation split. An int gives the same result every time.
    verbose : int, default=0
        1 shows a progress bar.
    checkpoint : path or None, default=None
        A file written at the end of every epoch, every half minute and on Ctrl-C. When it exists, `fit` goes on where
        it stands and ends with the bytes of a fit that was never stopped; parameters and data must be the same (but
        for max_epochs, verbose and n_threads). The file stays: delete it before another fit.

    class_weight : dict, "balanced" or None, default=None
        Multiplies the sample weights, in training and validation; "balanced" goes by the training part.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    class_weight_ : ndarray of float64, shape (n_classes,)
    network_ : rectinet.network.Network
    history_ : list of dict
        One per epoch: "epoch", "loss", "penalty", "training_error", "density" (share of non-zero inputs of every
        layer), "zeros" (per hidden layer), "union" (rows of weights touched by a minibatch), with validation
        "validation_error" and "validation_loss", and "seconds" of that epoch alone.
    pretrain_history_ : list of dict
        One per layer and epoch of pre-training: "layer" (0 is the first), "epoch", "learning_rate", "loss" (with the
        noise of training, sampled where it is), "penalty", "density" of the corrupted input and of its code, "zeros",
        "union", "sampled" (share of inputs reconstructed), "seconds", and "validation_error" where `pretrain` was
        given X_val.
    pretrained_network_ : rectinet.network.Network
        After `pretrain`: where `fit` begins.
    n_epochs_, best_epoch_ : int
        Epochs run, and the one (from 1) whose parameters were kept; 0 without validation: the last.
    seed_ : int
        What random_state came to.
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

    def predict(self, X: Input) -> NDArray[Any]:
        """The most probable class of every example.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,)
        """
        outputs = self._outputs(X)
        return np.asarray(self.classes_[outputs.argmax(axis=1)])

    def predict_proba(self, X: Input) -> NDArray[np.float64]:
        """Class probabilities, the softmax of the outputs.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(softmax(self._outputs(X).astype(np.float64), axis=1))

    def predict_log_proba(self, X: Input) -> NDArray[np.float64]:
        """Logarithms of the class probabilities, without underflow.

        Returns
        -------
        ndarray of float64, shape (n_samples, n_classes)
        """
        return np.asarray(log_softmax(self._outputs(X).astype(np.float64), axis=1))

    def decision_function(self, X: Input) -> Array:
        """Logits; for binary problems the difference of the two, whose logistic is the second class's probability.

        Returns
        -------
        ndarray of shape (n_samples, n_classes), or (n_samples,) for two classes
        """
        outputs = self._outputs(X)
        return np.asarray(outputs[:, 1] - outputs[:, 0]) if len(self.classes_) == 2 else outputs

    def _finish(self) -> None:
        return None
