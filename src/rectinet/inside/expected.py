"""The expected rating to first order: from contributions to the logits to contributions to the mean of the softmax."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import softmax

from rectinet.arrays import Array
from rectinet.inside.explanation import Explanation


def expected_rating(logits: Explanation, ratings: NDArray[np.float64]) -> Explanation:
    """A first-order explanation of E = sum_k r_k P(k | x), from dE / dlogit_k = P(k | x) (r_k - E).

    Parameters
    ----------
    logits : Explanation
        Exact explanation of all logits.
    ratings : ndarray of shape (n_outputs,)
        The ratings r_k.

    Returns
    -------
    Explanation
        One output, with `exact` False; the constant is the part of E that the contributions do not explain.
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
