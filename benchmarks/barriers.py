"""What waiting at barriers costs: steps of several builds of the extension, alone and beside a busy process.

    python -m benchmarks.barriers BUILD.so [BUILD.so ...] [--rounds 15]

Each build runs in a process of its own; the processes take turns, so that what else the machine does meets all alike.
Printed are medians of milliseconds per step, and of each build's ratio to the first one in the same round.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise

import numpy as np

from rectinet.layout import padded_zeros

SHAPES = {"784-1000-1000-1000-10": 30, "64-100-100-10": 1000}  # steps per measurement
BATCH_SIZE = 10
THREADS = (1, 2)


def load(build: str):
    loader = ExtensionFileLoader("_kernels", build)
    module = module_from_spec(spec_from_file_location("_kernels", build, loader=loader))
    loader.exec_module(module)
    return module


def problem(shape: str, n_steps: int) -> dict:
    """Arguments of train_f32: rectifiers, and inputs of which a fifth is on."""
    rng = np.random.default_rng(0)
    sizes = [int(size) for size in shape.split("-")]
    layers = []
    for n_in, n_out in pairwise(sizes):
        W = padded_zeros(n_in, n_out, np.float32)
        W[...] = rng.normal(scale=np.sqrt(1 / n_in), size=W.shape)
        layers.append((W, np.zeros(n_out, np.float32), None, 0 if len(layers) < len(sizes) - 2 else 4, 1.0))
    n = n_steps * BATCH_SIZE
    X = rng.random((200, sizes[0])) * (rng.random((200, sizes[0])) < 0.2)
    return {
        "layers": layers,
        "X": X.astype(np.float32),
        "csr": None,
        "classes": rng.integers(sizes[-1], size=200).astype(np.int32),
        "values": None,
        "weight": None,
        "l1": [0.0] * (len(layers) - 1),
        "order": np.arange(n) % 200,
        "batch_size": BATCH_SIZE,
        "learning_rates": np.full(n_steps, 1e-4),
        "skip_zeros": True,
        "totals": (0.0, 0.0, 0.0),
    }


def serve(build: str) -> None:
    """Answer lines "shape n_threads" with the milliseconds of a step."""
    kernels = load(build)
    rule = {"rule": ()} if "rule" in kernels.train_f32.__doc__ else {}
    problems = {shape: problem(shape, n) for shape, n in SHAPES.items()}
    for line in sys.stdin:
        shape, n_threads = line.split()
        began = time.perf_counter()
        kernels.train_f32(**problems[shape], n_threads=int(n_threads), **rule)
        print(1e3 * (time.perf_counter() - began) / SHAPES[shape], flush=True)


def compare(builds: list[str], rounds: int) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.barriers", "--serve", build],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for build in builds
    ]

    def step(worker, shape: str, n_threads: int) -> float:
        worker.stdin.write(f"{shape} {n_threads}\n")
        worker.stdin.flush()
        return float(worker.stdout.readline())

    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; ms per step, and the ratio to {builds[0]}")
    for busy in (0, 1):
        others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            for shape in SHAPES:
                for n_threads in THREADS:
                    for worker in workers:
                        step(worker, shape, n_threads)  # warm
                    times = [[step(worker, shape, n_threads) for worker in workers] for _ in range(rounds)]
                    for i, build in enumerate(builds):
                        ratio = statistics.median(row[i] / row[0] for row in times)
                        median = statistics.median(row[i] for row in times)
                        beside = f"{shape} {n_threads} threads {('alone', 'beside a busy process')[busy]}"
                        print(f"{beside:56} {median:8.3f} {ratio:6.2f}  {build}", flush=True)
        finally:
            for other in others:
                other.kill()
                other.wait()
    for worker in workers:
        worker.stdin.close()
        worker.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("builds", nargs="+", metavar="BUILD.so")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.builds[0])
    else:
        compare(arguments.builds, arguments.rounds)
