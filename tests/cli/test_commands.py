"""`rectinet`, `predict`, `inspect`, `demo`, `bench`: what they print, write and refuse."""

from __future__ import annotations

import csv
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import rectinet
from rectinet.cli import COMMANDS, _bench, _predict, application, main
from rectinet.cli._timing import measure, planted

from .conftest import SMALL, Run

WORDS = ("demo", "train", "predict", "inspect", "explain", "prune", "export", "bench", "data", "study")
Typed = Callable[..., tuple[str, str]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Typed:
    """Run `rectinet` with these words in an empty folder; what it wrote to the two streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def type_in(*words: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["rectinet", *words])
        ended: object = 0
        try:
            main()
        except SystemExit as end:
            ended = end.code or 0
        written = capsys.readouterr()
        assert ended == code, written
        return written.out, written.err

    return type_in


def test_help_names_every_command(run: Run) -> None:
    text = run("--help").output
    for command in WORDS:
        assert command in text
        assert "Usage: rectinet" in run(command, "--help").output.replace("root", "rectinet")


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",), ("--traceback", "--help")])
def test_the_commands_are_explained_before_any_is_imported(typed: Typed, words: tuple[str, ...]) -> None:
    out, err = typed(*words)
    assert "Usage: rectinet [OPTIONS] COMMAND" in out
    assert err == ""
    for command in WORDS:
        assert f"\n  {command} " in out
        assert COMMANDS[command][1] in out


@pytest.mark.parametrize("command", WORDS)
def test_each_command_explains_itself(typed: Typed, command: str) -> None:
    out, _ = typed(command, "--help")
    assert f"Usage: rectinet {command}" in out


def test_a_mistyped_word_is_refused_with_the_nearest_there_is(typed: Typed) -> None:
    assert typed("trian", "digits", code=2) == ("", "Error: rectinet has no command 'trian'; did you mean 'train'?\n")
    assert typed("--verison", code=2) == ("", "Error: rectinet has no option '--verison'; did you mean '--version'?\n")
    out, err = typed("xyzzy", code=2)
    assert out == ""
    assert err == f"Error: rectinet has no command 'xyzzy'; there are {', '.join(COMMANDS)}.\n"


def test_options_before_a_command_and_its_own_are_kept_apart(typed: Typed) -> None:
    assert "nosuch: No such file" in typed("inspect", "nosuch", code=2)[1]
    assert "Traceback (most recent call last)" in typed("--traceback", "inspect", "nosuch", code=2)[1]
    assert "No such option" in typed("inspect", "--version", code=2)[1]


def test_what_is_met_first_imports_nothing_that_takes_a_second() -> None:
    script = """
import sys
from rectinet.cli import main
for words in (["--help"], ["--version"], ["trian"]):
    sys.argv = ["rectinet", *words]
    try:
        main()
    except SystemExit:
        pass
print(sorted({"numpy", "scipy", "sklearn", "typer", "rich"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_command_line_can_be_had_more_than_once() -> None:
    for _ in range(2):
        found = application()
        names = {command.name for command in found.registered_commands} | {g.name for g in found.registered_groups}
        assert names == set(COMMANDS) == set(WORDS)
    assert [command.name for command in application("train").registered_commands] == ["train"]


@pytest.mark.parametrize("command", ["demo", "train", "predict", "inspect", "bench"])
def test_help_gives_an_example(run: Run, command: str) -> None:
    text = run(command, "--help").output
    assert "Example" in text
    assert f"rectinet {command}" in text


@pytest.mark.parametrize("words", [("--version",), ("--traceback", "--version"), ("--version", "train")])
def test_version(typed: Typed, words: tuple[str, ...]) -> None:
    assert typed(*words) == (f"rectinet {rectinet.__version__}\n", "")


def test_traceback_is_shown_when_asked_for(run: Run) -> None:
    result = run("--traceback", "train", "nosuch", code=2)
    assert "Traceback (most recent call last)" in result.stderr
    assert "DataError" in result.stderr


def test_ctrl_c_is_no_traceback(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(path: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(rectinet, "load", pressed, raising=False)
    assert run("inspect", str(model), code=130).stderr == "Error: interrupted\n"


# predict


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


def test_predictions_are_the_models(run: Run, model: Path, table: Path) -> None:
    header, *lines = rows(run("predict", str(model), str(table), "--target", "kind").stdout)
    assert header == ["prediction"]
    assert [line[0] for line in lines] == rectinet.load(model).predict(pd.read_csv(table)).tolist()


def test_probabilities(run: Run, model: Path, table: Path) -> None:
    header, *lines = rows(run("predict", str(model), str(table), "--target", "kind", "--proba").stdout)
    assert header == ["prediction", "p_big", "p_small"]
    for answer, big, small in lines:
        assert float(big) + float(small) == pytest.approx(1, abs=2e-6)
        assert answer == ("big" if float(big) > float(small) else "small")


def test_many_examples_come_in_order(run: Run, model: Path, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ("predict", str(model), str(table), "--target", "kind", "--proba")
    whole = run(*arguments).stdout
    monkeypatch.setattr(_predict, "CHUNK", 7)
    assert run(*arguments).stdout == whole


def test_predictions_to_a_file(run: Run, model: Path, table: Path) -> None:
    arguments = ("predict", str(model), str(table), "--target", "kind")
    result = run(*arguments, "--out", "p.csv")
    assert "Wrote 60 predictions to p.csv" in result.output
    assert Path("p.csv").read_text() == run(*arguments).stdout
    assert "p.csv already exists" in run(*arguments, "--out", "p.csv", code=2).stderr
    run(*arguments, "--out", "p.csv", "--force")


def test_predictions_of_a_regressor(run: Run) -> None:
    np.savez("floats.npz", X=np.eye(12, 4), y=np.arange(12) / 8)
    run("train", "floats.npz", *SMALL)
    header, *lines = rows(run("predict", "model.safetensors", "floats.npz").stdout)
    assert header == ["prediction"]
    assert all(np.isfinite(float(line[0])) for line in lines)
    assert "has no probabilities" in run("predict", "model.safetensors", "floats.npz", "--proba", code=2).stderr


def test_predictions_for_the_test_part_of_a_data_set(run: Run) -> None:
    run("train", "digits", *SMALL)
    assert len(rows(run("predict", "model.safetensors", "digits").stdout)) == 501


@pytest.mark.parametrize("command", ["predict", "inspect"])
def test_what_is_no_model_is_refused(run: Run, model: Path, table: Path, command: str) -> None:
    assert "nosuch: No such file" in run(command, "nosuch", str(table), code=2).stderr
    assert "is not a rectinet file" in run(command, str(table), str(table), code=2).stderr
    Path("narrow.csv").write_text("width\n1\n")
    result = run(command, str(model), "narrow.csv", code=2)
    assert (
        "narrow.csv has no column 'height', 'depth', which the model was trained with; it has 'width'" in result.stderr
    )


def test_a_damaged_model_is_refused(run: Run, model: Path, table: Path) -> None:
    damaged = bytearray(model.read_bytes())
    damaged[-1] ^= 1
    model.write_bytes(damaged)
    result = run("predict", str(model), str(table), "--target", "kind", code=2)
    assert "model.safetensors" in result.stderr
    assert result.stderr.count("\n") == 1


# inspect


def cells(text: str, row: str) -> list[str]:
    (line,) = [line for line in text.splitlines() if line.strip().startswith(row)]
    return line.removeprefix(" " + row).split()


def test_inspect_shows_layers_and_history(run: Run, model: Path) -> None:
    text = run("inspect", str(model)).output
    network = rectinet.load(model).estimator_.network_
    assert f"{network.n_parameters:,} parameters, float32" in text
    assert f"{model.stat().st_size / 1000:,.1f} kB on disk" in text
    assert cells(text, "hidden 1")[:3] == ["rectifier", "8", "32"]
    assert cells(text, "hidden 2")[:3] == ["rectifier", "6", "54"]
    assert cells(text, "output")[:3] == ["linear", "2", "14"]
    assert "(kept)" in text
    assert "dead" not in text


def test_inspect_counts_zeros_and_dead_units(run: Run, model: Path, table: Path) -> None:
    text = run("inspect", str(model), str(table), "--target", "kind").output
    codes = rectinet.load(model).transform(pd.read_csv(table), layer=0).toarray()
    zeros, dead = f"{100 * (codes == 0).mean():.1f}", str(int((codes == 0).all(axis=0).sum()))
    always = str(int((codes != 0).all(axis=0).sum()))
    assert cells(text, "hidden 1")[-4:] == [zeros, "%", dead, always]


def test_inspect_needs_examples_to_draw(run: Run, model: Path) -> None:
    said = run("inspect", str(model), "--plots", "figures", code=2).stderr
    assert said == "Error: --plots needs examples to count zeros on: rectinet inspect MODEL DATA --plots FOLDER\n"


def test_inspect_shows_signs(run: Run, table: Path) -> None:
    run("train", str(table), "--target", "kind", "--signs", "balanced", *SMALL)
    assert "rectifier, 4 negated" in run("inspect", "model.safetensors").output


def test_inspect_a_linear_model(run: Run, table: Path) -> None:
    run("train", str(table), "--target", "kind", "--hidden-layer-sizes", "()", "--max-epochs", "1", "--quiet")
    text = run("inspect", "model.safetensors", str(table), "--target", "kind").output
    assert cells(text, "output")[:3] == ["linear", "2", "8"]


# demo and bench


def test_demo(run: Run) -> None:
    result = run("demo", "--epochs", "1", "--hidden", "6", "--seed", "2")
    assert "test error" in result.output
    assert Path("rectinet-demo/index.html").is_file()


def test_demo_says_when_it_cannot_write(run: Run) -> None:
    Path("taken").write_text("")
    result = run("demo", "--epochs", "1", "--hidden", "2", "--out", "taken", code=2)
    assert "taken" in result.stderr


@pytest.mark.parametrize("density", [1.0, 0.5, 0.05])
def test_densities_are_as_planted(density: float) -> None:
    network, examples = planted((30, 40, 40, 3), density, np.random.default_rng(0))
    H = examples.X
    for layer in network.hidden:
        H = layer.activation.value(H @ layer.W + layer.b)
        np.testing.assert_allclose((H != 0).mean(axis=0), density, rtol=0, atol=0.01)


def test_measuring_counts_what_is_on() -> None:
    timing = measure((30, 40, 40, 3), 0.2, batch_size=5, n_threads=1, n_rounds=1, pytorch=False, seed=0)
    assert timing.density == pytest.approx(0.2, abs=0.02)
    assert timing.density < timing.union < 1
    assert timing.skipping > 0
    assert timing.control > 0
    assert timing.pytorch is None


def test_bench(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_bench, "DENSITIES", (1.0, 0.2))
    monkeypatch.setattr(_bench, "find_spec", lambda name: None)
    text = run("bench", "--hidden", "16", "--layers", "2", "--inputs", "20", "--rounds", "1").output
    assert "20 - 16 - 16 - 10" in text
    for heading in ("units on", "union", "skipping", "control", "gain"):
        assert heading in text
    assert "PyTorch is not installed" in text
    assert re.findall(r"^ *(\d+\.\d) %", text, re.MULTILINE) == ["100.0", "20.0"]


def test_what_nobody_foresaw_is_one_sentence_too(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a screw is loose")

    monkeypatch.setattr("rectinet.cli._timing.measure", broken)
    done = run("bench", code=1)
    assert "this should not have happened (RuntimeError: a screw is loose). Please report it" in done.output
    assert "Traceback" not in done.output


def test_names_like_formulas_are_text_to_a_spreadsheet(run: Run, tmp_path: Path) -> None:
    """Numbers with a sign are numbers; what begins like a formula and is none gets an apostrophe."""
    from rectinet import RectifierClassifier

    X = np.repeat(np.eye(3), 10, axis=0)
    y = np.repeat(["=1+1", "-1", "@home"], 10)
    RectifierClassifier((8,), learning_rate=0.5, random_state=0).fit(X, y).save(tmp_path / "m.safetensors")
    np.savez(tmp_path / "new.npz", X=np.eye(3))
    out = run("predict", str(tmp_path / "m.safetensors"), str(tmp_path / "new.npz")).output
    assert set(out.split()) == {"prediction", "'=1+1", "-1", "'@home"}


def test_predictions_go_into_a_named_pipe(run: Run, model: Path, table: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    run("predict", str(model), str(table), "--target", "kind", "--out", str(pipe))
    reader.join()
    assert read[0].startswith("prediction\n")
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_export_refuses_in_one_sentence(run: Run, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.delitem(sys.modules, "rectinet.export._graph", raising=False)
    told = run("export", str(model), "out.onnx", code=1).output
    assert told.strip() == 'Error: writing ONNX files needs the package onnx: pip install "rectinet[onnx]"'
    assert "must end in .onnx" in run("export", str(model), "out.pb", code=2).output
    Path("there.onnx").write_text("")
    assert "already exists" in run("export", str(model), "there.onnx", code=2).output
    stack = rectinet.StackedDenoisingAutoencoder((3,), epochs=1).fit(np.eye(20))
    stack.save("stack.safetensors")
    told = run("export", "stack.safetensors", "out.onnx", code=2).output
    assert "holds a StackedDenoisingAutoencoder, whose codes cannot be exported" in told
