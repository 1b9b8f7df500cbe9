"""Classification by a softmax over the outputs of a rectifier network."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from rectinet.engine import Array
from rectinet.estimators._base import RectifierBase
from rectinet.estimators._data import Input
from rectinet.estimators._parameters import check_parameters
from rectinet.network import Signs


class RectifierClassifier(ClassifierMixin, RectifierBase):  # type: ignore[misc]
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
    class_weight : dict, "balanced" or None, default=None
        Multiplies the sample weights, in training and validation; "balanced" goes by the training part.
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

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    class_weight_ : ndarray of float64, shape (n_classes,)
    network_ : rectinet.network.Network
    history_ : list of dict
        One per epoch: "epoch", "loss", "penalty", "training_error", "density" (share of non-zero inputs of every
        layer), "zeros" (per hidden layer), "union" (rows of weights touched by a minibatch), with validation
        "validation_error" and "validation_loss", and "seconds" of that epoch alone.
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

    _loss = "softmax"

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (1000, 1000, 1000),
        activation: str = "rectifier",
        softplus_alpha: float = 1.0,
        signs: Signs = "positive",
        derivative_at_zero: float = 0.0,
        activity_l1: float | Sequence[float] = 0.0,
        activity_l1_normalization: Literal["sum", "mean"] = "sum",
        learning_rate: float = 0.01,
        batch_size: int = 10,
        max_epochs: int = 100,
        shuffle: bool = True,
        early_stopping: bool = True,
        validation_fraction: float = 0.1,
        patience: int = 10,
        class_weight: dict[Any, float] | Literal["balanced"] | None = None,
        engine: str = "auto",
        dtype: Literal["float32", "float64"] = "float32",
        n_threads: int | None = None,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: int = 0,
        checkpoint: str | os.PathLike[str] | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.softplus_alpha = softplus_alpha
        self.signs = signs
        self.derivative_at_zero = derivative_at_zero
        self.activity_l1 = activity_l1
        self.activity_l1_normalization = activity_l1_normalization
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.shuffle = shuffle
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.class_weight = class_weight
        self.engine = engine
        self.dtype = dtype
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose
        self.checkpoint = checkpoint

    def partial_fit(
        self,
        X: Input,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """One more epoch over these examples, on top of what was learned before; nothing is held out.

        k calls are, bit for bit, one ``fit`` with max_epochs=k and early_stopping=False. A call that diverges leaves
        the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
        classes : array-like of shape (n_classes,), optional
            All classes that will ever come, at the first call; default: those in its y.
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1 over this call.

        Returns
        -------
        self
        """
        check_parameters(self)
        if self.class_weight == "balanced":
            raise ValueError(
                'class_weight="balanced" cannot be told from one part of the data; for partial_fit give a dict, for '
                "example by sklearn.utils.class_weight.compute_class_weight"
            )
        if classes is not None:
            listed = np.unique(np.asarray(classes))
            if not self.__sklearn_is_fitted__():
                self._listed_classes = listed
            elif not np.array_equal(listed, self.classes_):
                raise ValueError(
                    f"classes={listed.tolist()!r} differ from those of the first call, {self.classes_.tolist()!r}"
                )
        try:
            return self._one_more_epoch(X, y, sample_weight)
        finally:
            self.__dict__.pop("_listed_classes", None)

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

    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[Any]:
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        return np.asarray(y)

    def _strata(self, y: NDArray[Any]) -> NDArray[np.int64] | None:
        return np.asarray(np.unique(y, return_inverse=True)[1], dtype=np.int64)

    def _learn_targets(self, y: NDArray[Any], weight: Array | None) -> None:
        classes = self.__dict__.get("_listed_classes")
        self.classes_ = np.unique(y) if classes is None else classes
        if len(self.classes_) < 2:
            only = self.classes_.tolist()[0]
            raise ValueError(f"a classifier needs examples of at least 2 classes; got one class, {only!r}")
        self.class_weight_ = compute_class_weight(self.class_weight, classes=self.classes_, y=y)
        if not (np.isfinite(self.class_weight_).all() and (self.class_weight_ >= 0).all()):
            raise ValueError(f"class_weight must have finite weights of at least 0; got {self.class_weight!r}")

    def _encode(self, y: NDArray[Any]) -> NDArray[np.int32]:
        codes = np.searchsorted(self.classes_, y)
        known = self.classes_[np.minimum(codes, len(self.classes_) - 1)] == y
        if not known.all():
            unknown = np.unique(y[~known]).tolist()
            raise ValueError(f"y has the unknown class {unknown[0]!r}; the classes are {self.classes_.tolist()!r}")
        return codes.astype(np.int32)

    def _weigh(self, y: NDArray[Any], weight: Array | None) -> Array | None:
        if self.class_weight is None:
            return weight
        per_example: Array = self.class_weight_[np.searchsorted(self.classes_, y)]
        return per_example if weight is None else per_example * weight

    def _n_outputs(self) -> int:
        return len(self.classes_)

    def _unscale(self) -> None:
        return None
