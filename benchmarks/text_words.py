"""How many words `TextModel` keeps: RMSE of predicted stars on validation reviews, for 5,000, 10,000 and 20,000.

    python -m benchmarks.text_words

Of the IMDB reviews that benchmarks.text_ratings learns from, 4,000 are kept aside in turn; its 10,000 test reviews are
not read. One pre-training of each number of words, three draws of labels.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import machine
from benchmarks.results import RESULTS, write_results
from benchmarks.text_ratings import Rated, reviews_kept_aside, rmse
from rectinet.encoders import BagOfWords
from rectinet.estimators.text import text_estimator

WORDS, LABELS = (5_000, 10_000, 20_000), (1_000, 10_000)
N_VALIDATION = 4_000


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / "text_words.json")
    chosen = parser.parse_args(arguments)
    rest = reviews_kept_aside()
    rated = Rated.apart(rest.seen, rest.y, rest.more, N_VALIDATION, 2027)
    found: dict[str, Any] = {"machine": machine.description(1), "n_validation": N_VALIDATION, "rows": []}
    for n_words in WORDS:
        bag, bags = BagOfWords.fit([*rated.seen, *rated.more], n_words)
        labelled, others = bags[: len(rated.seen)], bag.bags(rated.aside)
        model = text_estimator("rate", random_state=0)
        began = time.process_time()
        model.pretrain(bags)
        seconds = time.process_time() - began
        for n_labels in LABELS:
            errors = [
                rmse(model.fit(labelled[rows], rated.y[rows]).predict(others), rated.y_aside)
                for rows in rated.draws(n_labels)
            ]
            row = {"n_words": n_words, "n_labels": n_labels, "rmse": errors, "pretraining_processor_seconds": seconds}
            found["rows"].append(row)
            print(n_words, n_labels, np.round(errors, 3), f"{seconds:.0f} s", flush=True)
            write_results(chosen.out, found)


if __name__ == "__main__":
    main()
