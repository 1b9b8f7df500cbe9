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
from benchmarks.text_ratings import reviews_kept_aside, rmse
from rectinet.datasets.reviews import content_key
from rectinet.encoders import BagOfWords
from rectinet.estimators.text import text_estimator

WORDS, LABELS, DRAWS = (5_000, 10_000, 20_000), (1_000, 10_000), range(3)
N_VALIDATION = 4_000


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS / "text_words.json")
    chosen = parser.parse_args(arguments)
    rated = reviews_kept_aside()
    order = np.random.default_rng(2027).permutation(len(rated.seen))
    judges, learned = order[:N_VALIDATION], order[N_VALIDATION:]
    kept, seen = ([rated.seen[i] for i in rows] for rows in (judges, learned))
    keys = {content_key(text) for text in kept}
    more = [text for text in rated.more if content_key(text) not in keys]
    y, y_judges = rated.y[learned], rated.y[judges]
    found: dict[str, Any] = {"machine": machine.description(1), "n_validation": N_VALIDATION, "rows": []}
    for n_words in WORDS:
        bag, bags = BagOfWords.fit([*seen, *more], n_words)
        labelled, others = bags[: len(seen)], bag.bags(kept)
        model = text_estimator("rate", random_state=0)
        began = time.process_time()
        model.pretrain(bags)
        seconds = time.process_time() - began
        for n_labels in LABELS:
            draws = [np.random.default_rng(draw).choice(len(seen), n_labels, replace=False) for draw in DRAWS]
            errors = [rmse(model.fit(labelled[rows], y[rows]).predict(others), y_judges) for rows in draws]
            row = {"n_words": n_words, "n_labels": n_labels, "rmse": errors, "pretraining_processor_seconds": seconds}
            found["rows"].append(row)
            print(
                n_words, n_labels, np.round(errors, 3), round(float(np.mean(errors)), 3), f"{seconds:.0f} s", flush=True
            )
            write_results(chosen.out, found)


if __name__ == "__main__":
    main()
