"""What classifiers and regressors share: parameters become a configuration, an outcome becomes attributes."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.utils.validation import check_is_fitted

from rectinet.arrays import Array, Matrix
from rectinet.encoders.scaling import Scaler
from rectinet.errors import DivergenceError
from rectinet.estimators._callbacks import Callbacks
from rectinet.estimators._explainable import Explainable
from rectinet.estimators._exportable import Exportable
from rectinet.estimators._fitted import Fitted, fact
from rectinet.estimators._inputs import Input, Inputs, check_weights
from rectinet.estimators._labels import Labels
from rectinet.estimators._pruning import compare_predictions
from rectinet.estimators._rescalable import Rescalable
from rectinet.estimators.predictor import Predictor
from rectinet.inside.attribution import check_finite
from rectinet.inside.pruning import Comparison
from rectinet.network import Network
from rectinet.randomness import root_seed
from rectinet.runs import Configuration, Data, Outcome, Part, run
from rectinet.runs.data import stacked
from rectinet.runs.parameters import RectifierParameters
from rectinet.runs.run import fresh, one_epoch
from rectinet.runs.supervised import outputs_of
from rectinet.runs.targets import Labels as LabelArray
from rectinet.runs.targets import learn_targets
from rectinet.stored import Stored, is_sparse, rows_of
from rectinet.wording import setting


@dataclass(eq=False, repr=False)
class RectifierBase(CallbackSupportMixin, RectifierParameters, Explainable, Exportable, Rescalable):  # type: ignore[misc]
    """Fitting and predicting."""

    _labels: ClassVar[Labels]

    n_iter_ = fact(lambda fitted: fitted.outcome.n_epochs, "Epochs run, by the name that scikit-learn's networks have.")
    loss_curve_ = fact(
        lambda fitted: [entry["loss"] for entry in fitted.outcome.history], "Training loss of every epoch."
    )
    best_loss_ = fact(
        lambda fitted: min((entry["loss"] for entry in fitted.outcome.history), default=None), "The lowest of them."
    )
    coefs_ = fact(lambda fitted: [read_only(layer.W) for layer in fitted.network.layers], "Weights, layer by layer.")
    intercepts_ = fact(
        lambda fitted: [read_only(layer.b) for layer in fitted.network.layers], "Biases, layer by layer."
    )
    history_ = fact(lambda fitted: fitted.outcome.history, "One entry per epoch of training.")
    n_epochs_ = fact(lambda fitted: fitted.outcome.n_epochs, "Epochs run.")
    learning_rate_ = fact(
        lambda fitted: None if fitted.outcome.plan is None else fitted.outcome.plan.rate,
        "The rate that training began with; None in a model of version 0.1.",
    )
    trials_ = fact(
        lambda fitted: [] if fitted.outcome.plan is None else fitted.outcome.plan.trials,
        "One entry for every learning rate that was tried; none where it was given.",
    )
    best_epoch_ = fact(
        lambda fitted: fitted.outcome.best_epoch,
        "The epoch, from 1, whose parameters were kept; 0 without validation: the last.",
    )

    @property
    def pretrained_network_(self) -> Network:
        """The network that `pretrain` left, from which `fit` starts. Delete it to have `fit` begin anew."""
        if self._pretrained is None:
            raise AttributeError(f"this {type(self).__name__} has no pretrained_network_: call pretrain first")
        return self._pretrained.network

    @pretrained_network_.deleter
    def pretrained_network_(self) -> None:
        self._pretrained = None

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
        """Train a new network, after pre-training its hidden layers where `pretrain_epochs` says so.

        With `pretrained_network_`, which `pretrain` left, training begins from there. Without it, and with
        pretrain_epochs > 0, the hidden layers are pre-trained on the training examples and `X_unlabeled` together;
        held-out examples are not used. A fit that fails leaves the estimator as it was before.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Finite numbers, best scaled to about unit range; converted to `dtype`, never changed. Or on disk, where it
            is read in place: a memory-mapped array, `rectinet.datasets.shards(paths)`, or a list of paths.
        y : array-like of shape (n_samples,), regressors also (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1. An example of weight 0 is left out.
        X_val, y_val : array-like, optional
            Examples to validate on after every epoch. The parameters that were best on them are kept, even with
            early_stopping=False, when all `max_epochs` are run. Without them, early_stopping=True holds
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
            When the loss or a parameter is not finite any more. Its `history` says what happened until then; its
            `best_model` is an estimator with the parameters that were best on the validation examples, if there were
            any.
        KeyboardInterrupt
            On Ctrl-C during pre-training, with the checkpoint written.

        Warns
        -----
        UserWarning
            When training was interrupted by Ctrl-C (the estimator is usable), when X has values that the
            reconstruction cannot give back, when there were too few examples to hold some out for early stopping, and
            when a hidden layer ended up silent, as happens to rectifiers on features that were not scaled, or the loss
            far above that of a constant prediction. The message names the remedy.
        """
        configuration = self._configuration()
        self._check_seed()
        inputs, train, unlabelled = self._training_part(None, X, y, sample_weight)
        if not len(train):
            raise ValueError(
                "y has no labelled example: every label is -1 or None (or missing in another way), or has weight 0"
            )
        validation = self._validation_part(inputs, X_val, y_val)
        more = self._unlabelled(configuration, inputs, train.X, X_unlabeled, unlabelled)
        known = self._fitted.targets if self.warm_start and self._fitted is not None else None
        start = self._start(configuration, inputs)
        data = Data(train, validation, unlabeled=more, start=start, targets=known)
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        try:
            with Callbacks(self, inputs, {"X": X, "y": y, "metadata": metadata}) as callbacks:
                outcome = run(configuration, data, checkpoint=self.checkpoint, watch=callbacks)
        except DivergenceError as error:
            error.best_model = None if error.best is None else self._like_this(Fitted(error.best, inputs))
            raise
        self._fitted = Fitted(outcome, inputs)
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
        configuration = self._configuration()
        if not configuration.pretrains:
            raise ValueError(
                f"there is nothing to pre-train with {setting('pretrain_epochs', self.pretrain_epochs)} and "
                f"{setting('hidden_layer_sizes', self.hidden_layer_sizes)}; both must be more than 0"
            )
        self._check_seed()
        inputs, train, _ = Inputs.learn(type(self).__name__, self.dtype, X, "no_validation", self.scaling)
        validation = None if X_val is None else Part(inputs.check_any(X_val)[0])
        path = None if self.checkpoint is None else os.fspath(self.checkpoint) + ".pretrain"
        outcome = run(replace(configuration, task="encode"), Data(Part(train), validation), checkpoint=path)
        self._pretrained = Fitted(replace(outcome, autoencoders=()), inputs)
        self._fitted = None
        return self

    def _one_more_epoch(
        self, X: Input, y: ArrayLike, sample_weight: ArrayLike | None, classes: LabelArray | None = None
    ) -> Self:
        """What `partial_fit` does."""
        configuration, before = self._configuration(), self._fitted
        if before is not None:
            self._check_same_network(configuration, before.network)
        inputs, train, _ = self._training_part(None if before is None else before.inputs, X, y, sample_weight)
        if before is None and not len(train) and classes is None:
            raise ValueError("the first part has no labelled example, so that its classes are unknown: give classes=")
        if before is None:
            seed, targets = root_seed(self.random_state), learn_targets(configuration, train, classes)
            start = fresh(configuration, self._start(configuration, inputs), train.X, targets, seed)
            begun = Outcome(start.network, seed, targets)
        else:
            begun = before.outcome
        # A part without a label teaches nothing, and is no reason to stop a stream of parts.
        self._fitted = Fitted(one_epoch(configuration, train, begun) if len(train) else begun, inputs)
        return self

    @staticmethod
    def _check_same_network(configuration: Configuration, network: Network) -> None:
        """Parameters that shape the network cannot change between two epochs of it."""
        sizes = tuple(layer.n_out for layer in network.hidden)
        for name, now, was in [
            ("hidden_layer_sizes", configuration.hidden_layer_sizes, sizes),
            ("dtype", configuration.dtype, network.dtype.name),
        ]:
            if now != was:
                raise ValueError(f"partial_fit goes on with {name}={was!r}; got {now!r}. For a new network call fit")

    # -- from arguments to data ---------------------------------------------------------------------------------------

    def _configuration(self) -> Configuration:
        return Configuration.of(self, self._labels.task)

    def _training_part(
        self, known: Inputs | None, X: Input, y: ArrayLike, sample_weight: ArrayLike | None
    ) -> tuple[Inputs, Part, Matrix | Stored | None]:
        """Features (those that are known, or those of X), examples of positive weight, inputs without a label."""
        y = self._labels.prepare(y)
        if known is None:
            known, checked, targets = Inputs.learn(
                type(self).__name__, self.dtype, X, y, self.scaling, sample_weight, self._known_scaler()
            )
        else:
            checked, targets = known.check_any(X, y)
        labels, labelled = self._labels.read(targets)
        weight = check_weights(sample_weight, checked)
        if labelled is None and (weight is None or weight.all()):
            return known, Part(checked, labels, weight), None
        labelled = np.ones(checked.shape[0], dtype=bool) if labelled is None else labelled
        counts = np.ones_like(labelled) if weight is None else weight > 0
        without = rows_of(checked, ~labelled & counts)
        rows = np.flatnonzero(labelled & counts)
        part = Part(rows_of(checked, rows), labels[counts[labelled]], None if weight is None else weight[rows])
        return known, part, without if without.shape[0] else None

    def _validation_part(self, inputs: Inputs, X_val: Input | None, y_val: ArrayLike | None) -> Part | None:
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            missing = "y_val" if y_val is None else "X_val"
            raise ValueError(f"X_val and y_val go together; {missing} is missing")
        checked, targets = inputs.check_any(X_val, self._labels.prepare(y_val))
        labels, labelled = self._labels.read(targets)
        return Part(checked if labelled is None else rows_of(checked, labelled), labels)

    def _unlabelled(
        self,
        configuration: Configuration,
        inputs: Inputs,
        X: Matrix | Stored,
        X_unlabeled: Input | None,
        among: Matrix | Stored | None,
    ) -> Matrix | Stored | None:
        """Further examples for pre-training: those given for it, and those `among` X without a label."""
        pretrained = self._pretrained is not None
        if X_unlabeled is None and (among is None or pretrained):
            return None
        if pretrained:
            raise ValueError(
                "X_unlabeled is for pre-training, which has been done: leave it out, or call pretrain on all examples, "
                "or delete pretrained_network_ to have fit pre-train anew"
            )
        if not configuration.pretrains:
            raise ValueError(
                "unlabelled examples are for pre-training, and there is none with "
                f"{setting('pretrain_epochs', self.pretrain_epochs)} and "
                f"{setting('hidden_layer_sizes', self.hidden_layer_sizes)}: both must be more than 0, "
                f"{setting('pretrain_epochs', 10)} to begin with"
            )
        if X_unlabeled is None:
            return among
        more = inputs.check_any(X_unlabeled)[0]
        if is_sparse(more) != is_sparse(X):
            kinds = ("a sparse matrix", "a dense array")
            one, other = kinds if is_sparse(X) else kinds[::-1]
            raise ValueError(f"X and X_unlabeled must be of one kind; X is {one}, X_unlabeled {other}")
        return more if among is None else stacked(among, more)

    def _start(self, configuration: Configuration, inputs: Inputs) -> Network | None:
        """The network to begin with, or an error when it is no longer the one the parameters ask for.

        That of the last fit for a warm start, else the one that `pretrain` left.
        """
        warm = self._fitted if self.warm_start else None
        before = warm or self._pretrained
        if before is None:
            return None
        found = before.network
        name_of_found = "the last fit's network" if warm else "pretrained_network_"
        now = (inputs.n_features, configuration.hidden_layer_sizes, self.activation, self.dtype, self.scaling)
        units = found.layers[0].activation.name
        scaling = None if before.inputs.scaler is None else before.inputs.scaler.kind
        was = (found.n_inputs, tuple(layer.n_out for layer in found.hidden), units, found.dtype.name, scaling)
        names = ("the number of features", "hidden_layer_sizes", "activation", "dtype", "scaling")
        for name, mine, theirs in zip(names, now, was, strict=True):
            if mine != theirs:
                remedy = "set warm_start=False" if warm else "call pretrain again, or delete pretrained_network_"
                raise ValueError(
                    f"{name_of_found} was made with {name}={theirs!r}; got {mine!r}. To begin anew {remedy}"
                )
        return found

    def _known_scaler(self) -> Scaler | None:
        """The scales of the network that a fit begins from."""
        before = (self._fitted if self.warm_start else None) or self._pretrained
        return None if before is None else before.inputs.scaler

    # -- using the network --------------------------------------------------------------------------------------------

    def _outputs(self, X: Input) -> tuple[Fitted, Array]:
        """The fitted state, and with it raw outputs of the network, shape (n_samples, n_outputs)."""
        fitted = self._read()
        outputs = outputs_of(self._engine(), fitted.network, fitted.inputs.check_any(X)[0])
        check_finite(outputs)
        return fitted, outputs

    def predict(self, X: Input) -> NDArray[Any]:
        """Predictions: the most probable classes, expected ratings, or values.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_samples,), or (n_samples, n_targets) of a regressor fitted to several
        """
        fitted, outputs = self._outputs(X)
        return fitted.targets.decode(outputs)

    def predictor(self) -> Predictor:
        """A callable for one example at a time, validated once: ``p(x)`` with x of shape (n_features,).

        It scales x where `scaling` says so, has its own copy of the parameters and checks nothing but the shape of x.
        """
        check_is_fitted(self)
        fitted = self._read()
        return Predictor(fitted.network, fitted.targets, self.engine, self.n_threads, fitted.inputs.scaler)

    def _compare(self, pruned: Self, X: Input, y: ArrayLike | None) -> Comparison:
        return compare_predictions(self, pruned, X, y)


def read_only(values: Array) -> Array:
    """A view that cannot be written: a network changes by training alone."""
    view = values.view()
    view.setflags(write=False)
    return view
