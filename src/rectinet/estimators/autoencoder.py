"""Unsupervised codes by a stack of denoising auto-encoders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Literal, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import check_array, check_is_fitted

from rectinet.autoencoder import Autoencoder, Reconstruction
from rectinet.engine import Array, Matrix
from rectinet.estimators import _checkpoint
from rectinet.estimators._checkpoint import Start
from rectinet.estimators._coder import CODED_ROWS, Coder
from rectinet.estimators._data import Input
from rectinet.estimators._parameters import DECAY_FROM, EPOCHS, RATE, check_parameters, hidden_sizes
from rectinet.estimators._plan import Wishes, plan, warn_of_negative_inputs
from rectinet.estimators._pretrain import run_pretraining
from rectinet.estimators._watch import Checkpointer
from rectinet.network import Signs, padded_copy
from rectinet.pretraining import LayerSettings, PretrainingState, costs, reconstruct, target_of
from rectinet.pretraining.settings import Target
from rectinet.randomness import root_seed


@dataclass(eq=False, repr=False)
class StackedDenoisingAutoencoder(Coder):
    """Codes learned without labels: denoising auto-encoders, each trained on the codes of the one below (section 3.2).

    `transform` gives the codes of the last layer, sparse where units are off; `inverse_transform` goes back through
    the decoders. The greedy training of a layer cannot be taken up again once the next has begun: there is no
    partial_fit.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int, default=(1000, 1000, 1000)
    activation, softplus_alpha, signs, derivative_at_zero, activity_l1, activity_l1_normalization
        As in `RectifierClassifier`.
    epochs : int or sequence of int, default=10
        Of every layer. This, the rate, the noise, the reconstruction, `tied` and `sampled_reconstruction` may be one
        value, or a sequence of one per layer.
    learning_rate : float or "auto", default=0.01
    batch_size : int, default=10
    corruption, corruption_level, reconstruction, tied, code_scaling, reconstruction_target, sampled_reconstruction
        As in `RectifierClassifier`.
    decay_from : float, default=1.0
        Share of a layer's training after which the rate falls linearly to 0.
    engine, dtype, n_threads, random_state, verbose, checkpoint
        As in `RectifierClassifier`.

    Attributes
    ----------
    network_ : rectinet.network.Network
        The encoders; its output layer is a blank of one unit.
    autoencoders_ : list of rectinet.autoencoder.Autoencoder
        Encoders and decoders, layer by layer.
    pretrain_history_ : list of dict
        One per layer and epoch, as in `RectifierClassifier`.
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

    hidden_layer_sizes: Sequence[int] = (1000, 1000, 1000)
    activation: str = "rectifier"
    softplus_alpha: float = 1.0
    signs: Signs = "positive"
    derivative_at_zero: float = 0.0
    activity_l1: float | Sequence[float] = 0.0
    activity_l1_normalization: Literal["sum", "mean"] = "sum"
    epochs: int | Sequence[int] = 10
    learning_rate: float | Literal["auto"] | Sequence[float | Literal["auto"]] = 0.01
    batch_size: int = 10
    corruption: str | Sequence[str] = "masking"
    corruption_level: float | Sequence[float | tuple[float, float]] = 0.25
    reconstruction: Reconstruction | Sequence[Reconstruction] = "softplus"
    tied: bool | Sequence[bool] = False
    code_scaling: Literal["auto", "none", "global", "per-unit"] = "auto"
    reconstruction_target: Target = "code"
    sampled_reconstruction: float | Literal["auto"] | Sequence[float | Literal["auto"] | None] | None = "auto"
    decay_from: float = 1.0
    engine: str = "auto"
    dtype: Literal["float32", "float64"] = "float32"
    n_threads: int | None = None
    random_state: int | np.random.Generator | np.random.RandomState | None = None
    verbose: int = 0
    checkpoint: str | os.PathLike[str] | None = None

    _rules: ClassVar[dict[str, Any]] = {"epochs": EPOCHS, "learning_rate": RATE, "decay_from": DECAY_FROM}
    _per_layer: ClassVar[tuple[str, ...]] = ("epochs", "learning_rate")

    def fit(self, X: Input, y: object = None, X_val: Input | None = None) -> Self:
        """Train every layer, from the first up.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Never made dense as a whole. In [0, 1] for reconstruction="sigmoid".
        y : ignored
        X_val : {array-like, sparse matrix}, optional
            Examples whose reconstruction error is measured after every epoch; every layer keeps its best epoch.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For a parameter or X that cannot be used; the message names it.
        DivergenceError
        KeyboardInterrupt
            On Ctrl-C, with the checkpoint written.

        Warns
        -----
        UserWarning
            When X has values that the reconstruction cannot answer with.
        """
        check_parameters(self)
        n_hidden = len(hidden_sizes(self))
        if n_hidden == 0:
            raise ValueError(
                f"an auto-encoder needs a hidden layer; got hidden_layer_sizes={self.hidden_layer_sizes!r}"
            )
        self.__dict__.pop("network_", None)
        inputs = self._check_inputs(X, reset=True)
        held_out = None if X_val is None else self._check_inputs(X_val, reset=False)
        begun, checkpointer = None, None
        if self.checkpoint is not None:
            identity = _checkpoint.identity(self, inputs, held_out)
            begun = _checkpoint.resume(self.checkpoint, identity)
        self.seed_ = root_seed(self.random_state) if begun is None else begun.seed
        start = begun or Start(self._initialise(1), self.seed_)
        if self.checkpoint is not None:
            checkpointer = Checkpointer(self.checkpoint, start.network, identity | {"seed": self.seed_})
        layers = self._plan(inputs)
        warn_of_negative_inputs(layers, inputs, stacklevel=3)
        state = start.pretraining or PretrainingState()
        run_pretraining(self, start.network, inputs, layers, state, checkpointer, X_val=held_out, keep_decoders=True)
        start.network.layers[-1].W[...] = 0
        self.network_, self.autoencoders_ = start.network, state.finished
        return self

    def inverse_transform(self, X: Input, layer: int = -1) -> Array:
        """Reconstructions of examples from their codes, through the decoders.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_units)
            Codes as `transform` gives them, signs applied.
        layer : int, default=-1
            Whose codes they are.

        Returns
        -------
        ndarray of shape (n_samples, n_features)
        """
        k, codes = self._check_codes(X, layer)
        first = self.autoencoders_[0].unit
        pieces = [first.value(self._reconstruct(piece, k)) for piece in _pieces(codes)]
        return np.concatenate(pieces)

    def score(self, X: Input, y: object = None) -> float:
        """Minus the mean reconstruction error, without noise, through the whole stack and back.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : ignored

        Returns
        -------
        float
            Minus the cost of the first layer's reconstruction, summed over features, averaged over examples.
        """
        inputs, engine, top = self._inputs(X), self._engine(), len(self.autoencoders_) - 1
        total = 0.0
        for piece in _pieces(inputs):
            z = self._reconstruct(engine.hidden(self.network_, piece, top), top)
            total += float(costs(self.autoencoders_[0], z, piece).sum())
        return -total / int(inputs.shape[0])

    def _reconstruct(self, codes: Matrix, k: int) -> Array:
        """Pre-activations of the reconstruction of X from codes of layer k."""
        mine: list[Autoencoder] = self.autoencoders_[: k + 1]
        targets = [
            target_of(below.encoder, bounded=above.loss == "cross_entropy", target=self._target_kind(above))
            for below, above in pairwise(mine)
        ]
        return reconstruct(mine, targets, np.asarray(codes.toarray() if issparse(codes) else codes))

    def _target_kind(self, above: Autoencoder) -> Target:
        return self.reconstruction_target if above.reconstruction == "linear" else "code"

    def _check_codes(self, X: Input, layer: int) -> tuple[int, Matrix]:
        check_is_fitted(self)
        k = self._layer(layer)
        codes = check_array(X, accept_sparse="csr", dtype=self.network_.dtype)
        n_units = self.network_.layers[k].n_out
        if codes.shape[1] != n_units:
            raise ValueError(f"codes of hidden layer {k} have {n_units} units; got {codes.shape[1]} columns")
        return k, codes

    def _plan(self, X: Matrix) -> tuple[LayerSettings, ...]:
        wishes = Wishes(
            epochs=self.epochs,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            corruption=self.corruption,
            corruption_level=self.corruption_level,
            reconstruction=self.reconstruction,
            tied=self.tied,
            activity_l1=self._activity_l1(self.activity_l1),
            code_scaling=self.code_scaling,
            target=self.reconstruction_target,
            sampled=self.sampled_reconstruction,
            decay_from=self.decay_from,
        )
        return plan(wishes, self.activation, X)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for k, mine in enumerate(state.get("autoencoders_", ())):
            encoder = self.network_.layers[k]
            V = encoder.W if mine.tied else padded_copy(mine.V)
            self.autoencoders_[k] = replace(mine, encoder=encoder, V=V)


def _pieces(X: Matrix) -> list[Matrix]:
    """Rows a part at a time, so that what is computed of them is never held for all."""
    return [X[start : start + CODED_ROWS] for start in range(0, X.shape[0], CODED_ROWS)]
