"""Images and their heat maps, written by `rectinet explain` and `rectinet inspect`."""

from __future__ import annotations

from pathlib import Path

import matplotlib.image
import pytest
from typer.testing import CliRunner

from rectinet.cli import app


@pytest.fixture
def digits_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    result = runner.invoke(app, ["train", "digits", "--hidden", "8,6", "--max-epochs", "2", "--quiet"])
    assert result.exit_code == 0, result.output
    return runner


def test_explain_draws_an_image_for_each_example(digits_model: CliRunner) -> None:
    result = digits_model.invoke(app, ["explain", "model.safetensors", "digits", "--rows", "2,5", "--out", "why"])
    assert result.exit_code == 0, result.output
    assert {path.name for path in Path("why").iterdir()} == {"index.html", "example-2.png", "example-5.png"}
    assert matplotlib.image.imread("why/example-2.png").ndim == 3
    assert Path("why/index.html").read_text().count('<img class="heat"') == 2 * 10


def test_inspect_draws_histograms_and_filters(digits_model: CliRunner) -> None:
    words = ["inspect", "model.safetensors", "digits", "--plots", "figures"]
    result = digits_model.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert {path.name for path in Path("figures").iterdir()} == {"sparsity.png", "filters.png"}
    refused = digits_model.invoke(app, words)
    assert refused.exit_code == 2
    assert "figures/sparsity.png already exists; choose another --plots" in refused.stderr
    assert digits_model.invoke(app, [*words, "--force"]).exit_code == 0
