"""What every engine computes, held against the reference in float64."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from rectinet.engine import Engine, Totals
from rectinet.network import Network

from .problems import (
    CLEARANCE,
    REFERENCE,
    UNITS,
    Problem,
    assert_close,
    assert_same_bytes,
    draw,
    in_float64,
)

WIDTHS = [1, 15, 16, 17, 31, 33, 64, 100, 300]


def check_prediction(engine: Engine, problem: Problem) -> None:
    """Outputs and every layer's codes agree with the reference."""
    network, exact, X = problem.network, in_float64(problem), problem.examples.X
    allowed = [problem.rounding() * scale for _, _, scale in problem.forward()]
    outputs = engine.outputs(network, X)
    assert outputs.dtype == network.dtype
    assert_close(outputs, REFERENCE.outputs(exact.network, exact.examples.X), allowed[-1], "outputs")
    found, wanted = engine.codes(network.hidden, X), REFERENCE.codes(exact.network.hidden, exact.examples.X)
    for k, (layer, codes, expected) in enumerate(zip(network.hidden, found, wanted, strict=True)):
        assert codes.dtype == network.dtype
        assert_close(codes, expected, allowed[k], f"codes of layer {k}")
        if layer.activation.exact_zeros:
            np.testing.assert_array_equal(codes == 0, expected == 0)


def check_step(engine: Engine, problem: Any) -> Totals:
    """One step over all examples leaves the parameters and the totals of the reference, and touches nothing else."""
    before = contents(problem)
    totals = check_update(engine, problem)
    _, expected = in_float64(problem).train(REFERENCE)
    check_counts(totals, expected)
    allowed, tolerance = problem.scales(1.0), 2 * problem.rounding()
    for name in ("loss", "penalty", "error"):
        off = abs(getattr(totals, name) - getattr(expected, name))
        assert off <= tolerance * getattr(allowed, name), name
    assert [name for name, values in contents(problem).items() if values != before[name]] == []
    return totals


def check_update(engine: Engine, problem: Any) -> Totals:
    """One step over all examples leaves the parameters of the reference."""
    trained, totals = problem.train(engine)
    expected, _ = in_float64(problem).train(REFERENCE)
    check_parameters(trained, expected, problem.scales(1.0).parameters, problem.rounding())
    return totals


def check_twenty_steps(engine: Engine, rng: np.random.Generator, draw_one: Callable[..., Any], dtype: type) -> None:
    """Twenty steps over a shuffled order with repeats and a short last minibatch."""
    rate, batch_size, n = 0.05, 10, 43
    rows = rng.integers(n, size=19 * batch_size + 3)
    for _ in range(100):
        problem = draw_one(rng, n=n, dtype=dtype)
        exact, expected, near = in_float64(problem), Totals(), np.inf
        for first in range(0, len(rows), batch_size):
            minibatch = exact.batch(rows[first : first + batch_size])
            near = min(near, minibatch.clearance())
            minibatch.descend(REFERENCE, rate=rate, totals=expected)
        if near > CLEARANCE[dtype]:
            break
    else:
        raise AssertionError("no draw stayed away from the kinks")

    trained, totals = problem.train(engine, rows, batch_size=batch_size, rate=rate)
    tolerance = 20 * problem.rounding()
    check_parameters(trained, exact, problem.scales(20 * rate).parameters, tolerance)
    assert (totals.steps, totals.examples) == (20, len(rows))
    assert totals.loss == pytest.approx(expected.loss, rel=tolerance)
    assert totals.penalty == pytest.approx(expected.penalty, rel=tolerance)
    check_counts(totals, expected)


def check_parameters(mine: Any, theirs: Any, allowed: dict[str, np.ndarray], tolerance: float) -> None:
    for (name, actual), (_, expected) in zip(mine.parameters(), theirs.parameters(), strict=True):
        assert_close(actual, expected, tolerance * allowed[name], name)


def check_counts(totals: Totals, expected: Totals) -> None:
    for name in ("steps", "examples", "reconstructed", "active", "union"):
        np.testing.assert_array_equal(getattr(totals, name), getattr(expected, name), err_msg=name)


def contents(problem: Any) -> dict[str, bytes]:
    """All numbers of a problem, by name."""
    exact = in_float64(problem)
    named = {**dict(exact.parameters()), **vars(exact.examples)}
    return {name: values.tobytes() for name, values in named.items() if values is not None}


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("l1", [0.0, 0.01], ids=["no-l1", "l1"])
@pytest.mark.parametrize("loss", ["softmax", "squared"])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_every_kind_of_network(engine, rng, dtype, unit, signs, loss, l1, weighted, csr) -> None:
    problem = draw(rng, unit=UNITS[unit], signs=signs, loss=loss, l1=l1, weighted=weighted, csr=csr, dtype=dtype)
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("density", [0.0, 1 / 40, 0.05, 0.5, 1.0])
def test_densities_of_the_input(engine, rng, dtype, density, csr) -> None:
    problem = draw(rng, sizes=(40, 32, 16, 5), density=density, csr=csr, l1=0.01, dtype=dtype)
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("share_on", [0.0, 1 / 64, 0.05, 0.5, 1.0])
def test_densities_of_the_codes(engine, rng, dtype, share_on) -> None:
    problem = draw(rng, sizes=(12, 64, 64, 5), dtype=dtype)
    for layer in problem.network.hidden:  # biases decide which units are on, whatever the input
        on = np.arange(64) < round(share_on * 64)
        layer.b[...] = np.where(on, 30.0, -30.0)
    _, totals = problem.train(engine)
    assert totals.active[1] == round(share_on * 64) * problem.examples.n
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("n", [1, 3, 10, 11, 32, 100])
def test_batch_sizes(engine, rng, dtype, n, csr) -> None:
    problem = draw(rng, sizes=(20, 24, 16, 5), n=n, csr=csr, weighted=True, dtype=dtype)
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("n", [3, 23])
@pytest.mark.parametrize("width", [2064, 2300])
def test_rows_so_wide_that_they_are_worked_off_in_stripes(engine, rng, dtype, width, n) -> None:
    problem = draw(rng, sizes=(7, 19, width, 3), n=n, l1=0.01, signs="balanced", dtype=dtype)
    check_step(engine, problem)


@pytest.mark.parametrize("place", ["inputs", "first hidden", "second hidden", "outputs"])
@pytest.mark.parametrize("width", WIDTHS)
def test_odd_widths(engine, rng, dtype, width, place) -> None:
    sizes = {
        "inputs": (width, 24, 13, 4),
        "first hidden": (19, width, 13, 4),
        "second hidden": (19, 24, width, 4),
        "outputs": (19, 24, 13, width),
    }[place]
    loss = "squared" if width == 1 else "softmax"  # one class is nothing to learn
    problem = draw(rng, sizes=sizes, n=5, loss=loss, l1=0.01, signs="balanced", dtype=dtype)
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("loss", ["softmax", "squared"])
@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_no_hidden_layer(engine, rng, dtype, csr, loss) -> None:
    problem = draw(rng, sizes=(21, 3), loss=loss, csr=csr, dtype=dtype)
    check_prediction(engine, problem)
    check_step(engine, problem)


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("loss", ["softmax", "squared"])
@pytest.mark.parametrize("unit", UNITS)
def test_twenty_steps(engine, rng, dtype, unit, loss, csr) -> None:
    kind = {"unit": UNITS[unit], "loss": loss, "l1": 0.001, "weighted": True, "csr": csr}
    check_twenty_steps(engine, rng, partial(draw, **kind), dtype)


def test_each_step_has_its_own_rate(engine, rng, dtype) -> None:
    problem = draw(rng, n=6, dtype=dtype)
    trained, _ = problem.train(engine, batch_size=2, rate=np.array([0.0, 0.1, 0.0]))
    expected, _ = problem.batch(np.array([2, 3])).train(engine, rate=0.1)
    assert_same_bytes(trained, expected)


def test_no_example_gives_no_output(engine, rng, dtype) -> None:
    network = draw(rng, dtype=dtype).network
    X = np.zeros((0, network.n_inputs), dtype=dtype)
    assert engine.outputs(network, X).shape == (0, network.n_outputs)
    assert [codes.shape for codes in engine.codes(network.hidden, X)] == [(0, 24), (0, 13)]


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("sizes", [(17, 24, 13, 4), (6, 19, 2100, 3)], ids=str)
@pytest.mark.parametrize("unit", UNITS)
def test_codes_are_the_outputs_of_the_network_cut_there(engine, rng, dtype, unit, sizes, csr) -> None:
    """To the bit: no layer knows what lies above it."""
    problem = draw(rng, sizes=sizes, unit=UNITS[unit], signs="balanced", csr=csr, dtype=dtype)
    layers, X = problem.network.hidden, problem.examples.X
    first, second = engine.codes(layers, X)
    assert first.tobytes() == engine.outputs(Network(layers[:1]), X).tobytes()
    assert second.tobytes() == engine.outputs(Network(layers), X).tobytes()
    assert second.tobytes() == engine.codes(layers[1:], first)[0].tobytes()
    assert engine.codes((), X) == []


@pytest.mark.parametrize("unit", UNITS)
def test_a_predictor_answers_like_outputs(engine, rng, dtype, unit) -> None:
    """Within rounding, or to the bit where the engine promises it; and it keeps the parameters it was made with."""
    problem = draw(rng, unit=UNITS[unit], signs="balanced", dtype=dtype)
    network, X, exact = problem.network, problem.examples.X, in_float64(problem)
    *_, (_, _, scale) = problem.forward()
    expected, outputs = REFERENCE.outputs(exact.network, exact.examples.X), engine.outputs(network, X)
    logits, probabilities = (engine.predictor(network, softmax=asked) for asked in (False, True))
    for _, values in network.parameters():
        values[...] = 0
    answers, shares = (np.array([predict(x) for x in X]) for predict in (logits, probabilities))
    assert answers.dtype == shares.dtype == dtype
    assert_close(answers, expected, problem.rounding() * scale, "outputs")
    allowed = problem.rounding() * scale.max(axis=1, keepdims=True)
    assert_close(shares, softmax(expected, axis=1), allowed, "probabilities")
    assert answers.tobytes() == outputs.tobytes() or not engine.row_exact
