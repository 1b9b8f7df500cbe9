"""The affine map of every example, on every engine, held against the reference in float64."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.arrays import Array, Matrix
from rectinet.engine import AffineMaps, Engine, get_engine

from .problems import REFERENCE, UNITS, Problem, assert_close, draw, in_float64


def magnitudes(problem: Problem, readout: Array) -> tuple[Array, Array]:
    """What slopes by every input, (n_outputs, n_inputs), and constants, (n_outputs,), can be at most.

    Weights count by their size, and the slope of a unit as 2: as much again as its own rounding.
    """
    D, constants = np.abs(readout), np.zeros(readout.shape[1])
    for layer in reversed(in_float64(problem).network.layers):
        D = 2 * max(1.0, layer.activation.alpha) * D
        constants = constants + np.abs(layer.b) @ D
        D = np.abs(layer.W) @ D
    return D.T, constants


def stored(values: Array, X: Matrix) -> Array:
    """Of an array of shape (n, n_outputs, n_inputs), what stands where a CSR X has entries: (n_outputs, n_stored)."""
    if not isinstance(X, csr_array):
        return values
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    return values[rows, :, X.indices].T


def check(engine: Engine, problem: Problem, readout: Array) -> AffineMaps:
    """Slopes, contributions, constants and values agree with the reference; returns the contributions."""
    network, exact, X = problem.network, in_float64(problem), problem.examples.X
    bounds, constants = magnitudes(problem, readout)
    asked = readout.astype(network.dtype)
    slopes = engine.affine_maps(network.layers, asked, X)
    given = engine.affine_maps(network.layers, asked, X, contributions=True)
    wanted = REFERENCE.affine_maps(exact.network.layers, asked.astype(np.float64), exact.examples.X)
    *_, (_, _, scale) = problem.forward()
    rest = problem.rounding() * (1 + scale.max(axis=1))  # the slope of a curved unit moves with its sum
    allowed = rest[:, None, None] * bounds
    inputs = exact.examples.X[:, None]
    assert_close(slopes.slopes, stored(wanted.slopes, X), stored(allowed, X), "slopes")
    assert_close(given.slopes, stored(wanted.slopes * inputs, X), stored(allowed * np.abs(inputs), X), "contributions")
    assert_close(given.constants, wanted.constants, rest[:, None] * constants, "constants")
    for maps in (slopes, given):
        assert maps.slopes.dtype == maps.values.dtype == maps.constants.dtype == network.dtype
        assert maps.values.tobytes() == engine.outputs(network, X).tobytes() or not engine.row_exact
        assert_close(maps.values, wanted.values, problem.rounding() * scale, "values")
        assert maps.constants.tobytes() == given.constants.tobytes()
    return given


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_kind_of_network(engine, rng, dtype, unit, signs, csr) -> None:
    problem = draw(rng, unit=UNITS[unit], signs=signs, csr=csr, dtype=dtype)
    check(engine, problem, rng.normal(size=(4, 4)))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("n_outputs", [1, 3, 5, 10, 16, 17, 33, 62, 70, 130])
def test_any_number_of_outputs(engine, rng, dtype, n_outputs, csr) -> None:
    problem = draw(rng, sizes=(12, 40, 33, 7), signs="balanced", csr=csr, dtype=dtype)
    check(engine, problem, rng.normal(size=(7, n_outputs)))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("n", [1, 3, 31, 32, 33, 100])
def test_batch_sizes(engine, rng, dtype, n, csr) -> None:
    problem = draw(rng, sizes=(20, 24, 16, 5), n=n, csr=csr, dtype=dtype)
    check(engine, problem, np.eye(5))


@pytest.mark.parametrize("place", ["inputs", "first hidden", "second hidden", "outputs"])
@pytest.mark.parametrize("width", [1, 15, 16, 17, 31, 33, 64, 100, 300])
def test_odd_widths(engine, rng, dtype, width, place) -> None:
    sizes = {
        "inputs": (width, 24, 13, 4),
        "first hidden": (19, width, 13, 4),
        "second hidden": (19, 24, width, 4),
        "outputs": (19, 24, 13, width),
    }[place]
    problem = draw(rng, sizes=sizes, n=5, loss="squared", signs="balanced", dtype=dtype)
    check(engine, problem, np.eye(sizes[-1]))


@pytest.mark.parametrize("width", [2064, 2300])
@pytest.mark.parametrize("n_outputs", [1, 40])
def test_rows_so_wide_that_they_are_worked_off_in_stripes(engine, rng, dtype, width, n_outputs) -> None:
    problem = draw(rng, sizes=(7, 19, width, 3), n=23, signs="balanced", dtype=dtype)
    check(engine, problem, rng.normal(size=(3, n_outputs)))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("n_outputs", [1, 10])
@pytest.mark.parametrize("share_on", [0.0, 1 / 64, 0.05, 0.5, 1.0])
def test_densities_of_the_codes(engine, rng, dtype, share_on, n_outputs, csr) -> None:
    problem = draw(rng, sizes=(12, 64, 64, 5), n=9, csr=csr, dtype=dtype)
    for layer in problem.network.hidden:  # biases decide which units are on, whatever the input
        layer.b[...] = np.where(np.arange(64) < round(share_on * 64), 30.0, -30.0)
    maps = check(engine, problem, rng.normal(size=(5, n_outputs)))
    assert bool((maps.slopes != 0).any()) == (share_on > 0)


@pytest.mark.parametrize("density", [0.0, 1 / 40, 0.5, 1.0])
@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_densities_of_the_input(engine, rng, dtype, density, csr) -> None:
    problem = draw(rng, sizes=(40, 32, 16, 5), density=density, csr=csr, dtype=dtype)
    check(engine, problem, np.eye(5))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_no_hidden_layer(engine, rng, dtype, csr) -> None:
    problem = draw(rng, sizes=(21, 3), csr=csr, dtype=dtype)
    found = check(engine, problem, np.eye(3))
    np.testing.assert_array_equal(found.constants, np.broadcast_to(problem.network.layers[0].b, (11, 3)))


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_some_units_of_a_hidden_layer(engine, rng, dtype, csr) -> None:
    """Those that are off for an example have no slope; the others have that of their sum, signs applied."""
    problem = draw(rng, sizes=(17, 24, 13, 4), signs="balanced", csr=csr, dtype=dtype)
    layers, X = problem.network.hidden, problem.examples.X
    units = [12, 0, 5, 6]
    codes = engine.codes(layers, X)[-1][:, units]
    maps = engine.affine_maps(layers, np.eye(13, dtype=dtype)[:, units], X, contributions=True)
    if isinstance(X, csr_array):
        sums = np.stack([csr_array((data, X.indices, X.indptr), X.shape).sum(axis=1) for data in maps.slopes], axis=1)
    else:
        sums = maps.slopes.sum(axis=2)
    np.testing.assert_allclose(sums + maps.constants, codes, rtol=0, atol=1e-5 if dtype == np.float32 else 1e-13)
    assert not maps.constants[codes == 0].any()


def test_an_entry_that_is_stored_and_zero_has_a_slope_and_adds_nothing(engine, rng, dtype) -> None:
    problem = draw(rng, density=1.0, dtype=dtype)
    X = csr_array(problem.examples.X)
    X.data[::3] = 0
    layers, readout = problem.network.layers, np.eye(4, dtype=dtype)
    slopes = engine.affine_maps(layers, readout, X).slopes
    assert (slopes[:, ::3] != 0).all()
    whole = engine.affine_maps(layers, readout, X.toarray()).slopes
    np.testing.assert_allclose(slopes, stored(whole, X), rtol=1e-4 if dtype == np.float32 else 1e-11)
    given = engine.affine_maps(layers, readout, X, contributions=True).slopes
    np.testing.assert_array_equal(given == 0, np.broadcast_to(X.data == 0, given.shape))


def test_no_example_has_no_map(engine, rng, dtype) -> None:
    network = draw(rng, dtype=dtype).network
    X = np.zeros((0, network.n_inputs), dtype)
    maps = engine.affine_maps(network.layers, np.eye(4, dtype=dtype), X)
    assert (maps.values.shape, maps.constants.shape, maps.slopes.shape) == ((0, 4), (0, 4), (0, 4, 17))
    assert engine.affine_maps(network.layers, np.eye(4, dtype=dtype), csr_array(X)).slopes.shape == (4, 0)


SIZES = [(17, 24, 13, 4), (150, 300, 141, 10), (5, 1, 1, 2), (6, 19, 2100, 3)]


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("unit", ["rectifier", "softplus3", "tanh"])
def test_any_number_of_threads_and_any_company_give_the_same_bits(rng, dtype, unit, sizes, csr) -> None:
    problem = draw(rng, sizes=sizes, unit=UNITS[unit], signs="balanced", dtype=dtype)
    X = (rng.normal(size=(67, sizes[0])) * (rng.random((67, sizes[0])) < 0.3)).astype(dtype)
    layers, X = problem.network.layers, csr_array(X) if csr else X
    for n_outputs in (1, sizes[-1], 40):
        readout = rng.normal(size=(sizes[-1], n_outputs)).astype(dtype)
        engines = [get_engine("native", n_threads=n_threads) for n_threads in (1, 2, 4)]
        one, *others = (engine.affine_maps(layers, readout, X, contributions=True) for engine in engines)
        for other in others:
            assert one.slopes.tobytes() == other.slopes.tobytes()
            assert one.constants.tobytes() == other.constants.tobytes()
        for row in (0, 31, 66):
            alone = engines[0].affine_maps(layers, readout, X[[row]], contributions=True)
            own = slice(*X.indptr[row : row + 2]) if isinstance(X, csr_array) else None
            mine = one.slopes[row] if own is None else one.slopes[:, own]
            assert alone.slopes.tobytes() == mine.tobytes()
            assert alone.constants.tobytes() == one.constants[row].tobytes()


def test_csr_input_gives_the_bits_of_dense_input(rng, dtype) -> None:
    problem = draw(rng, signs="balanced", density=0.3, csr=True, dtype=dtype)
    layers, X, readout = problem.network.layers, problem.examples.X, np.eye(4, dtype=dtype)
    sparse, whole = (
        get_engine("native").affine_maps(layers, readout, each, contributions=True) for each in (X, X.toarray())
    )
    assert sparse.slopes.tobytes() == np.ascontiguousarray(stored(whole.slopes, X)).tobytes()
    assert sparse.constants.tobytes() == whole.constants.tobytes()
