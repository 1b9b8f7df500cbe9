"""The oracle of auto-encoders itself: central differences, examples by hand, and the sampled gradient's expectation."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from rectinet.autoencoder import RECONSTRUCTIONS, Autoencoder
from rectinet.engine.reference.denoising import cost_and_gradients, importance, sampled_outputs
from rectinet.network import Layer
from rectinet.noise import Corruption, below, corrupt
from rectinet.problems import Sampling, Unlabelled
from rectinet.randomness import Purpose, philox

from .autoencoder_problems import DECODERS, DenoisingProblem, draw
from .problems import REFERENCE, UNITS
from .test_gradients import STEP, differences, relative_error


@pytest.mark.parametrize("targets", [False, True], ids=["inputs", "targets"])
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("l1", [0.0, 0.1], ids=["no-l1", "l1"])
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_gradients_are_central_differences(rng, unit, signs, reconstruction, decoder, l1, zeros, targets) -> None:
    """With the noise and the draw fixed, as the key fixes them."""
    if decoder == "by-hidden":
        zeros = None
    kind = {"unit": UNITS[unit], "signs": signs, "reconstruction": reconstruction, "decoder": decoder}
    noise = {"corruption": "salt_and_pepper", "zeros": zeros, "clear_of_kinks": 100 * STEP}
    while True:  # until no parameter's gradient is nothing but rounding, as where all outputs drawn are off
        problem = draw(rng, sizes=(5, 4), n=3, l1=l1, targets=targets, **kind, **noise)
        whole, gradients = problem.gradients()
        if min(np.linalg.norm(gradient) for gradient in gradients.values()) > 1e-2:
            break
    minibatch = problem.minibatch()

    def cost() -> float:
        totals, _ = cost_and_gradients(problem, minibatch)
        return (totals.loss + totals.penalty) / 3

    assert whole == cost()
    assert list(gradients) == [name for name, _ in problem.autoencoder.parameters()]
    for name, values in problem.autoencoder.parameters():
        assert relative_error(gradients[name], differences(cost, values)) < 1e-6, name


# x = (2, 0), noise none. h = -max(2 * 0.5 - 0.25, 0) = -0.75 (negated); z = h V + c = (-0.75 * 2 + 1, -0.75 - 1)
HAND = {  # reconstruction: loss, d loss / d z of both outputs
    "linear": ((-0.5 - 2) ** 2 + 1.75**2, (2 * -2.5, 2 * -1.75)),
    "rectifier": (4.0, (0.0, 0.0)),
    "softplus": (
        (np.log(1 + np.exp(-0.5)) - 2) ** 2 + np.log(1 + np.exp(-1.75)) ** 2,
        (
            2 * (np.log(1 + np.exp(-0.5)) - 2) / (1 + np.exp(0.5)),
            2 * np.log(1 + np.exp(-1.75)) / (1 + np.exp(1.75)),
        ),
    ),
    "sigmoid": (  # a target of 2 counts as 1
        np.log(1 + np.exp(-0.5)) - 1 * -0.5 + np.log(1 + np.exp(-1.75)),
        (1 / (1 + np.exp(0.5)) - 1, 1 / (1 + np.exp(1.75))),
    ),
}


@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
def test_one_unit_by_hand(reconstruction) -> None:
    encoder = Layer(np.array([[0.5], [3.0]]), np.array([-0.25]), UNITS["rectifier"], np.array([-1.0]))
    model = Autoencoder(encoder, np.array([[2.0, 1.0]]), np.array([1.0, -1.0]), reconstruction, by_output=False)
    examples = Unlabelled(np.array([[2.0, 0.0]]), None, np.array([7]))
    cost, gradients = DenoisingProblem(model, examples, Corruption(), activity_l1=0.1, seed=1).gradients()
    loss, (d0, d1) = HAND[reconstruction]
    dz = -(2 * d0 + d1) + 0.1  # through the negated unit, and the L1 on |h|
    assert cost == pytest.approx(loss + 0.1 * 0.75, abs=1e-14)
    np.testing.assert_allclose(gradients["c"], [d0, d1], atol=1e-14)
    np.testing.assert_allclose(gradients["V"], [[-0.75 * d0, -0.75 * d1]], atol=1e-14)
    np.testing.assert_allclose(gradients["b"], [dz], atol=1e-14)
    np.testing.assert_allclose(gradients["W"], [[2 * dz], [0]], atol=1e-14)


def test_the_penalty_is_on_the_code_of_the_clean_input(rng) -> None:
    """With every input masked it still pulls on the weights of the inputs that were there."""
    problem = draw(rng, corruption="none")
    problem = replace(problem, corruption=Corruption("masking", 1.0))
    _, free = problem.gradients()
    cost, held = replace(problem, activity_l1=0.1).gradients()
    encoder, X = problem.autoencoder.encoder, problem.examples.X
    code = encoder.activation.value(X @ encoder.W + encoder.b)
    assert not free["W"].any()
    np.testing.assert_allclose(held["W"], 0.1 * X.T @ (code > 0) / problem.n, atol=1e-15)
    np.testing.assert_allclose(held["b"] - free["b"], 0.1 * (code > 0).mean(axis=0), atol=1e-15)
    assert cost - problem.gradients()[0] == pytest.approx(0.1 * code.sum() / problem.n)


def test_the_target_is_the_clean_input(rng) -> None:
    """With every input masked the code is that of nothing at all, and still the inputs are asked for."""
    problem = draw(rng, corruption="none", reconstruction="linear", decoder="by-hidden")
    problem = replace(problem, corruption=Corruption("masking", 1.0))
    model, X = problem.autoencoder, problem.examples.X
    miss = np.maximum(model.encoder.b, 0) @ model.V + model.c - X
    cost, gradients = problem.gradients()
    assert cost == pytest.approx(np.square(miss).sum(axis=1).mean(), rel=1e-13)
    np.testing.assert_allclose(gradients["c"], 2 * miss.mean(axis=0), atol=1e-14)


def test_the_totals_count_what_the_noise_left(rng) -> None:
    problem = draw(rng, density=0.3)
    noisy = problem.minibatch().noisy
    encoder = problem.autoencoder.encoder
    code = encoder.activation.value(noisy @ encoder.W + encoder.b)
    _, totals = problem.train(REFERENCE)
    assert totals.active.tolist() == [np.count_nonzero(noisy), np.count_nonzero(code)]
    assert totals.union.tolist() == [np.count_nonzero(noisy.any(axis=0)), np.count_nonzero(code.any(axis=0))]
    assert np.count_nonzero(noisy) != np.count_nonzero(problem.examples.X)


@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
def test_training_takes_one_step_down_the_gradient(rng, decoder, zeros) -> None:
    """All gradients are taken at the old parameters."""
    problem = draw(rng, decoder=decoder, zeros=zeros, l1=0.1)
    _, gradients = problem.gradients()
    trained, _ = problem.train(REFERENCE, rate=0.25)
    before = dict(problem.autoencoder.parameters())
    for name, after in trained.parameters():
        np.testing.assert_array_equal(after, before[name] - 0.25 * gradients[name])


def test_a_tied_gradient_is_the_sum_of_both_parts(rng) -> None:
    tied = draw(rng, decoder="tied", l1=0.1)
    untied = replace(tied, autoencoder=replace(tied.autoencoder, V=tied.autoencoder.encoder.W.copy()))
    cost, gradients = tied.gradients()
    same_cost, parts = untied.gradients()
    assert cost == same_cost
    np.testing.assert_array_equal(gradients["W"], parts["W"] + parts["V"])


@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
def test_both_layouts_of_the_decoder_are_one_decoder(rng, reconstruction) -> None:
    rows = draw(rng, decoder="by-output", reconstruction=reconstruction, l1=0.1)
    model = rows.autoencoder
    columns = replace(rows, autoencoder=replace(model, V=model.V.T.copy(), by_output=False))
    cost, gradients = rows.gradients()
    other_cost, other = columns.gradients()
    assert cost == pytest.approx(other_cost, rel=1e-14)
    np.testing.assert_allclose(gradients["V"].T, other["V"], atol=1e-14)
    np.testing.assert_allclose(gradients["W"], other["W"], atol=1e-14)


@pytest.mark.parametrize("corruption", ["masking", "salt_and_pepper"])
def test_the_gradient_does_not_depend_on_the_order_of_the_minibatch(rng, corruption) -> None:
    """The noise and the draws belong to the examples."""
    problem = draw(rng, corruption=corruption, zeros=0.3, l1=0.1)
    cost, gradients = problem.gradients()
    order = rng.permutation(problem.n)
    moved_cost, moved = problem.batch(order).gradients()
    assert cost == pytest.approx(moved_cost, rel=1e-14)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(moved[name], gradient, atol=1e-14)


# -- sampled reconstruction --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("targets", [False, True], ids=["inputs", "targets"])
@pytest.mark.parametrize("decoder", ["tied", "by-output"])
@pytest.mark.parametrize("reconstruction", RECONSTRUCTIONS)
def test_the_expectation_over_all_draws_is_the_dense_gradient(rng, reconstruction, decoder, targets) -> None:
    """All 2^8 draws of eight outputs, each with its probability."""
    kind = {"reconstruction": reconstruction, "decoder": decoder, "targets": targets}
    problem = draw(rng, sizes=(8, 5), n=4, density=0.3, l1=0.1, corruption="salt_and_pepper", **kind)
    _, dense = problem.gradients()
    minibatch, sampling = problem.minibatch(), Sampling(0.3)
    mean = {name: np.zeros_like(gradient) for name, gradient in dense.items()}
    mean_importance = np.zeros_like(minibatch.clean)
    for bits in product([False, True], repeat=8):
        drawn = np.array(bits)
        probability = 0.3 ** drawn.sum() * 0.7 ** (~drawn).sum()
        weights = importance(minibatch.clean, minibatch.noisy, drawn, sampling)
        _, gradients = cost_and_gradients(problem, replace(minibatch, importance=weights))
        mean_importance += probability * weights
        for name, gradient in gradients.items():
            mean[name] += probability * gradient
    np.testing.assert_allclose(mean_importance, 1, atol=1e-13)
    for name, gradient in dense.items():
        np.testing.assert_allclose(mean[name], gradient, atol=1e-13, err_msg=name)


def test_the_average_over_epochs_converges_to_the_dense_gradient(rng) -> None:
    """Of the draws as they are made: within six standard errors, which are a small part of the gradient itself."""
    n_epochs = 3000
    problem = draw(rng, sizes=(8, 5), n=4, density=0.3, corruption="salt_and_pepper")
    excess = []
    for epoch in range(n_epochs):
        dense = replace(problem, epoch=epoch)
        _, full = dense.gradients()
        _, sampled = replace(dense, sampling=Sampling(0.3)).gradients()
        excess.append(np.concatenate([(sampled[name] - full[name]).ravel() for name in full]))
    standard_error = np.std(excess, axis=0) / np.sqrt(n_epochs)
    assert (np.abs(np.mean(excess, axis=0)) <= 6 * standard_error + 1e-12).all()
    size = np.linalg.norm(np.concatenate([gradient.ravel() for gradient in full.values()]))
    assert 0 < np.linalg.norm(standard_error) < 0.1 * size


def test_what_is_always_reconstructed_and_what_only_if_drawn() -> None:
    clean = np.array([[0.5, 0.5, 0.0, 0.0, 0.0]])
    noisy = np.array([[0.0, 0.5, 1.0, 0.0, 0.0]])  # masked, kept, switched on, off, off
    drawn = np.array([True, False, True, False, True])
    np.testing.assert_array_equal(importance(clean, noisy, drawn, Sampling(0.25)), [[1, 1, 1, 0, 4]])


def test_sampling_everything_is_the_dense_gradient(rng) -> None:
    problem = draw(rng, density=0.2, l1=0.1)
    cost, gradients = problem.gradients()
    sampled_cost, sampled = replace(problem, sampling=Sampling(1.0)).gradients()
    assert cost == sampled_cost
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(sampled[name], gradient)


def test_the_draw_of_an_example_uses_its_own_words(rng) -> None:
    """Output k: word k % 4 of Philox(k // 4, the example's id, the epoch), under the purpose of sampled outputs."""
    seed, example = 2**40 + 5, 2**33 + 9
    problem = replace(draw(rng, sizes=(11, 3), zeros=0.3), seed=seed)
    other, drawn = sampled_outputs(problem, np.array([7, example]), 3)
    top = (example >> 32) + 2**24 * Purpose.SAMPLED_OUTPUTS
    words = [
        philox(tuple(np.uint64(c) for c in (k // 4, example % 2**32, 3, top)), (seed % 2**32, seed >> 32))[k % 4]
        for k in range(11)
    ]
    np.testing.assert_array_equal(drawn, below(np.array(words), 0.3))
    assert 0 < drawn.sum() < 11
    assert (other != drawn).any()


def test_every_input_has_its_own_probability(rng) -> None:
    share = np.array([1e-9, 0.2, 0.6, 1.0])
    problem = replace(draw(rng, sizes=(4, 3)), sampling=Sampling(share), seed=3)
    drawn = sampled_outputs(problem, np.arange(4000), 1)
    assert not drawn[:, 0].any()
    assert drawn[:, 3].all()
    np.testing.assert_allclose(drawn.mean(axis=0)[1:3], share[1:3], atol=6 * np.sqrt(0.25 / 4000))
    weights = importance(np.zeros((4000, 4)), np.zeros((4000, 4)), drawn, Sampling(share))
    np.testing.assert_array_equal(np.unique(weights[:, 1]), [0, 5])


def test_the_draw_is_not_the_noise(rng) -> None:
    problem = draw(rng, sizes=(1000, 1), n=1, density=1.0, zeros=0.3)
    problem = replace(problem, corruption=Corruption("masking", 0.3), seed=5, epoch=3)
    X, ids, noisy = problem.examples.X, problem.examples.ids, problem.minibatch().noisy
    masked = corrupt(X, problem.corruption, seed=5, epoch=3, examples=ids, purpose=Purpose.NOISE)
    np.testing.assert_array_equal(noisy, masked)
    agreement = np.mean(sampled_outputs(problem, ids, 3) == (masked == 0))
    assert abs(agreement - 0.58) < 6 * np.sqrt(0.58 * 0.42 / 1000)  # 0.3^2 + 0.7^2, as of independent events
