"""Write what the golden runs give now: `python -m tests.golden.record`, for numbers that change on purpose alone.

`runs.json` holds digests and the numbers of the histories, `reference.npz` what the reference engine computed. With
`--digests` nothing is written; the digests of the native runs are printed as JSON.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from rectinet import _native
from tests.golden.runs import RUNS, result

HERE = Path(__file__).parent
STORED = HERE / "runs.json"
REFERENCE = HERE / "reference.npz"


def version_of(stored: dict[str, Any]) -> str:
    """The engine's numerics version: a digest of the digests of the native runs."""
    text = "".join(f"{name} {run['digest']}\n" for name, run in sorted(stored.items()) if run["digest"])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> None:
    native = {name: run for name, run in RUNS.items() if "reference" not in name}
    if "--digests" in sys.argv:
        print(json.dumps({name: result(name).digest for name in native}))
        return
    if _native.isa() == "baseline":
        raise SystemExit("the baseline build promises no bits: record on a processor with AVX2, RECTINET_ISA unset")
    stored, reference = {}, {}
    for name in RUNS:
        found = result(name)
        stored[name] = {"digest": found.digest if name in native else None, "numbers": found.numbers}
        if name not in native:
            reference |= {f"{name}/{key}": values for key, values in found.arrays.items()}
    STORED.write_text(json.dumps(stored, indent=0) + "\n")
    np.savez_compressed(REFERENCE, **reference)
    print(f"{len(stored)} runs recorded; numerics version {version_of(stored)}")


if __name__ == "__main__":
    main()
