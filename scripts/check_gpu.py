"""Check the engine `torch` on a GPU: the contract of every engine there, and what a training step takes beside the CPU.

    python scripts/check_gpu.py [--device cuda] [--only-times]

Needs NumPy, SciPy, scikit-learn, PyTorch, pytest and pytest-timeout, not rectinet's compiled extension: a checkout is
enough. Takes about five minutes. The exit status is that of the tests.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import numpy as np  # noqa: E402
import torch  # noqa: E402

from rectinet.activations import Activation  # noqa: E402
from rectinet.engine import Engine, Steps, get_engine  # noqa: E402
from rectinet.network import initialise  # noqa: E402
from rectinet.problems import Examples, Supervised  # noqa: E402

CONTRACT = ("contract", "autoencoders", "zeros", "clipped_targets")
SIZES = {"784-1000-1000-1000-10": (784, 1000, 1000, 1000, 10), "5000-5000-5000-5": (5000, 5000, 5000, 5)}
BATCHES = (10, 1000)
ROUNDS, SECONDS = 5, 1.0  # of each engine, in turns; a round lasts about so long


def contract(device: str) -> int:
    """The exit status of the contract tests on a device."""
    environment = os.environ | {"RECTINET_TORCH_DEVICE": device, "PYTHONPATH": str(ROOT / "src")}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-W",
        "default",
        *(f"tests/peers/test_torch_{name}.py" for name in CONTRACT),
    ]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def milliseconds(engine: Engine, problem: Supervised, batch_size: int, n_steps: int) -> float:
    """Of one step, copying parameters and examples to the device and back included, as in a run."""
    n = problem.examples.n
    order = np.arange(n_steps * batch_size, dtype=np.int64) % n
    began = time.perf_counter()
    engine.train(problem, Steps(order, batch_size, np.full(n_steps, 1e-4)))
    return 1e3 * (time.perf_counter() - began) / n_steps


def times(device: str) -> None:
    """Print the median step of both devices; rounds alternate."""
    rng, cores = np.random.default_rng(0), os.cpu_count() or 1
    engines = {
        "CPU, 1 thread": get_engine("torch"),
        f"CPU, {cores} threads": get_engine("torch", n_threads=cores),
        device: get_engine(f"torch:{device}"),
    }
    for name, sizes in SIZES.items():
        network = initialise(sizes, Activation(), rng=rng)
        X = rng.random((4000, sizes[0]), dtype=np.float32) * (rng.random((4000, sizes[0])) < 0.2)
        Y = rng.integers(sizes[-1], size=4000).astype(np.int32)
        problem = Supervised(network, Examples(X.astype(np.float32), Y), "softmax", (0.0,) * (len(sizes) - 2))
        for batch_size in BATCHES:
            steps = dict.fromkeys(engines, 1)
            for label, engine in engines.items():  # how many steps make a round; what is compiled first is left out
                milliseconds(engine, problem, batch_size, 1)
                steps[label] = max(1, round(1e3 * SECONDS / milliseconds(engine, problem, batch_size, 3)))
            rounds = [
                {label: milliseconds(engine, problem, batch_size, steps[label]) for label, engine in engines.items()}
                for _ in range(ROUNDS)
            ]
            found = {label: statistics.median(one[label] for one in rounds) for label in engines}
            told = ", ".join(f"{label} {ms:.3g} ms ({steps[label]} steps a block)" for label, ms in found.items())
            print(f"{name}, minibatches of {batch_size}, a step: {told}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--only-times", action="store_true", help="leave the contract tests out")
    given = parser.parse_args()
    on_gpu = given.device.startswith("cuda")
    what = torch.cuda.get_device_name(given.device) if on_gpu else given.device
    print(f"PyTorch {torch.__version__} on {what}", flush=True)
    times(given.device)
    return 0 if given.only_times else contract(given.device)


if __name__ == "__main__":
    sys.exit(main())
