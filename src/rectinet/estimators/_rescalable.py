"""Estimators whose layers can be rescaled against each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

from numpy.typing import ArrayLike

from rectinet.estimators._fitted import Fitted
from rectinet.estimators._prunable import Prunable
from rectinet.inside.rescaling import balancing_factors, rescaled
from rectinet.network import Network


class Rescalable(Prunable):
    """An estimator whose weights can be rescaled without changing its function."""

    def rescale(self, factors: ArrayLike) -> Self:
        """A new estimator whose layers are rescaled against each other (section 2 of Glorot et al. 2011).

        Weights of layer i are divided by factor i, its biases by the product of the first i factors, so the outputs are
        divided by the product of all factors. If that is 1, the function is unchanged up to rounding, and exactly
        unchanged for powers of two.

        Parameters
        ----------
        factors : array-like of shape (n_layers,)
            Positive, one for each layer including the output layer.

        Returns
        -------
        estimator of the same class
            Without the result of `pretrain`.

        Raises
        ------
        ValueError
            For factors of another shape or not above 0, units other than rectifiers and linear ones, and parameters
            that would be too large or too small for the dtype.
        """
        fitted = self._read()
        return self._reparametrised(fitted, rescaled(fitted.network, factors))

    def balance(self) -> Self:
        """A new estimator with the same function, whose layers all have the same Frobenius norm of the weights.

        The common norm is the geometric mean of the layers' norms: this is `rescale` with factors whose product is 1.

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
