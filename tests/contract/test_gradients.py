"""The oracle itself: gradients against central differences, and examples small enough to do by hand."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rectinet.activations import Activation
from rectinet.engine import Examples, Objective
from rectinet.engine.reference import ReferenceEngine, gradients
from rectinet.network import Layer, Network

from .problems import REFERENCE, UNITS, Problem, clearance, draw

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
        if clearance(problem) > 100 * STEP:
            break

    def cost() -> float:
        return gradients(problem.network, problem.examples, problem.objective)[0]

    _, pairs = gradients(problem.network, problem.examples, problem.objective)
    for layer, (dW, db) in zip(problem.network.layers, pairs, strict=True):
        assert relative_error(dW, differences(cost, layer.W)) < 1e-6
        assert relative_error(db, differences(cost, layer.b)) < 1e-6


def test_one_unit_by_hand() -> None:
    """x = 2, z = 2 * 3 - 1 = 5, h = -5 (negated), o = -5 * 0.5 + 1 = -1.5, y = 0.5: loss 4, penalty 0.1 * 5."""
    hidden = Layer(np.array([[3.0]]), np.array([-1.0]), Activation("rectifier"), np.array([-1.0]))
    output = Layer(np.array([[0.5]]), np.array([1.0]), Activation("linear"))
    network = Network((hidden, output))
    examples = Examples(np.array([[2.0]]), np.array([[0.5]]))
    cost, ((dW0, db0), (dW1, db1)) = gradients(network, examples, Objective("squared", (0.1,)))
    assert cost == pytest.approx(4.5, abs=1e-15)
    assert (dW1.item(), db1.item()) == pytest.approx((20.0, -4.0))  # 2 (o - y) = -4, times h
    assert (dW0.item(), db0.item()) == pytest.approx((4.2, 2.1))  # -4 * 0.5 * -1 + 0.1, times x


def test_derivative_of_the_rectifier_at_zero_is_honoured() -> None:
    """With z exactly 0 the choice decides whether anything is learnt; the L1 term has no say (sign(0) = 0)."""

    def first_bias(derivative_at_zero: float) -> float:
        hidden = Layer(np.zeros((1, 1)), np.zeros(1), Activation("rectifier", derivative_at_zero=derivative_at_zero))
        output = Layer(np.ones((1, 1)), np.zeros(1), Activation("linear"))
        examples = Examples(np.ones((1, 1)), np.ones((1, 1)))
        _, pairs = gradients(Network((hidden, output)), examples, Objective("squared", (0.1,)))
        return pairs[0][1].item()

    assert first_bias(0.0) == 0
    assert first_bias(1.0) == -2  # 2 (o - y) = -2


def test_a_weight_of_k_is_k_copies(rng) -> None:
    problem = draw(rng, n=4)
    counts = np.array([1, 3, 0, 2])
    weighted = replace(problem, examples=replace(problem.examples, weight=counts.astype(np.float64)))
    cost, pairs = gradients(weighted.network, weighted.examples, weighted.objective)
    copies = problem.batch(np.repeat(np.arange(4), counts))
    copied_cost, copied_pairs = gradients(copies.network, copies.examples, copies.objective)
    assert cost * 4 == pytest.approx(copied_cost * 6, rel=1e-13)  # means over 4 and over 6 examples
    for (dW, db), (copied_dW, copied_db) in zip(pairs, copied_pairs, strict=True):
        np.testing.assert_allclose(dW * 4, copied_dW * 6, atol=1e-14)
        np.testing.assert_allclose(db * 4, copied_db * 6, atol=1e-14)


def test_training_takes_one_step_down_the_gradient(rng) -> None:
    problem: Problem = draw(rng, weighted=True, l1=0.1)
    _, pairs = gradients(problem.network, problem.examples, problem.objective)
    trained, _ = problem.train(REFERENCE, rate=0.25)
    for before, after, (dW, db) in zip(problem.network.layers, trained.layers, pairs, strict=True):
        np.testing.assert_array_equal(after.W, before.W - 0.25 * dW)
        np.testing.assert_array_equal(after.b, before.b - 0.25 * db)


def test_the_reference_engine_has_a_name() -> None:
    assert ReferenceEngine().name == "reference"
