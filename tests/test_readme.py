"""The README keeps its word: its code runs, its links lead somewhere, its numbers are those of the stored results."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.pages import BLOCK

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """scripts/render_readme.py as a module."""
    monkeypatch.setattr(sys, "path", [*sys.path])  # the script adds the project's root
    spec = importlib.util.spec_from_file_location("render_readme", ROOT / "scripts" / "render_readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_code_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = BLOCK.findall(PAGES[0].read_text())
    exec(compile(code, "README.md", "exec"), {})
    found = re.fullmatch(r"(\d+)% right, hidden zeros (\d+)%\n", capsys.readouterr().out)
    assert found is not None
    assert int(found[1]) > 90
    assert int(found[2]) > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_numbers_are_those_of_the_results(script: ModuleType) -> None:
    text = (ROOT / "README.md").read_text()
    assert script.rendered(text) == text, "run python scripts/render_readme.py"


def renderer(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script that renders a page of the documentation, as a module."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_numbers_of_explanations_are_those_of_their_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    module = renderer("render_explaining", monkeypatch)
    text = module.PAGE.read_text()
    stored = module.read_results(module.RESULTS / "explain.json")
    assert module.rendered(text, stored) == text, "run python scripts/render_explaining.py"
    assert f"{stored['reviews']['seconds']['explain']:.1f} s" in text
    assert all(f"| {name} |" in text for name in stored["others"])
    with pytest.raises(ValueError, match=r"docs/explaining\.md needs the two markers"):
        module.rendered("no markers here", stored)


def test_the_numbers_of_pruning_are_those_of_its_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    module = renderer("render_pruning", monkeypatch)
    text = module.PAGE.read_text()
    stored = module.read_results(module.RESULTS / "pruning.json")
    assert module.rendered(text, stored) == text, "run python scripts/render_pruning.py"
    assert f"{stored['figures']['disagreement']:.3%} of the test images" in text
    with pytest.raises(ValueError, match=r"docs/pruning\.md needs the two markers"):
        module.rendered("no markers here", stored)


def test_the_numbers_of_tables_are_those_of_their_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    module = renderer("render_tables", monkeypatch)
    text = module.PAGE.read_text()
    stored = module.read_results(module.RESULTS / "table_defaults.json")
    assert module.rendered(text, stored) == text, "run python scripts/render_tables.py"
    differences = [one["difference"] for one in stored["sets"]]
    least = [-0.01 if one["task"] == "classify" else -0.02 for one in stored["sets"]]
    assert all(difference >= bar for difference, bar in zip(differences, least, strict=True))
    assert sum(difference >= 0 for difference in differences) >= 4
    assert max(run["test_error"] for run in stored["adult"]) <= 0.148
    assert all(run["same_shuffled"] and run["seconds"] < 60 for run in stored["adult"])
    with pytest.raises(ValueError, match=r"docs/tables\.md needs the two markers"):
        module.rendered("no markers here", stored)


def test_rendering_replaces_only_what_lies_between_the_markers(script: ModuleType, tmp_path: Path) -> None:
    before = f"head\n{script.BEGIN}\nold\n{script.END}\ntail"
    after = script.rendered(before, tmp_path, tmp_path / "none")
    assert after == f"head\n{script.BEGIN}\n\n{script.NONE_YET}\n{script.END}\ntail"
    assert script.rendered(after, tmp_path, tmp_path / "none") == after


def test_numbers_come_from_the_benchmarks_and_the_study(script: ModuleType, tmp_path: Path) -> None:
    machine = {"cpu": "a processor", "threads": 1}
    figures = [{"threshold": 0.0165, "times": 4.0, "rectinet": {"seconds": 10.0}, "pytorch": {"seconds": 40.0}}]
    runs = [{"side": "pytorch", "name": "Adam"}, {"side": "pytorch", "name": "SGD"}]
    (tmp_path / "bench.json").write_text(json.dumps({"machine": machine, "experiments": {}}))
    found = {"mnist": {"machine": machine, "runs": runs, "figures": figures}}
    (tmp_path / "time_to_error.json").write_text(json.dumps(found))
    said = script.numbers(tmp_path, tmp_path / "none")
    best = "MNIST down to 1.65% validation error, beside PyTorch's best of 2 recipes"
    assert f"| {best} | 4.0 x (10 s against 40 s) | one core of a processor |" in said
    shown = (ROOT / "README.md").read_text().partition(script.BEGIN)[2].partition(script.END)[0]
    assert len(re.findall(r"^\| (?!---| \|)", shown, re.MULTILINE)) == 4


def test_a_readme_without_markers_is_refused(script: ModuleType) -> None:
    with pytest.raises(ValueError, match=r"README\.md needs the two markers"):
        script.rendered("no markers here")


def test_the_numbers_of_serving_and_of_rows_on_disk_are_those_of_their_benchmarks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = renderer("render_serving", monkeypatch)
    for name, (results, said) in module.PAGES.items():
        text = (ROOT / "docs" / name).read_text()
        stored = module.read_results(module.RESULTS / results)
        assert module.rendered(text, said(stored)) == text, "run python scripts/render_serving.py"
        with pytest.raises(ValueError, match="the page needs the two markers"):
            module.rendered("no markers here", "")
    served, on_disk = (module.read_results(module.RESULTS / results)["figures"] for results, _ in module.PAGES.values())
    assert on_disk["above_the_parameters"] <= 1.0
    assert served["difference"] <= 1e-5


def test_results_of_the_study_are_those_of_its_export(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "study.md").read_text()
    module = renderer("render_study", monkeypatch)
    assert module.rendered(text) == text, "run python scripts/render_study.py"
    for wrong in ("table1 data=no-such-set", "table1 no-such-label=1", "no-such-experiment"):
        said = f"A sentence <!-- runs: table1 unit=tanh; {wrong} --><!-- /runs -->.\n{module.BEGIN}{module.END}"
        with pytest.raises(ValueError, match=f"no run in results/ is '{wrong}'"):
            module.rendered(said)


def test_what_training_and_texts_give_is_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    for page, text in renderer("render_training", monkeypatch).pages().items():
        assert (ROOT / "docs" / page).read_text() == text, "run python scripts/render_training.py"
