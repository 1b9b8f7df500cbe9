"""Statistics of results against values by hand, SciPy, statsmodels where it is there, and what must always hold."""

from __future__ import annotations

from itertools import permutations
from math import comb, sqrt

import numpy as np
import pytest
from scipy import stats

from rectinet.runs.statistics import error_interval, holm, mcnemar, mean_interval, paired_t, rmse_interval

Z = 1.959963984540054  # 97.5 % of a normal distribution lie below


def wrong(n_both: int, n_one: int, n_other: int, n_none: int) -> tuple[np.ndarray, np.ndarray]:
    """Which examples two models get wrong, from the numbers of the four kinds."""
    counts = [n_both, n_one, n_other, n_none]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


# -- intervals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_wrong", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (143, 10_000)])
def test_the_interval_of_an_error_is_wilsons(n_wrong: int, n: int) -> None:
    p = n_wrong / n
    middle, half = p + Z * Z / (2 * n), Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    expected = [(middle - half) / (1 + Z * Z / n), (middle + half) / (1 + Z * Z / n)]
    found = error_interval(np.arange(n) < n_wrong)
    assert found == pytest.approx(expected, abs=1e-12)
    assert 0 <= found[0] <= p <= found[1] <= 1


def test_which_examples_are_wrong_does_not_matter_and_0_and_1_will_do() -> None:
    assert error_interval([True, False, False, True]) == error_interval([0, 1, 1, 0])


def test_the_interval_of_what_is_right_is_the_mirror_image() -> None:
    low, high = error_interval(np.arange(50) < 7)
    assert error_interval(np.arange(50) >= 7) == pytest.approx((1 - high, 1 - low))


def test_more_examples_make_it_narrower() -> None:
    widths = [np.ptp(error_interval(np.arange(n) < n // 10)) for n in (10, 100, 1000, 10_000)]
    assert (np.diff(widths) < 0).all()


def test_the_interval_of_a_mean_is_students() -> None:
    half = 4.302652729911275 / sqrt(3)  # t with two degrees of freedom, standard deviation 1
    assert mean_interval([1.0, 2.0, 3.0]) == pytest.approx((2 - half, 2 + half))
    values = np.array([0.3, 0.1, 0.4, 0.15, 0.9])
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert mean_interval(values) == pytest.approx((expected.low, expected.high))
    assert mean_interval(values[::-1] * 10 + 1) == pytest.approx((10 * expected.low + 1, 10 * expected.high + 1))


def test_equal_values_leave_nothing_open() -> None:
    assert mean_interval([2.5, 2.5, 2.5]) == (2.5, 2.5)


def test_the_interval_of_a_root_mean_squared_error_by_hand() -> None:
    missed = np.array([1.0, -2.0, 1.0, 2.0])  # squares 1 4 1 4: mean 2.5, standard deviation sqrt(3)
    half = Z * sqrt(3) / sqrt(4) / (2 * sqrt(2.5))
    assert rmse_interval(missed) == pytest.approx((sqrt(2.5) - half, sqrt(2.5) + half))
    assert rmse_interval(-missed[::-1]) == pytest.approx(rmse_interval(missed))
    assert rmse_interval(3 * missed) == pytest.approx(3 * np.array(rmse_interval(missed)))


def test_it_shrinks_with_the_root_of_the_number_of_examples() -> None:
    missed = np.tile([-2.0, -1.0], 200)
    (low, high), (few_low, few_high) = rmse_interval(missed), rmse_interval(missed[:100])
    assert (low + high) / 2 == pytest.approx(sqrt(2.5))
    assert few_high - few_low == pytest.approx(2 * (high - low), rel=0.01)
    assert (high - low) / 2 == pytest.approx(1.96 * 1.5 / 20 / (2 * sqrt(2.5)), rel=0.01)


def test_the_interval_of_a_root_mean_squared_error_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    intervals = [rmse_interval(rng.normal(scale=2.0, size=400)) for _ in range(1000)]
    covered = np.mean([low <= 2.0 <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.025)


# -- McNemar's test ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n_one", "n_other", "p"),
    [(0, 0, 1.0), (3, 3, 1.0), (1, 0, 1.0), (6, 0, 2 / 2**6), (5, 1, 2 * (1 + 6) / 2**6), (10, 0, 2 / 2**10)],
)
def test_mcnemar_by_hand(n_one: int, n_other: int, p: float) -> None:
    assert mcnemar(*wrong(4, n_one, n_other, 9)) == pytest.approx(p)


def test_mcnemar_is_a_sign_test_of_the_examples_where_two_differ(global_random_seed: int) -> None:
    rng = np.random.default_rng(global_random_seed)
    for _ in range(50):
        one, other = rng.random(80) < 0.3, rng.random(80) < rng.uniform(0.1, 0.6)
        b, c = int((one & ~other).sum()), int((other & ~one).sum())
        tail = sum(comb(b + c, k) for k in range(min(b, c) + 1)) / 2 ** (b + c)
        assert mcnemar(one, other) == pytest.approx(min(1.0, 2 * tail))


def test_mcnemar_is_symmetric_and_looks_at_no_example_where_both_agree(global_random_seed: int) -> None:
    rng = np.random.default_rng(global_random_seed)
    for _ in range(20):
        one, other = rng.random(60) < 0.3, rng.random(60) < 0.4
        p = mcnemar(one, other)
        assert 0 < p <= 1
        assert mcnemar(other, one) == p
        assert mcnemar(~one, ~other) == p
        order = rng.permutation(60)
        assert mcnemar(one[order], other[order]) == p
        differ = one != other
        assert mcnemar(one[differ], other[differ]) == p
        assert mcnemar(one, one) == 1.0


def test_the_more_two_differ_the_smaller_p() -> None:
    ps = [mcnemar(*wrong(3, n, 2, 5)) for n in range(3, 30)]
    assert (np.diff(ps) < 0).all()


def test_mcnemar_is_that_of_statsmodels() -> None:
    peer = pytest.importorskip("statsmodels.stats.contingency_tables")
    for both, b, c, none in [(4, 7, 2, 9), (0, 1, 0, 3), (10, 20, 31, 100), (1, 5, 5, 1)]:
        expected = peer.mcnemar([[both, b], [c, none]], exact=True).pvalue
        assert mcnemar(*wrong(both, b, c, none)) == pytest.approx(expected)


# -- paired differences ------------------------------------------------------------------------------------------------


def test_a_paired_t_test_is_one_of_the_differences() -> None:
    values, others = np.array([1.0, 2.0, 4.0, 3.5]), np.array([0.5, 2.5, 2.0, 3.0])
    difference = values - others  # 0.5 -0.5 2 0.5
    t = difference.mean() / (difference.std(ddof=1) / 2)
    assert paired_t(values, others) == pytest.approx(2 * stats.t.sf(abs(t), 3))
    assert paired_t(others, values) == pytest.approx(paired_t(values, others))
    assert paired_t(values + 7, others + 7) == pytest.approx(paired_t(values, others))


# -- Holm's correction -------------------------------------------------------------------------------------------------


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9, 0.6]) == pytest.approx([1.0, 1.0, 1.0])
    assert holm([0.02]) == pytest.approx([0.02])
    assert holm([0.02, 0.02]) == pytest.approx([0.04, 0.04])
    assert holm([]).tolist() == []


def test_holm_preserves_order_and_never_makes_a_p_smaller(global_random_seed: int) -> None:
    rng = np.random.default_rng(global_random_seed)
    for n in range(1, 12):
        p = rng.random(n) ** 3
        adjusted = holm(p.tolist())
        assert (adjusted >= p).all()
        assert (adjusted <= np.minimum(1, n * p)).all()  # never stricter than Bonferroni
        assert (np.diff(adjusted[np.argsort(p)]) >= 0).all()
        assert adjusted[p.argmin()] == pytest.approx(min(1, n * p.min()))


def test_holm_does_not_look_at_the_order_given() -> None:
    p = [0.011, 0.2, 0.03, 0.011]
    for order in permutations(range(4)):
        assert holm([p[k] for k in order]).tolist() == holm(p)[list(order)].tolist()


def test_holm_steps_down_as_the_procedure_says(global_random_seed: int) -> None:
    """Rejected at a level are the smallest p values, up to the first above level / (number left)."""
    rng = np.random.default_rng(global_random_seed)
    for _ in range(50):
        p = rng.random(6) ** 4
        rejected = np.zeros(6, dtype=bool)
        for left, k in zip(range(6, 0, -1), np.argsort(p), strict=True):
            if p[k] > 0.05 / left:
                break
            rejected[k] = True
        assert (holm(p.tolist()) <= 0.05).tolist() == rejected.tolist()


def test_holm_is_that_of_statsmodels() -> None:
    peer = pytest.importorskip("statsmodels.stats.multitest")
    for p in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.9, 0.6], [0.02, 0.02, 0.02, 0.9]):
        assert holm(p) == pytest.approx(peer.multipletests(p, method="holm")[1])
