"""What classifiers and regressors share: from arrays to a trained network."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted, validate_data

from rectinet.engine import Array, Examples, Loss, Matrix, Objective
from rectinet.estimators import _checkpoint
from rectinet.estimators._checkpoint import Start
from rectinet.estimators._coder import Coder
from rectinet.estimators._data import Input, canonical, check_weights, hold_out, normalised, stacked
from rectinet.estimators._fields import RectifierParameters
from rectinet.estimators._parameters import check_parameters, hidden_sizes
from rectinet.estimators._plan import Wishes, per_layer, plan, warn_of_negative_inputs
from rectinet.estimators._pretrain import run_pretraining
from rectinet.estimators._run import train, train_one_epoch
from rectinet.estimators._watch import Checkpointer
from rectinet.estimators.predictor import Expect, Predictor, Unscale
from rectinet.network import Network
from rectinet.pretraining import LayerSettings, PretrainingState
from rectinet.randomness import root_seed
from rectinet.training import Settings, State, Supervised

Part = tuple[Matrix, NDArray[Any], Array | None]  # inputs, targets, weights


class RectifierBase(CallbackSupportMixin, RectifierParameters, Coder, ABC):  # type: ignore[misc]
    """Fitting; subclasses say what targets and outputs mean."""

    _loss: ClassVar[Loss]

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
        X_unlabeled: Input | None = None,
    ) -> Self:
        """Train a new network, pre-training its hidden layers first when asked.

        With `pretrained_network_`, which `pretrain` left, training begins from there. Without it, and with
        pretrain_epochs > 0, the hidden layers are pre-trained on the training examples and `X_unlabeled` together;
        examples that are held out take no part.

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
        X_unlabeled : {array-like, sparse matrix} of shape (n_unlabelled, n_features), optional
            Further examples for pre-training; sparse if X is.

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
        KeyboardInterrupt
            On Ctrl-C during pre-training, with the checkpoint written.

        Warns
        -----
        UserWarning
            When training was interrupted by Ctrl-C (the estimator is usable), when X has values that the
            reconstruction cannot answer with, when there were too few examples to
            hold some out for early stopping, and when a hidden layer ended up silent, as happens to rectifiers on
            features that were not scaled.
        """
        check_parameters(self)
        self.__dict__.pop("network_", None)
        inputs, targets, weight, unlabelled = self._check_examples(X, y, sample_weight, reset=True)
        given = self._check_validation(X_val, y_val)
        pretrained = self._check_pretrained()
        more = self._check_unlabelled(X_unlabeled, unlabelled, inputs)
        begun, identity = None, {}
        if self.checkpoint is not None:
            identity = _checkpoint.identity(self, inputs, targets, weight, *(given or ()), more, pretrained)
            begun = _checkpoint.resume(self.checkpoint, identity)
        self.seed_ = root_seed(self.random_state) if begun is None else begun.seed

        training_part, validation_part = self._split(inputs, targets, weight, given)
        self._learn_targets(*training_part[1:])
        start = begun or self._start(pretrained)
        checkpointer = None
        if self.checkpoint is not None:
            checkpointer = Checkpointer(self.checkpoint, start.network, identity | {"seed": self.seed_})
        self._pretrain_first(start, training_part[0], more, checkpointer)

        examples = self._examples(*training_part)
        held_out = None if validation_part is None else self._examples(*validation_part)
        patience = self.patience if self.early_stopping and held_out is not None else None
        settings = self._settings(self.max_epochs, patience)
        task = self._task(start.network, examples, held_out)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        train(self, task, settings, start.state, checkpointer, {"X": X, "y": y, "metadata": metadata})
        return self

    def pretrain(self, X: Input, X_val: Input | None = None) -> Self:
        """Pre-train the hidden layers, without labels; `fit` then fine-tunes from there, as often as it is called.

        The result is `pretrained_network_`. It is kept by `save`, and lost by scikit-learn's `clone`; delete it to
        have `fit` begin anew. A `checkpoint` is written, and resumed, under the same name with ".pretrain" added.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        X_val : {array-like, sparse matrix}, optional
            Examples whose reconstruction error is measured after every epoch; every layer keeps its best epoch.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a parameter or X that cannot be used, and when pretrain_epochs or hidden_layer_sizes ask for nothing.
        DivergenceError
        KeyboardInterrupt
            On Ctrl-C, with the checkpoint written.
        """
        check_parameters(self)
        if not self._pretrains():
            raise ValueError(
                f"there is nothing to pre-train with pretrain_epochs={self.pretrain_epochs!r} and hidden_layer_sizes="
                f"{self.hidden_layer_sizes!r}; both must be more than 0"
            )
        for name in ("network_", "pretrained_network_"):
            self.__dict__.pop(name, None)
        inputs = self._check_inputs(X, reset=True)
        held_out = None if X_val is None else self._check_inputs(X_val, reset=False)
        begun, path, checkpointer = None, None, None
        if self.checkpoint is not None:
            path = os.fspath(self.checkpoint) + ".pretrain"
            identity = _checkpoint.identity(self, inputs, held_out)
            begun = _checkpoint.resume(path, identity)
        self.seed_ = root_seed(self.random_state) if begun is None else begun.seed
        start = begun or Start(self._initialise(1), self.seed_, pretraining=PretrainingState())
        if path is not None:
            checkpointer = Checkpointer(path, start.network, identity | {"seed": self.seed_})
        state, layers = start.pretraining or PretrainingState(), self._plan(inputs)
        warn_of_negative_inputs(layers, inputs, stacklevel=3)
        run_pretraining(self, start.network, inputs, layers, state, checkpointer, X_val=held_out)
        start.network.layers[-1].W[...] = 0  # no output layer yet
        self.pretrained_network_ = start.network
        return self

    def _one_more_epoch(self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None) -> Self:
        """What `partial_fit` does."""
        check_parameters(self)
        first = not self.__sklearn_is_fitted__()
        if not first:
            self._check_same_network()
        inputs, targets, weight, _ = self._check_examples(X, y, sample_weight, reset=first)
        if first:
            self.seed_ = root_seed(self.random_state)
            self._learn_targets(targets, weight)
            network, state = self._start(self._check_pretrained()).network, State()
        else:
            network, state = self.network_.copy(), State(epoch=self.n_epochs_, history=list(self.history_))
        settings = self._settings(state.epoch + 1, patience=None)
        task = self._task(network, self._examples(inputs, targets, weight), None)
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
    ) -> tuple[Matrix, NDArray[Any], Array | None, Matrix | None]:
        """Training examples of positive weight; last, the inputs of those that have no label."""
        inputs, targets = self._check_pair(X, y, reset)
        weight = check_weights(sample_weight, inputs)
        if weight is not None and not weight.all():
            useful = np.flatnonzero(weight)
            inputs, targets, weight = inputs[useful], targets[useful], weight[useful]
        return inputs, targets, weight, None

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

    # -- where the network comes from ---------------------------------------------------------------------------------

    def _pretrains(self) -> bool:
        """Whether pre-training is asked for."""
        n_hidden = len(hidden_sizes(self))
        return any(epochs > 0 for epochs in per_layer(self.pretrain_epochs, n_hidden))

    def _check_pretrained(self) -> Network | None:
        """The network that `pretrain` left, or an error when it is no longer the one the parameters ask for."""
        found: Network | None = self.__dict__.get("pretrained_network_")
        if found is None:
            return None
        now = (self.n_features_in_, hidden_sizes(self), self.activation, self.dtype)
        units = found.layers[0].activation.name
        was = (found.n_inputs, tuple(layer.n_out for layer in found.hidden), units, found.dtype.name)
        names = ("the number of features", "hidden_layer_sizes", "activation", "dtype")
        for name, mine, theirs in zip(names, now, was, strict=True):
            if mine != theirs:
                raise ValueError(
                    f"pretrained_network_ was made with {name}={theirs!r}; got {mine!r}. Call pretrain again, or "
                    "delete pretrained_network_ to begin anew"
                )
        return found

    def _check_unlabelled(self, X_unlabeled: Input | None, unlabelled: Matrix | None, X: Matrix) -> Matrix | None:
        """Further examples for pre-training: those given for it, and those that stood among X without a label."""
        pretrained = "pretrained_network_" in self.__dict__
        if X_unlabeled is None and (unlabelled is None or pretrained):
            return None
        if pretrained:
            raise ValueError(
                "X_unlabeled is for pre-training, which has been done: leave it out, or call pretrain on all examples, "
                "or delete pretrained_network_ to have fit pre-train anew"
            )
        if not self._pretrains():
            raise ValueError(
                "unlabelled examples are for pre-training, and there is none with pretrain_epochs="
                f"{self.pretrain_epochs!r} and hidden_layer_sizes={self.hidden_layer_sizes!r}: both must be more than "
                "0, pretrain_epochs=10 to begin with"
            )
        if X_unlabeled is None:
            return unlabelled
        more = self._check_inputs(X_unlabeled, reset=False)
        if issparse(more) != issparse(X):
            kinds = ("a sparse matrix", "a dense array")
            one, other = kinds if issparse(X) else kinds[::-1]
            raise ValueError(f"X and X_unlabeled must be of one kind; X is {one}, X_unlabeled {other}")
        return more if unlabelled is None else stacked(unlabelled, more)

    def _start(self, pretrained: Network | None) -> Start:
        """A network as it is drawn, with the pre-trained hidden layers where there are some."""
        network = self._initialise(self._n_outputs())
        if self.output_init == "zeros":
            network.layers[-1].W[...] = 0
        if pretrained is not None:
            network = Network((*pretrained.copy().hidden, network.layers[-1]))
        wanted = pretrained is None and self._pretrains()
        return Start(network, self.seed_, pretraining=PretrainingState() if wanted else None)

    def _pretrain_first(self, start: Start, X: Matrix, more: Matrix | None, checkpointer: Checkpointer | None) -> None:
        """Pre-train where the start asks for it."""
        if start.pretraining is not None:
            X = X if more is None else stacked(X, more)
            layers = self._plan(X)
            warn_of_negative_inputs(layers, X, stacklevel=5)
            run_pretraining(self, start.network, X, layers, start.pretraining, checkpointer)
        elif "pretrained_network_" not in self.__dict__:
            self.pretrain_history_ = start.pretrain_history
        if checkpointer is not None:
            checkpointer.pretrain_history = self.pretrain_history_

    def _plan(self, X: Matrix) -> tuple[LayerSettings, ...]:
        """How every layer is pre-trained."""
        l1 = self.activity_l1 if self.pretrain_activity_l1 is None else self.pretrain_activity_l1
        wishes = Wishes(
            epochs=self.pretrain_epochs,
            learning_rate=self.pretrain_learning_rate,
            batch_size=self.batch_size if self.pretrain_batch_size is None else self.pretrain_batch_size,
            corruption=self.corruption,
            corruption_level=self.corruption_level,
            reconstruction=self.reconstruction,
            tied=self.tied,
            activity_l1=self._activity_l1(l1),
            code_scaling=self.code_scaling,
            target=self.reconstruction_target,
            sampled=self.sampled_reconstruction,
            decay_from=self.pretrain_decay_from,
        )
        return plan(wishes, self.activation, X)

    # -- training -----------------------------------------------------------------------------------------------------

    def _task(self, network: Network, examples: Examples, held_out: Examples | None) -> Supervised:
        objective = Objective(self._loss, self._activity_l1(self.activity_l1))
        return Supervised(network, examples, objective, self._engine(), held_out)

    def _settings(self, max_epochs: int, patience: int | None) -> Settings:
        return Settings(
            learning_rate=float(self.learning_rate),
            batch_size=int(self.batch_size),
            max_epochs=int(max_epochs),
            seed=self.seed_,
            shuffle=bool(self.shuffle),
            patience=patience,
        )

    # -- using the network --------------------------------------------------------------------------------------------

    def _outputs(self, X: Input) -> Array:
        """Raw outputs of the network, shape (n_samples, n_outputs)."""
        inputs = self._inputs(X)
        return self._engine().outputs(self.network_, inputs)

    def predictor(self) -> Predictor:
        """A callable for one example at a time, validated once: ``p(x)`` with x of shape (n_features,).

        It has its own copy of the parameters and does no checks beyond the shape of x.
        """
        check_is_fitted(self)
        return Predictor(self.network_, self._finish(), self.engine, self.n_threads)

    @abstractmethod
    def _finish(self) -> Unscale | Expect | None:
        """How `predictor` brings outputs to the targets' units; None for classes."""
