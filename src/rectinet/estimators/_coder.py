"""What every fitted estimator can do with its network: codes, sparsity, files."""

from __future__ import annotations

import os
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, vstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted, validate_data

from rectinet import sparsity
from rectinet.activations import Activation
from rectinet.engine import Array, Engine, Matrix, get_engine
from rectinet.estimators import _files
from rectinet.estimators._data import Input, canonical
from rectinet.estimators._parameters import hidden_sizes
from rectinet.network import Network, initialise
from rectinet.randomness import Purpose, stream

CODED_ROWS: Final = 4096  # examples whose codes are held dense at once


class Coder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """An estimator with a `network_`, whose hidden layers make codes of X."""

    network_: Network

    def _initialise(self, n_outputs: int) -> Network:
        """A network as it is drawn, its output layer included."""
        at_zero = float(self.derivative_at_zero) if self.activation == "rectifier" else 0.0
        activation = Activation(self.activation, float(self.softplus_alpha), at_zero)
        sizes = (self.n_features_in_, *hidden_sizes(self), n_outputs)
        rng = stream(self.seed_, Purpose.INITIALISATION)
        return initialise(sizes, activation, signs=self.signs, rng=rng, dtype=self.dtype)

    def _activity_l1(self, coefficients: float | ArrayLike) -> tuple[float, ...]:
        """One coefficient of the sum over units for each hidden layer."""
        sizes = hidden_sizes(self)
        each = np.broadcast_to(np.asarray(coefficients, dtype=float), len(sizes))
        per_unit = sizes if self.activity_l1_normalization == "mean" else (1,) * len(sizes)
        return tuple(float(c) / n for c, n in zip(each, per_unit, strict=True))

    def _engine(self) -> Engine:
        return get_engine(self.engine, n_threads=self.n_threads)

    def _check_inputs(self, X: Input, reset: bool) -> Matrix:
        """X as the engines want it; what float32 cannot hold becomes infinite and is refused as such."""
        with np.errstate(over="ignore"):
            checked = validate_data(self, X, reset=reset, accept_sparse="csr", dtype=self.dtype, order="C")
        return canonical(checked)

    def _inputs(self, X: Input) -> Matrix:
        check_is_fitted(self)
        return self._check_inputs(X, reset=False)

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
        inputs, k, engine = self._inputs(X), self._layer(layer), self._engine()
        pieces = [
            engine.hidden(self.network_, inputs[start : start + CODED_ROWS], k)
            for start in range(0, inputs.shape[0], CODED_ROWS)
        ]
        if self.network_.layers[k].activation.exact_zeros:
            return csr_array(vstack([csr_array(piece) for piece in pieces], format="csr"))
        return np.concatenate(pieces)

    def _layer(self, layer: int) -> int:
        """A hidden layer counted from the first, or an error."""
        n_hidden = len(self.network_.hidden)
        if not -n_hidden <= layer < n_hidden:
            raise ValueError(f"layer must lie in [{-n_hidden}, {n_hidden}) for {n_hidden} hidden layers; got {layer!r}")
        return layer % n_hidden

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

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to a file that `rectinet.load` reads; never with pickle.

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
        if not hasattr(self, "pretrained_network_"):
            check_is_fitted(self)
        _files.save(self, path)

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
        for name in ("network_", "pretrained_network_"):
            if name in state:
                setattr(self, name, state[name].copy())
