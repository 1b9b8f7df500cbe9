"""A run that is stopped: what it leaves, and how it goes on from its checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rectinet.runs import Configuration, Data, Part, loop, run
from rectinet.runs.checkpoint import CheckpointMismatch
from rectinet.runs.greedy import PretrainingState
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.run import Moment
from rectinet.runs.supervised import SupervisedTask

from .conftest import interrupt, without_seconds
from .small import PRETRAINED, X_TEST, X_VAL, Y_TEST, Y_VAL, X, Y, bits, classify


def stop_at(kind: str, count: int, state: type = loop.State) -> Any:
    """A watcher that wants to stop at the moment of this kind and number, counted from 1."""
    seen = [0]

    def watch(moment: Moment) -> bool:
        seen[0] += moment.kind == kind and isinstance(moment.state, state)
        return seen[0] == count

    return watch


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize(
    ("kind", "count", "epoch", "step"), [("epoch", 2, 2, 0), ("block", 1, 0, 1), ("block", 7, 1, 2)]
)
def test_a_watcher_that_answers_true_stops_the_run(kind: str, count: int, epoch: int, step: int) -> None:
    configuration, data = classify(early_stopping=False), Data(Part(X, Y))  # 6 steps an epoch, 5 looks within
    moments: list[Moment] = []
    stop = stop_at(kind, count)

    def watch(moment: Moment) -> bool:
        moments.append(moment)
        return stop(moment)

    outcome = run(configuration, data, watch=watch)
    assert (outcome.ending, outcome.n_epochs, len(outcome.history)) == ("interrupted", epoch, epoch)
    assert moments[-1].kind == kind
    assert (moments[-1].state.epoch, moments[-1].state.step) == (epoch, step)
    if step == 0:
        assert bits(outcome.network) == bits(run(replace(configuration, max_epochs=epoch), data).network)


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize(("kind", "count"), [("epoch", 1), ("epoch", 3), ("block", 1), ("block", 8)])
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_run_that_was_stopped_goes_on_from_its_checkpoint(kind: str, count: int, engine: str, tmp_path: Path) -> None:
    configuration = classify(engine=engine)
    data = Data(Part(X, Y), Part(X_VAL, Y_VAL), Part(X_TEST, Y_TEST))
    whole = run(configuration, data)
    assert whole.ending == "finished"
    path = tmp_path / "run.checkpoint"
    stopped = run(configuration, data, checkpoint=path, watch=stop_at(kind, count))
    assert stopped.ending == "interrupted"
    assert stopped.n_epochs < 4
    resumed = run(configuration, data, checkpoint=path)
    assert bits(resumed.network) == bits(whole.network)
    assert without_seconds(resumed.history) == without_seconds(whole.history)
    assert (resumed.ending, resumed.n_epochs, resumed.best_epoch) == (whole.ending, whole.n_epochs, whole.best_epoch)
    for name, predicted in whole.predictions.items():
        np.testing.assert_array_equal(resumed.predictions[name], predicted)


@pytest.mark.parametrize("task", ["classify", "encode"])
def test_a_watcher_that_stops_pre_training_leaves_no_outcome(task: str) -> None:
    data = Data(Part(X, Y if task == "classify" else None))
    with pytest.raises(KeyboardInterrupt, match="pre-training was interrupted in hidden layer 0"):
        run(Configuration(**PRETRAINED, task=task), data, watch=stop_at("block", 1, PretrainingState))


@pytest.mark.usefixtures("one_step_a_block")
def test_after_ctrl_c_the_outcome_is_usable_and_the_checkpoint_goes_on(tmp_path: Path) -> None:
    configuration, data, path = classify(), Data(Part(X, Y), Part(X_VAL, Y_VAL)), tmp_path / "run.checkpoint"
    with pytest.MonkeyPatch.context() as patched:
        interrupt(patched, SupervisedTask, 2)
        with pytest.warns(UserWarning, match="interrupted after 2 whole epochs"):
            outcome = run(configuration, data, checkpoint=path)
    assert (outcome.ending, outcome.n_epochs) == ("interrupted", 2)
    assert outcome.predictions["validation"].shape == (30,)
    assert bits(run(configuration, data, checkpoint=path).network) == bits(run(configuration, data).network)


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize("task", ["classify", "encode"])
def test_ctrl_c_in_pre_training_is_no_outcome_and_the_checkpoint_goes_on(task: str, tmp_path: Path) -> None:
    configuration, path = Configuration(**PRETRAINED, task=task), tmp_path / "run.checkpoint"
    data = Data(Part(X, Y if task == "classify" else None))
    with pytest.MonkeyPatch.context() as patched:
        interrupt(patched, LayerTask, 1)
        with pytest.raises(KeyboardInterrupt, match="interrupted in hidden layer 0"):
            run(configuration, data, checkpoint=path)
    resumed, whole = run(configuration, data, checkpoint=path), run(configuration, data)
    assert bits(resumed.network) == bits(whole.network)
    assert without_seconds(resumed.pretrain_history) == without_seconds(whole.pretrain_history)
    assert len(resumed.autoencoders) == (2 if task == "encode" else 0)


def test_a_checkpoint_of_another_run_is_refused_and_stays(tmp_path: Path) -> None:
    configuration, data, path = classify(), Data(Part(X, Y)), tmp_path / "run.checkpoint"
    run(configuration, data, checkpoint=path)
    before = path.read_bytes()
    for other, said in [
        (classify(batch_size=7), "batch_size was 10 and is 7 now"),
        (classify(random_state=4), "random_state was 3 and is 4 now"),
        (classify(task="rate"), "its task is to classify, not to rate"),
    ]:
        with pytest.raises(CheckpointMismatch, match=said):
            run(other, data, checkpoint=path)
    with pytest.raises(CheckpointMismatch, match="the examples, targets or weights are not the same"):
        run(configuration, Data(Part(X, Y[::-1].copy())), checkpoint=path)
    assert path.read_bytes() == before


def test_what_does_not_change_the_bytes_may_change_between_stopping_and_resuming(tmp_path: Path) -> None:
    path, data = tmp_path / "run.checkpoint", Data(Part(X, Y), Part(X_VAL, Y_VAL))
    run(classify(max_epochs=2), data, checkpoint=path)
    longer = run(classify(n_threads=2), replace(data, test=Part(X_TEST, Y_TEST)), checkpoint=path)
    assert bits(longer.network) == bits(run(classify(), data).network)
    assert longer.predictions["test"].shape == (20,)
