"""Denoising steps of every engine, held against the reference in float64."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.autoencoder import RECONSTRUCTIONS
from rectinet.engine import Totals
from rectinet.network import Layer, Network
from rectinet.problems import Examples, Sampling, Unlabelled

from .autoencoder_problems import CORRUPTIONS, DECODERS, draw
from .problems import UNITS, Problem, assert_same_bytes, assert_same_totals, dense
from .test_contract import check_step, check_twenty_steps

csr_or_dense = pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])


@pytest.mark.parametrize(("l1", "csr"), [(0.0, False), (0.01, True)], ids=["dense", "l1-csr"])
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_kind_of_autoencoder(engine, rng, dtype, unit, signs, reconstruction, decoder, l1, csr) -> None:
    kind = {"unit": UNITS[unit], "signs": signs, "reconstruction": reconstruction, "decoder": decoder}
    totals = check_step(engine, draw(rng, l1=l1, csr=csr, n=7, dtype=dtype, **kind))
    assert totals.reconstructed == 7 * 17
    assert (totals.penalty > 0) == (l1 > 0)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
@pytest.mark.parametrize("corruption", CORRUPTIONS)
def test_every_kind_of_noise(engine, rng, dtype, corruption, reconstruction, decoder) -> None:
    kind = {"reconstruction": reconstruction, "decoder": decoder, "corruption": corruption}
    check_step(engine, draw(rng, l1=0.01, dtype=dtype, **kind))


@csr_or_dense
@pytest.mark.parametrize("corruption", ["none", "masking", "salt_and_pepper"])
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
@pytest.mark.parametrize("zeros", [1e-6, 0.3, 1.0])
def test_sampled_reconstruction(engine, rng, dtype, zeros, decoder, reconstruction, corruption, csr) -> None:
    kind = {"decoder": decoder, "reconstruction": reconstruction, "corruption": corruption, "csr": csr}
    problem = draw(rng, sizes=(40, 19), density=0.1, l1=0.01, zeros=zeros, dtype=dtype, **kind)
    totals = check_step(engine, problem)
    always = np.count_nonzero(dense(problem.examples.X) + dense(problem.minibatch().noisy))
    assert totals.reconstructed == (always if zeros == 1e-6 else 11 * 40 if zeros == 1 else totals.reconstructed)
    assert always <= totals.reconstructed <= 11 * 40


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
@pytest.mark.parametrize("decoder", DECODERS)
def test_targets_other_than_the_inputs(engine, rng, dtype, decoder, reconstruction, zeros, csr) -> None:
    if decoder == "by-hidden":
        zeros = None
    kind = {"decoder": decoder, "reconstruction": reconstruction, "zeros": zeros, "csr": csr}
    check_step(engine, draw(rng, targets=True, density=0.2, l1=0.01, dtype=dtype, **kind))


@csr_or_dense
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("place", ["inputs", "codes"])
@pytest.mark.parametrize("width", [1, 17, 64, 100])
def test_odd_widths(engine, rng, dtype, width, place, decoder, csr) -> None:
    sizes = (width, 21) if place == "inputs" else (19, width)
    check_step(engine, draw(rng, sizes=sizes, decoder=decoder, l1=0.01, n=5, csr=csr, dtype=dtype))


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.9], ids=["all", "sampled"])
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
def test_more_outputs_than_a_cache_holds(engine, rng, dtype, decoder, zeros, csr) -> None:
    """Several blocks of outputs, whose gradients by the code add up."""
    check_step(engine, draw(rng, sizes=(700, 300), decoder=decoder, zeros=zeros, density=0.1, csr=csr, dtype=dtype))


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
@pytest.mark.parametrize("n", [1, 3, 10, 33])
def test_batch_sizes(engine, rng, dtype, n, decoder, zeros, csr) -> None:
    check_step(engine, draw(rng, decoder=decoder, zeros=zeros, n=n, l1=0.01, csr=csr, dtype=dtype))


@csr_or_dense
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("density", [0.0, 1 / 40, 0.05, 0.5, 1.0])
def test_densities_of_the_input(engine, rng, dtype, density, decoder, csr) -> None:
    totals = check_step(engine, draw(rng, sizes=(40, 32), density=density, decoder=decoder, csr=csr, dtype=dtype))
    if density == 0:
        assert (totals.active[0], totals.union[0]) == (0, 0)


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
def test_an_example_without_any_input(engine, rng, dtype, decoder, zeros, csr) -> None:
    """First (whose key draws the outputs), last and in between; its code and reconstruction still cost."""
    problem = draw(rng, decoder=decoder, zeros=zeros, n=6, l1=0.01, dtype=dtype)
    X = problem.examples.X.copy()
    X[[0, 3, 5]] = 0
    check_step(engine, replace(problem, examples=replace(problem.examples, X=csr_array(X) if csr else X)))


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("decoder", ["tied", "by-output", "by-hidden"])
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
def test_twenty_steps(engine, rng, dtype, reconstruction, decoder, zeros, csr) -> None:
    if decoder == "by-hidden":
        zeros = None
    kind = {"reconstruction": reconstruction, "decoder": decoder, "zeros": zeros, "csr": csr, "signs": "balanced"}
    check_twenty_steps(engine, rng, partial(draw, corruption="salt_and_pepper", l1=0.001, **kind), dtype)


@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("decoder", ["by-output", "by-hidden"])
def test_without_noise_and_penalty_it_is_a_network_that_learns_its_inputs(engine, rng, decoder, unit, signs) -> None:
    kind = {"decoder": decoder, "unit": UNITS[unit], "signs": signs}
    problem = draw(rng, reconstruction="linear", corruption="none", n=23, **kind)
    order, X = rng.permutation(23), problem.examples.X
    trained, totals = problem.train(engine, order, batch_size=4, rate=0.05)

    start = problem.autoencoder
    V = start.V.T.copy() if start.by_output else start.V
    network = Network((start.encoder, Layer(V, start.c, UNITS["linear"]))).copy()
    labelled = Problem(network, Examples(X, X), "squared", (0.0,))
    expected = labelled.descend(engine, order, batch_size=4, rate=0.05)

    first, second = network.layers
    decoder_V = trained.V.T if trained.by_output else trained.V
    for actual, value in zip(
        (trained.encoder.W, trained.encoder.b, decoder_V, trained.c),
        (first.W, first.b, second.W, second.b),
        strict=True,
    ):
        np.testing.assert_allclose(actual, value, rtol=0, atol=1e-12)
        assert np.abs(value).max() > 0.01
    assert totals.loss == pytest.approx(expected.loss, rel=1e-12)
    assert (totals.penalty, totals.reconstructed) == (0, 23 * 17)
    np.testing.assert_array_equal(totals.active, expected.active)
    np.testing.assert_array_equal(totals.union, expected.union)


@csr_or_dense
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("targets", [False, True], ids=["inputs", "targets"])
@pytest.mark.parametrize("corruption", ["masking", "salt_and_pepper"])
def test_noise_and_targets_follow_the_example(engine, rng, dtype, corruption, targets, zeros, csr) -> None:
    """The same examples stored in another order and visited in the same one: the same bits."""
    problem = draw(rng, corruption=corruption, targets=targets, zeros=zeros, n=20, csr=csr, dtype=dtype)
    order, stored = rng.permutation(20), rng.permutation(20)
    trained, totals = problem.train(engine, order, batch_size=6, rate=0.1)
    moved, moved_totals = problem.batch(stored).train(engine, np.argsort(stored)[order], batch_size=6, rate=0.1)
    assert_same_bytes(trained, moved)
    assert_same_totals(totals, moved_totals)


@pytest.mark.parametrize("place", ["seed", "epoch"])
def test_every_part_of_the_key_draws_other_noise(engine, rng, dtype, place) -> None:
    problem = draw(rng, n=20, zeros=0.3, corruption="salt_and_pepper", dtype=dtype)
    other = replace(problem, **{place: getattr(problem, place) + 1})
    one, two = (p.train(engine, rate=0.1)[0].encoder.W for p in (problem, other))
    assert (one != two).any()


def test_each_step_has_its_own_rate(engine, rng, dtype) -> None:
    problem = draw(rng, n=6, dtype=dtype)
    trained, _ = problem.train(engine, batch_size=2, rate=np.array([0.0, 0.1, 0.0]))
    expected, _ = problem.batch(np.array([2, 3])).train(engine, rate=0.1)
    assert_same_bytes(trained, expected)


def test_totals_go_on_from_those_given(engine, rng, dtype) -> None:
    problem, totals = draw(rng, n=8, l1=0.1, dtype=dtype), Totals()
    for order in (np.arange(4), np.arange(4, 8)):
        assert problem.descend(engine, order, rate=0.0, totals=totals) is totals
    _, whole = problem.train(engine, batch_size=4, rate=0.0)
    assert_same_totals(totals, whole)


@pytest.mark.parametrize("decoder", DECODERS)
def test_plain_arrays_are_trained_in_place(engine, rng, dtype, decoder) -> None:
    """Not only arrays in the engines' own layout; a tied decoder stays the encoder's own array."""
    problem = draw(rng, decoder=decoder, dtype=dtype)
    start = problem.autoencoder
    W = np.array(start.encoder.W)
    plain = replace(start, encoder=replace(start.encoder, W=W), V=W if start.tied else np.array(start.V))
    arrays = dict(plain.parameters())
    expected, _ = problem.train(engine, rate=0.1)
    replace(problem, autoencoder=plain).descend(engine, rate=0.1)
    assert_same_bytes(plain, expected)
    assert all(values is arrays[name] for name, values in plain.parameters())
    assert plain.tied == start.tied


def test_minus_zero_in_the_data_counts_as_zero(engine, rng, dtype) -> None:
    problem = draw(rng, density=0.3, zeros=0.2, l1=0.01, corruption="salt_and_pepper", dtype=dtype)
    X = problem.examples.X
    negative = replace(problem, examples=replace(problem.examples, X=np.where(X == 0, dtype(-0.0), X)))
    trained, totals = problem.train(engine)
    negative_trained, negative_totals = negative.train(engine)
    assert_same_bytes(trained, negative_trained)
    assert_same_totals(totals, negative_totals)


def test_dead_hidden_units_leave_only_the_visible_biases_to_learn(engine, rng, dtype) -> None:
    problem = draw(rng, l1=0.01, dtype=dtype)
    problem.autoencoder.encoder.b[...] = -100
    trained, totals = problem.train(engine)
    assert (totals.active[1], totals.union[1], totals.penalty) == (0, 0, 0)
    for (name, after), (_, before) in zip(trained.parameters(), problem.autoencoder.parameters(), strict=True):
        assert (after.tobytes() == before.tobytes()) == (name != "c"), name
    check_step(engine, problem)


@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
def test_far_from_zero_nothing_overflows(engine, rng, dtype, reconstruction) -> None:
    """Pre-activations of +-1000 at the outputs: exp would overflow, the stable forms do not."""
    problem = draw(rng, sizes=(6, 5), reconstruction=reconstruction, n=4, dtype=dtype)
    problem.autoencoder.c[...] = np.array([-1000, -200, -90, 90, 200, 1000])
    check_step(engine, problem)


@pytest.mark.parametrize("zeros", [None, 1.0], ids=["all", "sampled"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("parameter", ["W", "b", "V", "c"])
def test_what_is_not_finite_surfaces_in_the_loss(engine, rng, dtype, parameter, bad, zeros) -> None:
    problem = draw(rng, density=1.0, corruption="none", zeros=zeros, dtype=dtype)
    problem.autoencoder.encoder.b[...] = 20  # every unit on, so that no bad weight may be skipped
    values = dict(problem.autoencoder.parameters())[parameter]
    values[(0,) * values.ndim] = bad
    if parameter in "Wb":
        problem.autoencoder.V[...] = np.abs(problem.autoencoder.V)
    _, totals = problem.train(engine, rate=0.1)
    assert not np.isfinite(totals.loss)


def test_sampling_needs_a_decoder_stored_by_output(rng, dtype) -> None:
    with pytest.raises(ValueError, match=r"decoder stored by output.*\(13, 17\)"):
        draw(rng, decoder="by-hidden", zeros=0.3, dtype=dtype)


def test_gaussian_noise_on_csr_is_refused(engine, rng, dtype) -> None:
    problem = replace(draw(rng, csr=True, dtype=dtype), corruption=CORRUPTIONS["gaussian"])
    with pytest.raises(ValueError, match="needs a dense X"):
        problem.train(engine)


@csr_or_dense
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
def test_a_minibatch_with_nothing_to_reconstruct_changes_nothing(engine, rng, dtype, decoder, csr) -> None:
    """Between minibatches that have: nothing of the step before may linger."""
    problem = draw(rng, decoder=decoder, zeros=1e-9, corruption="none", density=1.0, n=9, dtype=dtype)
    X = problem.examples.X.copy()
    X[3:6] = 0
    problem = replace(problem, examples=replace(problem.examples, X=csr_array(X) if csr else X))
    trained, totals = problem.train(engine, batch_size=3, rate=0.05)
    others, other_totals = problem.train(engine, np.array([0, 1, 2, 6, 7, 8]), batch_size=3, rate=0.05)
    assert_same_bytes(trained, others)
    assert totals.loss == other_totals.loss
    assert totals.reconstructed == other_totals.reconstructed == 6 * 17


def test_every_output_may_have_its_own_probability(engine, rng, dtype) -> None:
    problem = draw(rng, zeros=0.3, l1=0.01, corruption="salt_and_pepper", dtype=dtype)
    probabilities = rng.uniform(0.05, 1, size=problem.autoencoder.n_in)
    check_step(engine, replace(problem, sampling=Sampling(probabilities)))


def test_a_csr_minibatch_of_nothing_but_zeros(engine, rng, dtype) -> None:
    problem = draw(rng, zeros=0.3, l1=0.01, dtype=dtype)
    X = csr_array((11, 17), dtype=dtype)
    empty = replace(problem, examples=Unlabelled(X, None, problem.examples.ids))
    totals = check_step(engine, empty)
    assert totals.active[0] == 0
    assert 0 < totals.reconstructed < 11 * 17  # what was drawn, and nothing else
