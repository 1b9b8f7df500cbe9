"""Export of fitted estimators to other programs."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from rectinet.estimators._coder import Coder
from rectinet.estimators._fitted import Fitted
from rectinet.export._features import Features
from rectinet.export.onnx import Before, write_onnx
from rectinet.storage.models import library_version


class Exportable(Coder):
    """An estimator that can be exported."""

    def to_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write the fitted model to an ONNX file, for onnxruntime and other programs.

        Its input is "X", dense, of shape (n, n_features) and of this `dtype`, or of float64 if `scaling` is set:
        scaling is part of the graph. Its outputs are "label", "probabilities" and "logits" for classes, "prediction"
        for a regressor, "prediction", "probabilities" and "logits" for ratings; probabilities and predictions are
        float64, as returned by the methods of the estimator.

        Parameters
        ----------
        path : str or path-like
            An existing file is replaced only once the new one is complete.

        Raises
        ------
        ImportError
            Without the package onnx (``pip install "rectinet[onnx]"``).
        ValueError
            For classes of a type that ONNX lacks, and for more than 2 GB of parameters.
        OSError
            When the file cannot be written; an existing file at `path` is left untouched.
        """
        fitted = self._read()
        inputs = fitted.inputs
        names = None if inputs.feature_names is None else tuple(map(str, inputs.feature_names))
        write_fitted(path, fitted, Features(inputs.n_features, fitted.network.dtype, inputs.scaler, names))

    def to_torch(self) -> Any:
        """A `torch.nn.Sequential` with the same outputs.

        Outputs are the logits of classes or ratings, of shape (n, n_classes), or a regressor's predictions in the
        targets' own units, of shape (n, n_targets). Modules are Linear and ReLU, Softplus, Tanh or Sigmoid; signs of
        hidden units are folded into the weights above them, means and scales of targets into the last layer. With
        `scaling` the first module is a `rectinet.export.torch.Scale`.

        Raises
        ------
        ImportError
            Without PyTorch (``pip install "rectinet[torch]"``).
        """
        fitted = self._read()
        return torch_part().module_of(fitted.network, fitted.targets, fitted.inputs.scaler)


def write_fitted(path: str | os.PathLike[str], fitted: Fitted, before: Before) -> None:
    """Write a fitted estimator, preceded by the steps that compute its inputs."""
    write_onnx(path, fitted.network, fitted.targets, before, {"rectinet": library_version()})


def torch_part() -> Any:
    """The module `rectinet.export.torch`, imported on demand.

    Raises
    ------
    ImportError
        Without PyTorch.
    """
    try:
        return import_module("rectinet.export.torch")
    except ModuleNotFoundError as problem:
        if problem.name != "torch":
            raise
        raise ImportError('modules of PyTorch need the package torch: pip install "rectinet[torch]"') from problem
