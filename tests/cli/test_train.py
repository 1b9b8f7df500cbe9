"""`rectinet train`: data of every kind, every option of the estimator, every way to be refused."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

import rectinet
from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor
from rectinet.cli._options import _as_typed, training_options, typed, value, written
from rectinet.estimators.table import table_defaults
from rectinet.runs.parameters import HELP, RULE, SoftmaxParameters, documented, parameter, renamed
from rectinet.runs.parameters import table as table_of
from rectinet.runs.rules import none_or, one_of, whole

from .conftest import SMALL, Run


def test_named_data_set(run: Run) -> None:
    result = run("train", "digits", *SMALL)
    assert "1,000 examples of 64 features, 10 classes: RectifierClassifier" in result.output
    for part in ("train", "validation", "test"):
        assert part in result.output
    assert "2 epochs" in result.output
    model = rectinet.load("model.safetensors")
    assert isinstance(model, RectifierClassifier)
    assert model.hidden_layer_sizes == (8, 6)
    assert model.seed_ == 1


def test_named_classes_of_a_table(run: Run, table: Path) -> None:
    run("train", str(table), "--target", "kind", "-o", "kinds.st", *SMALL)
    assert rectinet.load("kinds.st").classes_.tolist() == ["big", "small"]


def test_numbers_with_fractions_are_regression(run: Run, table: Path) -> None:
    text = table.read_text().replace("big", "0").replace("small", "1")
    table.write_text(text)
    result = run("train", str(table), "--target", "depth", *SMALL)
    assert "RectifierRegressor" in result.output
    assert "R²" in result.output
    assert isinstance(rectinet.load("model.safetensors").estimator_, RectifierRegressor)


def test_more_than_twenty_whole_numbers_are_values(run: Run) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{a:.3f},{100000 + int(50000 * a)}" for a in rng.random(60)]
    Path("houses.csv").write_text("\n".join(["rooms,price", *rows]) + "\n")
    result = run("train", "houses.csv", "--target", "price", *SMALL)
    assert "60 examples of 1 features, targets: RectifierRegressor" in result.output
    assert (
        "different whole numbers are read as values, being more than 20; for classes: --task classify" in result.output
    )
    assert isinstance(rectinet.load("model.safetensors").estimator_, RectifierRegressor)


@pytest.mark.parametrize("task", [None, "rate"])
def test_up_to_twenty_whole_numbers_are_classes_and_never_ratings(run: Run, task: str | None) -> None:
    rows = [f"{k % 8}.5,{k % 8}" for k in range(48)]
    Path("grades.csv").write_text("\n".join(["a,grade", *rows]) + "\n")
    result = run("train", "grades.csv", "--target", "grade", *(("--task", task) if task else ()), *SMALL)
    assert ("read as 8 classes; for stars or grades: --task rate" in result.output) is (task is None)
    assert type(rectinet.load("model.safetensors").estimator_) is (RatingRegressor if task else RectifierClassifier)


def test_whole_numbers_are_regression_when_told(run: Run) -> None:
    np.savez("counts.npz", X=np.random.default_rng(0).random((40, 2)), y=np.arange(40) % 5)
    run("train", "counts.npz", "--task", "regress", *SMALL)
    assert isinstance(rectinet.load("model.safetensors"), RectifierRegressor)


def test_sparse_lines_with_labels_as_floats(run: Run) -> None:
    rng = np.random.default_rng(0)
    lines = [f"{k % 2 + 1} {1 + k % 3}:{rng.random():.3f} 5:1" for k in range(40)]
    Path("words.svm").write_text("\n".join(lines) + "\n")
    run("train", "words.svm", *SMALL)
    model = rectinet.load("model.safetensors")
    assert model.classes_.tolist() == [1, 2]
    assert model.classes_.dtype.kind == "i"


def test_csr_arrays(run: Run) -> None:
    X = csr_array(np.eye(30, 4))
    parts = {"data": X.data, "indices": X.indices, "indptr": X.indptr, "shape": np.array(X.shape)}
    np.savez("sparse.npz", **parts, y=np.arange(30) % 2)
    run("train", "sparse.npz", *SMALL)
    assert rectinet.load("model.safetensors").n_features_in_ == 4


def test_own_validation_and_test_files(run: Run, table: Path) -> None:
    result = run(*("train", str(table), "--target", "kind", "--validation", str(table), "--test", str(table)), *SMALL)
    rows = [line.split()[:2] for line in result.output.splitlines() if line.split()]
    assert ["validation", "60"] in rows
    assert ["test", "60"] in rows


def test_progress_shows_error_and_zeros(run: Run, table: Path) -> None:
    result = run("train", str(table), "--target", "kind", *SMALL[:-1])
    assert "validation error" in result.output
    assert "zeros" in result.output


def weights(path: str) -> bytes:
    """Every parameter of a saved network."""
    return b"".join(values.tobytes() for _, values in rectinet.load(path).estimator_.network_.parameters())


def test_same_command_line_makes_the_same_weights(run: Run, table: Path) -> None:
    for out in ("one.st", "two.st"):
        run("train", str(table), "--target", "kind", "--out", out, *SMALL)
    assert weights("one.st") == weights("two.st")


def test_resuming_makes_the_weights_of_a_run_never_stopped(run: Run, table: Path) -> None:
    start = ("train", str(table), "--target", "kind", "--hidden-layer-sizes", "8", "--seed", "1", "--quiet")
    start += ("--decay-from", "1", "--learning-rate", "0.05", "--early-stopping")  # trials would depend on max_epochs
    run(*start, "--max-epochs", "2", "--out", "half.st", "--checkpoint", "run.ckpt")
    run(*start, "--max-epochs", "4", "--out", "whole.st", "--checkpoint", "run.ckpt", "--resume")
    run(*start, "--max-epochs", "4", "--out", "once.st")
    assert weights("whole.st") == weights("once.st")
    assert weights("half.st") != weights("once.st")


def test_every_parameter_of_the_estimator_is_an_option(run: Run) -> None:
    flags = run("train", "--help-all").output
    for name in RectifierClassifier().get_params():
        flag = {"random_state": "seed", "n_threads": "threads"}.get(name, name.replace("_", "-"))
        assert f"--{flag}" in flags or f"--no-{flag}" in flags or name == "verbose"


def test_options_reach_the_estimator(run: Run, table: Path) -> None:
    run(
        *("train", str(table), "--target", "kind", "--quiet", "--max-epochs", "1", "--hidden-layer-sizes", "5"),
        *("--activation", "softplus", "--softplus-alpha", "2", "--activity-l1", "0.01", "--no-shuffle"),
        *("--no-early-stopping", "--dtype", "float64", "--threads", "2", "--class-weight", "balanced"),
    )
    model = rectinet.load("model.safetensors").estimator_
    wanted = {
        "hidden_layer_sizes": 5,
        "activation": "softplus",
        "softplus_alpha": 2,
        "activity_l1": 0.01,
        "shuffle": False,
        "early_stopping": False,
        "dtype": "float64",
        "n_threads": 2,
        "class_weight": "balanced",
        "learning_rate": table_defaults(60)["learning_rate"],
    }
    assert {name: model.get_params()[name] for name in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("3", 3),
        ("1e-3", 0.001),
        ("tanh", "tanh"),
        ("none", None),
        ("500,200", (500, 200)),
        ("500,", (500,)),
        ("(500, 200)", (500, 200)),
        ("()", ()),
        ("0.1,0", (0.1, 0)),
    ],
)
def test_values_are_read_as_python_would_write_them(text: str, wanted: object) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize("default", [3, 0.001, "tanh", (500, 200)])
def test_defaults_are_shown_as_they_are_typed(default: object) -> None:
    assert value(written(default)) == default


def test_options_not_typed_keep_the_estimators_defaults() -> None:
    nothing = {option.name: option.default for option in training_options()}
    assert set(nothing) == set(table_of(SoftmaxParameters)) - {"verbose"}
    assert typed(nothing) == {}


def test_none_is_a_value_unless_it_is_a_choice() -> None:
    options = {option.name: option.annotation.__metadata__[0] for option in training_options()}
    read = {name: options[name].parser("none") for name in ("sampled_reconstruction", "corruption")}
    assert typed(read) == {"sampled_reconstruction": None, "corruption": "none"}


def test_help_comes_from_the_table(run: Run) -> None:
    shown = " ".join(run("train", "--help-all").output.replace("│", " ").split())
    options = {option.name: option.annotation.__metadata__[0] for option in training_options()}
    for name, entry in table_of(SoftmaxParameters).items():
        if name != "verbose":
            assert options[name].help.startswith(_as_typed(entry.metadata[HELP])), name
            assert not set(re.findall(r"\w+_\w+", options[name].help)) & set(table_of(SoftmaxParameters)), name
            assert all(word in options[name].help for word in entry.metadata[RULE].choices), name
            assert " ".join(options[name].help.split()[:6]) in shown, name


def test_what_is_true_or_false_is_a_switch(run: Run, table: Path) -> None:
    arguments = ("train", str(table), "--target", "kind", "--force", *SMALL)
    for name, entry in table_of(SoftmaxParameters).items():
        if isinstance(entry.default, bool):
            flag = name.replace("_", "-")
            for switch, wanted in ((f"--{flag}", True), (f"--no-{flag}", False)):
                run(*arguments, switch)
                assert rectinet.load("model.safetensors").estimator_.get_params()[name] is wanted


@dataclass
class Documented:
    """One line.

    Parameters
    ----------
    {parameters}

    Attributes
    ----------
    four : int
    """

    one: str = parameter("a", one_of("a", "b"), "First line.", "Second line.")
    three: int | None = parameter(None, none_or(whole(1)), "How many.")


def test_the_table_is_written_into_docstrings() -> None:
    text = inspect.getdoc(documented(type("Copy", (Documented,), {"__doc__": Documented.__doc__})))
    assert text is not None
    assert text.split("\n\n")[1:] == [
        "Parameters\n----------\n"
        'one : one of "a", "b", default=\'a\'\n    First line. Second line.\n'
        "three : None or an integer of at least 1, default=None\n    How many.",
        "Attributes\n----------\nfour : int",
    ]
    assert documented(type("Silent", (), {})).__doc__ is None


def test_a_parameter_may_have_another_name_and_default() -> None:
    @dataclass
    class Other:
        two: str = renamed(Documented, "one", "b")
        three: int = 7  # no parameter

    assert list(table_of(Other)) == ["two"]
    assert table_of(Other)["two"].default == "b"
    assert table_of(Other)["two"].metadata == table_of(Documented)["one"].metadata


def test_the_classifiers_docstring_has_every_parameter_with_its_help() -> None:
    text = RectifierClassifier.__doc__ or ""
    for name, entry in table_of(RectifierClassifier).items():
        assert f"\n    {name} : " in text, name
        assert entry.metadata[HELP] in text, name


# Every way to be refused: exit code 2, one sentence, and nothing written.


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nosuch"], "'nosuch' is no data set and no file; data sets are digits, mnist"),
        (["nosuch.csv"], "nosuch.csv"),
        (["notes.txt"], "examples are read from .csv, .tsv, .parquet, .jsonl, .npz"),
        (["notes.xlsx"], "; save the sheet as .csv"),
        (["notes.csv.zip"], "; unpack it, or compress it as .gz or .xz"),
        (
            ["narrow.csv"],
            "there is no column 'y', which is taken for the target when none is named; name it with --target",
        ),
        (
            ["table.csv", "--target", "price"],
            "there is no column 'price'; there are 'width', 'height', 'depth', 'kind'",
        ),
        (
            ["table.csv", "--target", "width"],
            "no column to learn from: 'width' is left out (the target); 'height' is left out (constant)",
        ),
        (
            ["table.csv", "--target", "kind", "--task", "sort"],
            "--task must be one of classify, rate, regress",
        ),
        (["table.csv", "--target", "kind", "--activation", "rectifer"], "got 'rectifer'; did you mean 'rectifier'?"),
        (["table.csv", "--target", "kind", "--learning-rate", "fast"], "--learning-rate must be"),
        (["table.csv", "--target", "kind", "--hidden-layer-sizes", "0"], "--hidden must be"),
        (["table.csv", "--target", "kind", "--out", "no/model"], "there is no folder no for the model"),
        (["table.csv", "--target", "kind", "--resume"], "--resume needs --checkpoint FILE"),
        (["table.csv", "--target", "kind", "--resume", "--checkpoint", "c"], "there is no checkpoint c to resume"),
        (["table.csv", "--target", "kind", "--checkpoint", "notes.txt"], "notes.txt is the checkpoint of another run"),
        (["table.csv", "--target", "kind", "--test", "narrow.csv"], "narrow.csv"),
    ],
)
def test_bad_input_is_one_sentence(run: Run, table: Path, arguments: list[str], sentence: str) -> None:
    first = table.read_text().splitlines()[1]
    if "width" in arguments:
        table.write_text("\n".join(["width,height,depth,kind", first.rpartition(",")[0] + ",small"]) + "\n")
    for name in ("notes.txt", "notes.xlsx", "notes.csv.zip"):
        Path(name).write_text("not a table")
    Path("narrow.csv").write_text("width\n1\n")
    before = sorted(path.name for path in Path().iterdir())
    result = run("train", *SMALL, *arguments, code=2)
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    assert sorted(path.name for path in Path().iterdir()) == before


def test_class_weights_mean_nothing_to_a_regressor(run: Run) -> None:
    np.savez("floats.npz", X=np.eye(6), y=np.arange(6) / 4)
    result = run("train", "floats.npz", "--class-weight", "balanced", *SMALL, code=2)
    assert "--class-weight has no meaning for --task regress" in result.stderr


def test_an_existing_model_is_replaced_only_by_force(run: Run, table: Path, model: Path) -> None:
    before = model.read_bytes()
    arguments = ("train", str(table), "--target", "kind", "--hidden-layer-sizes", "3", "--max-epochs", "1", "--quiet")
    result = run(*arguments, code=2)
    assert "model.safetensors already exists" in result.stderr
    assert model.read_bytes() == before
    run(*arguments, "--force")
    assert model.read_bytes() != before


def test_divergence_is_a_failure_with_advice(run: Run, table: Path) -> None:
    result = run("train", str(table), "--target", "kind", "--learning-rate", "1e30", *SMALL, code=1)
    assert "training diverged in epoch 1" in result.stderr
    assert "(--scaling standard) or lower --learning-rate" in result.stderr
    assert "best_model" not in result.stderr
    assert not Path("model.safetensors").exists()


def test_missing_files_of_a_data_set(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECTINET_DATA", str(tmp_path / "empty"))
    monkeypatch.setenv("RECTINET_CACHE", str(tmp_path / "cache"))
    result = run("train", "mnist", *SMALL, code=2)
    assert "train-images-idx3-ubyte" in result.stderr


def test_warnings_are_notes(run: Run) -> None:
    np.savez("few.npz", X=np.eye(3), y=np.arange(3))
    result = run("train", "few.npz", *SMALL)
    assert "Note:" in result.stderr
    assert "Warning" not in result.output
