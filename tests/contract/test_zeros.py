"""Numbers that are not numbers, and zeros of every kind."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.network import Network
from rectinet.problems import Examples

from .problems import UNITS, assert_close, assert_same_bytes, draw
from .test_contract import check_prediction, check_step, check_update


def test_minus_zero_in_the_data_counts_as_zero(engine, rng, dtype) -> None:
    problem = draw(rng, density=0.4, dtype=dtype)
    e = problem.examples
    negative = replace(problem, examples=replace(e, X=np.where(e.X == 0, dtype(-0.0), e.X)))
    assert np.signbit(negative.examples.X).sum() > np.signbit(e.X).sum()
    trained, totals = problem.train(engine)
    negative_trained, negative_totals = negative.train(engine)
    assert_same_bytes(trained, negative_trained)
    np.testing.assert_array_equal(totals.active, negative_totals.active)
    np.testing.assert_array_equal(totals.union, negative_totals.union)


def test_minus_zero_in_the_codes_counts_as_zero(engine, rng, dtype) -> None:
    """A negated unit that is off answers -0.0, which the layer above must not take for an active input."""
    problem = draw(rng, signs="balanced", dtype=dtype)
    codes, _ = engine.codes(problem.network.hidden, problem.examples.X)
    _, totals = problem.train(engine)
    assert totals.active[1] == np.count_nonzero(codes)
    assert totals.union[1] == np.count_nonzero((codes != 0).any(axis=0))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_all_zero_inputs_leave_the_first_weights_alone(engine, rng, dtype, csr) -> None:
    problem = draw(rng, density=0.0, csr=csr, l1=0.01, dtype=dtype)
    trained, totals = problem.train(engine)
    assert (totals.active[0], totals.union[0]) == (0, 0)
    assert trained.layers[0].W.tobytes() == problem.network.layers[0].W.tobytes()
    assert trained.layers[0].b.tobytes() != problem.network.layers[0].b.tobytes()
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("signs", ["positive", "balanced"])
def test_dead_hidden_units_learn_nothing(engine, rng, dtype, signs) -> None:
    """With every hidden unit off only the output biases may move."""
    problem = draw(rng, signs=signs, l1=0.01, dtype=dtype)
    problem.network.layers[0].b[...] = -100
    problem.network.layers[1].b[...] = -100
    trained, totals = problem.train(engine)
    assert totals.active[1:].tolist() == totals.union[1:].tolist() == [0, 0]
    assert totals.penalty == 0
    for (name, after), (_, before) in zip(trained.parameters(), problem.network.parameters(), strict=True):
        assert (after.tobytes() == before.tobytes()) == (name != "2.b"), name
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("unit", ["tanh", "linear"])
def test_units_that_answer_zero_without_being_off_still_learn(engine, rng, dtype, unit) -> None:
    """tanh(0) = 0 has derivative 1: the weights above it stay, those below it move."""
    problem = draw(rng, unit=UNITS[unit], l1=0.01, dtype=dtype)
    first = problem.network.layers[0]
    first.W[:, ::2] = 0
    first.b[::2] = 0
    trained, totals = problem.train(engine)
    assert totals.union[1] == first.n_out // 2
    assert (trained.layers[0].W[:, ::2] != 0).any(axis=0).all()
    assert trained.layers[1].W[::2].tobytes() == problem.network.layers[1].W[::2].tobytes()
    check_step(engine, problem)


def test_one_example_on_in_a_minibatch_of_zeros(engine, rng, dtype) -> None:
    problem = draw(rng, n=10, density=1.0, dtype=dtype)
    X = problem.examples.X.copy()
    X[np.arange(10) != 4] = 0
    problem = replace(problem, examples=replace(problem.examples, X=X))
    _, totals = problem.train(engine)
    assert totals.active[0] == totals.union[0] == problem.network.n_inputs
    check_step(engine, problem)


def test_empty_rows_of_csr(engine, rng, dtype) -> None:
    problem = draw(rng, n=9, csr=True, dtype=dtype)
    X = problem.examples.X.toarray()
    X[[0, 3, 4, 8]] = 0
    problem = replace(problem, examples=replace(problem.examples, X=csr_array(X)))
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("index_dtype", [np.int32, np.int64])
def test_both_index_types_of_csr(engine, rng, dtype, index_dtype) -> None:
    problem = draw(rng, csr=True, dtype=dtype)
    X = problem.examples.X
    wide = csr_array((X.data, X.indices.astype(index_dtype), X.indptr.astype(index_dtype)), shape=X.shape)
    problem = replace(problem, examples=replace(problem.examples, X=wide))
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("parameter", ["0.W", "0.b", "1.W", "1.b", "2.W", "2.b"])
def test_what_is_not_finite_surfaces_in_the_loss(engine, rng, dtype, parameter, bad) -> None:
    """Never as a 0, which a careless max(z, 0) or a skipped row would make of NaN."""
    problem = draw(rng, density=1.0, dtype=dtype)
    for layer in problem.network.hidden:
        layer.b[...] = 5  # every unit on, so that no bad weight may be skipped
    values = dict(problem.network.parameters())[parameter]
    values[(0,) * values.ndim] = bad
    if bad == np.inf and parameter != "2.W" and parameter != "2.b":
        problem.network.layers[0].W[...] = np.abs(problem.network.layers[0].W)
    outputs = engine.outputs(problem.network, problem.examples.X)
    assert not np.isfinite(outputs).all()
    _, totals = problem.train(engine, rate=0.1)
    assert not np.isfinite(totals.loss + totals.penalty)


@pytest.mark.parametrize("unit", UNITS)
def test_a_nan_input_surfaces_in_the_outputs(engine, rng, dtype, unit) -> None:
    problem = draw(rng, unit=UNITS[unit], dtype=dtype)
    X = problem.examples.X.copy()
    X[2, 3] = np.nan
    outputs = engine.outputs(problem.network, X)
    assert np.isnan(outputs).any(axis=1).tolist() == (np.arange(len(X)) == 2).tolist()


def test_subnormal_numbers_survive(engine, dtype) -> None:
    """No flush to zero, in the kernels or (as -ffast-math would leave it) in the whole process."""
    tiny = np.finfo(dtype).smallest_subnormal
    problem = draw(np.random.default_rng(0), sizes=(3, 2), loss="squared", n=1, dtype=dtype)
    layer = problem.network.layers[0]
    layer.W[...] = 0
    layer.W[1, 0] = 1
    layer.b[...] = 0
    X = np.array([[0, 3 * tiny, 0]], dtype=dtype)
    Y = np.zeros((1, 2), dtype=dtype)
    assert engine.outputs(problem.network, X)[0, 0] == 3 * tiny
    trained, totals = replace(problem, examples=Examples(X, Y)).train(engine)
    assert totals.active.tolist() == [1]  # a subnormal input is an active one
    assert trained.layers[0].b[0] == -6 * tiny  # 2 (o - y)
    assert np.array([tiny], dtype=dtype)[0] * dtype(1) == tiny


@pytest.mark.parametrize("unit", UNITS)
def test_far_from_zero_nothing_overflows(engine, dtype, unit) -> None:
    """Pre-activations and logits of +-1000: exp would overflow, the stable forms do not."""
    problem = draw(np.random.default_rng(0), sizes=(4, 6, 3), unit=UNITS[unit], n=6, density=1.0, dtype=dtype)
    problem.network.layers[0].b[...] = np.array([-1000, -200, -90, 90, 200, 1000])
    problem.network.layers[1].b[...] = np.array([-1000, 0, 1000])
    check_prediction(engine, problem)
    check_update(engine, problem)


@pytest.mark.parametrize("unit", ["rectifier", "tanh"])
def test_hidden_units_may_be_listed_in_any_order(engine, rng, dtype, unit) -> None:
    problem = draw(rng, unit=UNITS[unit], signs="balanced", l1=0.01, dtype=dtype)
    order = rng.permutation(24)
    first, second, output = problem.network.copy().layers
    first.W[...], first.b[...], second.W[...] = first.W[:, order], first.b[order], second.W[order]
    network = Network((replace(first, signs=first.signs[order]), second, output))
    trained, _ = problem.train(engine)
    permuted, _ = replace(problem, network=network).train(engine)

    allowed, tolerance = problem.scales(1.0).parameters, problem.rounding()
    mine, theirs = dict(trained.parameters()), dict(permuted.parameters())
    for name, rows in {"0.W": np.s_[:, order], "1.W": order, "2.W": ...}.items():
        assert_close(theirs[name], mine[name][rows], tolerance * allowed[name][rows], name)
