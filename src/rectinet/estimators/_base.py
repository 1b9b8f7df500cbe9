"""What classifiers and regressors share: fitting, partial fitting, pre-training and prediction."""

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
    """Base class with fitting and prediction."""

    _labels: ClassVar[Labels]

    n_iter_ = fact(
        lambda fitted: fitted.outcome.n_epochs, "Number of epochs run, under the name used by scikit-learn's networks."
    )
    loss_curve_ = fact(
        lambda fitted: [entry["loss"] for entry in fitted.outcome.history], "Training loss of each epoch."
    )
    best_loss_ = fact(
        lambda fitted: min((entry["loss"] for entry in fitted.outcome.history), default=None),
        "The lowest training loss of any epoch.",
    )
    coefs_ = fact(
        lambda fitted: [read_only(layer.W) for layer in fitted.network.layers], "Weight matrices, layer by layer."
    )
    intercepts_ = fact(
        lambda fitted: [read_only(layer.b) for layer in fitted.network.layers], "Bias vectors, layer by layer."
    )
    history_ = fact(lambda fitted: fitted.outcome.history, "One entry per epoch of training.")
    n_epochs_ = fact(lambda fitted: fitted.outcome.n_epochs, "Number of epochs run.")
    learning_rate_ = fact(
        lambda fitted: None if fitted.outcome.plan is None else fitted.outcome.plan.rate,
        "The initial learning rate; None in a model saved by version 0.1.",
    )
    trials_ = fact(
        lambda fitted: [] if fitted.outcome.plan is None else fitted.outcome.plan.trials,
        "One entry for every learning rate tried; empty if the rate was given.",
    )
    best_epoch_ = fact(
        lambda fitted: fitted.outcome.best_epoch,
        "The epoch (from 1) whose parameters were kept; 0 without validation, when the last parameters are kept.",
    )

    @property
    def pretrained_network_(self) -> Network:
        """The network trained by `pretrain`, from which `fit` starts. Delete it to make `fit` start from scratch."""
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
        """Train a new network, after pre-training its hidden layers if requested.

        If `pretrain` has left a `pretrained_network_`, training starts from it. Otherwise, with pretrain_epochs > 0,
        the hidden layers are pre-trained on the training examples and `X_unlabeled` together; held-out examples are not
        used. If a fit fails, the estimator keeps its previous state.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Finite numbers, best scaled to about unit range; converted to `dtype`, never modified. May also be on disk,
            where it is read in place: a memory-mapped array, `rectinet.datasets.shards(paths)`, or a list of paths.
        y : array-like of shape (n_samples,), regressors also (n_samples, n_targets)
        sample_weight : array-like of shape (n_samples,), optional
            Normalised to mean 1. An example of weight 0 is left out.
        X_val, y_val : array-like, optional
            Validation examples, evaluated after every epoch; the parameters that did best on them are kept. With
            early_stopping=False, all `max_epochs` are run nevertheless. Without them, early_stopping=True holds out a
            stratified `validation_fraction` of the training examples.
        X_unlabeled : {array-like, sparse matrix} of shape (n_unlabelled, n_features), optional
            Additional unlabelled examples for pre-training; sparse if X is.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For an unusable parameter or data, which the message names.
        DivergenceError
            When the loss or a parameter is no longer finite. The error's `history` covers the epochs until then; its
            `best_model` is an estimator with the parameters that did best on the validation examples, if there were
            any.
        KeyboardInterrupt
            On Ctrl-C during pre-training, after the checkpoint is written.

        Warns
        -----
        UserWarning
            When Ctrl-C ended training early (the estimator is usable), X has values that the reconstruction units
            cannot produce, there are too few examples to hold some out for early stopping, almost no unit of a hidden
            layer is active after training (rectifiers do this on unscaled features), or the loss is far above that of a
            constant prediction. The message suggests a remedy.
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
        """Pre-train the hidden layers without labels; every later `fit` fine-tunes the result.

        The result is `pretrained_network_`: `save` keeps it, scikit-learn's `clone` does not; delete it to make `fit`
        start from scratch. If `checkpoint` is set, pre-training has a checkpoint of its own, whose name ends in
        ".pretrain".

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        X_val : {array-like, sparse matrix}, optional
            Validation examples: their reconstruction error is measured after every epoch, and every layer keeps its
            best epoch.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For an unusable parameter or X, and when pretrain_epochs or hidden_layer_sizes leave nothing to pre-train.
        DivergenceError
        KeyboardInterrupt
            On Ctrl-C, after the checkpoint is written.
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
        """The common part of every `partial_fit`."""
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
        # A part without labels changes nothing, and should not stop training on a stream of parts.
        self._fitted = Fitted(one_epoch(configuration, train, begun) if len(train) else begun, inputs)
        return self

    @staticmethod
    def _check_same_network(configuration: Configuration, network: Network) -> None:
        """Refuse parameters that would change the network's shape or dtype between two epochs."""
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
        """The features (known ones, or those of X), labelled examples of positive weight, and unlabelled inputs."""
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
        """Unlabelled examples for pre-training: X_unlabeled, and those `among` X without a label."""
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
        """The network that training starts from; an error if the parameters no longer fit it.

        With a warm start it is the network of the last fit, else the one from `pretrain`.
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
        """The feature scales of the network that a fit starts from."""
        before = (self._fitted if self.warm_start else None) or self._pretrained
        return None if before is None else before.inputs.scaler

    # -- using the network --------------------------------------------------------------------------------------------

    def _outputs(self, X: Input) -> tuple[Fitted, Array]:
        """The fitted state, and the raw outputs of the network, shape (n_samples, n_outputs)."""
        fitted = self._read()
        outputs = outputs_of(self._engine(), fitted.network, fitted.inputs.check_any(X)[0])
        check_finite(outputs)
        return fitted, outputs

    def predict(self, X: Input) -> NDArray[Any]:
        """Predictions: the most probable classes, expected ratings, or values in the targets' own units.

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
        """A function for fast prediction of one example at a time: ``p(x)`` with x of shape (n_features,).

        It applies `scaling`, has its own copy of the parameters, and checks nothing but the shape of x.
        """
        check_is_fitted(self)
        fitted = self._read()
        return Predictor(fitted.network, fitted.targets, self.engine, self.n_threads, fitted.inputs.scaler)

    def _compare(self, pruned: Self, X: Input, y: ArrayLike | None) -> Comparison:
        return compare_predictions(self, pruned, X, y)


def read_only(values: Array) -> Array:
    """A read-only view, so that only training changes a network."""
    view = values.view()
    view.setflags(write=False)
    return view
