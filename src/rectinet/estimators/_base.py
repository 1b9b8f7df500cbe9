"""What classifiers and regressors share: from arrays to a trained network and back to codes and files."""

from __future__ import annotations

import os
import warnings
from abc import ABCMeta, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, vstack
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted, validate_data

from rectinet import sparsity, training
from rectinet.activations import Activation
from rectinet.engine import Array, Engine, Examples, Loss, Matrix, Objective, get_engine
from rectinet.errors import DivergenceError
from rectinet.estimators import _checkpoint, _files, _watch
from rectinet.estimators._callbacks import Callbacks, out_of_patience
from rectinet.estimators._data import canonical, check_weights, hold_out, normalised
from rectinet.estimators._parameters import check_parameters, hidden_sizes
from rectinet.estimators.predictor import Predictor
from rectinet.network import Network, initialise
from rectinet.randomness import Purpose, root_seed, stream
from rectinet.training import Settings, State, Supervised

CODED_ROWS = 4096  # examples whose codes are held dense at once


class RectifierBase(  # type: ignore[misc]  # scikit-learn has no types
    CallbackSupportMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator, metaclass=ABCMeta
):
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
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        X_val: ArrayLike | None = None,
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
            When training was interrupted by Ctrl-C (the estimator is usable), or when there were too few examples to
            hold some out for early stopping.
        """
        check_parameters(self)
        self.__dict__.pop("network_", None)
        X, y, weight = self._check_examples(X, y, sample_weight, reset=True)
        given = self._check_validation(X_val, y_val)
        resumed = None
        identity: dict[str, Any] = {}
        if self.checkpoint is not None:
            identity = _checkpoint.identity(self, X, y, weight, given)
            resumed = _checkpoint.resume(self.checkpoint, identity)
        self.seed_ = root_seed(self.random_state) if resumed is None else resumed.seed
        identity["seed"] = self.seed_

        X, y, weight, validation = self._split(X, y, weight, given)
        self._learn_targets(y, weight)
        examples = self._examples(X, y, weight)
        held_out = None if validation is None else self._examples(*validation)
        network = self._initialise() if resumed is None else resumed.network
        state = State() if resumed is None else resumed.state

        patience = self.patience if self.early_stopping and held_out is not None else None
        settings = self._settings(self.max_epochs, patience)
        task = Supervised(network, examples, self._objective(), self._engine(), held_out)
        checkpointer = None
        if self.checkpoint is not None:
            checkpointer = _watch.Checkpointer(self.checkpoint, network, identity)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._train(task, settings, state, checkpointer, {"X": X, "y": y, "metadata": metadata})
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """One more epoch over these examples, on top of what was learned before; nothing is held out.

        k calls are, bit for bit, one ``fit`` with max_epochs=k and early_stopping=False. A call that diverges leaves
        the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), regressors also (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), optional

        Returns
        -------
        self
        """
        return self._one_more_epoch(X, y, sample_weight)

    def _one_more_epoch(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None) -> Self:
        check_parameters(self)
        first = not self.__sklearn_is_fitted__()
        X, y, weight = self._check_examples(X, y, sample_weight, reset=first)
        if first:
            self.seed_ = root_seed(self.random_state)
            self._learn_targets(y, weight)
            network, state = self._initialise(), State()
        else:
            network, state = self.network_.copy(), State(epoch=self.n_epochs_, history=list(self.history_))
        settings = self._settings(state.epoch + 1, patience=None)
        task = Supervised(network, self._examples(X, y, weight), self._objective(), self._engine())
        with _watch.deferred_interrupt() as interrupt, np.errstate(over="ignore", invalid="ignore"):
            training.fit(task, settings, state, _watch.watcher(interrupt, None, None, None))
        self._keep(network, state)
        self._warn_if_interrupted(interrupt)
        return self

    def _train(
        self,
        task: Supervised,
        settings: Settings,
        state: State,
        checkpointer: _watch.Checkpointer | None,
        data: dict[str, Any],
    ) -> None:
        """Run the training loop with all who look on, and keep what came of it."""
        steps_per_epoch = -(-task.n_examples // settings.batch_size)
        if out_of_patience(settings, state):  # resumed after the last epoch of a run that had stopped early
            settings = self._settings(state.epoch, settings.patience)
        try:
            with (
                Callbacks(self, task.network, settings, state, data) as callbacks,
                _watch.progress_bar(bool(self.verbose), settings.max_epochs, steps_per_epoch) as show,
                _watch.deferred_interrupt() as interrupt,
                np.errstate(over="ignore", invalid="ignore"),  # what is not finite is a DivergenceError
            ):
                watch = _watch.watcher(interrupt, checkpointer, show, callbacks.end_of_epoch)
                training.fit(task, settings, state, watch)
        except DivergenceError:
            self.history_, self.n_epochs_, self.best_epoch_ = state.history, state.epoch, state.best_epoch
            if state.best is not None:
                self._keep(task.network, state)
            raise
        self._keep(task.network, state)
        self._warn_if_interrupted(interrupt)

    def _keep(self, network: Network, state: State) -> None:
        self.network_ = network
        self.history_ = state.history
        self.n_epochs_ = state.epoch
        self.best_epoch_ = state.best_epoch

    def _warn_if_interrupted(self, interrupt: _watch.Interrupt) -> None:
        if interrupt.requested:
            warnings.warn(
                f"training was interrupted after {self.n_epochs_} whole epochs; the estimator is usable as it is",
                UserWarning,
                stacklevel=4,
            )

    # -- pieces of fitting --------------------------------------------------------------------------------------------

    def _check_examples(
        self, X: ArrayLike, y: ArrayLike | None, sample_weight: ArrayLike | None, reset: bool
    ) -> tuple[Matrix, NDArray[Any], Array | None]:
        """Training examples of positive weight."""
        X, y = validate_data(
            self, X, y, reset=reset, accept_sparse="csr", dtype=self.dtype, order="C", multi_output=True
        )
        X, y = canonical(X), self._check_targets(y, reset)
        weight = check_weights(sample_weight, X)
        if weight is not None and not weight.all():
            useful = np.flatnonzero(weight)
            X, y, weight = X[useful], y[useful], weight[useful]
        return X, y, weight

    def _check_validation(self, X_val: ArrayLike | None, y_val: ArrayLike | None) -> tuple[Matrix, NDArray[Any]] | None:
        if (X_val is None) != (y_val is None):
            missing = "y_val" if y_val is None else "X_val"
            raise ValueError(f"X_val and y_val go together; {missing} is missing")
        if X_val is None:
            return None
        X_val, y_val = validate_data(
            self, X_val, y_val, reset=False, accept_sparse="csr", dtype=self.dtype, order="C", multi_output=True
        )
        return canonical(X_val), self._check_targets(y_val, reset=False)

    def _split(
        self, X: Matrix, y: NDArray[Any], weight: Array | None, given: tuple[Matrix, NDArray[Any]] | None
    ) -> tuple[Matrix, NDArray[Any], Array | None, tuple[Matrix, NDArray[Any], Array | None] | None]:
        """Training examples, and validation examples: the given ones, or some held out."""
        if given is not None:
            return X, y, weight, (*given, None)
        if not self.early_stopping:
            return X, y, weight, None
        rows = hold_out(len(y), self._strata(y), self.validation_fraction, self.seed_)
        if rows is None:
            return X, y, weight, None
        train, held = rows
        parts = [(X[part], y[part], None if weight is None else weight[part]) for part in (train, held)]
        return *parts[0], parts[1]

    def _examples(self, X: Matrix, y: NDArray[Any], weight: Array | None) -> Examples:
        return Examples(X, self._encode(y), normalised(self._weigh(y, weight), self.dtype))

    def _initialise(self) -> Network:
        sizes = (self.n_features_in_, *hidden_sizes(self), self._n_outputs())
        activation = Activation(self.activation, float(self.softplus_alpha), float(self.derivative_at_zero))
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

    def _inputs(self, X: ArrayLike) -> Matrix:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, accept_sparse="csr", dtype=self.network_.dtype, order="C")
        return canonical(X)

    def _outputs(self, X: ArrayLike) -> Array:
        """Raw outputs of the network, shape (n_samples, n_outputs)."""
        inputs = self._inputs(X)
        return self._engine().outputs(self.network_, inputs)

    def transform(self, X: ArrayLike, layer: int = -1) -> Array | csr_array:
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

    def sparsity(self, X: ArrayLike) -> NDArray[np.float64]:
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
        return Predictor(self.network_, self._finish(), self.engine, self.n_threads)

    @abstractmethod
    def _finish(self) -> Any:
        """From raw outputs of one example to what `predictor` answers."""

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

    @property
    def _n_features_out(self) -> int:
        """Columns of ``transform(X)``."""
        return self.network_.layers[-1].n_in

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
