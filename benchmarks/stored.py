"""Peak memory of training on rows that stay on disk: 10 GB of them, written and removed by this script.

    python -m benchmarks.stored [--folder DIR] [--gigabytes 10]

Ten shards in .npy, 784 float32 features. A classifier of two layers of 50 units pre-trains for one epoch and trains for
one, with a tenth of the rows held out; peak memory is the process's own (`ru_maxrss`), interpreter, libraries, targets
and the pages of the shards that are mapped at that moment included.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet import RectifierClassifier
from rectinet.datasets import shards

N_FEATURES, N_SHARDS, DENSITY = 784, 10, 0.2
ROWS_AT_ONCE = 5_000
WIDTH, BATCH_SIZE = 50, 100


def write_shards(folder: Path, gigabytes: float, seed: int) -> tuple[list[Path], np.ndarray]:
    """Rows whose first features tell their class, and the classes."""
    n_rows = round(gigabytes * 1e9 / (4 * N_FEATURES * N_SHARDS))
    rng, paths, classes = np.random.default_rng(seed), [], []
    for k in range(N_SHARDS):
        paths.append(folder / f"{k}.npy")
        header = {"descr": "<f4", "fortran_order": False, "shape": (n_rows, N_FEATURES)}
        with paths[-1].open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for start in range(0, n_rows, ROWS_AT_ONCE):
                some = rng.random((min(ROWS_AT_ONCE, n_rows - start), N_FEATURES), dtype=np.float32)
                some *= rng.random(some.shape, dtype=np.float32) < DENSITY
                file.write(some.data)
                classes.append(some[:, :10].argmax(axis=1))
    return paths, np.concatenate(classes)


def measure(folder: Path | None, gigabytes: float, seed: int, threads: int, out: Path) -> None:
    """Write, train in this process, remove."""
    place = Path(tempfile.gettempdir()) if folder is None else folder
    free = shutil.disk_usage(place).free
    if free < 1.2e9 * gigabytes:
        sys.exit(
            f"{place} has {free / 1e9:.1f} GB left, and {1.2 * gigabytes:.1f} are needed: name another --folder, or "
            "set TMPDIR"
        )
    with tempfile.TemporaryDirectory(dir=place) as made:
        began = time.perf_counter()
        paths, y = write_shards(Path(made), gigabytes, seed)
        print(f"{len(y):,} rows written in {time.perf_counter() - began:.0f} s", flush=True)
        clf = RectifierClassifier(
            (WIDTH, WIDTH),
            batch_size=BATCH_SIZE,
            learning_rate=0.1,
            max_epochs=1,
            early_stopping=True,
            pretrain_epochs=1,
            n_threads=threads,
            random_state=seed,
        )
        before = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began, processor = time.perf_counter(), time.process_time()
        clf.fit(shards(paths), y)
        seconds, processor = time.perf_counter() - began, time.process_time() - processor
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    parameters = 4 * clf.network_.n_parameters
    about = {
        "gigabytes": 4e-9 * len(y) * N_FEATURES,
        "n_examples": len(y),
        "n_features": N_FEATURES,
        "n_shards": N_SHARDS,
        "sizes": [WIDTH, WIDTH],
        "seconds": seconds,
        "processor_seconds": processor,
        "validation_error": clf.history_[-1]["validation_error"],
        "gigabytes_before_the_fit": before / 1e9,
    }
    figures = {"peak_gigabytes": peak / 1e9, "above_the_parameters": (peak - parameters) / 1e9}
    print(about, figures, flush=True)
    write_results(out, {"machine": machine.description(threads), "seed": seed, **about, "figures": figures})


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--out", type=Path, default=RESULTS / "stored.json")
    given = parser.parse_args(arguments)
    measure(given.folder, given.gigabytes, given.seed, given.threads, given.out)


if __name__ == "__main__":
    main()
