"""The golden runs give what they gave: bytes from the native engine, numbers within rounding from NumPy."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from numpy._core import _multiarray_umath as cpu

from rectinet import _native
from rectinet.engine import numerics_version

from .record import REFERENCE, STORED, version_of
from .runs import RUNS, result

STORED_RUNS = json.loads(STORED.read_text())
NATIVE = [name for name, run in STORED_RUNS.items() if run["digest"]]
OTHERS = [name for name, run in STORED_RUNS.items() if not run["digest"]]


def tolerance(name: str) -> float:
    """Relative, by the width of the numbers that a run computes with."""
    exact = name in OTHERS or "float64" in name or "decay" in name or name == "regressor, partial_fit"
    return 1e-12 if exact and "float32" not in name else 1e-5


def close(found: np.ndarray, kept: np.ndarray, name: str) -> None:
    """Relative to the largest number there, so that what cancels to almost nothing is judged by what it came from."""
    np.testing.assert_allclose(found, kept, rtol=tolerance(name), atol=tolerance(name) * float(np.abs(kept).max()))


@pytest.fixture(scope="module")
def digests() -> dict[str, str]:
    """Of the native runs, in a process that computes as every processor with AVX2 does, NumPy's logarithms included."""
    if _native.isa() == "baseline":
        pytest.skip("the baseline build promises tolerance, not bits")
    wide = [name for name in cpu.__cpu_dispatch__ if "512" in name or name == "X86_V4"]
    environment = {
        **os.environ,
        "RECTINET_ISA": "x86-64-v3",
        "NPY_DISABLE_CPU_FEATURES": " ".join(name for name in wide if cpu.__cpu_features__[name]),
    }
    command = [sys.executable, "-m", "tests.golden.record", "--digests"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_run_is_recorded() -> None:
    assert list(STORED_RUNS) == list(RUNS)


@pytest.mark.parametrize("name", NATIVE)
def test_the_native_engine_gives_the_same_bytes(digests, name) -> None:
    assert digests[name] == STORED_RUNS[name]["digest"]


@pytest.mark.parametrize("name", OTHERS)
def test_the_reference_computes_the_same_within_rounding(name) -> None:
    with np.load(REFERENCE) as kept:
        for key, values in result(name).arrays.items():
            close(values, kept[f"{name}/{key}"], name)


@pytest.mark.parametrize("name", RUNS)
def test_histories_say_the_same_within_rounding(name) -> None:
    kept, found = STORED_RUNS[name]["numbers"], result(name).numbers
    assert found.keys() == kept.keys()
    np.testing.assert_allclose(list(found.values()), list(kept.values()), rtol=tolerance(name), atol=1e-15)


def test_the_numerics_version_is_that_of_the_recorded_runs() -> None:
    """What results are stored beside: it changes exactly when the engine computes something else."""
    assert numerics_version() == version_of(STORED_RUNS)
