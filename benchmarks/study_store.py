"""A store of 1,000 finished runs as large as those of MNIST: what status, records, report, export and import take.

    python -m benchmarks.study_store

The runs stand in the cells of Table 1. Exits with 1 where the status takes more than a second or the report more than
ten (whole commands, from the shell), or the records more than two.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from rectinet.engine import numerics_version
from rectinet.runs import Configuration
from rectinet.study.arrays import Packed, packed
from rectinet.study.exchange import export, import_all
from rectinet.study.jobs import Facts, Job
from rectinet.study.planned import Planned
from rectinet.study.result import Result
from rectinet.study.sources import Whole
from rectinet.study.store import Store
from rectinet.study.writer import writing

CELLS = list(product(("rectifier", "tanh", "softplus"), (False, True), (0.1, 0.01, 0.001, 0.0001)))
INIT = ("uniform", "zeros")  # another configuration for each half of the cells, so that no run stands in two
N_RUNS, N_EPOCHS, N_EXAMPLES = 1000, 60, 10_000


def made(folder: Path) -> None:
    """A store whose runs all have their own predictions."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, N_EXAMPLES)
    facts = Facts("0" * 64, "0" * 64, Packed.of({"validation": y, "test": y}), 50_000)
    jobs = []
    for seed in range(N_RUNS):
        of_cell, cell = divmod(seed, len(CELLS))
        unit, pretrained, rate = CELLS[cell]
        labels = {"data": "mnist", "unit": unit, "pretrained": pretrained, "learning_rate": rate}
        planned = Planned(
            Configuration(random_state=of_cell, activation=unit, learning_rate=rate, output_init=INIT[pretrained]),
            Whole("mnist"),
            labels=labels | {"seed": of_cell},
        )
        jobs.append(Job(planned, planned.key(facts.checksum), facts))
    with writing(folder) as writer:
        writer.enlist("table1", "paper", "", jobs)
        for job in jobs:
            writer.finish(_result(job, y, rng))


def _result(job: Job, y: np.ndarray[Any, Any], rng: np.random.Generator) -> Result:
    def predicted() -> np.ndarray[Any, Any]:
        wrong = rng.random(N_EXAMPLES) < 0.015
        return np.where(wrong, rng.integers(0, 10, N_EXAMPLES), y)

    shares = rng.random((N_EPOCHS, 8)).tolist()
    history = [
        {"epoch": k, "loss": s[0], "penalty": 0.0, "validation_error": s[1], "zeros": s[2:5], "union": s[5:]}
        for k, s in enumerate(shares, 1)
    ]
    predictions = packed({"validation": predicted(), "test": predicted()})
    return Result(
        job.key,
        "done",
        numerics_version(),
        history,
        n_epochs=N_EPOCHS,
        best_epoch=40,
        ending="finished",
        zeros=[0.8] * 3,
        predictions=predictions,
        moment={"seconds": 100.0, "epoch_seconds": [1.5] * N_EPOCHS},
    )


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 2)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = {"made": timed(lambda: made(folder))}
        for what in ("status", "report"):
            command = [sys.executable, "-c", "from rectinet.cli import main; main()", "study", what, "--out", name]
            seconds[what] = timed(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL))
        with Store(folder) as store:
            seconds["records"] = timed(store.records)
            records = store.records()
            seconds["errors of all"] = timed(lambda: [r.predictions["test"] != r.targets["test"] for r in records])
            seconds["export"] = timed(lambda: export(store, folder / "export"))
        with writing(folder / "new") as writer:
            seconds["import"] = timed(lambda: import_all(writer, folder / "export"))
        size = (folder / "store.sqlite").stat().st_size
    print(json.dumps({"runs": N_RUNS, "store_bytes": size, "seconds": seconds}))
    return 0 if seconds["status"] < 1 and seconds["report"] < 10 and seconds["records"] < 2 else 1


if __name__ == "__main__":
    sys.exit(main())
