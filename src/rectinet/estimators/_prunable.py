"""Reports on inactive units, and pruning."""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

from numpy.typing import ArrayLike

from rectinet.estimators._coder import Coder
from rectinet.estimators._inputs import Input
from rectinet.estimators._pruning import pruned
from rectinet.inside import sparsity
from rectinet.inside.pruning import Comparison, Pruning
from rectinet.inside.sparsity import SparsityReport


class Prunable(Coder):
    """An estimator whose hidden units can be counted and removed."""

    @property
    def pruning_(self) -> Pruning:
        """What `prune` removed to make this estimator; reset by a new fit, and not saved in files."""
        if self._fitted is None or self._fitted.pruning is None:
            raise AttributeError(f"this {type(self).__name__} has no pruning_: it is not what prune made")
        return self._fitted.pruning

    def sparsity_report(self, X: Input) -> SparsityReport:
        """Which hidden units are exactly zero on these examples: by layer, by unit and by example.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        rectinet.inside.sparsity.SparsityReport
            With `zeros_by_layer`, `zeros_by_unit`, `zeros_by_example`, `dead` and `always_on` units; prints as a table,
            and `rectinet.plots.sparsity_histograms` draws it.
        """
        fitted = self._read()
        return sparsity.report(self._engine(), fitted.network, fitted.inputs.check(X)[0])

    def prune(
        self, X: Input, tolerance: float = 0.0, X_val: Input | None = None, y_val: ArrayLike | None = None
    ) -> Self:
        """A new fitted estimator without the hidden units that are active on at most a share of these examples.

        With tolerance 0, units that are inactive on all of X are removed and the outputs on X do not change (bit for
        bit with the native engine). With a higher tolerance, the mean output of a removed unit is added to the biases
        above it, and predictions change a little: `pruning_` of the new estimator says how much, and prints as a table.
        All layers are judged at once, in the unpruned network. hidden_layer_sizes is updated, so that the new estimator
        can be trained further with `partial_fit` or warm_start=True; the result of `pretrain` is not kept.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Typical examples, the more the better: a unit that is inactive on all of them is assumed never to be active.
        tolerance : float, default=0
            Share of X, in [0, 1), on which a unit may be active and still be removed.
        X_val : {array-like, sparse matrix} of shape (n_held_out, n_features), optional
            Held-out examples, on which the changes are measured.
        y_val : array-like of shape (n_held_out,), optional
            Targets of X_val, to compare the score before and after.

        Returns
        -------
        estimator of the same class

        Raises
        ------
        ValueError
            For units that are never exactly zero (tanh, softplus, logistic, linear), a network without hidden layers,
            and an unusable X or tolerance.

        Warns
        -----
        UserWarning
            When a hidden layer would lose all its units. The one that is active most often stays.
        """
        return pruned(self, X, tolerance, X_val, y_val)

    @abstractmethod
    def _compare(self, pruned: Self, X: Input, y: ArrayLike | None) -> Comparison:
        """How the predictions of a pruned copy differ."""
