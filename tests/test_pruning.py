"""Networks without some of their units."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.activations import Activation
from rectinet.engine import get_engine
from rectinet.inside import sparsity
from rectinet.inside.pruning import choose, without
from rectinet.network import Layer, Network, initialise


@given(
    seed=st.integers(0, 2**32 - 1),
    sizes=st.lists(st.integers(1, 40), min_size=3, max_size=5),
    dtype=st.sampled_from(["float32", "float64"]),
    share=st.floats(0, 1),
)
@settings(max_examples=60, deadline=None)
def test_dead_units_change_no_bit(seed: int, sizes: list[int], dtype: str, share: float) -> None:
    rng = np.random.default_rng(seed)
    network = initialise(sizes, Activation(), signs="random", rng=rng, dtype=dtype)
    for layer in network.hidden:
        layer.b[...] = np.where(rng.random(layer.n_out) < share, -1e3, rng.normal(size=layer.n_out))
    X = rng.normal(size=(25, sizes[0])).astype(dtype)
    for name in ("native", "reference") if dtype == "float64" else ("native",):
        engine = get_engine(name)
        report = sparsity.report(engine, network, X)
        kept, emptied = choose(report, 0.0)
        pruned = without(network, kept, report.means)
        for k, (units, dead) in enumerate(zip(kept, report.dead, strict=True)):
            if k in emptied:
                assert len(units) == 1
            else:
                assert sorted([*units, *dead]) == list(range(len(report.times_on[k])))
        before, after = engine.outputs(network, X), engine.outputs(pruned, X)
        if name == "native":
            assert before.tobytes() == after.tobytes()
        else:
            np.testing.assert_allclose(after, before, rtol=0, atol=1e-10 * (1 + np.abs(before).max()))


def test_a_removed_unit_leaves_its_mean_in_the_biases_above() -> None:
    identity, linear = np.eye(2), Activation("linear")
    hidden = Layer(identity, np.zeros(2), Activation(), np.array([1.0, -1.0]))
    network = Network((hidden, Layer(np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([0.5, 0.25]), linear)))
    X = np.array([[1.0, 0.0], [1.0, -3.0], [1.0, 0.0], [1.0, 8.0]])
    report = sparsity.report(get_engine("reference"), network, X)
    np.testing.assert_array_equal(report.means[0], [1.0, -2.0])
    kept, emptied = choose(report, 0.25)
    assert ([units.tolist() for units in kept], emptied) == ([[0]], [])
    top = without(network, kept, report.means).layers[-1]
    np.testing.assert_array_equal(top.W, [[2.0, 3.0]])
    np.testing.assert_array_equal(top.b, [0.5 - 2 * 5, 0.25 - 2 * 7])
    np.testing.assert_array_equal(without(network, kept).layers[-1].b, [0.5, 0.25])


@pytest.mark.parametrize(("tolerance", "left"), [(0.0, [0, 1, 2]), (0.19, [0, 1, 2]), (0.2, [1, 2]), (0.6, [2])])
def test_the_share_is_compared_without_rounding(tolerance: float, left: list[int]) -> None:
    """1, 3 and 5 of 5 examples; 0.6 * 5 is not 3 in floating point."""
    times = (np.array([1, 3, 5]),)
    kept, _ = choose(sparsity.SparsityReport(5, times, np.zeros((5, 1), dtype=np.int64), (np.zeros(3),)), tolerance)
    assert kept[0].tolist() == left
