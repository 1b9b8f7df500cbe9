"""The native engine gives the same bits for any number of threads, and for an example whatever stands beside it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rectinet.engine import Totals, get_engine

from .problems import UNITS, assert_same_bytes, assert_same_totals, dense, draw

KINDS = [("rectifier", "positive"), ("rectifier", "balanced"), ("softplus3", "positive"), ("tanh", "positive")]
SIZES = [(17, 24, 13, 4), (150, 300, 141, 10), (5, 1, 1, 2), (6, 19, 2100, 3)]  # the last is worked off in stripes


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("unit", "signs"), KINDS)
def test_any_number_of_threads_trains_and_predicts_the_same_bits(rng, dtype, unit, signs, sizes, csr) -> None:
    problem = draw(rng, sizes=sizes, unit=UNITS[unit], signs=signs, l1=1e-3, weighted=True, csr=csr, dtype=dtype)
    order = rng.integers(problem.examples.n, size=53)
    results = []
    for n_threads in (1, 2, 4):
        engine = get_engine("native", n_threads=n_threads)
        network, totals = problem.train(engine, order, batch_size=5, rate=0.05)
        answers = [engine.outputs(network, problem.examples.X), *engine.codes(network.hidden, problem.examples.X)]
        results.append((network, totals, [values.tobytes() for values in answers]))
    network, totals, predictions = results[0]
    for other, other_totals, other_predictions in results[1:]:
        assert_same_bytes(network, other)
        assert_same_totals(totals, other_totals)
        assert predictions == other_predictions


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("unit", UNITS)
def test_steps_in_one_call_equal_steps_in_many(rng, dtype, unit, csr) -> None:
    """What resuming rests on: where a block of steps ends changes nothing."""
    problem = draw(rng, unit=UNITS[unit], l1=1e-3, weighted=True, csr=csr, n=23, dtype=dtype)
    engine, order, totals = get_engine("native"), np.arange(23), Totals()
    whole, whole_totals = problem.train(engine, order, batch_size=5, rate=0.1)
    for first in range(0, 23, 5):
        problem.descend(engine, order[first : first + 5], rate=0.1, totals=totals)
    assert_same_bytes(whole, problem.network)
    assert_same_totals(whole_totals, totals)


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("unit", "signs"), KINDS)
def test_an_example_is_answered_alike_in_any_company(rng, dtype, unit, signs, sizes, csr) -> None:
    problem = draw(rng, sizes=sizes, unit=UNITS[unit], signs=signs, n=13, density=0.2, csr=csr, dtype=dtype)
    engine = get_engine("native")
    X = problem.examples.X
    together = engine.outputs(problem.network, X)
    assert engine.row_exact
    for row in range(X.shape[0]):
        alone = engine.outputs(problem.network, X[[row]])
        assert alone.tobytes() == together[row].tobytes()
    shuffled = rng.permutation(X.shape[0])
    assert engine.outputs(problem.network, X[shuffled]).tobytes() == together[shuffled].tobytes()


@pytest.mark.parametrize(("unit", "signs"), KINDS)
def test_csr_input_gives_the_bits_of_dense_input(rng, dtype, unit, signs) -> None:
    problem = draw(rng, unit=UNITS[unit], signs=signs, density=0.3, csr=True, dtype=dtype)
    engine = get_engine("native")
    X = problem.examples.X
    codes = engine.outputs(problem.network, X)
    assert codes.tobytes() == engine.outputs(problem.network, dense(X)).tobytes()


def test_predictions_from_eight_threads_equal_serial_ones(rng, dtype) -> None:
    problem = draw(rng, sizes=(40, 64, 32, 5), n=8, dtype=dtype)
    engine = get_engine("native", n_threads=2)
    rows = [problem.examples.X[[i % 8]] for i in range(1000)]
    serial = [engine.outputs(problem.network, x).tobytes() for x in rows]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda x: engine.outputs(problem.network, x).tobytes(), rows))
    assert serial == parallel


def test_networks_train_in_eight_threads_at_once(rng, dtype) -> None:
    problem = draw(rng, n=11, dtype=dtype)
    engine = get_engine("native", n_threads=2)
    order = np.arange(11)
    expected, _ = problem.train(engine, order, batch_size=2, rate=0.1)
    with ThreadPoolExecutor(8) as pool:
        trained = list(pool.map(lambda _: problem.train(engine, order, batch_size=2, rate=0.1)[0], range(40)))
    for network in trained:
        assert_same_bytes(expected, network)


def test_the_padding_of_a_trained_network_stays_zero(rng, dtype) -> None:
    """Kernels work on whole registers; what they write beyond a row's last column must be the 0 it was."""
    problem = draw(rng, sizes=(17, 25, 13, 5), l1=1e-3, dtype=dtype)  # no width is a whole number of registers
    network, _ = problem.train(get_engine("native"), batch_size=3, rate=0.5)
    for layer in network.layers:
        stride = layer.W.strides[0] // layer.W.itemsize
        assert stride > layer.n_out
        whole = np.lib.stride_tricks.as_strided(layer.W, (layer.n_in, stride), layer.W.strides)
        assert not whole[:, layer.n_out :].any()
