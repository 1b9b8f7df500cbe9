"""Explanation and pruning of models of raw data, in terms of the named encoded columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length

from rectinet.estimators._explainable import Method
from rectinet.estimators._raw import Encoder, FittedRaw, Raw, RawModel
from rectinet.inside.difference import Difference
from rectinet.inside.explanation import Explanation
from rectinet.inside.pruning import Pruning
from rectinet.inside.region import Region
from rectinet.inside.regions import Regions
from rectinet.inside.sparsity import SparsityReport

Named = TypeVar("Named", bound=Explanation | Region)  # results whose inputs have names


class ExplainableRaw(RawModel[Raw, Encoder]):
    """A model of raw data whose predictions can be explained and whose network can be pruned."""

    def explain(
        self,
        X: Raw,
        *,
        layer: int | None = None,
        units: int | Sequence[int] | None = None,
        contrast: tuple[Any, Any] | None = None,
        method: Method = "exact",
    ) -> Explanation:
        """Exact contributions of every encoded column to every output; see `RectifierClassifier.explain`.

        Returns
        -------
        Explanation
            `input_names` are the words of a text model or the encoded columns of a table.
        """
        fitted = self._part_checked()
        encoded = self._encode(fitted.encoder, X)
        found: Explanation = fitted.estimator.explain(
            encoded, layer=layer, units=units, contrast=contrast, method=method
        )
        return self._by_name(found, fitted) if layer is None or units is not None else found

    @available_if(lambda self: self._is_rating())  # type: ignore[untyped-decorator]
    def explain_expected(self, X: Raw) -> Explanation:
        """A first-order explanation of the expected rating; see `RatingRegressor.explain_expected`."""
        fitted = self._part_checked()
        found: Explanation = fitted.estimator.explain_expected(self._encode(fitted.encoder, X))
        return self._by_name(found, fitted)

    def explain_difference(self, x: Raw, baseline: Raw, *, contrast: tuple[Any, Any] | None = None) -> Difference:
        """Exact contributions of every encoded column to the difference between a baseline and an example.

        Both are raw data of one row; see `RectifierClassifier.explain_difference`.
        """
        fitted = self._part_checked()
        rows = (self._encode(fitted.encoder, given, name) for given, name in ((x, "x"), (baseline, "baseline")))
        found: Difference = fitted.estimator.explain_difference(*rows, contrast=contrast)
        return self._by_name(found, fitted)

    def region(self, x: Raw) -> Region:
        """The region with the same active hidden units as x, raw data of one row; see `RectifierClassifier.region`."""
        fitted = self._part_checked()
        found: Region = fitted.estimator.region(self._encode(fitted.encoder, x, "x"))
        return self._by_name(found, fitted)

    def same_region(self, x: Raw, other: Raw) -> bool:
        """Whether x and other, each raw data of one row, have exactly the same active hidden units."""
        fitted = self._part_checked()
        rows = (self._encode(fitted.encoder, given, name) for given, name in ((x, "x"), (other, "other")))
        return bool(fitted.estimator.same_region(*rows))

    def regions(self, X: Raw, y: ArrayLike | None = None) -> Regions:
        """Which of these examples lie in the same region; see `RectifierClassifier.regions`."""
        estimator, encoded = self._asked(X)
        found: Regions = estimator.regions(encoded, y)
        return found

    def n_paths(self, X: Raw) -> NDArray[np.float64]:
        """Natural logarithm of the number of active linear paths for every example."""
        estimator, encoded = self._asked(X)
        return np.asarray(estimator.n_paths(encoded))

    def _by_name(self, found: Named, fitted: FittedRaw[Encoder]) -> Named:
        return replace(found, input_names=np.array(list(self._input_names(fitted.encoder)), dtype=object))

    def sparsity_report(self, X: Raw) -> SparsityReport:
        """Which hidden units are exactly zero on these examples: by layer, by unit and by example."""
        estimator, encoded = self._asked(X)
        report: SparsityReport = estimator.sparsity_report(encoded)
        return report

    def prune(self, X: Raw, tolerance: float = 0.0, X_val: Raw | None = None, y_val: ArrayLike | None = None) -> Self:
        """A new fitted model without the hidden units that are active on at most a share of these examples.

        The encoder is kept. Parameters, errors and warnings are those of `RectifierClassifier.prune`, with raw data for
        X and X_val; `pruning_` of the new model says what changed.
        """
        fitted = self._part_checked()
        held_out: Any = None if X_val is None else self._encode(fitted.encoder, X_val, "X_val")
        if held_out is not None and y_val is not None:
            read = self._read(y_val, fitted.estimator._labels.task, "y_val")
            check_consistent_length(held_out, read.labelled)
            held_out, y_val = held_out[np.flatnonzero(read.labelled)], read.targets
        pruned = fitted.estimator.prune(self._encode(fitted.encoder, X), tolerance, held_out, y_val)
        return self._with(replace(fitted, estimator=pruned))

    @property
    def pruning_(self) -> Pruning:
        """What `prune` removed to make this model; reset by a new fit, and not saved in files."""
        pruning: Pruning = self.estimator_.pruning_
        return pruning
