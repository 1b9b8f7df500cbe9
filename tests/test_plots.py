"""Figures are an extra: without matplotlib there is one sentence. The figures themselves: tests/peers/test_plots.py."""

from __future__ import annotations

import sys

import pytest

from rectinet import plots


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'figures need matplotlib: pip install "rectinet\[report\]"'):
        plots.units()
