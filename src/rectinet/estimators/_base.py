"""What classifiers and regressors share: from arrays to a trained network and back to codes and files."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from rectinet import sparsity
from rectinet.activations import Activation
from rectinet.engine import Array, Engine, Examples, Loss, Matrix, Objective, get_engine
from rectinet.estimators import _checkpoint, _files
from rectinet.estimators._data import Input, canonical, check_weights, hold_out, normalised
from rectinet.estimators._parameters import check_parameters, hidden_sizes
from rectinet.estimators._run import train, train_one_epoch
from rectinet.estimators._watch import Checkpointer
from rectinet.estimators.predictor import Predictor, Unscale
from rectinet.network import Network, initialise
from rectinet.randomness import Purpose, root_seed, stream
from rectinet.training import Settings, State, Supervised

Part = tuple[Matrix, NDArray[Any], Array | None]  # inputs, targets, weights

CODED_ROWS: Final = 4096  # examples whose codes are held dense at once


class RectifierBase(CallbackSupportMixin, TransformerMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """Fitting, codes and files; subclasses say what targets and outputs mean."""

    _loss: Loss

    # -- what subclasses say ------------------------------------------------------------------------------------------

    @abstractmethod
    def _check_targets(self, y: ArrayLike, reset: bool) -> NDArray[Any]:
        """Targets as an array, or an error."""

    @abstractmethod
    def _strata(self, y: NDArray[Any]) -> NDArray[np.int64] | None:
        """What a validation split keeps the proportions of."""

    @abstractmethod
    def _learn_targets(self, y: NDArray[Any], weight: Array | None) -> None:
        """Take the facts about targets (classes, scales) from the training examples."""

    @abstractmethod
    def _encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """Targets as the objective wants them."""

    @abstractmethod
    def _weigh(self, y: NDArray[Any], weight: Array | None) -> Array | None:
        """Sample weights, times class weights where there are any."""

    @abstractmethod
    def _n_outputs(self) -> int: ...

    # -- fitting ------------------------------------------------------------------------------------------------------

    @with_callbacks  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Input,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: Input | None = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Finite numbers, best scaled to about unit range; converted to `dtype`, never changed.
        y : array-like of shape (n_samples,), regressors also (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1. An example of weight 0 is left out, as if it were not there.
        X_val, y_val : array-like, optional
            Examples to validate on after every epoch. With early_stopping=False all `max_epochs` are run all the
            same; the parameters that were best on them are kept either way. Without them, early_stopping=True holds
            out a stratified `validation_fraction` of the training examples.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a parameter or data that cannot be used; the message names it.
        DivergenceError
            When the loss or a parameter is not finite any more. `history_` says what happened until then; the
            parameters that were best on the validation examples, if there were any, are kept.

        Warns
        -----
        UserWarning
            When training was interrupted by Ctrl-C (the estimator is usable), when there were too few examples to
            hold some out for early stopping, and when a hidden layer ended up silent, as happens to rectifiers on
            features that were not scaled.
        """
        check_parameters(self)
        self.__dict__.pop("network_", None)
        inputs, targets, weight = self._check_examples(X, y, sample_weight, reset=True)
        given = self._check_validation(X_val, y_val)
        resumed, identity = None, {}
        if self.checkpoint is not None:
            identity = _checkpoint.identity(self, inputs, targets, weight, given)
            resumed = _checkpoint.resume(self.checkpoint, identity)
        self.seed_ = root_seed(self.random_state) if resumed is None else resumed.seed

        training_part, validation_part = self._split(inputs, targets, weight, given)
        self._learn_targets(*training_part[1:])
        examples = self._examples(*training_part)
        held_out = None if validation_part is None else self._examples(*validation_part)
        network, state = (self._initialise(), State()) if resumed is None else (resumed.network, resumed.state)

        patience = self.patience if self.early_stopping and held_out is not None else None
        settings = self._settings(self.max_epochs, patience)
        task = Supervised(network, examples, self._objective(), self._engine(), held_out)
        checkpointer = None
        if self.checkpoint is not None:
            checkpointer = Checkpointer(self.checkpoint, network, identity | {"seed": self.seed_})
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        train(self, task, settings, state, checkpointer, {"X": X, "y": y, "metadata": metadata})
        return self

    def _one_more_epoch(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None) -> Self:
        """What `partial_fit` does."""
        check_parameters(self)
        first = not self.__sklearn_is_fitted__()
        if not first:
            self._check_same_network()
        inputs, targets, weight = self._check_examples(X, y, sample_weight, reset=first)
        if first:
            self.seed_ = root_seed(self.random_state)
            self._learn_targets(targets, weight)
            network, state = self._initialise(), State()
        else:
            network, state = self.network_.copy(), State(epoch=self.n_epochs_, history=list(self.history_))
        settings = self._settings(state.epoch + 1, patience=None)
        task = Supervised(network, self._examples(inputs, targets, weight), self._objective(), self._engine())
        train_one_epoch(self, task, settings, state)
        return self

    def _check_same_network(self) -> None:
        """Parameters that shape the network cannot change between two epochs of it."""
        sizes = tuple(layer.n_out for layer in self.network_.hidden)
        for name, now, was in [
            ("hidden_layer_sizes", hidden_sizes(self), sizes),
            ("dtype", self.dtype, self.network_.dtype.name),
        ]:
            if now != was:
                raise ValueError(f"partial_fit goes on with {name}={was!r}; got {now!r}. For a new network call fit")

    # -- pieces of fitting --------------------------------------------------------------------------------------------

    def _check_examples(
        self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None, reset: bool
    ) -> tuple[Matrix, NDArray[Any], Array | None]:
        """Training examples of positive weight."""
        inputs, targets = self._check_pair(X, y, reset)
        weight = check_weights(sample_weight, inputs)
        if weight is not None and not weight.all():
            useful = np.flatnonzero(weight)
            inputs, targets, weight = inputs[useful], targets[useful], weight[useful]
        return inputs, targets, weight

    def _check_validation(self, X_val: Input | None, y_val: ArrayLike | None) -> tuple[Matrix, NDArray[Any]] | None:
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            missing = "y_val" if y_val is None else "X_val"
            raise ValueError(f"X_val and y_val go together; {missing} is missing")
        return self._check_pair(X_val, y_val, reset=False)

    def _check_pair(self, X: Input, y: ArrayLike, reset: bool) -> tuple[Matrix, NDArray[Any]]:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is refused as such
            checked, targets = validate_data(
                self, X, y, reset=reset, accept_sparse="csr", dtype=self.dtype, order="C", multi_output=True
            )
        return canonical(checked), self._check_targets(targets, reset)

    def _split(
        self, X: Matrix, y: NDArray[Any], weight: Array | None, given: tuple[Matrix, NDArray[Any]] | None
    ) -> tuple[Part, Part | None]:
        """Training examples, and validation examples: the given ones, or some held out."""
        if given is not None:
            return (X, y, weight), (*given, None)
        if not self.early_stopping:
            return (X, y, weight), None
        rows = hold_out(len(y), self._strata(y), self.validation_fraction, self.seed_)
        if rows is None:
            return (X, y, weight), None
        kept, held = ((X[part], y[part], None if weight is None else weight[part]) for part in rows)
        return kept, held

    def _examples(self, X: Matrix, y: NDArray[Any], weight: Array | None) -> Examples:
        return Examples(X, self._encode(y), normalised(self._weigh(y, weight), self.dtype))

    def _initialise(self) -> Network:
        sizes = (self.n_features_in_, *hidden_sizes(self), self._n_outputs())
        at_zero = float(self.derivative_at_zero) if self.activation == "rectifier" else 0.0
        activation = Activation(self.activation, float(self.softplus_alpha), at_zero)
        rng = stream(self.seed_, Purpose.INITIALISATION)
        return initialise(sizes, activation, signs=self.signs, rng=rng, dtype=self.dtype)

    def _objective(self) -> Objective:
        sizes = hidden_sizes(self)
        coefficients = np.broadcast_to(np.asarray(self.activity_l1, dtype=float), len(sizes))
        per_unit = sizes if self.activity_l1_normalization == "mean" else (1,) * len(sizes)
        return Objective(self._loss, tuple(float(c) / n for c, n in zip(coefficients, per_unit, strict=True)))

    def _settings(self, max_epochs: int, patience: int | None) -> Settings:
        return Settings(
            learning_rate=float(self.learning_rate),
            batch_size=int(self.batch_size),
            max_epochs=int(max_epochs),
            seed=self.seed_,
            shuffle=bool(self.shuffle),
            patience=patience,
        )

    def _engine(self) -> Engine:
        return get_engine(self.engine, n_threads=self.n_threads)

    # -- using the network --------------------------------------------------------------------------------------------

    def _inputs(self, X: Input) -> Matrix:
        check_is_fitted(self)
        with np.errstate(over="ignore"):
            checked = validate_data(self, X, reset=False, accept_sparse="csr", dtype=self.network_.dtype, order="C")
        return canonical(checked)

    def _outputs(self, X: Input) -> Array:
        """Raw outputs of the network, shape (n_samples, n_outputs)."""
        inputs = self._inputs(X)
        return self._engine().outputs(self.network_, inputs)

    def transform(self, X: Input, layer: int = -1) -> Array | csr_array:
        """Codes: the outputs of a hidden layer, signs applied.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int, default=-1
            Which hidden layer; 0 is the first, -1 the last.

        Returns
        -------
        codes : csr_array or ndarray of shape (n_samples, n_units), of the network's dtype
            CSR where the unit has exact zeros (the rectifier), dense otherwise.
        """
        inputs = self._inputs(X)
        n_hidden = len(self.network_.hidden)
        if not -n_hidden <= layer < n_hidden:
            raise ValueError(f"layer must lie in [{-n_hidden}, {n_hidden}) for {n_hidden} hidden layers; got {layer!r}")
        engine, k = self._engine(), layer % n_hidden
        pieces = [
            engine.hidden(self.network_, inputs[start : start + CODED_ROWS], k)
            for start in range(0, inputs.shape[0], CODED_ROWS)
        ]
        if self.network_.layers[k].activation.exact_zeros:
            return csr_array(vstack([csr_array(piece) for piece in pieces], format="csr"))
        return np.concatenate(pieces)

    def sparsity(self, X: Input) -> NDArray[np.float64]:
        """Fraction of exact zeros in every hidden layer over these examples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_hidden_layers,)
        """
        inputs = self._inputs(X)
        return sparsity.zeros(self._engine(), self.network_, inputs)

    def predictor(self) -> Predictor:
        """A callable for one example at a time, validated once: ``p(x)`` with x of shape (n_features,).

        It has its own copy of the parameters and does no checks beyond the shape of x.
        """
        check_is_fitted(self)
        return Predictor(self.network_, self._unscale(), self.engine, self.n_threads)

    @abstractmethod
    def _unscale(self) -> Unscale | None:
        """How `predictor` brings outputs to the targets' units; None for classes."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted estimator to a file that `rectinet.load` reads; never with pickle.

        Equal estimators make byte-equal files: wall-clock seconds are left out of the history, and so is the path of
        the checkpoint. A generator given as random_state is replaced by the seed drawn from it.

        Parameters
        ----------
        path : str or path-like
            Replaced only when the new file is complete.

        Raises
        ------
        OSError
            When the file cannot be written; what stood at `path` is untouched.
        """
        check_is_fitted(self)
        _files.save(self, path)

    # -- scikit-learn -------------------------------------------------------------------------------------------------

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Names of the columns of ``transform(X)``: "rectifierclassifier0", ...

        Parameters
        ----------
        input_features : array-like of str, optional
            Checked against the names or the number of features seen in `fit`, and not used.
        """
        check_is_fitted(self)
        _check_feature_names_in(self, input_features, generate_names=False)
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{k}" for k in range(self.network_.layers[-1].n_in)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Pickles and deep copies lose the padded layout of the weights; give it back."""
        super().__setstate__(state)
        if "network_" in state:
            self.network_ = state["network_"].copy()
