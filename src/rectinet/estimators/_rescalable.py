"""Estimators whose layers can be scaled against each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from numpy.typing import ArrayLike

from rectinet.estimators._fitted import Fitted
from rectinet.estimators._prunable import Prunable
from rectinet.inside.rescaling import balancing_factors, rescaled
from rectinet.network import Network


class Rescalable(Prunable):
    """An estimator whose parameters can be written otherwise while its function stays."""

    def rescale(self, factors: ArrayLike) -> Self:
        """A new estimator whose layers are scaled against each other (section 2 of Glorot et al. 2011).

        Weights of layer i are divided by factor i, its biases by the product of the first i factors. That divides the
        outputs by the product of all: if it is 1, the function is the same, up to rounding, and exactly the same for
        powers of two.

        Parameters
        ----------
        factors : array-like of shape (n_layers,)
            Above 0, one for each layer, the output layer included.

        Returns
        -------
        estimator of the same class
            What `pretrain` left is not taken along.

        Raises
        ------
        ValueError
            For other factors, for units other than rectifiers and linear ones, and where a parameter would be too large
            or too small for the dtype.
        """
        fitted = self._read()
        return self._reparametrised(fitted, rescaled(fitted.network, factors))

    def balance(self) -> Self:
        """A new estimator of the same function whose layers all have weights of one norm (Frobenius).

        The norm is the geometric mean of those there are: `rescale` with factors of product 1.

        Raises
        ------
        ValueError
            For units other than rectifiers and linear ones, and for a layer whose weights are all 0.
        """
        fitted = self._read()
        return self._reparametrised(fitted, rescaled(fitted.network, balancing_factors(fitted.network)))

    def _reparametrised(self, fitted: Fitted, network: Network) -> Self:
        outcome = replace(fitted.outcome, network=network, pretrain_history=self.pretrain_history_)
        return self._like_this(replace(fitted, outcome=outcome))
