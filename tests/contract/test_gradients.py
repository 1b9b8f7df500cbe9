"""The oracle itself: gradients against central differences, and examples small enough to do by hand."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.autoencoder import RECONSTRUCTIONS
from rectinet.engine.reference import ReferenceEngine
from rectinet.losses import SOFTMAX, CrossEntropy, Squared
from rectinet.network import Layer, Network
from rectinet.problems import Examples

from . import autoencoder_problems
from .problems import REFERENCE, UNITS, Problem, draw

STEP = 1e-5  # central differences: truncation about STEP^2, rounding about 1e-16 / STEP


def differences(cost: Callable[[], float], values: np.ndarray) -> np.ndarray:
    """d cost / d values by central differences, one entry after another."""
    slopes = np.empty_like(values)
    for index in np.ndindex(values.shape):
        kept = values[index]
        values[index] = kept + STEP
        above = cost()
        values[index] = kept - STEP
        slopes[index] = (above - cost()) / (2 * STEP)
        values[index] = kept
    return slopes


def relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("l1", [0.0, 0.1], ids=["no-l1", "l1"])
@pytest.mark.parametrize("loss", ["softmax", "squared"])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_gradients_are_central_differences(rng, unit, signs, loss, l1, weighted) -> None:
    kind = {"unit": UNITS[unit], "signs": signs, "loss": loss, "l1": l1, "weighted": weighted}
    while True:  # until no kink lies within reach of a difference
        problem = draw(rng, sizes=(5, 7, 6, 3), n=4, density=0.8, **kind)
        if problem.clearance() > 100 * STEP:
            break
    _, found = problem.gradients()
    assert found.keys() == dict(problem.parameters()).keys()
    for name, values in problem.parameters():
        assert relative_error(found[name], differences(lambda: problem.gradients()[0], values)) < 1e-6, name


LOSSES = {"softmax": SOFTMAX, "cross-entropy": CrossEntropy(), **{f"squared-{u}": Squared(UNITS[u]) for u in UNITS}}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_the_gradient_of_a_loss_is_the_central_difference_of_its_value(rng, loss) -> None:
    """Also at targets that lie outside its interval."""
    Z = rng.choice([-1, 1], size=(4, 5)) * rng.uniform(100 * STEP, 3, size=(4, 5))
    targets = rng.integers(5, size=4) if loss is SOFTMAX else rng.uniform(-1, 2, size=(4, 5))
    expected = differences(lambda: float(loss.value(Z, targets).sum()), Z)
    assert relative_error(loss.gradient(Z, targets), expected) < 1e-6


DRAWS = {
    **{loss: partial(draw, sizes=(5, 4, 3), loss=loss, weighted=True) for loss in ("softmax", "squared")},
    **{name: partial(autoencoder_problems.draw, sizes=(5, 4), reconstruction=name) for name in RECONSTRUCTIONS},
}


@pytest.mark.parametrize("kind", DRAWS)
def test_every_engine_descends_the_cost_it_reports(engine, rng, kind) -> None:
    while True:
        problem = DRAWS[kind](rng, n=4, l1=0.1, density=0.8)
        if problem.clearance() > 100 * STEP:
            break

    def cost() -> float:
        totals = problem.descend(engine, rate=0.0)
        return (totals.loss + totals.penalty) / totals.examples

    trained, _ = problem.train(engine, rate=1.0)
    for (name, values), (_, after) in zip(problem.parameters(), trained.parameters(), strict=True):
        assert relative_error(values - after, differences(cost, values)) < 1e-6, name


def test_one_unit_by_hand() -> None:
    """x = 2, z = 2 * 3 - 1 = 5, h = -5 (negated), o = -5 * 0.5 + 1 = -1.5, y = 0.5: loss 4, penalty 0.1 * 5."""
    hidden = Layer(np.array([[3.0]]), np.array([-1.0]), Activation("rectifier"), np.array([-1.0]))
    output = Layer(np.array([[0.5]]), np.array([1.0]), Activation("linear"))
    examples = Examples(np.array([[2.0]]), np.array([[0.5]]))
    cost, found = Problem(Network((hidden, output)), examples, "squared", (0.1,)).gradients()
    assert cost == pytest.approx(4.5, abs=1e-15)
    assert (found["1.W"].item(), found["1.b"].item()) == pytest.approx((20.0, -4.0))  # 2 (o - y) = -4, times h
    assert (found["0.W"].item(), found["0.b"].item()) == pytest.approx((4.2, 2.1))  # -4 * 0.5 * -1 + 0.1, times x


def test_derivative_of_the_rectifier_at_zero_is_honoured() -> None:
    """With z exactly 0 the choice decides whether anything is learnt; the L1 term has no say (sign(0) = 0)."""

    def first_bias(derivative_at_zero: float) -> float:
        hidden = Layer(np.zeros((1, 1)), np.zeros(1), Activation("rectifier", derivative_at_zero=derivative_at_zero))
        output = Layer(np.ones((1, 1)), np.zeros(1), Activation("linear"))
        examples = Examples(np.ones((1, 1)), np.ones((1, 1)))
        _, found = Problem(Network((hidden, output)), examples, "squared", (0.1,)).gradients()
        return found["0.b"].item()

    assert first_bias(0.0) == 0
    assert first_bias(1.0) == -2  # 2 (o - y) = -2


def test_a_weight_of_k_is_k_copies(rng) -> None:
    problem = draw(rng, n=4)
    counts = np.array([1, 3, 0, 2])
    weighted = replace(problem, examples=replace(problem.examples, weight=counts.astype(np.float64)))
    cost, found = weighted.gradients()
    copied_cost, copied = problem.batch(np.repeat(np.arange(4), counts)).gradients()
    assert cost * 4 == pytest.approx(copied_cost * 6, rel=1e-13)  # means over 4 and over 6 examples
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient * 4, copied[name] * 6, atol=1e-14, err_msg=name)


def test_training_takes_one_step_down_the_gradient(rng) -> None:
    problem = draw(rng, weighted=True, l1=0.1)
    _, found = problem.gradients()
    trained, _ = problem.train(REFERENCE, rate=0.25)
    for (name, before), (_, after) in zip(problem.parameters(), trained.parameters(), strict=True):
        np.testing.assert_array_equal(after, before - 0.25 * found[name], err_msg=name)


def test_the_reference_engine_has_a_name() -> None:
    assert ReferenceEngine().name == "reference"
