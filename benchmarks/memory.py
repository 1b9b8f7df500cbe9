"""How much memory pre-training takes on a large corpus: two layers on 310,000 reviews of 5,000 words.

python -m benchmarks.memory
"""

from __future__ import annotations

import argparse
import resource
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from rectinet.runs import Configuration, Data, Part, run
from rectinet.runs.greedy import PretrainingState
from rectinet.runs.run import Moment

CORPUS, WORDS_PER_REVIEW = (310_000, 5_000), 30
WIDTH = 5_000
STEPS = 300  # of each layer


def measure(seed: int, threads: int, out: Path) -> None:
    """Peak memory of this very process: a corpus of OpenTable's shape, each layer pre-trained for some steps."""
    X = corpus(seed)
    for epochs in ((1, 0), (0, 1)):
        configuration = Configuration(
            task="encode",
            hidden_layer_sizes=(WIDTH, WIDTH),
            pretrain_epochs=epochs,
            pretrain_learning_rate=0.001,
            corruption="salt_and_pepper",
            corruption_level=0.5,
            reconstruction="sigmoid",
            tied=True,
            n_threads=threads,
            random_state=seed,
        )
        try:
            run(configuration, Data(Part(X)), watch=_enough)
        except KeyboardInterrupt as stopped:  # half a stack is no network
            print(f"{stopped} after {STEPS} steps", flush=True)
    peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory {peak / 1e9:.2f} GB", flush=True)
    about = {"n_examples": X.shape[0], "n_inputs": X.shape[1], "density": X.nnz / np.prod(X.shape)}
    found = {"machine": machine.description(threads), "seed": seed, "steps": STEPS, **about}
    write_results(out, found | {"figures": {"peak_gigabytes": peak / 1e9}})


def _enough(moment: Moment) -> bool:
    return isinstance(moment.state, PretrainingState) and moment.state.run.step >= STEPS


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
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=RESULTS / "memory.json")
    given = parser.parse_args(arguments)
    measure(given.seed, given.threads, given.out)


if __name__ == "__main__":
    main()
