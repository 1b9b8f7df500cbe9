"""A run that does not fit into memory says how large it is; wide sparse input needs little beside the weights."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from rectinet import RectifierClassifier
from rectinet.network import row_blocks
from rectinet.runs.supervised import SupervisedTask

PEAK = """
import resource, sys
import numpy as np
from scipy.sparse import csr_array
from rectinet import RectifierClassifier

def used():
    return int(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))) * 1024

indices = np.sort(np.random.default_rng(0).integers(0, 400_000, (100, 20)), axis=1).ravel()
X = csr_array((np.ones(2000, np.float32), indices, np.arange(0, 2001, 20)), shape=(100, 400_000))
before = used()
settings = {"learning_rate": 0.01, "max_epochs": 4, "early_stopping": sys.argv[1] == "stop", "random_state": 0}
clf = RectifierClassifier((64,), **settings)
clf.fit(X, np.arange(100) % 2).predict(X)
print((used() - before) / clf.network_.layers[0].W.nbytes)
"""


@pytest.mark.parametrize(("stopping", "most"), [("stop", 2.5), ("all", 1.5)])
def test_wide_sparse_input_needs_the_weights_and_one_copy_of_the_best(stopping: str, most: float) -> None:
    done = subprocess.run([sys.executable, "-c", PEAK, stopping], capture_output=True, text=True, check=True)
    assert 1 <= float(done.stdout) < most


def test_row_blocks_are_views_of_all_rows() -> None:
    W = np.zeros((3000, 1001), dtype=np.float32)
    blocks = list(row_blocks(W))
    assert len(blocks) == 3
    for block in blocks:
        block += 1
    assert (W == 1).all()
    assert [len(block) for block in row_blocks(np.zeros(0))] == []


def test_memory_that_cannot_be_had_is_said_with_the_size(monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: object) -> None:
        raise MemoryError("std::bad_alloc")

    monkeypatch.setattr(SupervisedTask, "train", train)
    X = np.random.default_rng(0).random((40, 500))
    said = r"a network of 500 x 2,000 units, 0\.0 GB of weights, needs memory that is not available \(std::bad_alloc\)"
    with pytest.raises(MemoryError, match=said):
        RectifierClassifier((2000,), max_epochs=1).fit(X, np.arange(40) % 2)
