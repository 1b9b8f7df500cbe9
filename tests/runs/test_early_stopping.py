"""When the loop stops by itself, which epoch it calls the best, and what an epoch visits."""

import numpy as np
import pytest

from rectinet.losses import Score
from rectinet.optimisers import Schedule
from rectinet.randomness import Purpose, stream
from rectinet.runs.loop import Settings, State

from .conftest import fit
from .small import Scripted

pytestmark = pytest.mark.usefixtures("one_step_a_block")


def scripted(patience: int | None, *scores: tuple[float, float], decay_from: float = 1.0) -> tuple[Scripted, State]:
    task = Scripted(*scores)
    settings = Settings(Schedule(0.1, decay_from), batch_size=4, max_epochs=len(scores), seed=0, patience=patience)
    return task, fit(task, settings)


def test_patience_counts_epochs_since_the_best() -> None:
    task, state = scripted(2, (0.5, 1), (0.3, 1), (0.4, 1), (0.4, 1), (0.1, 1))
    assert (state.status, state.epoch, state.best_epoch) == ("stopped early", 4, 2)
    assert task.counter[0] == 2  # the best parameters are put back


@pytest.mark.parametrize(("decay_from", "stops_after"), [(1.0, 2), (0.0, 2), (0.3, 3), (0.5, 4), (0.6, 5), (0.9, 6)])
def test_patience_is_not_lost_before_the_rate_falls(decay_from: float, stops_after: int) -> None:
    scores = [(0.1, 1.0)] + [(0.5, 1.0)] * 5
    _, state = scripted(1, *scores, decay_from=decay_from)
    assert (state.epoch, state.best_epoch) == (stops_after, 1)


def test_without_patience_every_epoch_runs_and_the_best_is_still_put_back() -> None:
    task, state = scripted(None, (0.5, 1), (0.3, 1), (0.4, 1), (0.4, 1), (0.35, 1))
    assert (state.status, state.epoch, state.best_epoch) == ("finished", 5, 2)
    assert task.counter[0] == 2


def test_the_loss_breaks_ties_of_the_error_and_the_first_of_equals_wins() -> None:
    task, state = scripted(None, (0.3, 1.0), (0.3, 0.9), (0.3, 0.9), (0.3, 1.1))
    assert (state.best_epoch, state.best) == (2, Score(0.3, 0.9))
    assert task.counter[0] == 2


def test_patience_that_runs_out_in_the_last_epoch_is_still_an_early_stop() -> None:
    _, state = scripted(1, (0.3, 1), (0.4, 1))
    assert state.status == "stopped early"


def test_every_epoch_visits_every_example_once_in_its_own_order() -> None:
    task = Scripted(*[(0.1, 0.1)] * 5)
    task.n_examples = 100
    settings = Settings(Schedule(0.1), batch_size=100, max_epochs=5, seed=0)
    fit(task, settings)
    assert all(sorted(order) == list(range(100)) for order in task.visited)
    assert len({order.tobytes() for order in task.visited}) == 5
    expected = np.arange(100)
    stream(0, Purpose.SHUFFLING, 3).shuffle(expected)
    np.testing.assert_array_equal(task.visited[3], expected)

    unshuffled = Scripted((0.1, 0.1))
    fit(unshuffled, Settings(Schedule(0.1), batch_size=4, max_epochs=1, seed=0, shuffle=False))
    np.testing.assert_array_equal(unshuffled.visited[0], np.arange(4))
