"""The documentation keeps up with the program: every public name is in the reference, every page in a contents list."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

import rectinet

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
REFERENCE = (DOCS / "api.md").read_text()
PACKAGES = ("plots", "datasets", "encoders", "engine", "storage")
# Types of what others return, and what only the library itself calls.
INNER = {
    *("Problem", "Steps", "Totals", "AffineMaps", "numerics_version", "Tokens"),
    *(
        "load_checkpoint",
        "save_checkpoint",
        "load_model",
        "save_model",
        "Model",
        "WRONG_INSIDE",
        "wrong_inside",
        "WrongKind",
    ),
}


def listed() -> set[str]:
    return set(re.findall(r"^   ([\w.]+)$", REFERENCE, re.MULTILINE))


def test_every_public_name_is_in_the_reference() -> None:
    assert {name for name in rectinet.__all__ if name != "__version__"} <= listed()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_of_a_package_is_in_the_reference(package: str) -> None:
    text = Path(importlib.import_module(f"rectinet.{package}").__file__ or "").read_text()
    names = set(re.findall(r"^from \S+ import \w+ as (\w+)", text, re.MULTILINE)) - INNER
    assert names
    assert {f"{package}.{name}" for name in names} <= listed()


def test_the_reference_names_what_there_is() -> None:
    assert len(listed()) > 40
    for name in listed():
        home, _, last = f"rectinet.{name}".rpartition(".")
        assert (getattr(importlib.import_module(home), last).__doc__ or "").strip(), name


def test_every_extra_is_explained() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    explained = set(re.findall(r"^\| `(\w+)` \|", (DOCS / "installing.md").read_text(), re.MULTILINE))
    assert explained == set(extras)


def test_every_page_is_in_a_table_of_contents() -> None:
    pages = {path.stem for path in DOCS.glob("*.md")} - {"index"}
    entries = {
        line
        for path in DOCS.glob("*.md")
        for block in re.findall(r"```{toctree}\n(.*?)```", path.read_text(), re.DOTALL)
        for line in block.splitlines()
    }
    assert pages <= entries


def test_there_are_examples_to_run() -> None:
    examples = sorted((DOCS / "gallery").glob("plot_*.py"))
    assert len(examples) >= 8
    for path in examples:
        assert re.match(r'"""\n.+\n=+\n', path.read_text()), path.name
