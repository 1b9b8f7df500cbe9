"""The machine a result belongs to: what it is, how busy it is, how fast its memory answers one core."""

from __future__ import annotations

import datetime
import os
import platform
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

PACKAGES = ("rectinet", "numpy", "scipy", "scikit-learn", "torch", "onnxruntime")
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
MISLEADING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")  # they would tune a rival for another machine


def environment(threads: int) -> dict[str, str]:
    """The environment of a contender: its threads pinned, nothing that misleads a BLAS."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    return kept | dict.fromkeys(THREAD_VARIABLES, str(threads))


def description(threads: int, core: int | None = None) -> dict[str, Any]:
    """What to know about the machine beside every result; `core` is None where the system chose."""
    return {
        "cpu": cpu_model(),
        "instruction_set": instruction_set(),
        "cores": os.cpu_count(),
        "core_used": core,
        "threads": threads,
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "load_average": os.getloadavg(),
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def cpu_model() -> str:
    """The name the kernel gives the processor."""
    try:
        fields = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    except OSError:
        return platform.processor()
    names = {name.strip(): value.strip() for name, value in fields.items()}
    return (
        f"{names.get('model name', platform.processor())}, family {names.get('cpu family')}, model {names.get('model')}"
    )


def instruction_set() -> str:
    """What rectinet's kernels chose at run time."""
    from rectinet import _native

    return _native.isa()


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def bandwidth(n_bytes: int) -> tuple[float, float]:
    """Bytes per second one core reads, and reads and writes back (both directions counted), over `n_bytes`.

    By rectinet's own kernel where it was compiled with one; NumPy's numbers are lower and noisier.
    """
    try:
        from rectinet._native import bandwidth as native
    except ImportError:
        return _numpy_bandwidth(n_bytes)
    read, read_modify_write = native(n_bytes)
    return float(read), float(read_modify_write)


def _numpy_bandwidth(n_bytes: int) -> tuple[float, float]:
    values = np.ones(n_bytes // 4, dtype=np.float32)
    read, written = [], []
    for _ in range(20):
        start = time.perf_counter()
        values.max()
        middle = time.perf_counter()
        np.negative(values, out=values)
        read.append(middle - start)
        written.append(time.perf_counter() - middle)
    return n_bytes / min(read), 2 * n_bytes / min(written)
