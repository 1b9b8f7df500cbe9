"""Scales of columns: what each of the three does, beside scikit-learn's own transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.stats import norm
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, QuantileTransformer, StandardScaler

from rectinet.encoders.scaling import Scaler, Scaling

KINDS: tuple[Scaling, ...] = ("standard", "minmax", "rank")


def skewed(n: int = 300, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.c_[rng.exponential(50_000, n), rng.normal(-3, 1e-4, n), rng.integers(1900, 2020, n)]


def test_standard_and_minmax_are_scikit_learns() -> None:
    X, new = skewed(), skewed(50, seed=1)
    np.testing.assert_allclose(
        Scaler.fit("standard", X).scale(new), StandardScaler().fit(X).transform(new), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        Scaler.fit("minmax", X).scale(new), MinMaxScaler().fit(X).transform(new), rtol=1e-9, atol=1e-9
    )


def test_ranks_are_scikit_learns_quantiles_of_a_normal_but_for_the_ends() -> None:
    X = skewed()[:, :2]
    theirs = QuantileTransformer(n_quantiles=300, output_distribution="normal", subsample=None).fit_transform(X)
    mine = np.asarray(Scaler.fit("rank", X).scale(X))
    inner = np.abs(theirs) < 5
    assert inner.mean() > 0.99
    np.testing.assert_allclose(mine[inner], theirs[inner], rtol=0, atol=1e-8)
    assert np.abs(mine).max() == pytest.approx(norm.ppf(1 - 0.5 / 300))  # they have 5.2, far from all others


def test_more_rows_than_quantiles_change_little() -> None:
    X = np.random.default_rng(0).exponential(1.0, (20_000, 1))
    theirs = QuantileTransformer(output_distribution="normal", subsample=None).fit_transform(X)
    mine = np.asarray(Scaler.fit("rank", X).scale(X))
    inner = np.abs(theirs) < 2
    np.testing.assert_allclose(mine[inner], theirs[inner], rtol=0, atol=1e-3)


def test_ties_have_their_mean_rank_at_the_ends_too() -> None:
    X = np.repeat([1.0, 2.0, 3.0, 4.0], [30, 20, 20, 31])[:, None]
    z = np.asarray(Scaler.fit("rank", X).scale([[1.0], [2.0], [3.0], [4.0]] @ np.ones((1, 1))))[:, 0]
    np.testing.assert_allclose(norm.cdf(z), [0.145, 0.395, 0.595, 0.85], atol=0.011)


def test_a_value_in_over_half_of_the_rows_is_exactly_zero() -> None:
    rng = np.random.default_rng(0)
    gain = np.where(rng.random(400) < 0.9, 0.0, rng.exponential(3000, 400))
    price = np.where(rng.random(400) < 0.6, 7.5, rng.normal(7.5, 3, 400))
    even = np.repeat([1.0, 2.0], 200)
    z = np.asarray(Scaler.fit("rank", np.c_[gain, price, even]).scale(np.c_[gain, price, even]))
    assert (z[gain == 0, 0] == 0).all()
    assert (z[gain > 0, 0] > 1).all()
    assert (z[price == 7.5, 1] == 0).all()
    assert (np.sign(z[:, 1]) == np.sign(price - 7.5)).all()
    assert (z[:, 2] != 0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_maps_are_monotone_finite_and_of_the_dtype(kind: Scaling, dtype: Any) -> None:
    X = skewed()
    scaled = Scaler.fit(kind, X).scale(np.sort(np.r_[X, [[-1e12] * 3], [[1e12] * 3]], axis=0), dtype)
    assert scaled.dtype == dtype
    assert np.isfinite(scaled).all()
    assert (np.diff(scaled, axis=0) >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_depend_on_nothing_but_themselves(kind: Scaling) -> None:
    scaler, X = Scaler.fit(kind, skewed()), skewed(20, seed=2)
    whole = scaler.scale(X)
    assert np.array_equal(np.concatenate([scaler.scale(X[k : k + 1]) for k in range(20)]), whole)


@pytest.mark.parametrize("kind", KINDS)
def test_a_constant_column_is_no_division_by_zero(kind: Scaling) -> None:
    X = np.c_[np.full(20, 5.0), np.arange(20.0)]
    assert (np.asarray(Scaler.fit(kind, X).scale(X))[:, 0] == 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_missing_values_teach_nothing(kind: Scaling) -> None:
    X = skewed()
    holes = np.r_[X, np.full((100, 3), np.nan)]
    np.testing.assert_allclose(Scaler.fit(kind, holes).scale(X), Scaler.fit(kind, X).scale(X), rtol=1e-12)


# many columns on one scale


def pixels(n: int = 200, d: int = 60) -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (n, d)) * (rng.random((n, d)) < 0.2)


def test_pixels_are_only_divided_by_their_common_maximum() -> None:
    X = pixels()
    scaler = Scaler.fit("rank", X)
    assert np.array_equal(scaler.scale(X), X / X.max())
    assert "60 columns have no negative value and share one scale: they are divided by 255" in str(
        scaler.note("columns")
    )


def test_counts_are_only_divided_too_and_what_lies_far_above_them_is_not_among_them() -> None:
    rng = np.random.default_rng(0)
    counts = rng.poisson(np.geomspace(0.005, 0.5, 80), (500, 80)).astype(float)
    counts = counts[:, counts.any(axis=0)]
    gain = np.where(rng.random(500) < 0.9, 0, rng.integers(1000, 90_000, 500))
    scaler = Scaler.fit("rank", np.c_[counts, gain])
    assert scaler.common is not None
    assert scaler.common.members.tolist() == list(range(counts.shape[1]))
    assert np.array_equal(np.asarray(scaler.scale(np.c_[counts, gain]))[:, :-1], counts / counts.max())


def test_measurements_in_units_of_their_own_are_ranked() -> None:
    rng = np.random.default_rng(0)
    X = rng.exponential(np.geomspace(0.1, 1e5, 60), (200, 60))
    assert Scaler.fit("rank", X).common is None
    assert Scaler.fit("rank", pixels(d=49)).common is None
    assert Scaler.fit("rank", pixels() - 1.0).common is None


# sparse


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_columns_are_divided_and_keep_their_zeros(kind: Scaling) -> None:
    X = pixels(d=8).astype(float)
    sparse = csr_array(X)
    scaled = Scaler.fit(kind, sparse).scale(sparse)
    assert isinstance(scaled, csr_array)
    assert (scaled.toarray() != 0).sum() == (X != 0).sum()
    if kind == "rank":
        np.testing.assert_allclose(scaled.toarray(), Scaler.fit("rank", X).scale(X), atol=1e-12)
    else:
        theirs = {"standard": StandardScaler(with_mean=False), "minmax": MaxAbsScaler()}[kind].fit_transform(X)
        np.testing.assert_allclose(scaled.toarray(), theirs)


@pytest.mark.parametrize("X", [np.eye(20) - 0.5 * np.eye(20, k=1), np.ones((20, 3))])
def test_ranks_of_sparse_columns_that_would_not_stay_sparse_are_refused(X: np.ndarray) -> None:
    with pytest.raises(ValueError, match='scaling="rank" takes sparse X only where it would keep zeros'):
        Scaler.fit("rank", csr_array(X))


# files


@pytest.mark.parametrize("kind", KINDS)
def test_scales_come_back_from_arrays(kind: Scaling) -> None:
    X = skewed()
    scaler = Scaler.fit(kind, X)
    again = Scaler.from_arrays(kind, scaler.arrays(), 3)
    assert np.array_equal(again.scale(X), scaler.scale(X))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("shift", lambda a: a[:-1]),
        ("shift", lambda a: a.astype(np.float32)),
        ("divisor", lambda a: a * 0),
        ("divisor", lambda a: a * np.nan),
        ("starts", lambda a: a + 1),
        ("starts", lambda a: a[::-1].copy()),
        ("x", lambda a: a[::-1].copy()),
        ("x", lambda a: a[:-1]),
        ("z", lambda a: a[None]),
    ],
)
def test_arrays_that_are_no_scales_are_refused(name: str, change: Any) -> None:
    arrays = Scaler.fit("rank", skewed()).arrays()
    arrays[name] = change(arrays[name])
    with pytest.raises(ValueError, match=r"scales do not fit|points of ranked columns"):
        Scaler.from_arrays("rank", arrays, 3)
    with pytest.raises(ValueError, match="must be standard, minmax or rank"):
        Scaler.from_arrays("log", Scaler.fit("rank", skewed()).arrays(), 3)
