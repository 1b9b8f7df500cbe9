"""Running a study: everything once, whatever happens to some runs, and going on after interruptions."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from rectinet.runs import Data
from rectinet.runs.reserved import CheckpointInUse
from rectinet.study import runner
from rectinet.study.errors import StoreNotWritable
from rectinet.study.planned import Planned
from rectinet.study.rival import Rival
from rectinet.study.store import Store
from rectinet.study.work import execute
from tests.study import tiny
from tests.study.conftest import states
from tests.study.tiny import Points, fine_tuning, pretraining

ROOT = Path(__file__).parents[2]


def test_a_study_is_run_once_and_a_second_call_repeats_nothing(run_tiny, monkeypatch):
    first = run_tiny()
    assert first.listed == first.executed == 10
    assert first.states == Counter(done=9, diverged=1)
    monkeypatch.setattr("rectinet.study.pool.execute", None)
    assert run_tiny().executed == 0


def test_what_came_of_a_run_is_in_its_record(finished):
    with Store(finished) as store:
        records = store.records("tiny")
    pretrained, start = records[1], records[0]
    assert pretrained.labels == {"pretrained": True, "seed": 0}
    assert (pretrained.start, start.configuration["task"]) == (start.key, "encode")
    assert len(start.pretrain_history) == 4
    assert not start.predictions
    assert [entry["epoch"] for entry in pretrained.history] == [1, 2]
    assert "seconds" not in pretrained.history[0]
    assert len(pretrained.moment["epoch_seconds"]) == 2
    assert len(pretrained.zeros) == 2
    error = (pretrained.predictions["validation"] != pretrained.targets["validation"]).mean()
    assert error == pytest.approx(pretrained.history[pretrained.best_epoch - 1]["validation_error"])
    assert len(pretrained.predictions["test"]) == len(pretrained.targets["test"]) == 40
    assert set(pretrained.versions) >= {"rectinet", "numpy", "python", "instruction_set"}
    assert (pretrained.threads, pretrained.seed, pretrained.moment["attempts"]) == (1, 0, 1)


def test_a_run_starts_from_the_network_it_names(run_tiny, tmp_path):
    hardly = replace(fine_tuning("quick", 0), max_epochs=1, learning_rate=1e-9)
    run_tiny(plans=[Planned(hardly, Points(), pretraining(1))])
    with Store(tmp_path / "study") as store:
        start, run = store.records()
    assert run.start == start.key
    assert np.allclose(run.history[0]["zeros"], start_zeros(start, tmp_path), atol=0.01)


def start_zeros(start, tmp_path):
    from rectinet.engine import get_engine
    from rectinet.inside import sparsity
    from rectinet.storage import load_model

    network = load_model(tmp_path / "study" / "networks" / f"{start.key}.safetensors").network
    return sparsity.zeros(get_engine("native"), network, Points().load().train.X)


def test_one_that_diverges_or_fails_does_not_stop_the_others(run_tiny, tmp_path):
    bad = Planned(Rival("none", "sklearn.linear_model:NoSuchThing"), Points(), labels={"rival": "none"})
    tally = run_tiny(plans=[bad, *tiny.runs("quick")])
    assert tally.states == Counter(done=9, diverged=1, failed=1)
    with Store(tmp_path / "study") as store:
        ended = {record.state: record for record in store.records()}
    assert "NoSuchThing" in ended["failed"].error
    assert ended["diverged"].error.startswith("training diverged in epoch 1")
    assert run_tiny(plans=[bad, *tiny.runs("quick")]).executed == 1


def test_what_would_start_from_a_run_that_diverged_fails(run_tiny, tmp_path):
    start = pretraining(0)
    start = replace(start, configuration=replace(start.configuration, pretrain_learning_rate=1e9))
    plans = [Planned(fine_tuning("quick", 0), Points(), start)]
    assert run_tiny(plans=plans).executed == 1
    with Store(tmp_path / "study") as store:
        first, second = store.records()
    assert (first.state, second.state) == ("diverged", "failed")
    assert first.error.startswith("pre-training diverged in epoch 1")
    assert second.error == "the run that it starts from diverged"
    assert run_tiny(plans=plans).executed == 0


def test_a_lost_network_is_made_again_only_when_it_is_needed(run_tiny, finished):
    for file in (finished / "networks").iterdir():
        file.unlink()
    assert run_tiny().executed == 0
    more = [Planned(fine_tuning("standard", 7), Points(), pretraining(0))]
    assert run_tiny(budget="standard", plans=more).executed == 2


def test_a_chain_of_lost_networks_is_made_again(run_tiny, finished):
    middle = Planned(fine_tuning("quick", 0), Points(), pretraining(0), {"seed": 0, "pretrained": True})
    run_tiny(plans=[middle])
    for file in (finished / "networks").iterdir():
        file.unlink()
    last = Planned(fine_tuning("quick", 5), Points(), middle)
    assert run_tiny(plans=[last]).executed == 3


def test_runs_of_another_engine_are_stale_and_run_again(run_tiny, finished, monkeypatch):
    for module in ("planned", "store", "writer"):
        monkeypatch.setattr(f"rectinet.study.{module}.numerics_version", lambda: "another")
    with Store(finished) as store:
        assert store.status()["tiny"]["stale"] == 9
        assert store.status()["tiny"]["done"] == 1  # the rival
    assert run_tiny().executed == 9
    monkeypatch.undo()
    with Store(finished) as store:
        assert store.status()["tiny"]["stale"] == 9


def test_stale_runs_are_finished_again_when_their_engine_is_back(run_tiny, finished, monkeypatch):
    for module in ("planned", "store", "writer"):
        monkeypatch.setattr(f"rectinet.study.{module}.numerics_version", lambda: "another")
    run_tiny(plans=[])
    monkeypatch.undo()
    assert run_tiny().executed == 0


def test_other_test_examples_are_another_examination(run_tiny, tmp_path):
    plans = [Planned(fine_tuning("quick", 0), Points())]
    run_tiny(plans=plans)
    more = [Planned(fine_tuning("quick", 0), Points(tests=50))]
    assert run_tiny(plans=more).executed == 1
    with Store(tmp_path / "study") as store:
        (record,) = store.records()
    assert len(record.predictions["test"]) == len(record.targets["test"]) == 50
    with pytest.raises(ValueError, match="examined on different examples"):
        run_tiny(plans=[*plans, *more])


def test_the_last_call_says_what_an_experiment_lists(run_tiny, finished):
    run_tiny(plans=list(tiny.runs("quick", seeds=1)))
    with Store(finished) as store:
        assert len(store.records("tiny", budget="quick")) == 5
    run_tiny(budget="standard")
    with Store(finished) as store:
        assert len(store.records("tiny")) == 15
        assert {record.budget for record in store.records("tiny", budget="standard")} == {"standard"}


@dataclass(frozen=True)
class Interrupting(Points):
    """Presses Ctrl-C when it is loaded by a run, until a file says that this has been done."""

    told: str = ""

    def load(self) -> Data:
        told = Path(self.told)
        times = len(told.read_text()) if told.exists() else 0
        told.write_text("x" * (times + 1))
        if times == 1:  # the first time is for the key
            os.kill(os.getpid(), signal.SIGINT)
        return super().load()


def test_ctrl_c_stores_what_there_is_and_the_next_call_goes_on(run_tiny, tmp_path):
    source = Interrupting(told=str(tmp_path / "told"))
    plans = [
        Planned(fine_tuning("quick", 0), Points()),
        Planned(fine_tuning("quick", 1), source),
        Planned(fine_tuning("quick", 2), Points()),
    ]
    with pytest.raises(KeyboardInterrupt):
        run_tiny(plans=plans)
    assert list(states(tmp_path / "study").values()) == ["done", "interrupted", "queued"]
    assert run_tiny(plans=plans).executed == 2
    assert set(states(tmp_path / "study").values()) == {"done"}


def test_ctrl_c_within_an_epoch_keeps_its_steps(run_tiny, tmp_path, monkeypatch):
    plans = [Planned(fine_tuning("standard", 0), Points())]
    run_tiny("whole", plans=plans)
    monkeypatch.setattr("rectinet.runs.loop.BLOCK_SECONDS", 0.0)

    def pressed(task):
        steps = iter(range(1000))
        return execute(task, lambda: next(steps) == 8 and os.kill(os.getpid(), signal.SIGINT))

    monkeypatch.setattr("rectinet.study.pool.execute", pressed)
    with pytest.raises(KeyboardInterrupt):
        run_tiny(plans=plans)
    assert len(list((tmp_path / "study" / "checkpoints").iterdir())) == 1
    monkeypatch.undo()
    run_tiny(plans=plans)
    assert list((tmp_path / "study" / "checkpoints").iterdir()) == []
    one, other = (Store(tmp_path / name).records()[0] for name in ("whole", "study"))
    assert one.history == other.history
    assert other.moment["attempts"] == 2


def test_a_full_disk_ends_the_study_and_fails_no_run(run_tiny, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    plans = [Planned(fine_tuning("quick", seed), Points()) for seed in range(2)]
    monkeypatch.setattr("rectinet.runs.checkpoint.save_checkpoint", full)
    with pytest.raises(StoreNotWritable, match=r"no room for checkpoints: .*No space left"):
        run_tiny(plans=plans)
    assert list(states(tmp_path / "study").values()) == ["interrupted", "queued"]
    monkeypatch.undo()
    assert run_tiny(plans=plans).states == Counter(done=2)


def test_a_checkpoint_that_cannot_be_read_is_begun_again(run_tiny, tmp_path):
    (tmp_path / "study" / "checkpoints").mkdir(parents=True)
    plan = Planned(fine_tuning("quick", 0), Points())
    key = plan.key(Points().load().checksum())
    (tmp_path / "study" / "checkpoints" / f"{key}-{plan.numerics}").write_bytes(b"torn")
    assert run_tiny(plans=[plan]).states == Counter(done=1)


def test_a_checkpoint_that_another_process_still_writes_is_waited_for(run_tiny, monkeypatch):
    from rectinet.study import work

    run, tries = work.run, []

    def in_use(*args, **options):
        tries.append(args)
        if len(tries) < 3:
            raise CheckpointInUse
        return run(*args, **options)

    monkeypatch.setattr(work, "run", in_use)
    monkeypatch.setattr(work, "WAIT_SECONDS", 0.0)
    assert run_tiny(plans=[Planned(fine_tuning("quick", 0), Points())]).states == Counter(done=1)
    assert len(tries) == 3


def test_warnings_are_notes_of_the_run(run_tiny, tmp_path):
    silent = replace(fine_tuning("quick", 0), activity_l1=10.0, learning_rate=1.0)
    run_tiny(plans=[Planned(silent, Points())])
    with Store(tmp_path / "study") as store:
        (record,) = store.records()
    assert record.state == "diverged" or "is silent" in record.moment["notes"][0]


def test_a_plan_needs_a_seed(run_tiny):
    with pytest.raises(ValueError, match="random_state"):
        run_tiny(plans=[Planned(replace(fine_tuning("quick", 0), random_state=None), Points())])


def test_a_script_without_a_guard_is_told_so(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(f"""
from pathlib import Path
from rectinet.study.runner import Options, run_plans
from tests.study import tiny
run_plans({{"tiny": list(tiny.runs("quick"))}}, Options(budget="quick", jobs=2, out=Path({str(tmp_path)!r})))
""")
    command = [sys.executable, "-W", "error", str(script)]
    told = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert told.returncode == 1
    last = told.stderr.strip().splitlines()[-1]
    assert "the processes of the study could not begin" in last
    assert 'put what it does under `if __name__ == "__main__":`' in last
    assert "StoreInUse" not in told.stderr
    assert set(states(tmp_path).values()) == {"queued", "interrupted"}


def test_the_runs_of_an_experiment_by_name(tmp_path):
    options = runner.Options(budget="quick", seeds=1, out=tmp_path / "study")
    tally = runner.run_experiment("tests.study.tiny", options)
    assert tally.listed == 5
