"""Looking inside a fitted estimator: exact explanations of what it answers."""

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
    """An estimator whose outputs mean something."""

    def explain(
        self,
        X: Input,
        *,
        layer: int | None = None,
        units: int | Sequence[int] | None = None,
        contrast: tuple[Any, Any] | None = None,
        method: Method = "exact",
    ) -> Explanation:
        """What every input adds to every output, exactly: contributions and a constant that sum up to the output.

        For one example the units that are on make the network an affine map; a contribution is an input times its
        slope in that map. The sum is checked on every call. Outputs are logits of classes and ratings, for two classes
        the second's minus the first's, and a regressor's predictions in the targets' own units. With `scaling`, the
        features are those after it: one that is 0 there adds nothing.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        layer : int, optional
            What the units of this hidden layer add instead of the features; 0 is the first, -1 the last.
        units : int or sequence of int, optional
            Explain the values of these units of `layer`, by the features, instead of the outputs.
        contrast : tuple of two classes, optional
            Explain the logit of the first minus that of the second.
        method : {"exact", "first_order"}, default="exact"
            "first_order": for units that are not piecewise linear (tanh, softplus, logistic), each input times the
            derivative with respect to it; the constant is the remainder.

        Returns
        -------
        Explanation
            `contributions` is an array of shape (n_samples, n_outputs, n_inputs), for sparse X a list of n_outputs
            arrays in CSR; `constants` and `outputs` have shape (n_samples, n_outputs).

        Raises
        ------
        ValueError
            For X that does not fit, a layer, unit or class that is not there, units that are not linear, and results
            of more than 1 GB.
        ArithmeticError
            When contributions and constant are not the output, not even in float64.
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
        """What every feature adds between a baseline and an example: the path integral along the line, exactly.

        Along the straight line from the baseline to x the network is piecewise linear; the slopes of all pieces are
        integrated, so that there is no number of steps to choose, and contributions sum up to the difference of the
        outputs. (Integrated gradients without the error of integration.) With `scaling`, the line is straight after it.

        Parameters
        ----------
        x, baseline : {array-like, sparse matrix} of shape (n_features,) or (1, n_features)
        contrast : tuple of two classes, optional
            Explain the logit of the first minus that of the second.

        Returns
        -------
        Difference
            An `Explanation` of one sample, in float64, whose constants are the outputs for the baseline; `breaks` says
            where along the line a unit switches.

        Raises
        ------
        ValueError
            For an example that does not fit, a class that is not there, units that are not linear where they are on.
        ArithmeticError
            When contributions and the baseline's outputs are not the outputs.
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
        """The inputs around one example for which the same hidden units are on, and the one affine map they share.

        Inputs are what the network takes: with `scaling`, the features after it, which are `x` of the result.

        Parameters
        ----------
        x : {array-like, sparse matrix} of shape (n_features,) or (1, n_features)

        Returns
        -------
        rectinet.inside.region.Region
            The map `A`, `c`; `distance`, `direction` and `switch`, the nearest unit that would switch; `change`, the
            smallest change of a single feature that changes the class within the region, or None.

        Raises
        ------
        ValueError
            For an example that does not fit, and units that are not linear where they are on.
        """
        fitted = self._read()
        targets = fitted.targets
        labels = None if isinstance(targets, Values) else fitted.classes.labels.tolist()
        example = _vector(fitted, x, "x")
        readout = readout_of(targets, None)
        return region(self._engine(), fitted.network, readout, example, labels, fitted.inputs.feature_names)

    def same_region(self, x: Input, other: Input) -> bool:
        """Whether exactly the same hidden units are on for two examples, so that they share an affine map."""
        fitted, engine = self._read(), self._engine()
        rows = [one_example(fitted, each, name) for each, name in ((x, "x"), (other, "other"))]
        codes = [engine.codes(fitted.network.hidden, row) for row in rows]
        return all(bool(((a != 0) == (b != 0)).all()) for a, b in zip(*codes, strict=True))

    def regions(self, X: Input, y: ArrayLike | None = None) -> Regions:
        """Which of these examples share a region.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
        y : array-like of shape (n_samples,), optional
            Classes, of any kind; for the purity of regions that are shared.

        Returns
        -------
        rectinet.inside.regions.Regions
            Has `index`, `sizes`, `n_regions`, `n_sharing` and `purity`.
        """
        fitted = self._read()
        inputs = fitted.inputs.check(X)[0]
        classes = None if y is None else np.unique(column_or_1d(y), return_inverse=True)[1]
        if classes is not None:
            check_consistent_length(inputs, classes)
        return regions(self._engine(), fitted.network, inputs, classes)

    def n_paths(self, X: Input) -> NDArray[np.float64]:
        """Natural logarithm of the number of active linear paths of every example.

        A path goes from a feature that is not 0 through one unit that is on in each hidden layer to an output. Their
        number, the same for every output, soon exceeds what a float holds.

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
        For more than one, and for what does not fit.
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
    """Values of some units of hidden layer k."""
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
