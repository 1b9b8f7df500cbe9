"""What every fitted estimator can do with its network: compute codes, measure sparsity, write files."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any, Final, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, vstack
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils._set_output import _get_output_config
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from rectinet.arrays import Array
from rectinet.engine import Engine, get_engine
from rectinet.estimators import _files
from rectinet.estimators._fitted import Fitted, fact, fact_of_any
from rectinet.estimators._inputs import Input
from rectinet.inside import sparsity
from rectinet.runs import Configuration
from rectinet.runs.config import usable_threads
from rectinet.runs.data import pieces
from rectinet.runs.parameters import DenoisingParameters, FeatureParameters, MachineParameters, NetworkParameters
from rectinet.storage import Model, save_model
from rectinet.warning import warn

Codes = int | Literal["all"]  # the hidden layers to take codes from
CONTAINERS: Final = ("default", "pandas", "polars")  # containers of set_output
CODED_ROWS: Final = 4096  # number of examples whose codes are dense in memory at a time


class Coder(
    TransformerMixin,  # type: ignore[misc]
    BaseEstimator,  # type: ignore[misc]
    FeatureParameters,
    MachineParameters,
    DenoisingParameters,
    NetworkParameters,
    ABC,
):
    """An estimator whose hidden layers compute codes of X."""

    _fitted: Fitted | None = None
    _pretrained: Fitted | None = None

    network_ = fact(lambda fitted: fitted.network, "The trained network.")
    seed_ = fact_of_any(lambda fitted: fitted.outcome.seed, "The seed taken or drawn from `random_state`.")
    n_features_in_ = fact_of_any(lambda fitted: fitted.inputs.n_features, "Number of features seen in fit.")

    @property
    def index_base_(self) -> int | None:
        """Index (0 or 1) of the first feature in the .svm file used for training; set by `rectinet train`."""
        fitted = self._fitted or self._pretrained
        return None if fitted is None else fitted.inputs.index_base

    @index_base_.setter
    def index_base_(self, base: int | None) -> None:
        if self._fitted is not None:
            self._fitted = replace(self._fitted, inputs=replace(self._fitted.inputs, index_base=base))

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """Names of the features, if X had names."""
        fitted = self._fitted or self._pretrained
        if fitted is None or fitted.inputs.feature_names is None:
            raise AttributeError(f"this {type(self).__name__} was not fitted to features with names")
        return fitted.inputs.feature_names

    @property
    def pretrain_history_(self) -> list[dict[str, Any]]:
        """One entry per layer and epoch of pre-training."""
        fitted = self._pretrained or self._fitted
        if fitted is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet, so it has no pretrain_history_")
        return fitted.outcome.pretrain_history

    @abstractmethod
    def _configuration(self) -> Configuration:
        """The configuration that the parameters describe."""

    def _check_seed(self) -> None:
        """Require a fixed seed for runs with a checkpoint: a generator would have advanced when a run is resumed."""
        random_state = self.random_state
        if self.checkpoint is not None and not (random_state is None or isinstance(random_state, (int, np.integer))):
            raise ValueError(f"checkpoint needs random_state to be None or an integer; got {random_state!r}")

    def _engine(self) -> Engine:
        return get_engine(self.engine, n_threads=usable_threads(self.n_threads))

    def _read(self) -> Fitted:
        """The fitted state; an error if there is none."""
        fitted = self._fitted
        if fitted is None:
            check_is_fitted(self)  # raises scikit-learn's NotFittedError
            raise AssertionError
        return fitted

    def transform(self, X: Input, layer: Codes | None = None) -> Array | csr_array:
        """The codes of X: outputs of one hidden layer or of all of them, signs applied.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int or "all", optional
            Hidden layer: 0 is the first, -1 the last; "all" puts the codes of all layers side by side, first layer
            first. None uses `transform_layer`.

        Returns
        -------
        codes : csr_array or ndarray of shape (n_samples, n_units), of the network's dtype
            CSR for units with exact zeros (the rectifier); dense for others, and when `set_output` selects data frames.
        """
        fitted = self._read()
        inputs, asked, engine = fitted.inputs.check(X)[0], self._coded_layers(fitted, layer), self._engine()
        layers = fitted.network.hidden[: asked[-1] + 1]
        sparse = layers[-1].activation.exact_zeros and not self._wants_frames()
        codes: list[Any] = []
        for piece in pieces(inputs, CODED_ROWS):
            values = engine.codes(layers, piece)
            beside = np.concatenate([values[k] for k in asked], axis=1)
            codes.append(csr_array(beside) if sparse else beside)
        return csr_array(vstack(codes, format="csr")) if sparse else np.concatenate(codes)

    def _coded_layers(self, fitted: Fitted, layer: Codes | None) -> list[int]:
        """The selected hidden layers, counted from the first."""
        wanted = self.transform_layer if layer is None else layer
        if wanted == "all" and fitted.network.hidden:
            return list(range(len(fitted.network.hidden)))
        return [hidden_layer(fitted, wanted)]

    def _wants_frames(self) -> bool:
        """Whether `set_output` selects data frames, which cannot hold sparse rows."""
        return bool(_get_output_config("transform", self)["dense"] != "default")

    def sparsity(self, X: Input) -> NDArray[np.float64]:
        """Fraction of exact zeros in the outputs of every hidden layer over these examples.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of shape (n_hidden_layers,)
        """
        fitted = self._read()
        return sparsity.zeros(self._engine(), fitted.network, fitted.inputs.check(X)[0])

    def _like_this(self, fitted: Fitted, **params: Any) -> Self:
        """A copy of the estimator with another fitted state and matching parameters."""
        model: Self = clone(self).set_params(**params)
        model._fitted = fitted
        return model

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the estimator to a file for `rectinet.load`, without pickle.

        Equal estimators give byte-identical files: epoch times in the history and the path of the checkpoint are left
        out. A generator given as random_state is replaced by the seed drawn from it.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced only once the new one is complete.

        Raises
        ------
        TypeError
            For a class defined outside rectinet, which `rectinet.load` could not find.
        OSError
            When the file cannot be written; an existing file at `path` is left untouched.

        Warns
        -----
        UserWarning
            When metadata requests (`set_fit_request` and so on) are set, which files do not keep.
        """
        save_model(path, self._as_model())

    def _as_model(self) -> Model:
        """The estimator as the content of a model file."""
        if self._fitted is None and self._pretrained is None:
            check_is_fitted(self)
        kind = _files.kind_of(self)
        if "_metadata_request" in vars(self):
            warn("metadata requests (set_fit_request, set_score_request) are not kept in the file; set them after load")
        model = _files.as_model(kind, self.get_params(deep=False), self._fitted, self._pretrained)
        container = vars(self).get("_sklearn_output_config", {}).get("transform")
        return model if container is None else replace(model, facts={**model.facts, "set_output": container})

    @classmethod
    def _from_model(cls, model: Model, path: str | os.PathLike[str]) -> Self:
        """The estimator in a model file, the inverse of `_as_model`; `path` is for messages."""
        with _files.fits_together(path):
            estimator = cls(**model.params)
            estimator._fitted, estimator._pretrained = _files.fitted_from(model, estimator._configuration())
            if "set_output" in model.facts:
                if model.facts["set_output"] not in CONTAINERS:
                    raise ValueError(f"set_output must be one of {', '.join(CONTAINERS)}")
                estimator.set_output(transform=model.facts["set_output"])
        return estimator

    def get_feature_names_out(self, input_features: ArrayLike | None = None) -> NDArray[np.object_]:
        """Names of the columns of ``transform(X)``, by layer and unit, such as "layer0_unit17".

        Parameters
        ----------
        input_features : array-like of str, optional
            Only checked against the names or the number of features seen in `fit`.
        """
        fitted = self._read()
        _check_feature_names_in(self, input_features, generate_names=False)
        sizes = [(k, fitted.network.layers[k].n_out) for k in self._coded_layers(fitted, None)]
        return np.array([f"layer{k}_unit{j}" for k, n_units in sizes for j in range(n_units)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted is not None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = [self.dtype]
        return tags


def hidden_layer(fitted: Fitted, layer: int | str) -> int:
    """The index of a hidden layer, counted from the first; an error if there is none."""
    n_hidden = len(fitted.network.hidden)
    if isinstance(layer, str) or not -n_hidden <= layer < n_hidden:
        raise ValueError(f"layer must lie in [{-n_hidden}, {n_hidden}) for {n_hidden} hidden layers; got {layer!r}")
    return layer % n_hidden
