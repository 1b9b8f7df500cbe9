"""What `rectinet demo` tells its reader to type next."""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

import pytest

from rectinet.cli._demo import command


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `rectinet` in a virtual environment that is not active, seen from the folder that holds it."""
    script = tmp_path / ".venv" / "bin" / "rectinet"
    script.parent.mkdir(parents=True)
    script.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "elsewhere"))
    monkeypatch.setattr(sys, "argv", ["-c"])
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path / "elsewhere"))
    return script


def test_as_it_was_called(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert command() == ".venv/bin/rectinet"


def test_beside_the_interpreter(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(script.parent))
    assert command() == ".venv/bin/rectinet"


def test_from_another_folder(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (script.parents[2] / "my work").mkdir()
    monkeypatch.chdir(script.parents[2] / "my work")
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert command() == str(script)


def test_blanks_are_quoted(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script.parent.rename(script.parent.with_name("b in"))
    monkeypatch.setattr(sys, "argv", [".venv/b in/rectinet"])
    assert command() == "'.venv/b in/rectinet'"


def test_on_the_path(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(script.parent))
    monkeypatch.setattr(sys, "argv", [str(script)])
    assert command() == "rectinet"


def test_when_there_is_no_script(script: Path) -> None:
    assert command() == "rectinet"
