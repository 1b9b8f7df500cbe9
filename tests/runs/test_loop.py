"""The loop: what a run leaves behind, however it ends."""

import copy
import pickle
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from rectinet.activations import Activation
from rectinet.engine import Engine, Steps, Totals
from rectinet.errors import DivergenceError
from rectinet.inside import sparsity
from rectinet.network import Network, initialise
from rectinet.optimisers import Schedule
from rectinet.problems import Examples, Supervised
from rectinet.problems.supervised import SupervisedLoss
from rectinet.runs import loop
from rectinet.runs.loop import Settings, State
from rectinet.runs.supervised import SupervisedTask
from rectinet.runs.targets import Classes, Ratings, Values

from .conftest import fit, without_seconds
from .small import Scripted

SETTINGS = Settings(Schedule(0.1), batch_size=4, max_epochs=4, seed=7)  # 10 steps an epoch
THREE = Classes(np.arange(3), np.ones(3))

pytestmark = pytest.mark.usefixtures("one_step_a_block")


def task_of(engine: Engine, *, dtype: type = np.float32, n: int = 40, validate: bool = True) -> SupervisedTask:
    """A small classification task, the same at every call."""
    rng = np.random.default_rng(3)
    X = rng.normal(size=(n + 20, 6)).astype(dtype)
    Y = (X[:, 0] + rng.normal(scale=0.5, size=n + 20) > 0).astype(np.int32) + (X[:, 1] > 0.5)
    Y = Y.astype(np.int32)
    net = initialise((6, 12, 8, 3), Activation("rectifier"), rng=rng, dtype=dtype, signs="balanced")
    net.layers[-1].b[...] = [0.1, 0.0, -0.1]  # no ties between classes
    problem = Supervised(net, Examples(X[:n], Y[:n]), "softmax", (1e-3, 1e-3))
    return SupervisedTask(problem, engine, THREE, Examples(X[n:], Y[n:]) if validate else None)


def bits(task: SupervisedTask) -> list[bytes]:
    return [values.tobytes() for _, values in task.parameters()]


# -- stopping and resuming ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("patience", [None, 1])
def test_a_run_resumed_after_any_step_is_the_run_never_stopped(engine, patience) -> None:
    settings = replace(SETTINGS, patience=patience, schedule=Schedule(0.1, decay_from=0.5))
    moments: list[tuple[State, list[tuple[str, np.ndarray]]]] = []
    whole = task_of(engine)

    def remember(state: State) -> bool:
        moments.append((copy.deepcopy(state), [(name, values.copy()) for name, values in whole.parameters()]))
        return False

    end = fit(whole, settings, watch=remember)
    assert len(moments) == (40 if patience is None else 10 * end.epoch)
    for state, parameters in moments:
        resumed = task_of(engine)
        for (_, mine), (_, saved) in zip(resumed.parameters(), parameters, strict=True):
            mine[...] = saved
        again = fit(resumed, settings, state)
        assert bits(resumed) == bits(whole)
        assert without_seconds(again.history) == without_seconds(end.history)
        assert (again.status, again.best, again.best_epoch) == (end.status, end.best, end.best_epoch)


@pytest.mark.parametrize(("block_steps", "blocks_per_epoch"), [(2, 5), (7, 2), (10, 1)])
def test_the_length_of_a_block_changes_nothing(engine, block_steps, blocks_per_epoch, monkeypatch) -> None:
    short, long = task_of(engine), task_of(engine)
    a = fit(short, SETTINGS)
    calls = []
    monkeypatch.setattr(loop, "_Pace", lambda: SimpleNamespace(steps=block_steps, learn=lambda steps, seconds: None))
    b = fit(long, SETTINGS, watch=lambda state: bool(calls.append(state.step)))
    assert len(calls) == blocks_per_epoch * SETTINGS.max_epochs
    assert bits(short) == bits(long)
    assert without_seconds(a.history) == without_seconds(b.history)


def test_nor_does_a_length_that_is_chosen_by_the_clock(engine, monkeypatch) -> None:
    short, long = task_of(engine), task_of(engine)
    a = fit(short, SETTINGS)
    monkeypatch.undo()
    b = fit(long, SETTINGS)
    assert bits(short) == bits(long)
    assert without_seconds(a.history) == without_seconds(b.history)


def test_blocks_grow_fourfold_at_most_and_never_shrink_below_a_step(monkeypatch) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 0.2)
    pace = loop._Pace()
    assert pace.steps == 1
    for seconds, steps in [(0.0, 4), (1e-9, 16), (0.1, 32), (0.4, 16), (3.2, 1), (1e9, 1)]:
        pace.learn(pace.steps, seconds)
        assert pace.steps == steps


def test_the_same_seed_gives_the_same_run_and_another_seed_another(engine) -> None:
    one, same, other = task_of(engine), task_of(engine), task_of(engine)
    fit(one, SETTINGS)
    fit(same, SETTINGS)
    fit(other, replace(SETTINGS, seed=8))
    assert bits(one) == bits(same)
    assert bits(one) != bits(other)


@pytest.mark.parametrize("by", ["Ctrl-C", "its answer"])
@pytest.mark.parametrize("step", [0, 3])
def test_an_interrupted_run_leaves_a_usable_model(engine, by, step) -> None:
    task = task_of(engine)
    state = State()

    def watch(state: State) -> bool:
        here = (state.epoch, state.step) == (2, step)
        if here and by == "Ctrl-C":
            raise KeyboardInterrupt
        return here

    assert fit(task, SETTINGS, state, watch) is state
    assert (state.epoch, state.step) == (2, step)
    assert state.status == "interrupted"
    assert len(state.history) == 2
    for name, values in task.parameters():
        np.testing.assert_array_equal(values, state.best_parameters[name], err_msg=name)


def test_an_interruption_before_the_first_validation_keeps_what_was_learnt(engine) -> None:
    task = task_of(engine)
    before = bits(task)

    def watch(state: State) -> bool:
        raise KeyboardInterrupt

    state = fit(task, SETTINGS, watch=watch)
    assert (state.status, state.step, state.best) == ("interrupted", 1, None)
    assert bits(task) != before
    assert np.isfinite(engine.outputs(task.problem.network, task.problem.examples.X)).all()


def test_an_interruption_inside_a_step_ends_the_run(engine) -> None:
    """Ctrl-C usually strikes while the engine works."""

    class Struck(SupervisedTask):
        def train(self, steps: Steps, totals: Totals) -> None:
            if steps.epoch == 1:
                raise KeyboardInterrupt
            super().train(steps, totals)

    task = task_of(engine)
    state = fit(Struck(**task.__dict__), SETTINGS)
    assert (state.status, state.epoch) == ("interrupted", 1)


def test_other_errors_of_a_watcher_are_not_swallowed(engine) -> None:
    def watch(state: State) -> bool:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fit(task_of(engine), SETTINGS, watch=watch)


def test_a_run_that_is_over_is_left_alone(engine) -> None:
    task = task_of(engine)
    state = fit(task, SETTINGS)
    after, history = bits(task), list(state.history)

    def watch(state: State) -> bool:
        raise AssertionError("no step is left to take")

    assert fit(task, SETTINGS, state, watch).status == "finished"
    assert (bits(task), state.history) == (after, history)


# -- divergence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("loss", "dtype"), [("softmax", np.float32), ("squared", np.float32), ("squared", np.float64)])
def test_divergence_keeps_the_history_and_the_best_parameters(engine, dtype, loss) -> None:
    task = task_of(engine, dtype=dtype)
    if loss == "squared":
        onehot = [Examples(e.X, np.eye(3, dtype=dtype)[e.Y]) for e in (task.problem.examples, task.validation)]
        problem = Supervised(task.problem.network, onehot[0], "squared", (0.0, 0.0))
        task = SupervisedTask(problem, engine, Values(np.zeros(3), np.ones(3), False, np.dtype(dtype).name), onehot[1])
    state = fit(task, replace(SETTINGS, schedule=Schedule(0.01), max_epochs=2))
    best = bits(task)
    with pytest.raises(DivergenceError, match=r"learning_rate=1e\+06.*scaling=.standard") as caught:
        fit(task, replace(SETTINGS, schedule=Schedule(1e6), max_epochs=50), state)
    error = caught.value
    assert error.epoch > 2
    assert error.history[:2] == state.history[:2]
    assert len(error.history) == error.epoch - 1
    assert error.learning_rate == 1e6
    assert bits(task) == best or state.best_epoch > 2
    assert all(np.isfinite(values).all() for _, values in task.parameters())


def test_divergence_names_the_first_parameter_that_is_not_finite(engine) -> None:
    task = task_of(engine)
    task.problem.network.layers[1].b[2] = np.nan
    with pytest.raises(DivergenceError, match="epoch 1") as caught:
        fit(task, SETTINGS)
    assert caught.value.layer is not None


def test_a_divergence_error_survives_the_trip_between_processes() -> None:
    error = pickle.loads(pickle.dumps(DivergenceError(3, "1.W", 0.5, [{"loss": 1.0}], "outcome", "estimator")))
    assert (error.epoch, error.layer, error.learning_rate, error.history) == (3, "1.W", 0.5, [{"loss": 1.0}])
    assert (error.best, error.best_model) == ("outcome", "estimator")
    assert "parameter 1.W" in str(error)


# -- rates -------------------------------------------------------------------------------------------------------------


def test_the_rate_is_constant_unless_decay_is_asked_for() -> None:
    assert Schedule(0.1).rates(5, 3, 40).tolist() == [0.1, 0.1, 0.1]


def test_the_rate_falls_linearly_to_zero_from_its_share_of_the_run() -> None:
    rates = Schedule(0.1, decay_from=0.5).rates(0, 40, 40)
    assert (rates[:21] == 0.1).all()
    np.testing.assert_allclose(rates[20:], 0.1 * np.linspace(1, 1 / 20, 20), rtol=1e-14)
    assert (np.diff(rates[20:]) < 0).all()


@pytest.mark.parametrize("decay_from", [0.0, 0.3, 1.0])
def test_rates_of_pieces_are_pieces_of_the_rates(decay_from) -> None:
    schedule = Schedule(0.1, decay_from)
    pieces = [schedule.rates(first, 8, 40) for first in range(0, 40, 8)]
    assert np.concatenate(pieces).tobytes() == schedule.rates(0, 40, 40).tobytes()


def test_steps_are_told_their_own_rates_over_the_whole_run() -> None:
    told = []

    class Listening(Scripted):
        def train(self, steps, totals):
            told.extend(steps.rates)
            super().train(steps, totals)

    task = Listening((0.1, 0.1), (0.1, 0.1), (0.1, 0.1))
    task.n_examples = 10
    schedule = Schedule(0.1, decay_from=0.25)
    fit(task, Settings(schedule, batch_size=4, max_epochs=3, seed=0))
    assert told == schedule.rates(0, 9, 9).tolist()


# -- what the history says ---------------------------------------------------------------------------------------------


def test_the_history_says_what_happened(engine) -> None:
    task = task_of(engine, dtype=np.float64)
    start, examples = task.problem.network.copy(), task.problem.examples
    state = fit(task, replace(SETTINGS, schedule=Schedule(1e-12), max_epochs=1))  # a network that hardly moves
    (entry,) = state.history
    codes_off = sparsity.zeros(engine, start, examples.X)
    outputs = engine.outputs(start, examples.X)
    assert entry["epoch"] == 1
    assert entry["seconds"] >= 0
    assert entry["loss"] == pytest.approx(THREE.score(outputs, examples).loss, rel=1e-9)
    assert entry["training_error"] == THREE.score(outputs, examples).error
    np.testing.assert_allclose(entry["zeros"], codes_off, atol=1e-12)
    np.testing.assert_allclose(entry["density"], [1.0, *(1 - codes_off)], atol=1e-12)
    assert all(union >= density for union, density in zip(entry["union"], entry["density"], strict=True))
    assert entry["union"][0] == 1
    assert entry["validation_error"] == state.best.error
    assert entry["validation_loss"] == state.best.loss


def test_without_validation_there_is_no_score_and_the_last_parameters_stay(engine) -> None:
    task = task_of(engine, validate=False)
    state = fit(task, SETTINGS)
    assert (state.status, state.best, state.best_parameters) == ("finished", None, {})
    assert "validation_error" not in state.history[0]


def test_scores_by_hand() -> None:
    outputs = np.log(np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])) + 5
    examples = Examples(np.zeros((3, 1)), np.array([0, 0, 1], dtype=np.int32))
    weighted = Examples(examples.X, examples.Y, np.array([2.0, 1.0, 0.0]))
    classes = Classes(np.array([1.0, 3.0]), np.ones(2))
    plain = classes.score(outputs, examples)
    assert plain.error == pytest.approx(2 / 3)  # a tie goes to the first class
    assert plain.loss == pytest.approx(-np.log([0.7, 0.2, 0.5]).mean())
    assert classes.score(outputs, weighted).error == pytest.approx(1 / 3)
    rated = Ratings(classes).score(outputs, examples)  # expected are 1.6, 2.6 and 2
    assert rated.error == pytest.approx(np.sqrt((0.6**2 + 1.6**2 + 1) / 3))
    assert rated.loss == pytest.approx(plain.loss)
    assert Ratings(classes).score(outputs, weighted).error == pytest.approx(np.sqrt((2 * 0.6**2 + 1.6**2) / 3))
    values = Values(np.zeros(2), np.ones(2), flat=False, dtype="float64")
    squared = values.score(outputs, Examples(examples.X, outputs + np.array([1.0, 3.0])))
    assert (squared.error, squared.loss) == (pytest.approx(5.0), pytest.approx(5.0))


# -- closed forms ------------------------------------------------------------------------------------------------------


def descend(engine: Engine, network: Network, examples: Examples, loss: SupervisedLoss, rate: float, steps: int):
    """Full-batch gradient descent."""
    everything = np.tile(np.arange(examples.n, dtype=np.int64), steps)
    problem = Supervised(network, examples, loss, (0.0,) * len(network.hidden))
    engine.train(problem, Steps(everything, examples.n, np.full(steps, rate)))
    return engine.outputs(network, examples.X)


@pytest.mark.parametrize("hidden", [(), (8,)], ids=["no hidden layer", "linear hidden layer"])
def test_linear_units_with_squared_loss_are_least_squares(engine, hidden) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 5))
    Y = X @ rng.normal(size=(5, 2)) + 1 + rng.normal(scale=0.3, size=(60, 2))
    network = initialise((5, *hidden, 2), Activation("linear"), rng=rng, dtype=np.float64)
    outputs = descend(engine, network, Examples(X, Y), "squared", rate=0.05, steps=3000)
    design = np.column_stack([X, np.ones(60)])
    expected = design @ np.linalg.lstsq(design, Y, rcond=None)[0]
    np.testing.assert_allclose(outputs, expected, atol=1e-4)


def test_no_hidden_layer_with_softmax_is_logistic_regression(engine) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    Y = (X @ rng.normal(size=(4, 3)) + rng.gumbel(size=(200, 3))).argmax(axis=1).astype(np.int32)
    network = initialise((4, 3), Activation("linear"), rng=rng, dtype=np.float64)
    outputs = descend(engine, network, Examples(X, Y), "softmax", rate=0.5, steps=3000)
    probabilities = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, Y)
    np.testing.assert_allclose(probabilities, peer.predict_proba(X), atol=1e-4)


def test_a_task_may_say_how_many_steps_make_a_block() -> None:
    """Processes that train together look up at the same steps, however long each of them takes."""
    task = Scripted((0.1, 0.1), (0.1, 0.1))
    task.n_examples, task.block_steps = 10, 3
    fit(task, Settings(Schedule(0.1), batch_size=1, max_epochs=2, seed=0))
    assert [len(order) for order in task.visited] == [3, 3, 3, 1] * 2
