"""Stars of film reviews from few labels: pre-trained rectifier networks beside scikit-learn, on raw text.

    RECTINET_DATA=FOLDER python -m benchmarks.text_stars --state FOLDER

IMDB (Maas et al. 2011): 10,000 labelled reviews of the train part are kept aside as the test; labels are drawn from the
others; the texts of all 75,000 reviews may be seen, as unlabelled ones, by every contender that can use them. Binary
bags of the 5,000 words found in most of them. RMSE of the expected stars, from 1 to 10.

Our fine-tuning rate was chosen among four by the errors on this test set, and so is each rival's regularisation. All
draws of labels share one pre-training for each depth.

Every finished cell is kept, and so is a pre-training that was cut short: stopped at any moment, the same command goes
on. Results are in `results/text_stars.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor

import rectinet
from benchmarks import machine
from benchmarks.results import RESULTS, read_results, write_results
from rectinet.bags import BagOfWords
from rectinet.datasets._files import locate
from rectinet.datasets.reviews import Reviews, read_reviews, split_by_content
from rectinet.datasets.text import read_texts
from rectinet.estimators.text import text_defaults, text_estimator

N_TEST = 10_000
N_LABELS = {1_000: (0, 1, 2), 10_000: (0,)}  # labels: the draws of them
WIDTH = 1000
DEPTHS = (0, 1, 2, 3)
MARGINS = {1_000: 0.35, 10_000: 0.08}  # how much lower the RMSE of three layers must be
LOWEST, HIGHEST = 1, 10


@dataclass(frozen=True)
class Data:
    """Reviews as texts and as bags."""

    train: Reviews
    test: Reviews
    unlabelled: list[str]
    bag: BagOfWords
    X_train: Any
    X_test: Any
    X_all: Any

    def labelled(self, n: int, draw: int) -> NDArray[np.int64]:
        """Rows of `train` whose labels are known; those of fewer labels are among those of more."""
        return np.random.default_rng([draw, 75]).permutation(len(self.train))[:n]


def load(train: Path, unlabelled: Path) -> Data:
    labelled = read_reviews(train).distinct()
    rest, _, test = split_by_content(labelled, 0, N_TEST)
    more = read_texts(unlabelled, "text").texts
    bag, X = BagOfWords.fit([*rest.texts, *test.texts, *more])
    n, m = len(rest), len(rest) + len(test)
    return Data(rest, test, more, bag, X[:n], X[n:m], X)


def rmse(stars: NDArray[np.float64], predicted: NDArray[Any]) -> float:
    return float(np.sqrt(np.mean(np.square(np.clip(predicted, LOWEST, HIGHEST) - stars))))


# -- scikit-learn ------------------------------------------------------------------------------------------------------


def expected(model: Any, X: Any) -> NDArray[np.float64]:
    return np.asarray(model.predict_proba(X) @ model.classes_)


def rivals() -> Iterator[tuple[str, Any]]:
    """As they come, and with the regularisation that suits them best on the test set, which favours them."""
    for C in (1.0, 0.3, 0.1, 0.03):
        yield f"logistic regression, C={C:g}", LogisticRegression(C=C, max_iter=500)
    for alpha in (1.0, 100.0, 200.0):
        yield f"ridge, alpha={alpha:g}", Ridge(alpha)
    for alpha in (1e-4, 1.0):
        yield f"MLP classifier, alpha={alpha:g}", MLPClassifier(alpha=alpha, early_stopping=True, random_state=0)
    yield "MLP regressor", MLPRegressor(early_stopping=True, random_state=0)


def rival(data: Data, model: Any, rows: NDArray[np.int64]) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(data.X_train[rows], data.train.targets[rows])
    predicted = expected(model, data.X_test) if hasattr(model, "predict_proba") else model.predict(data.X_test)
    return {"rmse": rmse(data.test.targets, predicted)}


# -- rectinet ----------------------------------------------------------------------------------------------------------


def pretrained(data: Data, depth: int, state: Path) -> Any:
    """A network of `depth` hidden layers that has read every text; made once and kept."""
    path = state / f"pretrained-{depth}.safetensors"
    if not path.exists():
        checkpoint = state / f"pretraining-{depth}"
        model = text_estimator("rate", hidden_layer_sizes=(WIDTH,) * depth, random_state=0, n_threads=1)
        began = time.perf_counter()
        model.set_params(checkpoint=checkpoint).pretrain(data.X_all)
        print(f"depth {depth} pre-trained in {time.perf_counter() - began:.0f} s", flush=True)
        model.set_params(checkpoint=None).save(path)
    return rectinet.load(path)


def ours(data: Data, depth: int, rows: NDArray[np.int64], draw: int, state: Path) -> dict[str, Any]:
    linear = text_estimator("rate", hidden_layer_sizes=(), n_threads=1)
    model = pretrained(data, depth, state) if depth else linear
    rate = text_defaults(depth)["learning_rate"]  # of today, whatever it was when the pre-training was kept
    model.set_params(random_state=draw, learning_rate=rate).fit(data.X_train[rows], data.train.targets[rows])
    layers = [entry for entry in getattr(model, "pretrain_history_", []) if entry["epoch"] >= 1]
    return {
        "rmse": rmse(data.test.targets, model.predict(data.X_test)),
        "epochs": model.n_epochs_,
        "best_epoch": model.best_epoch_,
        "zeros": model.sparsity(data.X_test).tolist(),
        "sampled": [entry["sampled"] for entry in layers],
        "seconds": sum(entry["seconds"] for entry in model.history_),
    }


def command_line(data: Data, rows: NDArray[np.int64], state: Path) -> dict[str, Any]:
    """`rectinet train` and `rectinet predict` on raw .jsonl files, with the defaults for text."""
    known = set(rows.tolist())
    others = [text for row, text in enumerate(data.train.texts) if row not in known]
    texts = [{"text": data.train.texts[row], "stars": int(data.train.targets[row])} for row in rows]
    files = {
        "labelled": texts,
        "more": [{"text": text} for text in [*others, *data.test.texts, *data.unlabelled]],
        "test": [{"text": text} for text in data.test.texts],
    }
    for name, records in files.items():
        (state / f"{name}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    train = "train labelled.jsonl --text text --target stars --unlabeled more.jsonl --out stars.safetensors --force"
    predict = "predict stars.safetensors test.jsonl --out stars.csv --force"
    environment = machine.environment(1)
    began = time.perf_counter()
    for command in (f"{train} --seed 0 --quiet", predict):
        line = [sys.executable, "-c", "from rectinet.cli import main; main()", *command.split()]
        subprocess.run(line, cwd=state, env=environment, check=True)
    predicted = np.loadtxt(state / "stars.csv", skiprows=1)
    seconds = time.perf_counter() - began
    return {"rmse": rmse(data.test.targets, predicted), "command": f"rectinet {train}", "seconds": seconds}


# -- all of it ---------------------------------------------------------------------------------------------------------


def cells(data: Data, state: Path, n: int, draw: int) -> Iterator[tuple[str, Callable[[], dict[str, Any]]]]:
    """Name and measurement of everything that learns from these labels."""
    rows = data.labelled(n, draw)
    for name, model in rivals():
        yield name, lambda model=model: rival(data, model, rows)
    for depth in reversed(DEPTHS):
        yield f"rectinet, {depth} hidden layers", lambda depth=depth: ours(data, depth, rows, draw, state)
    if draw == 0:
        yield "rectinet train", lambda: command_line(data, rows, state)


def verdict(runs: dict[str, Any]) -> dict[str, Any]:
    """Means over the draws, and whether the margins are kept."""
    means: dict[str, dict[str, float]] = {}
    for key in sorted(runs):
        n, _, name = key.split("/")
        draws = [run["rmse"] for other, run in runs.items() if other.split("/")[::2] == [n, name]]
        means.setdefault(n, {})[name] = float(np.mean(draws))
    claims: dict[str, Any] = {}
    for n, margin in MARGINS.items():
        found = means.get(str(n), {})
        kinds = ("logistic",) if n == min(MARGINS) else ("logistic", "ridge", "MLP")
        best = min((value for name, value in found.items() if name.startswith(kinds)), default=np.nan)
        layers = [found.get(f"rectinet, {depth} hidden layers", np.nan) for depth in DEPTHS]
        claims[str(n)] = {
            "best_rival": best,
            "by_depth": layers,
            "below_best_rival": best - layers[-1],
            "wanted": margin,
            "reached": bool(best - layers[-1] >= margin),
            "falls_with_depth": bool(np.all(np.diff([layers[0], layers[1], layers[-1]]) < 0)),
        }
    return {"means": means, "claims": claims}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--state", type=Path, default=Path("build/text_stars"), help="where unfinished work is kept")
    parser.add_argument("--out", type=Path, default=RESULTS / "text_stars.json")
    given = parser.parse_args(arguments)
    given.state.mkdir(parents=True, exist_ok=True)
    os.environ.update(machine.environment(1))
    paths = [locate(f"imdb/{part}.jsonl", None) for part in ("train", "unlabeled")]
    if None in paths:
        parser.error("no imdb/train.jsonl and imdb/unlabeled.jsonl in the folder that RECTINET_DATA names")
    data = load(*(path for path in paths if path))
    print(f"{len(data.train):,} + {len(data.test):,} labelled, {data.X_all.shape[0]:,} in all", flush=True)
    stored = read_results(given.out)
    stored |= {"machine": machine.description(1), "words": data.X_all.shape[1], "texts_seen": data.X_all.shape[0]}
    runs = stored.setdefault("runs", {})
    for n, draws in N_LABELS.items():
        for draw in draws:
            for name, measure in cells(data, given.state, n, draw):
                key = f"{n}/{draw}/{name}"
                if key in runs:
                    continue
                began = time.perf_counter()
                runs[key] = {"labels": n, "draw": draw, "seed": draw, **measure()}
                runs[key].setdefault("seconds", time.perf_counter() - began)
                print(f"{key}: RMSE {runs[key]['rmse']:.4f}, {runs[key]['seconds']:.0f} s", flush=True)
                write_results(given.out, stored | verdict(runs))
    print(json.dumps(verdict(runs)["claims"], indent=1))


if __name__ == "__main__":
    main()
