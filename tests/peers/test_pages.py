"""The code of pages that need PyTorch, ONNX Runtime, skops or Dask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster
from torch import distributed, nn

import rectinet
from rectinet import RectifierClassifier
from tests import pages

ALONE = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "localhost", "MASTER_PORT": "0"}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as running:
        yield running


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As torchrun starts one process; the group that training joins would otherwise last to the end of the tests."""
    for name, value in ALONE.items():
        monkeypatch.setenv(name, value)
    yield
    if distributed.is_initialized():
        distributed.destroy_process_group()


def fitted() -> tuple[np.ndarray, np.ndarray, RectifierClassifier]:
    X = np.random.default_rng(0).random((200, 20), dtype=np.float32)
    y = (X[:, 0] > 0.5).astype(int)
    return X, y, RectifierClassifier((10,), learning_rate=0.1, max_epochs=3, random_state=0).fit(X, y)


def test_saving() -> None:
    names = pages.run("saving.md", {})
    assert Path("pipeline.skops").exists()
    assert names["unknown"]  # ours are asked about, so that the page's check checks something


def test_coming_from() -> None:
    X, _, clf = fitted()
    names = pages.run("coming-from.md", {"nn": nn, "rectinet": rectinet, "clf": clf})
    assert isinstance(names["net"], nn.Sequential)
    np.testing.assert_allclose(names["clf"].predict_proba(X), clf.predict_proba(X), rtol=1e-6)


def test_serving() -> None:
    X, _, clf = fitted()
    names = pages.run("serving.md", {"clf": clf, "X": X, "rectinet": rectinet})
    assert (names["label"] == clf.predict(X)).all()
    assert (names["again"].predict(X) == clf.predict(X)).all()


@pytest.mark.usefixtures("alone")
def test_scaling_out(cluster: LocalCluster) -> None:
    """All of it in one process, and a thousandth of the rows."""
    rows = np.random.default_rng(0).random((3000, 20), dtype=np.float32)
    for name, part in {"rows": rows, "rows-0": rows[:1000], "rows-1": rows[1000:]}.items():
        np.save(f"{name}.npy", part)
    smaller = {
        "100_000": "1000", "tcp://host:8786": cluster.scheduler_address, "(200,)": "(10,), max_epochs=1",
        "(1000, 1000, 1000)": "(10, 10), max_epochs=1",
    }  # fmt: skip
    names = pages.run("scaling-out.md", {"y": (rows[:, 0] > 0.5).astype(int)}, smaller)
    assert set(names["search"].best_params_) == {"activity_l1"}
    assert Path("model.safetensors").exists()
    names["client"].close()
