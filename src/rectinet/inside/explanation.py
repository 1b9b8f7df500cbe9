"""Contributions of every input to every output, as a plain record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.inside.readout import Quantity

if TYPE_CHECKING:
    import shap

LARGEST: Final = 10**9  # largest explanation, in bytes


@dataclass(frozen=True, eq=False)
class Explanation:
    """Contributions of inputs to outputs; with a constant they sum to the output.

    Attributes
    ----------
    contributions : ndarray of shape (n_samples, n_outputs, n_inputs), or list of n_outputs csr_array
        Sparse if X is: one array of shape (n_samples, n_inputs) for every output.
    constants : ndarray of float64, shape (n_samples, n_outputs)
        Contributions of the biases through the active units; to first order, the remainder.
    outputs : ndarray of float64, shape (n_samples, n_outputs)
        Logits of classes and ratings (for two classes, the second minus the first), predictions of a regressor in the
        targets' own units, or outputs of hidden units. Adding the same number to all logits of an example changes no
        probability: see `centred`.
    inputs : ndarray or csr_array of shape (n_samples, n_inputs)
        The contributing values: X as the network takes it (after `scaling`), the outputs of a hidden layer, or the
        cells of a table whose columns are explained.
    output_names : tuple of str
    input_names : ndarray of str, shape (n_inputs,), or None
        Names of features, words or units, if there are any.
    quantity : str
        "logit", "difference of logits", "prediction", "unit" or "expected rating".
    exact : bool
        Whether the outputs are exactly these sums, or only to first order.
    """

    contributions: Array | list[csr_array]
    constants: NDArray[np.float64]
    outputs: NDArray[np.float64]
    inputs: Matrix | NDArray[np.object_]
    output_names: tuple[str, ...]
    input_names: NDArray[Any] | None
    quantity: Quantity
    exact: bool = True

    @property
    def n_samples(self) -> int:
        return int(self.outputs.shape[0])

    @property
    def n_outputs(self) -> int:
        return int(self.outputs.shape[1])

    @property
    def n_inputs(self) -> int:
        return int(self.inputs.shape[1])

    @property
    def errors(self) -> NDArray[np.float64]:
        """Rounding errors: how far contributions plus constant are from the output, shape (n_samples, n_outputs)."""
        return self.sums() + self.constants - self.outputs

    def sums(self) -> NDArray[np.float64]:
        """Sum of the contributions, in float64, shape (n_samples, n_outputs)."""
        if isinstance(self.contributions, list):
            ones = np.ones(self.n_inputs)
            return np.stack([found @ ones for found in self.contributions], axis=1)
        return np.asarray(self.contributions.sum(axis=2, dtype=np.float64))

    def of(self, sample: int) -> Array:
        """Contributions to the outputs for one example, dense, shape (n_outputs, n_inputs)."""
        if isinstance(self.contributions, list):
            return np.stack([found[[sample]].toarray()[0] for found in self.contributions])
        return np.asarray(self.contributions[sample])

    def centred(self) -> Self:
        """The explanation with logits, contributions and constants relative to their mean over the classes.

        A shift of all logits changes no probability, so it is no evidence for or against a class. Other quantities are
        returned unchanged.
        """
        if self.quantity != "logit":
            return self
        constants, outputs = (values - values.mean(axis=1, keepdims=True) for values in (self.constants, self.outputs))
        found = self.contributions
        if isinstance(found, list):
            mean = np.mean([each.data for each in found], axis=0)
            centred: Array | list[csr_array] = [_with_data(each, each.data - mean) for each in found]
        else:
            centred = found - found.mean(axis=1, keepdims=True)
        return replace(self, contributions=centred, constants=constants, outputs=outputs)

    def grouped(self, groups: NDArray[np.int64], names: Sequence[str], inputs: Matrix | NDArray[np.object_]) -> Self:
        """The explanation with contributions summed over groups of inputs.

        Parameters
        ----------
        groups : ndarray of shape (n_inputs,)
            The group of each input.
        names : sequence of str
            Names of the groups.
        inputs : ndarray or csr_array of shape (n_samples, n_groups)
            Values that represent the inputs of each group.
        """
        belongs = csr_array((np.ones(len(groups)), (np.arange(len(groups)), groups)), (len(groups), len(names)))
        found = self.contributions
        if isinstance(found, list):
            added: Array | list[csr_array] = [csr_array(each @ belongs) for each in found]
        else:
            added = np.stack([found[:, k] @ belongs for k in range(self.n_outputs)], axis=1).astype(found.dtype)
        return replace(self, contributions=added, inputs=inputs, input_names=np.array(names, dtype=object))

    def to_shap(self) -> shap.Explanation:
        """As `shap.Explanation`, centred, for shap's plots: values of shape (n_samples, n_inputs[, n_outputs]).

        Raises
        ------
        ImportError
            Without shap.
        ValueError
            When the contributions of sparse inputs take more than 1 GB in dense form.
        """
        try:
            import shap
        except ImportError as missing:
            raise ImportError("to_shap needs shap: pip install shap") from missing
        shown = self.centred()
        check_size(self.n_samples, self.n_outputs * self.n_inputs * 8, "an explanation for shap")
        if isinstance(shown.contributions, list):
            values = np.stack([found.toarray() for found in shown.contributions], axis=2)
        else:
            values = shown.contributions.transpose(0, 2, 1)
        one = self.n_outputs == 1
        data = self.inputs.toarray() if isinstance(self.inputs, csr_array) else self.inputs
        return shap.Explanation(
            values=np.ascontiguousarray(values[:, :, 0] if one else values),
            base_values=shown.constants[:, 0] if one else shown.constants,
            data=data,
            feature_names=None if self.input_names is None else [str(name) for name in self.input_names],
            output_names=self.output_names[0] if one else list(self.output_names),
        )


def check_size(n_samples: int, bytes_each: int, what: str) -> None:
    """Refuse a result of more than 1 GB."""
    if n_samples * bytes_each > LARGEST:
        rows = LARGEST // bytes_each
        advice = f"pass fewer rows, at most {rows:,} at a time" if rows else "ask for fewer outputs"
        raise ValueError(
            f"{what} of {n_samples:,} rows would take {n_samples * bytes_each / 1e9:,.1f} GB, more than 1 GB: {advice}"
        )


def _with_data(like: csr_array, data: Array) -> csr_array:
    return csr_array((data, like.indices, like.indptr), like.shape)
