"""Layers and networks: shapes, layout in memory, initialisation, signs."""

import os

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.layout import HUGE_PAGE, is_padded, padded_copy, padded_zeros, row_stride
from rectinet.network import Layer, Network, draw_signs, initialise

RECTIFIER = Activation("rectifier")
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def network(*sizes: int, dtype=np.float32, **kind) -> Network:
    return initialise(sizes, RECTIFIER, rng=np.random.default_rng(0), dtype=dtype, **kind)


@dtypes
@pytest.mark.parametrize("n_columns", [1, 8, 15, 16, 17, 255, 256, 257, 512, 1000, 1024, 4096])
def test_rows_are_whole_cache_lines_but_no_multiple_of_1_kib(n_columns, dtype) -> None:
    itemsize = np.dtype(dtype).itemsize
    n_bytes = row_stride(n_columns, itemsize) * itemsize
    assert n_bytes % 64 == 0
    assert n_bytes % 1024 != 0
    assert n_columns * itemsize <= n_bytes < n_columns * itemsize + 128


@dtypes
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (7, 16), (300, 300), (1200, 1000)])
def test_padded_matrices_are_aligned_and_zero_with_their_padding(shape, dtype) -> None:
    matrix = padded_zeros(*shape, dtype=dtype)
    assert (matrix.shape, matrix.dtype) == (shape, dtype)
    assert is_padded(matrix)
    assert not matrix.any()
    if matrix.size * matrix.itemsize >= HUGE_PAGE:
        assert matrix.ctypes.data % HUGE_PAGE == 0
    copy = padded_copy(np.ones(shape, dtype=dtype))
    assert is_padded(copy)
    assert (copy == 1).all()
    assert padded_copy(np.ones(shape), dtype).dtype == dtype


def test_other_layouts_are_recognised() -> None:
    assert not is_padded(np.zeros((4, 5), dtype=np.float32))
    assert not is_padded(padded_zeros(4, 5, np.float32)[:, 1:])
    assert not is_padded(padded_zeros(8, 5, np.float32)[::2])
    assert not is_padded(np.asfortranarray(np.zeros((16, 16), dtype=np.float32)))


def test_glorot_initialisation_for_every_unit_and_zero_biases() -> None:
    for unit in ("rectifier", "tanh"):
        net = initialise((300, 200, 10), Activation(unit), rng=np.random.default_rng(0), dtype=np.float64)
        for layer in net.layers:
            bound = np.sqrt(6 / (layer.n_in + layer.n_out))
            assert np.abs(layer.W).max() <= bound
            assert np.abs(layer.W).max() > 0.99 * bound
            assert layer.W.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
            assert not layer.b.any()


def test_half_of_the_units_are_off_at_the_start() -> None:
    """Section 3.1: after uniform initialisation around half of the hidden units are exact zeros."""
    layer = network(400, 1000, 5).layers[0]
    X = np.random.default_rng(1).normal(size=(50, 400)).astype(np.float32)
    assert (layer.activation.value(X @ layer.W + layer.b) == 0).mean() == pytest.approx(0.5, abs=0.02)


def test_shape_and_size() -> None:
    net = network(784, 1000, 1000, 1000, 10)
    assert (net.n_inputs, net.n_outputs, len(net.hidden)) == (784, 10, 3)
    assert net.n_parameters == 785 * 1000 + 2 * 1001 * 1000 + 1001 * 10
    assert net.dtype == np.float32
    assert [name for name, _ in net.parameters()] == ["0.W", "0.b", "1.W", "1.b", "2.W", "2.b", "3.W", "3.b"]
    assert [layer.activation.name for layer in net.layers] == ["rectifier"] * 3 + ["linear"]


def test_the_output_layer_can_be_another_unit_and_has_no_signs() -> None:
    net = network(4, 6, 3, output=Activation("logistic"), signs="balanced")
    assert net.layers[-1].activation.name == "logistic"
    assert net.layers[-1].signs is None
    assert net.layers[0].signs is not None


def test_the_same_stream_gives_the_same_network() -> None:
    for (_, a), (_, b) in zip(network(5, 7, 2).parameters(), network(5, 7, 2).parameters(), strict=True):
        assert a.tobytes() == b.tobytes()


def test_a_copy_shares_nothing_and_assign_brings_it_back() -> None:
    net = network(4, 6, 3)
    copy = net.copy()
    for (name, a), (_, b) in zip(net.parameters(), copy.parameters(), strict=True):
        assert a.tobytes() == b.tobytes()
        assert not np.shares_memory(a, b), name
    assert all(is_padded(layer.W) for layer in copy.layers)
    memory = copy.layers[0].W.ctypes.data
    copy.layers[0].W[...] = 0
    copy.layers[1].b[...] = 9
    copy.assign(net)
    assert copy.layers[0].W.ctypes.data == memory
    for (_, a), (_, b) in zip(net.parameters(), copy.parameters(), strict=True):
        assert a.tobytes() == b.tobytes()


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_balanced_signs_negate_exactly_half(n) -> None:
    signs = draw_signs("balanced", n, np.random.default_rng(0), np.float32)
    assert signs.dtype == np.float32
    assert (signs == -1).sum() == n // 2
    assert (signs == 1).sum() == n - n // 2


def test_other_signs() -> None:
    rng = np.random.default_rng(0)
    assert draw_signs("positive", 5, rng, np.float32) is None
    drawn = draw_signs("random", 10_000, rng, np.float64)
    assert set(drawn) == {-1.0, 1.0}
    assert abs(drawn.mean()) < 0.05  # 5 standard deviations
    with pytest.raises(ValueError, match="'half'"):
        draw_signs("half", 5, rng, np.float32)


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"b \(3,\)"):
        Layer(np.zeros((4, 2)), np.zeros(3), RECTIFIER)
    with pytest.raises(ValueError, match="float32"):
        Layer(np.zeros((4, 2)), np.zeros(2, np.float32), RECTIFIER)
    with pytest.raises(ValueError, match=r"signs must have shape \(2,\); got \(1,\)"):
        Layer(np.zeros((4, 2)), np.zeros(2), RECTIFIER, np.ones(1))
    with pytest.raises(ValueError, match="2 outputs cannot feed one of 3 inputs"):
        Network((Layer(np.zeros((4, 2)), np.zeros(2), RECTIFIER), Layer(np.zeros((3, 2)), np.zeros(2), RECTIFIER)))
    with pytest.raises(ValueError, match="at least one layer"):
        Network(())


def test_a_forked_child_that_writes_changes_its_own_weights_alone() -> None:
    """Large matrices lie in mappings of their own, which must be private."""
    matrix = padded_zeros(1000, 1000, np.float32)
    matrix[...] = 1
    child = os.fork()
    if child == 0:
        matrix[...] = 0
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert matrix.all()
