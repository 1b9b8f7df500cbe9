"""Running the `rectinet` command in an empty folder, and small files to run it on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from rectinet.cli import app
from tests.cli.rooms import TRAIN, rooms

Run = Callable[..., Result]
SMALL = ("--hidden-layer-sizes", "8,6", "--max-epochs", "2", "--early-stopping", "--seed", "1", "--quiet")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line; the exit code is checked here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()

    def run(*arguments: str, code: int = 0) -> Result:
        result = runner.invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Sixty examples of three features and two classes, as a table with named classes."""
    rng = np.random.default_rng(0)
    X = rng.random((60, 3))
    names = np.where(X[:, 0] > 0.5, "big", "small")
    path = tmp_path / "table.csv"
    lines = [f"{a:.4f},{b:.4f},{c:.4f},{name}" for (a, b, c), name in zip(X, names, strict=True)]
    path.write_text("\n".join(["width,height,depth,kind", *lines]) + "\n")
    return path


@pytest.fixture
def rooms_model(run: Run) -> str:
    """A model of a table of rooms."""
    rooms().to_csv("train.csv", index=False)
    run("train", "train.csv", "--target", "kind", *TRAIN)
    return "model.safetensors"


@pytest.fixture
def model(run: Run, table: Path) -> Path:
    """A classifier trained on the table."""
    run("train", str(table), "--target", "kind", "--out", "model.safetensors", *SMALL)
    return Path("model.safetensors")
