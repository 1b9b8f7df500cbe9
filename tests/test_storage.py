"""Model files: exact round trips, every kind of damage noticed, nothing half-written."""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from rectinet.activations import Activation
from rectinet.network import initialise
from rectinet.randomness import Purpose, stream
from rectinet.storage import (
    DamagedModelFile,
    Model,
    ModelFileError,
    NewerFormat,
    NotAModelFile,
    WrongKind,
    load_checkpoint,
    load_model,
    save_checkpoint,
    save_model,
)
from rectinet.storage.container import Contents, read_container, write_container
from rectinet.storage.values import decode, encode, encode_array


def a_network(dtype=np.float32, signs="balanced"):
    rng = stream(0, Purpose.INITIALISATION)
    return initialise((2, 3, 2), Activation("softplus", 2.5), signs=signs, rng=rng, dtype=dtype)


def a_model(**changes):
    facts = {"classes_": np.array(["no", "yes"]), "n_epochs_": 2}
    history = [{"epoch": 1, "loss": 0.1, "zeros": [0.5], "seconds": 3.25}]
    model = {"kind": "SomeClassifier", "params": {"hidden_layer_sizes": (3,), "learning_rate": 0.1}, "facts": facts}
    return Model(**({**model, "history": history, "network": a_network(), "arrays": {}} | changes))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.rectinet"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
def test_a_model_comes_back_bit_for_bit(path, dtype, signs):
    network = a_network(dtype, signs)
    save_model(path, a_model(network=network, arrays={"target_mean_": np.array([1.0, np.pi])}))
    model = load_model(path)
    assert model.kind == "SomeClassifier"
    assert model.params == {"hidden_layer_sizes": (3,), "learning_rate": 0.1}
    assert model.arrays["target_mean_"].tolist() == [1.0, np.pi]
    assert model.network.dtype == dtype
    for mine, theirs in zip(model.network.layers, network.layers, strict=True):
        assert mine.W.tobytes() == theirs.W.tobytes()
        assert mine.b.tobytes() == theirs.b.tobytes()
        assert mine.activation == theirs.activation
        assert (mine.signs is None) == (theirs.signs is None)
        assert mine.signs is None or mine.signs.tobytes() == theirs.signs.tobytes()


def test_seconds_are_left_out_and_equal_models_make_equal_files(path, tmp_path):
    save_model(path, a_model())
    save_model(tmp_path / "other", a_model(history=[{"epoch": 1, "loss": 0.1, "zeros": [0.5], "seconds": 9.0}]))
    assert path.read_bytes() == (tmp_path / "other").read_bytes()
    assert load_model(path).history == [{"epoch": 1, "loss": 0.1, "zeros": [0.5]}]


def test_any_safetensors_reader_can_open_it(path):
    save_model(path, a_model())
    with safe_open(path, framework="numpy") as file:
        assert set(file.keys()) == {"network.0.W", "network.0.b", "network.0.signs", "network.1.W", "network.1.b"}
        assert file.metadata()["kind"] == "SomeClassifier"
        np.testing.assert_array_equal(file.get_tensor("network.0.W"), a_network().layers[0].W)


VALUES = [
    None, True, 1, 1.0, 0.1, float("inf"), "text", "", (), (1, (2.0, None)), [1, "a"], {"a": 1, 2: "b", 3.5: (1,)},
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values_keep_their_type(value):
    again = decode(json.loads(json.dumps(encode(value))))
    assert again == value
    assert type(again) is type(value)


LABELS = [
    np.array(["no", "yes", "perhaps ü"]), np.array(["a", "b"], dtype=object), np.array([1, "a", None], dtype=object),
    np.array([-1, 2**62]), np.array([1, 2], dtype=np.uint8), np.array([0.1, np.inf]), np.array([True, False]),
    np.array([0.1, 0.2], dtype=np.float32), np.array([1, True, 1.0, "1"], dtype=object), np.array([], dtype=np.int64),
]  # fmt: skip


@pytest.mark.parametrize("labels", LABELS, ids=repr)
def test_labels_keep_value_and_dtype(labels):
    again = decode(json.loads(json.dumps(encode(labels))))
    assert again.dtype == labels.dtype
    assert again.tolist() == labels.tolist()
    assert [type(item) for item in again.tolist()] == [type(item) for item in labels.tolist()]


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", 1j, lambda: 0])
def test_what_has_no_exact_form_is_refused_before_anything_is_written(value, path):
    with pytest.raises(TypeError, match="a model file cannot hold"):
        save_model(path, a_model(params={"strange": value}))
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("labels", [np.array([(1, 2), None], dtype=object), np.array(["2026-01-01"], dtype="M8[D]")])
def test_labels_that_cannot_be_kept_are_refused(labels):
    with pytest.raises(TypeError, match="model file"):
        encode_array(labels)


def noticed(path):
    """Whether reading the file fails by name; any other error escapes."""
    try:
        load_model(path)
    except (DamagedModelFile, NotAModelFile) as problem:
        return str(path) in str(problem)
    return False


def test_every_single_flipped_bit_is_noticed(path, monkeypatch):
    save_model(path, a_model())
    bad = bytearray(path.read_bytes())
    monkeypatch.setattr(Path, "read_bytes", lambda _: bytes(bad))  # 20,000 files on a disk would take a while
    silent = []
    for position in range(8 * len(bad)):
        bad[position // 8] ^= 1 << position % 8
        if not noticed(path):
            silent.append(position)
        bad[position // 8] ^= 1 << position % 8
    assert silent == []
    assert load_model(path).kind == "SomeClassifier"


def test_every_truncation_and_every_addition_is_noticed(path, monkeypatch):
    save_model(path, a_model())
    good = path.read_bytes()
    cut = good
    monkeypatch.setattr(Path, "read_bytes", lambda _: cut)
    for n_bytes in range(len(good)):
        cut = good[:n_bytes]
        assert noticed(path), n_bytes
    cut = good + b"\0"
    with pytest.raises(DamagedModelFile, match="damaged: its SHA-256 does not match"):
        load_model(path)


@pytest.mark.parametrize("content", [b"PK\x03\x04 a zip file", b"\x80\x04}", b"{}" * 200, b"\0" * 500])
def test_other_files_are_not_model_files(content, path):
    path.write_bytes(content)
    with pytest.raises(NotAModelFile, match="is not a rectinet file"):
        load_model(path)


def test_a_safetensors_file_of_someone_else_is_no_model(path):
    from safetensors.numpy import save_file

    save_file({"W": np.zeros((2, 2))}, path)
    with pytest.raises(NotAModelFile):
        load_model(path)


def test_a_newer_format_is_named(path, monkeypatch):
    monkeypatch.setattr("rectinet.storage.container.FORMAT_VERSION", 2)
    save_model(path, a_model())
    monkeypatch.undo()
    with pytest.raises(NewerFormat, match=r"format version 2; this rectinet reads up to 1\. Install a newer"):
        load_model(path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document.pop("params"),
        lambda document: document["network"].append(document["network"][0]),
        lambda document: document["network"][0].update(activation="relu"),
        lambda document: document.update(facts=7),
    ],
)
def test_a_whole_file_with_wrong_contents_is_named(spoil, path):
    save_model(path, a_model())
    contents = read_container(path)
    spoil(contents.document)
    write_container(path, contents)
    with pytest.raises(DamagedModelFile, match="the model in it does not fit together"):
        load_model(path)


def test_models_and_checkpoints_are_told_apart(path, tmp_path):
    save_model(path, a_model())
    save_checkpoint(tmp_path / "checkpoint", a_network(), {}, {"epoch": 1})
    with pytest.raises(WrongKind, match="is a saved SomeClassifier, not a checkpoint"):
        load_checkpoint(path)
    with pytest.raises(WrongKind, match="is a checkpoint, not a model"):
        load_model(tmp_path / "checkpoint")


def test_a_checkpoint_comes_back(path):
    extra = {"best.0.W": np.arange(6.0).reshape(2, 3), "counts": np.arange(3)}
    save_checkpoint(path, a_network(), extra, {"epoch": 3, "loss": 0.1})
    network, arrays, document = load_checkpoint(path)
    assert document == {"epoch": 3, "loss": 0.1}
    assert network.layers[0].W.tobytes() == a_network().layers[0].W.tobytes()
    for name, values in extra.items():
        np.testing.assert_array_equal(arrays[name], values)


def test_a_missing_file_is_a_missing_file(path):
    with pytest.raises(FileNotFoundError, match=r"model\.rectinet"):
        load_model(path)


def test_a_missing_folder_is_named_with_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="could not write, nothing was changed"):
        save_model(tmp_path / "nowhere" / "model", a_model())


def test_a_link_stays_a_link(path, tmp_path):
    link = tmp_path / "latest"
    save_model(path, a_model())
    link.symlink_to(path)
    save_model(link, a_model(kind="Other"))
    assert link.is_symlink()
    assert load_model(path).kind == "Other"


def test_all_errors_are_of_one_family():
    assert all(issubclass(e, ModelFileError) for e in (DamagedModelFile, NotAModelFile, NewerFormat, WrongKind))
    assert issubclass(ModelFileError, ValueError)


def test_killed_between_writing_and_renaming_the_old_file_stands(path):
    save_model(path, a_model())
    old = path.read_bytes()
    script = f"""
import os, signal
from rectinet.storage.container import Contents, write_container
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_container({str(path)!r}, Contents("Other", "0", {{}}, {{}}))
"""
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -9
    assert path.read_bytes() == old
    assert len(list(path.parent.glob(".model.rectinet.*.tmp"))) == 1  # what was written lies beside, under another name


def test_a_full_disk_keeps_the_old_file_and_says_so(path):
    save_model(path, a_model())
    old = path.read_bytes()
    big = {"big": np.zeros(100_000)}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OSError, match="could not write, nothing was changed: File too large") as caught:
            save_model(path, a_model(arrays=big))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(path)
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes() == old


GOLDEN = Path(__file__).parent / "golden" / "model-format-1.rectinet"


def test_format_1_opens_for_ever():
    contents = read_container(GOLDEN)
    assert (contents.kind, contents.library_version) == ("RectifierClassifier", "0.1.0")
    model = load_model(GOLDEN)
    assert model.facts["classes_"].tolist() == ["no", "yes"]
    assert [layer.W.shape for layer in model.network.layers] == [(2, 4), (4, 2)]


def test_the_container_itself(path):
    arrays = {"a": np.arange(3), "b": np.array([[1.5]], dtype=np.float32), "c": np.array([True]), "d": np.zeros((0, 2))}
    write_container(path, Contents("Kind", "9.9", {"x": np.float64(0.5)}, arrays))
    again = read_container(path)
    assert (again.kind, again.library_version, again.document) == ("Kind", "9.9", {"x": 0.5})
    assert set(again.arrays) == set(arrays)
    for name, values in arrays.items():
        np.testing.assert_array_equal(again.arrays[name], values)
        assert again.arrays[name].dtype == values.dtype
