"""What estimators tell of their idle units, and how they lose them."""

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
        """What `prune` removed to make this estimator; a new fit forgets it, and files do not keep it."""
        if self._fitted is None or self._fitted.pruning is None:
            raise AttributeError(f"this {type(self).__name__} has no pruning_: it is not what prune made")
        return self._fitted.pruning

    def sparsity_report(self, X: Input) -> SparsityReport:
        """Which hidden units are exactly 0 on these examples: by layer, by unit and by example.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)

        Returns
        -------
        rectinet.inside.sparsity.SparsityReport
            Has `zeros_by_layer`, `zeros_by_unit`, `zeros_by_example`, `dead` and `always_on` units; printed, it is a
            table. `rectinet.plots.sparsity_histograms` draws it.
        """
        fitted = self._read()
        return sparsity.report(self._engine(), fitted.network, fitted.inputs.check(X)[0])

    def prune(
        self, X: Input, tolerance: float = 0.0, X_val: Input | None = None, y_val: ArrayLike | None = None
    ) -> Self:
        """A new fitted estimator without the hidden units that are on for at most a share of these examples.

        A tolerance of 0 removes the units that are off for all of X, and the outputs on X do not change; with the
        native engine they keep every bit. Above 0 the mean output of a removed unit is added to the biases above it,
        and some predictions change: `pruning_` of the new estimator says how many, and prints as a table. Units are
        judged in the unpruned network, all layers at once. The new estimator has the new sizes as hidden_layer_sizes
        and can be trained further, with `partial_fit` or warm_start=True; it has no `pretrained_network_`.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Typical examples, the more the better: a unit that is off on all of them is assumed to be off always.
        tolerance : float, default=0
            In [0, 1): the share of X for which a unit may be on and still be removed.
        X_val : {array-like, sparse matrix} of shape (n_held_out, n_features), optional
            Held-out examples, to measure what changes.
        y_val : array-like of shape (n_held_out,), optional
            Their targets, to compare the score before and after.

        Returns
        -------
        estimator of the same class

        Raises
        ------
        ValueError
            For units that are never exactly 0 (tanh, softplus, logistic, linear), a network without hidden layers, and
            X or a tolerance that cannot be used.

        Warns
        -----
        UserWarning
            When no unit of a hidden layer would be left; the one that is on most often is kept.
        """
        return pruned(self, X, tolerance, X_val, y_val)

    @abstractmethod
    def _compare(self, pruned: Self, X: Input, y: ArrayLike | None) -> Comparison:
        """What a pruned copy answers differently."""
