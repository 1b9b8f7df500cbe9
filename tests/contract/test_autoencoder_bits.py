"""The native engine trains auto-encoders to the same bits for any number of threads, from CSR or dense input."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import Totals, get_engine
from rectinet.layout import padded_zeros

from .autoencoder_problems import DECODERS, draw
from .problems import UNITS, assert_same_bytes, assert_same_totals

SIZES = [(17, 13), (700, 300), (141, 300), (5, 1), (1, 5)]  # (700, 300) is more than one block of outputs
DRAWS = [(decoder, None) for decoder in DECODERS] + [("tied", 0.3), ("by-output", 0.3)]
KINDS = [("rectifier", "positive"), ("rectifier", "balanced"), ("softplus3", "positive"), ("tanh", "positive")]

every_draw = pytest.mark.parametrize(("decoder", "zeros"), DRAWS)
csr_or_dense = pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])


@csr_or_dense
@every_draw
@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize(("unit", "signs"), KINDS)
def test_any_number_of_threads_trains_the_same_bits(rng, dtype, unit, signs, sizes, decoder, zeros, csr) -> None:
    kind = {"unit": UNITS[unit], "signs": signs, "decoder": decoder, "zeros": zeros, "csr": csr}
    problem = draw(rng, sizes=sizes, corruption="salt_and_pepper", l1=1e-3, density=0.3, dtype=dtype, **kind)
    order = rng.integers(problem.n, size=53)
    one, *more = (
        problem.train(get_engine("native", n_threads=n_threads), order, batch_size=5, rate=0.01)
        for n_threads in (1, 2, 4)
    )
    for trained, totals in more:
        assert_same_bytes(one[0], trained)
        assert_same_totals(one[1], totals)


@every_draw
@pytest.mark.parametrize("corruption", ["none", "masking", "salt_and_pepper"])
@pytest.mark.parametrize("reconstruction", ["softplus", "sigmoid"])
@pytest.mark.parametrize("targets", [False, True], ids=["inputs", "targets"])
def test_csr_input_gives_the_bits_of_dense_input(
    rng, dtype, targets, reconstruction, corruption, decoder, zeros
) -> None:
    kind = {"targets": targets, "reconstruction": reconstruction, "corruption": corruption, "decoder": decoder}
    problem = draw(rng, sizes=(70, 33), density=0.1, n=23, l1=1e-3, zeros=zeros, dtype=dtype, **kind)
    sparse = replace(problem, examples=replace(problem.examples, X=csr_array(problem.examples.X)))
    results = [p.train(get_engine("native"), batch_size=5, rate=0.05) for p in (problem, sparse)]
    assert_same_bytes(results[0][0], results[1][0])
    assert_same_totals(results[0][1], results[1][1])


@csr_or_dense
@every_draw
def test_steps_in_one_call_equal_steps_in_many(rng, dtype, decoder, zeros, csr) -> None:
    """What resuming rests on: where a block of steps ends changes nothing."""
    problem = draw(rng, decoder=decoder, zeros=zeros, l1=1e-3, csr=csr, n=23, dtype=dtype)
    engine, order = get_engine("native"), rng.permutation(23)
    whole, whole_totals = problem.train(engine, order, batch_size=5, rate=0.1)
    totals = Totals()
    for first in range(0, 23, 5):
        problem.descend(engine, order[first : first + 5], rate=0.1, totals=totals)
    assert_same_bytes(whole, problem.autoencoder)
    assert_same_totals(whole_totals, totals)


def test_autoencoders_train_in_eight_threads_at_once(rng, dtype) -> None:
    problem = draw(rng, zeros=0.3, l1=1e-3, dtype=dtype)
    engine, order = get_engine("native", n_threads=2), np.arange(11)
    expected, _ = problem.train(engine, order, batch_size=2, rate=0.1)
    with ThreadPoolExecutor(8) as pool:
        trained = list(pool.map(lambda _: problem.train(engine, order, batch_size=2, rate=0.1)[0], range(40)))
    for autoencoder in trained:
        assert_same_bytes(expected, autoencoder)


@every_draw
def test_the_padding_of_trained_matrices_stays_zero(rng, dtype, decoder, zeros) -> None:
    """Kernels work on whole registers; what they write beyond a row's last column must be the 0 it was."""
    problem = draw(rng, sizes=(25, 13), decoder=decoder, zeros=zeros, l1=1e-3, dtype=dtype)
    trained, _ = problem.train(get_engine("native"), np.tile(np.arange(11), 3), batch_size=3, rate=0.1)
    for values in (trained.encoder.W, trained.V):
        stride = values.strides[0] // values.itemsize
        assert stride > values.shape[1]
        whole = np.lib.stride_tricks.as_strided(values, (values.shape[0], stride), values.strides)
        assert not whole[:, values.shape[1] :].any()


@every_draw
@csr_or_dense
def test_the_layout_in_memory_changes_no_bit(rng, dtype, csr, decoder, zeros) -> None:
    """An auto-encoder in plain arrays, as a loaded file may hold, trains to the bits of one in padded rows."""
    problem = draw(rng, decoder=decoder, zeros=zeros, l1=1e-3, csr=csr, dtype=dtype)
    start = problem.autoencoder
    W = np.array(start.encoder.W)
    plain = replace(start, encoder=replace(start.encoder, W=W), V=W if start.tied else np.array(start.V))
    assert plain.V.strides != padded_zeros(*plain.V.shape, dtype=dtype).strides
    engine, order = get_engine("native"), np.arange(11)
    expected, _ = problem.train(engine, order, batch_size=4, rate=0.1)
    replace(problem, autoencoder=plain).descend(engine, order, batch_size=4, rate=0.1)
    assert_same_bytes(expected, plain)
