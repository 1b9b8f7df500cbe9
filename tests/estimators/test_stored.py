"""Data on disk: the same networks as from memory, to the byte, and never all of it in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array, save_npz

from rectinet import RectifierClassifier, RectifierRegressor, SemiSupervisedClassifier, StackedDenoisingAutoencoder
from rectinet.datasets import DataError, shards

N, N_FEATURES = 500, 14
SETTINGS = {"learning_rate": 0.1, "decay_from": 1.0, "early_stopping": True, "max_epochs": 2, "random_state": 3}
PRETRAINED = {"pretrain_epochs": 1, "corruption": "salt_and_pepper", "reconstruction": "sigmoid"}


def idx(path: Path, values: np.ndarray) -> None:
    header = bytes([0, 0, {"u1": 8, "f4": 13}[values.dtype.str[1:]], values.ndim])
    sizes = np.array(values.shape, ">u4").tobytes()
    path.write_bytes(header + sizes + values.astype(values.dtype.newbyteorder(">")).tobytes())


@pytest.fixture
def X(rng) -> np.ndarray:
    return (rng.random((N, N_FEATURES)) * (rng.random((N, N_FEATURES)) < 0.4)).astype(np.float32)


@pytest.fixture
def y(rng, X) -> np.ndarray:
    return np.array(["a", "b", "c"])[(X @ rng.normal(size=(N_FEATURES, 3))).argmax(axis=1)]


@pytest.fixture
def rng(global_random_seed: int) -> np.random.Generator:
    return np.random.default_rng(global_random_seed)


def on_disk(kind: str, X: np.ndarray, folder: Path) -> Any:
    """The same rows as one file or as several."""
    np.save(folder / "whole.npy", X)
    cuts = [(0, 1), (1, 200), (200, N)]
    if kind == "memory-mapped":
        return np.load(folder / "whole.npy", mmap_mode="r")
    if kind == "writable":
        return np.load(folder / "whole.npy", mmap_mode="r+")
    if kind == "one path":
        return [str(folder / "whole.npy")]
    paths = []
    for k, (start, end) in enumerate(cuts):
        paths.append(folder / f"{k}.{'npz' if kind == 'csr' else 'npy' if kind != 'idx' else 'idx'}")
        if kind == "idx":
            idx(paths[-1], X[start:end].reshape(end - start, 2, -1))
        elif kind == "csr":
            save_npz(paths[-1], csr_array(X[start:end]), compressed=False)
        else:
            np.save(paths[-1], X[start:end])
    return [np.load(path, mmap_mode="r") for path in paths] if kind == "several mapped" else paths


KINDS = ["memory-mapped", "writable", "one path", "npy", "idx", "csr", "several mapped"]


def same(one: Any, other: Any) -> None:
    for (name, mine), (_, theirs) in zip(one.network_.parameters(), other.network_.parameters(), strict=True):
        assert mine.tobytes() == theirs.tobytes(), name


@pytest.mark.parametrize("settings", [{}, PRETRAINED], ids=["supervised", "pretrained"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_from_disk_is_the_fit_from_memory(X, y, tmp_path, kind, settings) -> None:
    """Held-out examples, density of the noise, weights and predictions included."""
    settings = SETTINGS | settings
    weight = np.where(np.arange(N) % 7 == 0, 0, 1 + np.arange(N) % 3)
    matrix = csr_array(X) if kind == "csr" else X
    expected = RectifierClassifier((9, 8), **settings).fit(matrix, y, sample_weight=weight)
    stored = on_disk(kind, X, tmp_path)
    found = RectifierClassifier((9, 8), **settings).fit(stored, y, sample_weight=weight)
    same(found, expected)
    assert [e["validation_loss"] for e in found.history_] == [e["validation_loss"] for e in expected.history_]
    np.testing.assert_array_equal(found.predict_proba(stored), expected.predict_proba(matrix))
    assert found.score(stored, y) == expected.score(matrix, y)


@pytest.mark.parametrize("engine", ["native", "reference"])
@pytest.mark.parametrize("kind", ["npy", "csr"])
def test_pretraining_validation_and_unlabelled_rows(X, y, tmp_path, kind, engine) -> None:
    settings = SETTINGS | PRETRAINED | {"engine": engine}
    matrix, stored = csr_array(X) if kind == "csr" else X, on_disk(kind, X, tmp_path)
    expected, found = (
        RectifierClassifier((9, 8), **settings).fit(rows, y, X_val=rows, y_val=y, X_unlabeled=rows)
        for rows in (matrix, stored)
    )
    same(found, expected)
    first, second = (RectifierClassifier((9, 8), **settings).pretrain(rows, X_val=rows) for rows in (matrix, stored))
    for (name, mine), (_, theirs) in zip(
        first.pretrained_network_.parameters(), second.pretrained_network_.parameters(), strict=True
    ):
        assert mine.tobytes() == theirs.tobytes(), name
    codes = [StackedDenoisingAutoencoder((5, 4), engine=engine, random_state=0).fit(r) for r in (matrix, stored)]
    same(*codes)


def test_unlabelled_rows_among_the_others_stay_on_disk(X, y, tmp_path) -> None:
    some = np.where(np.arange(N) % 3 == 0, None, y)
    expected = SemiSupervisedClassifier((9,), **SETTINGS | PRETRAINED).fit(X, some)
    same(SemiSupervisedClassifier((9,), **SETTINGS | PRETRAINED).fit(on_disk("npy", X, tmp_path), some), expected)


def test_partial_fit_from_disk(X, tmp_path) -> None:
    y = X.sum(axis=1)
    stored = on_disk("npy", X, tmp_path)
    one, other = (RectifierRegressor((9,), **SETTINGS) for _ in range(2))
    for _ in range(2):
        one.partial_fit(X, y)
        other.partial_fit(stored, y)
    same(one, other)


def test_a_stopped_run_goes_on(X, y, tmp_path) -> None:
    settings = SETTINGS | {"early_stopping": False, "checkpoint": tmp_path / "run"}
    stored = on_disk("npy", X, tmp_path)
    whole = RectifierClassifier((9,), **SETTINGS | {"early_stopping": False}).fit(X, y)
    RectifierClassifier((9,), **settings | {"max_epochs": 1}).fit(stored, y)
    same(RectifierClassifier((9,), **settings).fit(stored, y), whole)


def test_blocks_are_read_in_pieces_of_bounded_size(X, y, tmp_path, monkeypatch) -> None:
    expected = RectifierClassifier((9, 8), **SETTINGS | PRETRAINED).fit(X, y)
    for module in ("rectinet.runs.supervised", "rectinet.runs.layer_task"):
        monkeypatch.setattr(f"{module}.CHUNK_VALUES", 25 * N_FEATURES)
    monkeypatch.setattr("rectinet.stored.PIECE_VALUES", 7 * N_FEATURES)
    monkeypatch.setattr("rectinet.stored.ROWS_AT_ONCE", 3)
    same(RectifierClassifier((9, 8), **SETTINGS | PRETRAINED).fit(on_disk("npy", X, tmp_path), y), expected)


def test_bytes_of_pictures_have_a_factor(rng, y, tmp_path) -> None:
    pixels = rng.integers(0, 256, (N, N_FEATURES), np.uint8)
    idx(tmp_path / "pictures", pixels.reshape(N, 7, 2))
    stored = shards([tmp_path / "pictures"], factor=1 / 255)
    expected = RectifierClassifier((9,), **SETTINGS).fit(pixels.astype(np.float32) * np.float32(1 / 255), y)
    same(RectifierClassifier((9,), **SETTINGS).fit(stored, y), expected)


def test_rows_of_csr_shards_come_in_canonical_form(tmp_path) -> None:
    untidy = csr_array((np.array([1.0, 2, 3, 0]), np.array([4, 1, 4, 0]), np.array([0, 3, 4])), shape=(2, 5))
    save_npz(tmp_path / "a.npz", untidy, compressed=False)
    X = shards([tmp_path / "a.npz"])[np.array([1, 0])]
    np.testing.assert_array_equal(X.toarray(), [[0, 0, 0, 0, 0], [0, 2, 0, 0, 4]])
    assert X.has_canonical_format
    assert X.nnz == 2


PROGRAM = """
import resource, sys
import numpy as np
from rectinet import RectifierClassifier
from rectinet.datasets import shards
X = shards(sys.argv[1:])
y = np.arange(X.shape[0]) % 3
clf = RectifierClassifier((20, 20), max_epochs=1, batch_size=100, pretrain_epochs=1, random_state=0)
clf.fit(X[:2000], y[:2000])  # everything is imported and has been used
def held():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmData")).split()[1]) << 10
limit = held() + (100 << 20)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
clf.fit(X, y)
print(clf.n_epochs_)
"""


def test_memory_holds_a_part_of_the_rows_alone(rng, tmp_path) -> None:
    """256 MB of rows with 100 MB more memory than a fit of 2,000 rows needed, targets and validation included."""
    paths = [str(tmp_path / f"{k}.npy") for k in range(4)]
    for path in paths:
        np.save(path, rng.random((40_000, 400), dtype=np.float32))
    done = subprocess.run([sys.executable, "-c", PROGRAM, *paths], capture_output=True, text=True, timeout=110)
    assert done.stdout.strip() == "1", done.stderr


# -- what is refused ---------------------------------------------------------------------------------------------------


def save_damaged(what: str, path: Path) -> None:
    X = csr_array(np.eye(5))
    if what == "compressed":
        save_npz(path, X)
        return
    parts = {"data": X.data, "indices": X.indices, "indptr": X.indptr, "shape": np.array(X.shape), "format": b"csr"}
    if what == "indptr":
        parts["indptr"] = parts["indptr"][::-1]
    elif what == "lacking":
        del parts["indices"]
    elif what == "length":
        parts["data"] = parts["data"][:3]
    np.savez(path, **parts)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("compressed", "is compressed, and cannot be read in place; save it with .*compressed=False"),
        ("indptr", "the parts of the CSR matrix do not belong together"),
        ("lacking", "lacks indices of a CSR matrix"),
        ("length", "the parts of the CSR matrix do not belong together"),
    ],
)
def test_a_damaged_csr_shard(tmp_path, what, sentence) -> None:
    save_damaged(what, tmp_path / "a.npz")
    with pytest.raises(DataError, match=rf"a\.npz: .*{sentence}"):
        shards([tmp_path / "a.npz"])


def test_other_files_that_cannot_be_read_in_place(X, tmp_path) -> None:
    np.save(tmp_path / "columns.npy", np.asfortranarray(X))
    np.save(tmp_path / "flat.npy", X[0])
    np.save(tmp_path / "words.npy", np.array([["a"]]))
    (tmp_path / "cut.npy").write_bytes((np.save(tmp_path / "x.npy", X), (tmp_path / "x.npy").read_bytes())[1][:-1])
    (tmp_path / "no.idx").write_bytes(b"something else")
    (tmp_path / "none.npz").write_bytes(b"PK")
    (tmp_path / "a.idx.gz").write_bytes(b"")
    for name, sentence in {
        "columns.npy": "lies column by column",
        "flat.npy": r"must have two dimensions or more, .* has shape \(14,\)",
        "words.npy": "holds <U1; only real numbers",
        "cut.npy": "declares shape",
        "no.idx": "is no idx file of two dimensions",
        "none.npz": "not an .npz file, or a damaged one",
        "a.idx.gz": "a compressed file cannot be read in place",
        "missing.npy": "missing.npy",
    }.items():
        with pytest.raises(DataError, match=sentence):
            shards([tmp_path / name])


def test_shards_that_do_not_belong_together(X, tmp_path) -> None:
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", X[:, 1:])
    save_npz(tmp_path / "c.npz", csr_array(X), compressed=False)
    with pytest.raises(ValueError, match=r"one number of features; .*a\.npy has 14, .*b\.npy has 13"):
        shards([tmp_path / "a.npy", tmp_path / "b.npy"])
    with pytest.raises(ValueError, match="all dense or all sparse"):
        shards([tmp_path / "a.npy", tmp_path / "c.npz"])
    with pytest.raises(ValueError, match="there is no shard"):
        shards([])
    with pytest.raises(ValueError, match="factor must be"):
        shards([tmp_path / "a.npy"], factor=0)


def test_values_that_are_not_finite_are_named_by_file_and_row(X, y, tmp_path) -> None:
    paths = on_disk("npy", X, tmp_path)
    bad = X[200:].copy()
    bad[17, 3] = np.nan
    np.save(paths[2], bad)
    with pytest.raises(ValueError, match=r"2\.npy, row 17: holds NaN, infinity or a value too large for float32"):
        RectifierClassifier((3,)).fit(paths, y)
    sparse = csr_array(X)
    sparse.indices[-1] = 99
    save_npz(tmp_path / "bad.npz", sparse, compressed=False)
    with pytest.raises(ValueError, match=r"bad\.npz, row \d+: feature 99 of 14; the shard is damaged"):
        RectifierClassifier((3,)).fit([tmp_path / "bad.npz"], y)


def test_what_needs_rows_in_memory_says_so(X, y, tmp_path) -> None:
    paths = on_disk("npy", X, tmp_path)
    model = RectifierClassifier((3,), **SETTINGS).fit(paths, y)
    with pytest.raises(ValueError, match=r"takes X in memory: give some rows of what is on disk, shards\(paths\)"):
        model.explain(shards(paths))
    assert model.transform(shards(paths)[:10]).shape == (10, 3)
    with pytest.raises(ValueError, match=r"scaling='rank' needs X in memory"):
        RectifierClassifier((3,), scaling="rank").fit(paths, y)
    with pytest.raises(ValueError, match="X has 14 features, but RectifierClassifier is expecting 5 features"):
        RectifierClassifier((3,), **SETTINGS).fit(X[:, :5], y).predict(paths)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        RectifierClassifier((3,)).fit(paths, y[1:])


def test_a_memory_mapped_array_that_is_scaled_is_in_memory_as_any_other(X, y, tmp_path) -> None:
    """As joblib hands arrays to the processes of a search."""
    mapped = on_disk("memory-mapped", X, tmp_path)
    one, other = (RectifierClassifier((5,), scaling="rank", **SETTINGS).fit(rows, y) for rows in (X, mapped))
    same(one, other)
    np.testing.assert_array_equal(other.predict(mapped), one.predict(X))
