"""Without the libraries that write for other programs there is one sentence, and importing rectinet needs none."""

import subprocess
import sys

import numpy as np
import pytest

from rectinet import RectifierRegressor, from_torch


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("rectinet.export.torch", "rectinet.export._graph"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def test_a_missing_extra_is_one_sentence(without: None, tmp_path) -> None:
    model = RectifierRegressor((3,), max_epochs=1).fit(np.eye(30), np.arange(30))
    with pytest.raises(ImportError, match=r'ONNX files needs the package onnx: pip install "rectinet\[onnx\]"'):
        model.to_onnx(tmp_path / "m.onnx")
    for call in (model.to_torch, lambda: from_torch(None)):
        with pytest.raises(ImportError, match=r'need the package torch: pip install "rectinet\[torch\]"'):
            call()
    assert not list(tmp_path.iterdir())


def test_fitting_and_predicting_import_neither() -> None:
    code = (
        "import sys, numpy as np, rectinet; from rectinet.estimators import *; "
        "rectinet.RectifierRegressor((3,), max_epochs=1).fit(np.eye(30), np.arange(30)).predict(np.eye(30)); "
        "print(sorted({'torch', 'onnx', 'onnxruntime', 'skops'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
