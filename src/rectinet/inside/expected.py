"""The expected rating to first order: how a softmax turns contributions to logits into contributions to its mean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import softmax

from rectinet.arrays import Array
from rectinet.inside.explanation import Explanation


def expected_rating(logits: Explanation, ratings: NDArray[np.float64]) -> Explanation:
    """A first-order account of E = sum_k r_k P(k | x), by dE / dlogit_k = P(k | x) (r_k - E).

    Parameters
    ----------
    logits : Explanation
        Of all logits, exact.
    ratings : ndarray of shape (n_outputs,)
        r.

    Returns
    -------
    Explanation
        One output, `exact` False; the constant is what the contributions leave of E.
    """
    P = softmax(logits.outputs, axis=1)  # (n, n_outputs)
    expected = P @ ratings
    slopes = P * (ratings - expected[:, np.newaxis])
    found = logits.contributions
    if isinstance(found, list):
        entries = np.diff(found[0].indptr)
        data = sum(each.data * np.repeat(slopes[:, k], entries) for k, each in enumerate(found))
        dtype = found[0].dtype
        added: Array | list[csr_array] = [
            csr_array((np.asarray(data, dtype), found[0].indices, found[0].indptr), found[0].shape)
        ]
    else:
        added = np.einsum("nk,nki->ni", slopes, found)[:, np.newaxis].astype(found.dtype)
    explanation = replace(
        logits,
        contributions=added,
        outputs=expected[:, np.newaxis],
        output_names=("expected rating",),
        quantity="expected rating",
        exact=False,
    )
    return replace(explanation, constants=explanation.outputs - explanation.sums())
