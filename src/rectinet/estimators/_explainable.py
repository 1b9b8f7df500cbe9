"""Exact explanations of a fitted estimator's predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse
from sklearn.utils.validation import check_consistent_length, column_or_1d

from rectinet.arrays import Matrix
from rectinet.estimators._coder import Coder, hidden_layer
from rectinet.estimators._fitted import Fitted
from rectinet.estimators._inputs import Input
from rectinet.estimators._readouts import readout_of
from rectinet.inside import attribution
from rectinet.inside.difference import Difference, explain_difference
from rectinet.inside.explanation import Explanation
from rectinet.inside.paths import log_n_paths
from rectinet.inside.readout import Readout
from rectinet.inside.region import Region, region
from rectinet.inside.regions import Regions, regions
from rectinet.runs.targets import Values

Method = Literal["exact", "first_order"]


class Explainable(Coder):
    """An estimator whose predictions can be explained."""

    def explain(
        self,
        X: Input,
        *,
        layer: int | None = None,
        units: int | Sequence[int] | None = None,
        contrast: tuple[Any, Any] | None = None,
        method: Method = "exact",
    ) -> Explanation:
        """Exact contributions of every input to every output: with a constant they sum to the output.

        For one example the active units make the network an affine map, and a contribution is an input times its slope
        in that map; the sum is checked on every call. Outputs are the logits of classes or ratings (for two classes,
        the second minus the first) or a regressor's predictions in the targets' own units. With `scaling`, inputs are
        the scaled features, so a feature that is 0 after scaling contributes nothing.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int, optional
            Explain by the units of this hidden layer instead of the features; 0 is the first, -1 the last.
        units : int or sequence of int, optional
            Explain the outputs of these units of `layer`, by the features, instead of the network's outputs.
        contrast : tuple of two classes, optional
            Explain the logit of the first class minus that of the second.
        method : {"exact", "first_order"}, default="exact"
            "first_order" is for units that are not piecewise linear (tanh, softplus, logistic): each input times the
            derivative with respect to it; the constant is the remainder.

        Returns
        -------
        Explanation
            `contributions` is an array of shape (n_samples, n_outputs, n_inputs) or, for sparse X, a list of n_outputs
            CSR arrays; `constants` and `outputs` have shape (n_samples, n_outputs).

        Raises
        ------
        ValueError
            For X of the wrong shape, a layer, unit or class that does not exist, units that are not piecewise linear,
            and results of more than 1 GB.
        ArithmeticError
            When contributions and constant do not sum to the output, even in float64.
        """
        fitted, engine = self._read(), self._engine()
        exact, inputs = _is_exact(method), fitted.inputs.check(X)[0]
        layers, names = fitted.network.layers, fitted.inputs.feature_names
        if units is not None:
            if layer is None or contrast is not None:
                raise ValueError("units are explained with layer=, which says whose they are, and without contrast")
            readout = _units(fitted, hidden_layer(fitted, layer), units)
            layers = layers[: hidden_layer(fitted, layer) + 1]
        else:
            readout = readout_of(fitted.targets, contrast)
            if layer is not None:
                k = hidden_layer(fitted, layer)
                codes = engine.codes(layers[: k + 1], inputs)[-1]
                inputs, layers = csr_array(codes) if issparse(inputs) else codes, layers[k + 1 :]
                names = np.array([f"unit {j}" for j in range(layers[0].n_in)], dtype=object)
        return attribution.explain(engine, layers, readout, inputs, names, exact=exact)

    def explain_difference(self, x: Input, baseline: Input, *, contrast: tuple[Any, Any] | None = None) -> Difference:
        """Exact contributions of every feature to the difference of the outputs for a baseline and an example.

        On the straight line from the baseline to x the network is piecewise linear; slopes are integrated over all its
        pieces, so there is no number of steps to choose and contributions sum to the difference of the outputs
        (integrated gradients without integration error). With `scaling`, the line is straight in the scaled features.

        Parameters
        ----------
        x, baseline : {array-like, sparse matrix} of shape (n_features,) or (1, n_features)
        contrast : tuple of two classes, optional
            Explain the logit of the first class minus that of the second.

        Returns
        -------
        Difference
            An `Explanation` of one sample, in float64, whose constants are the outputs for the baseline; `breaks` gives
            the points on the line where a unit becomes active or inactive.

        Raises
        ------
        ValueError
            For an example of the wrong shape, a class that does not exist, and units that are not piecewise linear.
        ArithmeticError
            When contributions and the baseline's outputs do not sum to the outputs.
        """
        fitted = self._read()
        return explain_difference(
            self._engine(),
            fitted.network,
            readout_of(fitted.targets, contrast),
            _vector(fitted, x, "x"),
            _vector(fitted, baseline, "baseline"),
            fitted.inputs.feature_names,
        )

    def region(self, x: Input) -> Region:
        """The region of inputs around one example with the same active hidden units, and the affine map they share.

        Inputs are those of the network: with `scaling`, the scaled features, which are `x` of the result.

        Parameters
        ----------
        x : {array-like, sparse matrix} of shape (n_features,) or (1, n_features)

        Returns
        -------
        rectinet.inside.region.Region
            The affine map `A`, `c`; `distance`, `direction` and `switch`, the nearest unit to become active or
            inactive; `change`, the smallest change of a single feature that changes the class within the region, or
            None.

        Raises
        ------
        ValueError
            For an example of the wrong shape, and units that are not piecewise linear.
        """
        fitted = self._read()
        targets = fitted.targets
        labels = None if isinstance(targets, Values) else fitted.classes.labels.tolist()
        example = _vector(fitted, x, "x")
        readout = readout_of(targets, None)
        return region(self._engine(), fitted.network, readout, example, labels, fitted.inputs.feature_names)

    def same_region(self, x: Input, other: Input) -> bool:
        """Whether two examples have exactly the same active hidden units and so share an affine map."""
        fitted, engine = self._read(), self._engine()
        rows = [one_example(fitted, each, name) for each, name in ((x, "x"), (other, "other"))]
        codes = [engine.codes(fitted.network.hidden, row) for row in rows]
        return all(bool(((a != 0) == (b != 0)).all()) for a, b in zip(*codes, strict=True))

    def regions(self, X: Input, y: ArrayLike | None = None) -> Regions:
        """Which of these examples lie in the same region, with the same active hidden units.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), optional
            Classes of any type, from which the purity of shared regions is computed.

        Returns
        -------
        rectinet.inside.regions.Regions
            With `index`, `sizes`, `n_regions`, `n_sharing` and `purity`.
        """
        fitted = self._read()
        inputs = fitted.inputs.check(X)[0]
        classes = None if y is None else np.unique(column_or_1d(y), return_inverse=True)[1]
        if classes is not None:
            check_consistent_length(inputs, classes)
        return regions(self._engine(), fitted.network, inputs, classes)

    def n_paths(self, X: Input) -> NDArray[np.float64]:
        """Natural logarithm of the number of active linear paths for every example.

        A path leads from a non-zero feature through one active unit of each hidden layer to an output. Logarithms are
        given because the number of paths, the same for every output, soon exceeds the range of a float.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        ndarray of float64, shape (n_samples,)
            -inf where there is no path.
        """
        fitted = self._read()
        return log_n_paths(self._engine(), fitted.network, fitted.inputs.check(X)[0])


def _vector(fitted: Fitted, x: Input, name: str) -> NDArray[np.float64]:
    """One example as a dense vector."""
    row = one_example(fitted, x, name)
    return np.asarray((row.toarray() if isinstance(row, csr_array) else row)[0], dtype=np.float64)


def one_example(fitted: Fitted, x: Input, name: str) -> Matrix:
    """One example as a matrix of one row.

    Raises
    ------
    ValueError
        For several examples, and for one of the wrong shape.
    """
    shaped = x if issparse(x) else np.asarray(x)
    shape = shaped.shape
    if len(shape) == 1:
        shaped = shaped.reshape(1, -1)
    if len(shape) not in (1, 2) or shaped.shape[0] != 1:
        raise ValueError(
            f"{name} must be one example of {fitted.inputs.n_features} features; got an array of shape {shape}"
        )
    return fitted.inputs.check(shaped)[0]


def _is_exact(method: str) -> bool:
    if method not in ("exact", "first_order"):
        raise ValueError(f'method must be "exact" or "first_order"; got {method!r}')
    return method == "exact"


def _units(fitted: Fitted, k: int, units: int | Sequence[int]) -> Readout:
    """Outputs of some units of hidden layer k."""
    n_units = fitted.network.layers[k].n_out
    asked: NDArray[Any] = np.atleast_1d(np.asarray(units))
    if asked.ndim != 1 or not asked.size or asked.dtype.kind not in "iu":
        raise ValueError(f"units must be whole numbers, at least one; got {units!r:.80}")
    wrong = (asked < -n_units) | (asked >= n_units)
    if wrong.any():
        raise ValueError(
            f"units must lie in [{-n_units}, {n_units}) for the {n_units} units of hidden layer {k}; got "
            f"{int(asked[wrong][0])}"
        )
    chosen = (asked % n_units).tolist()
    return Readout.chosen(n_units, chosen, [f"unit {j}" for j in chosen], "unit")
