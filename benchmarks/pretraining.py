"""Pre-training on text: what sampled reconstruction costs in accuracy, and how much memory a large corpus takes.

    python -m benchmarks.pretraining sampling     dense and sampled reconstruction of IMDB, judged on test reviews
    python -m benchmarks.pretraining memory       two layers on 310,000 reviews of 5,000 words

Finished runs of `sampling` are kept: stopped at any moment, the same command goes on where it was.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from benchmarks import machine
from benchmarks.results import RESULTS, read_results, write_results
from benchmarks.reviews import bags
from rectinet import StackedDenoisingAutoencoder
from rectinet.activations import Activation
from rectinet.autoencoder import Sampling
from rectinet.engine import get_engine
from rectinet.estimators._plan import SAMPLED_ZEROS
from rectinet.network import initialise
from rectinet.noise import Corruption
from rectinet.pretraining import LayerSettings, PretrainingState, Source, pretrain, reconstruction_error
from rectinet.randomness import Purpose, stream

TEXT = {"corruption": "salt_and_pepper", "corruption_level": 0.5, "reconstruction": "sigmoid", "tied": True}
MASKING = Corruption("masking", 0.5)  # of codes, as in the 2010 text runs
N_TEST = 5_000
CORPUS, WORDS_PER_REVIEW = (310_000, 5_000), 30
MEMORY_STEPS = 300


def sampling(n_train: int, zeros: tuple[float, ...], seed: int, threads: int, out: Path) -> None:
    """Train with every share of the zeros (1 is dense reconstruction) from the same start."""
    text = bags()
    X = csr_array(vstack([text.unlabeled, text.train], "csr"))[:n_train]
    noise = Corruption.for_density("salt_and_pepper", 0.5, X.nnz / np.prod(X.shape))
    stored = read_results(out)
    same = (stored.get("n_train"), stored.get("seed")) == (X.shape[0], seed)
    runs: list[dict[str, Any]] = stored["runs"] if same else []
    for share in sorted({1.0, *zeros} - {run["zeros"] for run in runs}, reverse=True):
        model = StackedDenoisingAutoencoder(
            (1000,),
            epochs=4,
            learning_rate=0.1,
            batch_size=100,
            decay_from=0.5,
            sampled_reconstruction=share if share < 1 else None,
            n_threads=threads,
            random_state=seed,
            **TEXT,
        )
        began = time.process_time()
        model.fit(X)
        seconds = time.process_time() - began
        test = Source(text.test[:N_TEST], np.arange(N_TEST), (), None, get_engine("native", n_threads=threads))
        run = {
            "zeros": share,
            "sampling_ratio": model.pretrain_history_[-1]["sampled"],
            "cpu_seconds": seconds,
            "hidden_zeros": model.pretrain_history_[-1]["zeros"],
            "test_cost": reconstruction_error(test, model.autoencoders_[0], Corruption(), seed),
            "test_cost_of_corrupted": reconstruction_error(test, model.autoencoders_[0], noise, seed),
        }
        print(*(f"{name} {value:.4g}" for name, value in run.items()), flush=True)
        runs = sorted([*runs, run], key=lambda r: r["zeros"])
        description = machine.description(threads)
        results = {"machine": description, "n_train": X.shape[0], "n_test": N_TEST, "seed": seed, "runs": runs}
        write_results(out, results | {"figures": {"excess": excess(runs, SAMPLED_ZEROS)}})


def excess(runs: list[dict[str, Any]], zeros: float) -> float | None:
    """How far a run's test cost lies above that of dense reconstruction, clean or corrupted input, whichever is worse.

    None where one of the two is still to come.
    """
    cost = {run["zeros"]: (run["test_cost"], run["test_cost_of_corrupted"]) for run in runs}
    if zeros not in cost or 1.0 not in cost:
        return None
    return max(sampled / dense - 1 for sampled, dense in zip(cost[zeros], cost[1.0], strict=True))


def memory(seed: int, threads: int, out: Path) -> None:
    """Peak memory of this very process: a corpus of OpenTable's shape, both layers pre-trained for some steps."""
    X = corpus(seed)
    engine = get_engine("native", n_threads=threads)
    units, rng = Activation("rectifier"), stream(seed, Purpose.INITIALISATION)
    network = initialise((X.shape[1], 5000, 5000, 1), units, rng=rng)
    noise = Corruption.for_density("salt_and_pepper", 0.5, X.nnz / np.prod(X.shape))
    words = LayerSettings(
        1, 0.001, 10, noise, reconstruction="sigmoid", tied=True, sampling=Sampling(0.1), code_scaling="per-unit"
    )
    codes = LayerSettings(1, 0.001, 10, MASKING, reconstruction="sigmoid", tied=True)
    for layers in ((words, replace(codes, epochs=0)), (replace(words, epochs=0), codes)):
        state = PretrainingState()
        pretrain(network, X, layers, engine=engine, seed=seed, state=state, watch=_stop_early)
        print(f"layer {state.layer} stopped after {state.run.step} steps", flush=True)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak / 1e9:.2f} GB", flush=True)
    figures = {
        "n_examples": X.shape[0],
        "n_inputs": X.shape[1],
        "density": X.nnz / np.prod(X.shape),
        "figures": {"peak_gigabytes": peak / 1e9},
    }
    write_results(out, {"machine": machine.description(threads), "seed": seed, "steps": MEMORY_STEPS, **figures})


def _stop_early(state: PretrainingState) -> None:
    if state.run.step >= MEMORY_STEPS:
        raise StopIteration


def corpus(seed: int) -> csr_array:
    """Binary reviews whose words follow Zipf's law: word k with a frequency of 1 / (k + 10); a few twice are lost."""
    rng = np.random.default_rng(seed)
    n, n_words = CORPUS
    p = 1 / np.arange(10, 10 + n_words)
    counts = rng.poisson(p / p.sum() * WORDS_PER_REVIEW * n * 1.04)
    words = np.repeat(np.arange(n_words, dtype=np.int32), counts)
    X = csr_array((np.ones(len(words), np.float32), (rng.integers(0, n, len(words), dtype=np.int32), words)), CORPUS)
    X.sum_duplicates()
    X.data[:] = 1
    return X


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("sampling", "memory"))
    parser.add_argument("--train", type=int, default=60_000, help="reviews to learn from")
    parser.add_argument("--zeros", type=float, nargs="+", default=(0.05, 0.1, 0.2), help="shares of the zeros to draw")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args(arguments)
    out = given.out or RESULTS / f"{given.what}.json"
    if given.what == "sampling":
        sampling(given.train, tuple(given.zeros), given.seed, given.threads, out)
    else:
        memory(given.seed, given.threads, out)


if __name__ == "__main__":
    main()
