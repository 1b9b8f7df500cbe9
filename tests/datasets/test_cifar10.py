"""CIFAR-10 on small batches in the binary format."""

from pathlib import Path

import numpy as np
import pytest

from rectinet.datasets import errors
from rectinet.datasets.cifar10 import FOLDER, load_cifar10, load_cifar10_train_only

ROWS = 4


@pytest.fixture
def home(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    (tmp_path / FOLDER).mkdir()
    for k, name in enumerate(
        ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]
    ):
        rows = rng.integers(0, 256, (ROWS, 3073), dtype=np.uint8)
        rows[:, 0] = k
        rows[0, 1:4] = 0, 51, 255
        (tmp_path / FOLDER / f"{name}.bin").write_bytes(rows.tobytes())
    return tmp_path


def test_the_split_of_the_paper(home):
    data = load_cifar10(data_home=home, rows_per_batch=ROWS)
    assert [len(data.train), len(data.valid), len(data.test)] == [20, 2, 2]
    assert data.train.y.tolist() == [k for k in range(5) for _ in range(ROWS)]
    assert set(data.valid.y) == set(data.test.y) == {5}
    assert data.train.X[0, :3].tolist() == pytest.approx([0, 0.2, 1])
    assert (data.name, data.image_shape) == ("cifar10", (3, 32, 32))


def test_the_five_training_batches_alone_go_by_another_name(home):
    (home / FOLDER / "test_batch.bin").unlink()
    data = load_cifar10_train_only(data_home=home, rows_per_batch=ROWS)
    assert data.name == "cifar10-train-only"
    assert [len(data.train), len(data.valid), len(data.test)] == [16, 2, 2]
    assert set(data.valid.y) == set(data.test.y) == {4}
    with pytest.raises(errors.MissingFileError, match=r"test_batch.bin.*rectinet data fetch cifar10"):
        load_cifar10(data_home=home, rows_per_batch=ROWS)


def test_truncated(home):
    path = home / FOLDER / "data_batch_3.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(errors.TruncatedFileError, match=r"data_batch_3.bin.*only 12291"):
        load_cifar10(data_home=home, rows_per_batch=ROWS)


def test_trailing_bytes(home):
    path = home / FOLDER / "data_batch_3.bin"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(errors.TrailingBytesError, match=r"data_batch_3.bin"):
        load_cifar10(data_home=home, rows_per_batch=ROWS)


def test_label_out_of_range(home):
    path = home / FOLDER / "data_batch_3.bin"
    path.write_bytes(b"\x0a" + path.read_bytes()[1:])
    with pytest.raises(errors.LabelOutOfRangeError, match=r"data_batch_3.bin: example 0 has the label 10"):
        load_cifar10(data_home=home, rows_per_batch=ROWS)
