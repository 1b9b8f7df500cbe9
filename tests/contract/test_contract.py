"""What every engine computes, held against the reference in float64."""

import numpy as np
import pytest

from rectinet.engine import Engine, Totals

from .problems import (
    CLEARANCE,
    REFERENCE,
    UNITS,
    Problem,
    assert_close,
    clearance,
    dense,
    draw,
    forward,
    relative,
    update_scale,
)

WIDTHS = [1, 15, 16, 17, 31, 33, 64, 100, 300]


def check_prediction(engine: Engine, problem: Problem) -> None:
    """Outputs and every layer's codes agree with the reference."""
    exact = problem.in_float64()
    scales = [scale for _, _, scale in forward(problem)]
    outputs = engine.outputs(problem.network, problem.examples.X)
    assert outputs.dtype == problem.network.dtype
    expected = REFERENCE.outputs(exact.network, exact.examples.X)
    assert_close(outputs, expected, relative(problem) * scales[-1], "outputs")
    for k in range(len(problem.network.hidden)):
        codes = engine.hidden(problem.network, problem.examples.X, k)
        assert codes.dtype == problem.network.dtype
        expected = REFERENCE.hidden(exact.network, exact.examples.X, k)
        assert_close(codes, expected, relative(problem) * scales[k], f"codes of layer {k}")
        if problem.network.layers[k].activation.exact_zeros:
            np.testing.assert_array_equal(codes == 0, expected == 0)


def check_step(engine: Engine, problem: Problem) -> None:
    """One step over all examples leaves the parameters and the totals of the reference, and touches nothing else."""
    before = [values.copy() for _, values in problem.network.parameters()]
    X, Y = dense(problem.examples.X).copy(), problem.examples.Y.copy()
    totals = check_update(engine, problem)
    _, expected = problem.in_float64().train(REFERENCE)
    assert (totals.steps, totals.examples) == (1, problem.examples.n)
    np.testing.assert_array_equal(totals.active, expected.active)
    np.testing.assert_array_equal(totals.union, expected.union)
    check_costs(problem, totals, expected)

    for old, (name, values) in zip(before, problem.network.parameters(), strict=True):
        assert old.tobytes() == values.tobytes(), f"{name} changed in a network that was not trained"
    assert X.tobytes() == dense(problem.examples.X).tobytes(), "X was changed"
    assert Y.tobytes() == problem.examples.Y.tobytes(), "Y was changed"


def check_update(engine: Engine, problem: Problem) -> Totals:
    """One step over all examples leaves the parameters of the reference."""
    trained, totals = problem.train(engine)
    expected, _ = problem.in_float64().train(REFERENCE)
    tolerance = relative(problem)
    for k, (mine, theirs, (W, b)) in enumerate(
        zip(trained.layers, expected.layers, update_scale(problem, 1.0), strict=True)
    ):
        assert_close(mine.W, theirs.W, tolerance * W, f"{k}.W")
        assert_close(mine.b, theirs.b, tolerance * b, f"{k}.b")
    return totals


def check_costs(problem: Problem, totals: Totals, expected: Totals) -> None:
    """Loss, penalty and errors of one pass over the examples, within their rounding."""
    exact = problem.in_float64()
    *hidden, outputs = (scale for _, _, scale in forward(problem))
    weight = np.ones(exact.examples.n) if exact.examples.weight is None else exact.examples.weight
    l1 = sum(c * h.sum(axis=1) for c, h in zip(exact.objective.activity_l1, hidden, strict=True)) + 0 * weight
    squared = problem.objective.loss == "squared"
    losses = ((outputs + np.abs(exact.examples.Y)) ** 2).sum(axis=1) if squared else 2 * outputs.max(axis=1)
    tolerance = 2 * relative(problem)
    assert abs(totals.loss - expected.loss) <= tolerance * float(weight @ losses)
    assert abs(totals.penalty - expected.penalty) <= tolerance * float(weight @ l1)
    assert abs(totals.errors - expected.errors) <= (tolerance * float(losses.sum()) if squared else 0.0)


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
    """Twenty steps over a shuffled order with repeats and a short last minibatch."""
    rate, batch_size, n = 0.05, 10, 43
    rows = rng.integers(n, size=19 * batch_size + 3)
    for _ in range(100):
        problem = draw(rng, unit=UNITS[unit], loss=loss, l1=0.001, weighted=True, csr=csr, n=n, dtype=dtype)
        exact, near = problem.in_float64(), np.inf
        loss_sum = penalty_sum = 0.0
        active = union = 0
        for first in range(0, len(rows), batch_size):
            minibatch = exact.batch(rows[first : first + batch_size])
            near = min(near, clearance(minibatch))
            network, totals = minibatch.train(REFERENCE, rate=rate)
            exact.network.assign(network)
            loss_sum, penalty_sum = loss_sum + totals.loss, penalty_sum + totals.penalty
            active, union = active + totals.active, union + totals.union
        if near > CLEARANCE[dtype]:
            break
    else:
        raise AssertionError("no draw stayed away from the kinks")

    trained, totals = problem.train(engine, rows, batch_size=batch_size, rate=rate)
    tolerance = 20 * relative(problem)
    scales = update_scale(problem, 20 * rate)
    for k, (mine, theirs, (W, b)) in enumerate(zip(trained.layers, exact.network.layers, scales, strict=True)):
        assert_close(mine.W, theirs.W, tolerance * W, f"{k}.W")
        assert_close(mine.b, theirs.b, tolerance * b, f"{k}.b")
    assert (totals.steps, totals.examples) == (20, len(rows))
    assert totals.loss == pytest.approx(loss_sum, rel=tolerance)
    assert totals.penalty == pytest.approx(penalty_sum, rel=tolerance)
    np.testing.assert_array_equal(totals.active, active)
    np.testing.assert_array_equal(totals.union, union)


def test_each_step_has_its_own_rate(engine, rng, dtype) -> None:
    problem = draw(rng, n=6, dtype=dtype)
    network = problem.network.copy()
    order = np.arange(6, dtype=np.int64)
    settings = {"order": order, "batch_size": 2, "learning_rates": np.array([0.0, 0.1, 0.0])}
    engine.train(network, problem.examples, problem.objective, **settings)
    expected, _ = problem.batch(order[2:4]).train(engine, rate=0.1)
    for (name, mine), (_, theirs) in zip(network.parameters(), expected.parameters(), strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg=name)


def test_no_example_gives_no_output(engine, rng, dtype) -> None:
    problem = draw(rng, dtype=dtype)
    X = np.zeros((0, problem.network.n_inputs), dtype=dtype)
    assert engine.outputs(problem.network, X).shape == (0, problem.network.n_outputs)
    assert engine.hidden(problem.network, X, 1).shape == (0, 13)


def test_layers_are_counted_as_python_counts(engine, rng) -> None:
    problem = draw(rng)
    X = problem.examples.X
    last = engine.hidden(problem.network, X, -1)
    np.testing.assert_array_equal(last, engine.hidden(problem.network, X, 1))
    with pytest.raises(IndexError):
        engine.hidden(problem.network, X, 2)
