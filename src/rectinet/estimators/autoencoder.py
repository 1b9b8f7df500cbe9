"""Unsupervised codes from a stack of denoising auto-encoders."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_array

from rectinet.arrays import Array, Matrix
from rectinet.autoencoder import Autoencoder
from rectinet.estimators._coder import CODED_ROWS, hidden_layer
from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Input, Inputs
from rectinet.estimators._prunable import Prunable
from rectinet.inside.pruning import Comparison
from rectinet.losses import CrossEntropy
from rectinet.runs import Configuration, Data, Part, run
from rectinet.runs.config import STACK_NAMES
from rectinet.runs.data import pieces
from rectinet.runs.parameters import StackParameters, documented
from rectinet.runs.reconstruction import costs, reconstruct
from rectinet.runs.source import target_of
from rectinet.stored import dense
from rectinet.wording import setting, under_names


@documented
@dataclass(eq=False, repr=False)
class StackedDenoisingAutoencoder(StackParameters, Prunable):
    """A stack of denoising auto-encoders, each trained without labels on the codes of the one below (section 3.2).

    `transform` gives the codes of the last layer, in which inactive units are exactly zero; `inverse_transform` maps
    codes back through the decoders. There is no partial_fit, because greedy training cannot return to a layer once the
    next one has begun.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    network_ : rectinet.network.Network
        The encoders; its output layer is an unused placeholder with one unit.
    autoencoders_ : list of rectinet.autoencoder.Autoencoder
        Encoders and decoders, layer by layer.
    pretrain_history_ : list of dict
        One entry per layer and epoch, as in `RectifierClassifier`.
    seed_, n_features_in_, feature_names_in_
        As in `RectifierClassifier`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from rectinet import StackedDenoisingAutoencoder
    >>> X, _ = load_digits(return_X_y=True)
    >>> stack = StackedDenoisingAutoencoder((100, 50), random_state=0).fit(X / 16)
    >>> codes = stack.transform(X / 16)
    """

    @property
    def autoencoders_(self) -> list[Autoencoder]:
        """Encoders and decoders, layer by layer."""
        if self._fitted is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet, so it has no autoencoders_")
        return list(self._fitted.outcome.autoencoders)

    def fit(self, X: Input, y: object = None, X_val: Input | None = None) -> Self:
        """Train the layers one after the other, from the first.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Sparse X is never made dense as a whole. Values must lie in [0, 1] for reconstruction="sigmoid".
        y : ignored
        X_val : {array-like, sparse matrix}, optional
            Validation examples: their reconstruction error is measured after every epoch, and every layer keeps its
            best epoch.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For an unusable parameter or X, which the message names.
        DivergenceError
        KeyboardInterrupt
            On Ctrl-C, after the checkpoint is written.

        Warns
        -----
        UserWarning
            When X has values that the reconstruction units cannot produce, when almost no unit of a layer is active
            after training, and when a layer reconstructs far worse than the mean would.
        """
        configuration = self._configuration()
        if not configuration.n_hidden:
            raise ValueError(
                f"an auto-encoder needs a hidden layer; got {setting('hidden_layer_sizes', self.hidden_layer_sizes)}"
            )
        self._check_seed()
        inputs, train, _ = Inputs.learn(type(self).__name__, self.dtype, X, "no_validation", self.scaling)
        validation = None if X_val is None else Part(inputs.check_any(X_val)[0])
        with under_names({long: short for short, long in STACK_NAMES.items()}):
            outcome = run(configuration, Data(Part(train), validation), checkpoint=self.checkpoint)
        self._fitted = Fitted(outcome, inputs)
        return self

    def inverse_transform(self, X: Input, layer: int = -1) -> Array:
        """Reconstructions of examples from their codes, through the decoders.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_units)
            Codes from `transform`, signs applied.
        layer : int, default=-1
            The hidden layer the codes come from.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
            In the features' original units if `scaling` is set.
        """
        fitted = self._read()
        k, dtype = hidden_layer(fitted, layer), fitted.network.dtype
        codes = check_array(X, accept_sparse="csr", dtype=dtype)
        n_units = fitted.network.layers[k].n_out
        if codes.shape[1] != n_units:
            raise ValueError(f"codes of hidden layer {k} have {n_units} units; got {codes.shape[1]} columns")
        unit = fitted.outcome.autoencoders[0].unit
        found = np.concatenate([unit.value(self._reconstruct(fitted, piece, k)) for piece in pieces(codes, CODED_ROWS)])
        scaler = fitted.inputs.scaler
        return found if scaler is None else scaler.unscale(found)

    def score(self, X: Input, y: object = None) -> float:
        """The negative mean reconstruction error without noise, through all encoders and back through all decoders.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        float
            The negative cost of the first layer's reconstruction, summed over features and averaged over examples.
        """
        fitted, engine, total = self._read(), self._engine(), 0.0
        inputs, top = fitted.inputs.check(X)[0], len(fitted.outcome.autoencoders) - 1
        for piece in pieces(inputs, CODED_ROWS):
            z = self._reconstruct(fitted, engine.codes(fitted.network.hidden, piece)[-1], top)
            total += float(costs(fitted.outcome.autoencoders[0], z, piece).sum())
        return -total / int(inputs.shape[0])

    def _reconstruct(self, fitted: Fitted, codes: Matrix, k: int) -> Array:
        """Pre-activations of the reconstruction of X from codes of layer k."""
        mine = fitted.outcome.autoencoders[: k + 1]
        targets = [
            target_of(
                below.encoder,
                bounded=isinstance(above.loss, CrossEntropy),
                target=self.reconstruction_target if above.reconstruction == "linear" else "code",
            )
            for below, above in pairwise(mine)
        ]
        return reconstruct(mine, targets, dense(codes))

    def _compare(self, pruned: Self, X: Input, y: ArrayLike | None) -> Comparison:
        """Compares scores only: an auto-encoder makes no predictions that could differ."""
        n_examples = int(self._read().inputs.check(X)[0].shape[0])
        return Comparison(n_examples, score_before=self.score(X), score_after=pruned.score(X))

    def _configuration(self) -> Configuration:
        return Configuration.of(self, "encode")
