"""The rules of the study's verdicts, each at its border; scipy and simulation are the witnesses."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from rectinet.runs.statistics import equivalence, merged, paired_t, prediction_interval
from rectinet.study.verdicts import Results, compare, verdict

THREE = Results((1.40, 1.43, 1.46), 0.0144)


@pytest.mark.parametrize(
    ("ours", "theirs", "same_data", "expected"),
    [
        (Results(()), 1.43, True, "not run"),
        (THREE, None, True, "not in the paper"),
        (THREE, 1.43, False, "data differ"),
        (Results((1.4, 1.5), 0.01), 1.43, True, "single run"),
        (THREE, 1.43, True, "equivalent"),
        (THREE, 1.60, True, "matches"),
        (THREE, 1.90, True, "better"),
        (THREE, 0.90, True, "worse"),
    ],
)
def test_every_verdict(ours, theirs, same_data, expected):
    assert verdict(ours, theirs, same_data=same_data, margin=0.15) == expected


def test_a_cut_run_gets_no_verdict_of_a_whole_one():
    for theirs in (1.43, 1.90, 0.90):
        assert verdict(THREE, theirs, same_data=True, margin=0.15, cut=True) == "cut"
    assert verdict(THREE, 1.43, same_data=False, margin=0.15, cut=True) == "data differ"
    assert verdict(THREE, None, same_data=True, margin=0.15, cut=True) == "not in the paper"


def test_more_may_be_better():
    assert verdict(THREE, 0.9, same_data=True, margin=0.1, more_is_better=True) == "better"


def test_a_prediction_interval_of_seeds_alone_is_student_s():
    values = np.array([1.1, 1.5, 1.2, 1.7])
    half = stats.t.ppf(0.975, 3) * values.std(ddof=1) * np.sqrt(1 + 1 / 4)
    assert prediction_interval(values) == pytest.approx((values.mean() - half, values.mean() + half))


def test_a_prediction_interval_of_sampling_alone_is_normal():
    low, high = prediction_interval([2.0, 2.0, 2.0], sampling=0.25)
    assert (low, high) == pytest.approx((2 - 1.95996 * 0.5, 2 + 1.95996 * 0.5), abs=1e-4)


@pytest.mark.parametrize("sampling", [0.0, 1.0, 9.0])
def test_a_prediction_interval_covers_one_further_run(sampling, global_random_seed):
    rng = np.random.default_rng(global_random_seed)
    inside = 0
    for _ in range(2000):
        # Seeds show their own spread; the sampling of examples is common to them, and another for the further run.
        values = rng.normal(size=3)
        further = rng.normal() + rng.normal(scale=np.sqrt(sampling))
        low, high = prediction_interval(values, sampling)
        inside += low <= further <= high
    assert 0.93 <= inside / 2000 <= 0.985


def test_equivalence_is_the_larger_of_two_one_sided_tests():
    values = np.array([1.40, 1.45, 1.52, 1.47])
    below = stats.ttest_1samp(values, 1.43 - 0.15, alternative="greater").pvalue
    above = stats.ttest_1samp(values, 1.43 + 0.15, alternative="less").pvalue
    assert equivalence(values, 1.43, 0.15) == pytest.approx(max(below, above))
    assert equivalence([1.0, 1.0], 1.1, 0.15) == 0.0
    assert equivalence([1.0, 1.0], 1.2, 0.15) == 1.0


def test_pairs_without_spread_need_no_test():
    assert paired_t([1.0, 2.0], [1.0, 2.0]) == 1.0
    assert paired_t([1.0, 2.0], [2.0, 3.0]) == 0.0


def test_merged_p_values_hold_their_level_under_any_dependence(global_random_seed):
    p = np.random.default_rng(global_random_seed).random(4000)
    for others in (p, 1 - p, np.roll(p, 1)):
        false = np.mean([merged([a, b]) < 0.05 for a, b in zip(p, others, strict=True)])
        assert false < 0.065
    assert merged([0.02]) == 0.02
    assert merged([0.9, 0.9]) == 1.0


def test_errors_and_misses_carry_their_sampling():
    wrong = np.zeros(10_000, dtype=bool)
    wrong[:140] = True
    errors = Results.of_errors([wrong, wrong])
    assert errors.values == pytest.approx((1.4, 1.4))
    assert np.sqrt(errors.sampling) == pytest.approx(0.1175, abs=1e-3)
    missed = np.random.default_rng(0).normal(size=5000)
    rmse = Results.of_misses([missed])
    assert np.sqrt(rmse.sampling) == pytest.approx(rmse.mean / np.sqrt(2 * 5000), rel=0.1)  # of a normal
    assert rmse.interval is None


def test_differences_must_show_over_examples_and_over_seeds(global_random_seed):
    rng = np.random.default_rng(global_random_seed)
    worse = [rng.random(2000) < 0.10 for _ in range(5)]
    better = [wrong & (rng.random(2000) < 0.5) for wrong in worse]
    same = [wrong.copy() for wrong in worse]
    clear, none = compare([(worse, better), (worse, same)])
    assert clear.different
    assert clear.difference > 3
    assert not none.different
    assert (none.difference, none.examples, none.seeds) == (0, 1, 1)
    (single,) = compare([(worse[:1], better[:1])])
    assert np.isnan(single.seeds)
    assert not single.different


def test_a_pair_without_a_common_seed_changes_no_other() -> None:
    rng = np.random.default_rng(0)
    pairs = [tuple([rng.random(200) < share for _ in range(3)] for share in (0.1, 0.2)) for _ in range(2)]
    with_none = compare([pairs[0], ([], []), pairs[1]])
    assert [with_none[0], with_none[2]] == compare(pairs)
    assert np.isnan([with_none[1].difference, with_none[1].examples, with_none[1].seeds]).all()
    assert not with_none[1].different
