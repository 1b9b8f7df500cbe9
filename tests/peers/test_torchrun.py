"""Two processes with gloo train the network that one process trains."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rectinet import RectifierClassifier

from . import torchrun_driver

DRIVER = Path(torchrun_driver.__file__)
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")


def run(folder: Path, case: str, *, processes: int = 2) -> None:
    """The driver, in so many processes."""
    root = str(DRIVER.parents[2])
    command = [*(TORCHRUN if processes == 2 else (sys.executable,)), str(DRIVER)]
    engine = "torchrun" if processes == 2 else "torch"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": root}
    done = subprocess.run(
        [*command, engine, str(folder), case], env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("case", ["supervised", "pretrained"])
def test_two_processes_are_one(tmp_path, case) -> None:
    run(tmp_path, case, processes=1)
    run(tmp_path, case)
    alone, first, second = (np.load(tmp_path / f"{rank}.npz") for rank in ("alone", 0, 1))
    begun = RectifierClassifier((17, 9), dtype="float64", random_state=0, max_epochs=1, learning_rate=1e-9)
    X, y, _ = torchrun_driver.examples()
    start = dict(begun.fit(X, y).network_.parameters())
    for name in alone.files:
        assert np.abs(alone[name] - first[name]).max() < 1e-10, name
        assert first[name].tobytes() == second[name].tobytes(), name
        assert np.abs(alone[name] - start[name]).max() > 1e-3, name
    expected, found = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in ("alone", 0))
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.keys() == theirs.keys()
        for name in mine:
            assert mine[name] == pytest.approx(theirs[name], rel=1e-10), name


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (
            "too many",
            r"minibatches of 1 examples cannot be shared by 2 processes; start at most 1, or raise batch_size",
        ),
        ("other seeds", r"the 2 processes are not about to take the same steps: give all of them the same data"),
    ],
)
def test_what_cannot_be_shared_is_one_sentence_in_every_process(tmp_path, case, sentence) -> None:
    run(tmp_path, case)
    for rank in (0, 1):
        assert (tmp_path / f"{rank}.txt").read_text().startswith(sentence)
    assert not list(tmp_path.glob("*.npz"))


def test_a_process_that_torchrun_did_not_start_trains_nothing(monkeypatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    X, y, _ = torchrun_driver.examples()
    with pytest.raises(ValueError, match=r"processes that torchrun started, and this is none \(RANK, WORLD_SIZE, M"):
        RectifierClassifier((3,), engine="torchrun").fit(X, y)


def test_any_process_predicts_with_what_several_have_trained() -> None:
    X, y, _ = torchrun_driver.examples()
    clf = RectifierClassifier((5,), max_epochs=2, random_state=0).fit(X, y)
    expected = clf.predict_proba(X)
    np.testing.assert_allclose(clf.set_params(engine="torchrun").predict_proba(X), expected, rtol=1e-5)
