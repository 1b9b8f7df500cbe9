"""Stars of film reviews from few labels: pre-trained rectifier networks beside scikit-learn, on raw text.

    RECTINET_DATA=FOLDER python -m benchmarks.text_stars --state FOLDER

IMDB (Maas et al. 2011): 10,000 labelled reviews of the train part are kept aside as the test; labels are drawn from the
others; the texts of all 75,000 reviews may be seen, as unlabelled ones, by every contender that can use them. Binary
bags of the 5,000 words found in most of them. RMSE of the expected stars, from 1 to 10.

Our fine-tuning rate is the one with the lowest RMSE on reviews that are neither test nor labels of the first draw,
three layers, averaged over the numbers of labels. Each rival's regularisation is the best on the test reviews
themselves, which favours the rivals. All draws of labels share one pre-training for each depth.

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
from functools import partial
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
from rectinet.encoders import BagOfWords
from rectinet.datasets._files import locate
from rectinet.datasets.reviews import Reviews, read_reviews, split_by_content
from rectinet.datasets.text import read_texts
from rectinet.estimators.text import FINE_TUNING_RATE, text_estimator

N_TEST = 10_000
N_LABELS = {1_000: (0, 1, 2), 10_000: (0,)}  # labels: the draws of them
WIDTH = 1000
DEPTHS = (0, 1, 2, 3)
RATES = (0.01, 0.005, 0.0025, 0.001, 0.0005)
LINEAR_RATES = (0.03, 0.01, 0.003)
RIVALS = {1_000: ("logistic",), 10_000: ("logistic", "ridge", "MLP")}  # whom three layers are held against
LOWEST, HIGHEST = 1, 10
DENSE = "rectinet, 3 hidden layers, dense reconstruction"


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
        return self._shuffled(draw)[:n]

    def held_out(self, draw: int) -> NDArray[np.int64]:
        """Rows of `train` that are labels of none in this draw."""
        return self._shuffled(draw)[max(N_LABELS) :]

    def _shuffled(self, draw: int) -> NDArray[np.int64]:
        return np.random.default_rng([draw, 75]).permutation(len(self.train))


def load(train: Path, unlabelled: Path) -> Data:
    labelled = read_reviews(train).distinct()
    rest, _, test = split_by_content(labelled, 0, N_TEST)
    more = read_texts(unlabelled, "text").texts
    bag, X = BagOfWords.fit([*rest.texts, *test.texts, *more])
    n, m = len(rest), len(rest) + len(test)
    return Data(rest, test, more, bag, X[:n], X[n:m], X)


def scores(stars: NDArray[np.float64], predicted: NDArray[Any]) -> dict[str, float]:
    """RMSE, and half the width of its 95 % interval over such reviews."""
    squares = np.square(np.clip(predicted, LOWEST, HIGHEST) - stars)
    rmse = float(np.sqrt(squares.mean()))
    return {"rmse": rmse, "half_width": 1.96 * float(squares.std(ddof=1)) / np.sqrt(len(squares)) / (2 * rmse)}


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
    return scores(data.test.targets, predicted)


# -- rectinet ----------------------------------------------------------------------------------------------------------


def pretrained(data: Data, depth: int, state: Path, **params: Any) -> Any:
    """A network of `depth` hidden layers that has read every text; made once and kept."""
    name = "-".join(["pretrained", str(depth), *(f"{key}-{value}" for key, value in params.items())])
    path = state / f"{name}.safetensors"
    if not path.exists():
        model = text_estimator("rate", hidden_layer_sizes=(WIDTH,) * depth, random_state=0, n_threads=1, **params)
        began = time.perf_counter()
        model.set_params(checkpoint=state / f"{name}.checkpoint").pretrain(data.X_all)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)
        model.set_params(checkpoint=None).save(path)
    return rectinet.load(path)


def ours(
    data: Data, depth: int, rows: NDArray[np.int64], draw: int, state: Path, rate: float, judged_by: Any, **params: Any
) -> dict[str, Any]:
    """Fine-tune on the labels of `rows`; `judged_by` are bags and their stars."""
    X, stars = judged_by
    linear = text_estimator("rate", hidden_layer_sizes=(), n_threads=1)
    model = pretrained(data, depth, state, **params) if depth else linear
    model.set_params(random_state=draw, learning_rate=rate).fit(data.X_train[rows], data.train.targets[rows])
    layers = [entry for entry in getattr(model, "pretrain_history_", []) if entry["epoch"] >= 1]
    return scores(stars, model.predict(X)) | {
        "rate": rate,
        "epochs": model.n_epochs_,
        "best_epoch": model.best_epoch_,
        "zeros": model.sparsity(X).tolist(),
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
    how = {"rate": FINE_TUNING_RATE, "command": f"rectinet {train}", "seconds": seconds}
    return scores(data.test.targets, predicted) | how


# -- all of it ---------------------------------------------------------------------------------------------------------


class Record:
    """Everything measured, written at once; what is there is not measured again."""

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self.path = path
        self.stored = read_results(path) | about
        self.runs: dict[str, dict[str, Any]] = self.stored.setdefault("runs", {})

    def run(self, key: str, measure: Callable[[], dict[str, Any]], rate: float | None = None) -> dict[str, Any]:
        """What `measure` finds, or found before at the same `rate`."""
        if key not in self.runs or self.runs[key].get("rate") != rate:
            began = time.perf_counter()
            self.runs[key] = measure()
            self.runs[key].setdefault("seconds", time.perf_counter() - began)
            print(f"{key}: RMSE {self.runs[key]['rmse']:.4f}, {self.runs[key]['seconds']:.0f} s", flush=True)
            self.write()
        return self.runs[key]

    def write(self) -> None:
        found = cells(self.runs)
        write_results(self.path, self.stored | {"cells": found, "figures": figures(found)})


def chosen_rates(data: Data, state: Path, record: Record) -> dict[int, float]:
    """The fine-tuning rate of every depth: that of three layers for all networks, another without hidden layers."""
    held_out = data.held_out(0)
    judged_by = data.X_train[held_out], data.train.targets[held_out]

    def error(depth: int, rate: float) -> float:
        found = []
        for n in N_LABELS:
            rows = data.labelled(n, 0)
            measure = partial(ours, data, depth, rows, 0, state, rate, judged_by)
            found.append(record.run(f"validation/{n}/{depth} hidden layers, rate {rate:g}", measure, rate)["rmse"])
        return float(np.mean(found))

    linear, deep = min(LINEAR_RATES, key=partial(error, 0)), min(RATES, key=partial(error, DEPTHS[-1]))
    return {depth: deep if depth else linear for depth in DEPTHS}


def measure(data: Data, state: Path, record: Record) -> None:
    """Every cell: each contender, each draw of the labels."""
    rates = chosen_rates(data, state, record)
    test = data.X_test, data.test.targets
    for n, draws in N_LABELS.items():
        for draw in draws:
            rows, key = data.labelled(n, draw), f"{n}/{draw}"
            for name, model in rivals():
                record.run(f"{key}/{name}", partial(rival, data, model, rows))
            for depth in reversed(DEPTHS):
                tuned = partial(ours, data, depth, rows, draw, state, rates[depth], test)
                record.run(f"{key}/rectinet, {depth} hidden layers", tuned, rates[depth])
            dense = partial(
                ours, data, DEPTHS[-1], rows, draw, state, rates[DEPTHS[-1]], test, sampled_reconstruction=None
            )
            record.run(f"{key}/{DENSE}", dense, rates[DEPTHS[-1]])
            record.run(f"{key}/rectinet train", partial(command_line, data, rows, state), FINE_TUNING_RATE)


def cells(runs: dict[str, Any]) -> dict[str, dict[str, dict[str, float]]]:
    """What was found on the test reviews by number of labels and contender, averaged over the draws."""
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    for key, run in runs.items():
        n, _, name = key.split("/", 2)
        if n != "validation":
            found.setdefault(n, {}).setdefault(name, []).append(run)
    return {n: {name: _mean(draws) for name, draws in by_name.items()} for n, by_name in found.items()}


def _mean(draws: list[dict[str, float]]) -> dict[str, float]:
    scored = {key: float(np.mean([run[key] for run in draws])) for key in ("rmse", "half_width")}
    return scored | {"draws": len(draws)}


def figures(cells: dict[str, dict[str, dict[str, float]]]) -> dict[str, float]:
    """The numbers that claims are made of, as far as they are measured; each is the better the lower."""
    found = {}
    for n, kinds in RIVALS.items():
        cell = cells.get(str(n), {})
        rmse = {name: each["rmse"] for name, each in cell.items()}
        best = min((value for name, value in rmse.items() if name.startswith(kinds)), default=np.nan)
        layers = [rmse.get(f"rectinet, {depth} hidden layers", np.nan) for depth in (0, 1, DEPTHS[-1])]
        candidates = {
            "against the best rival": layers[-1] - best,
            "rectinet train": rmse.get("rectinet train", np.nan) - best,
            "with depth": np.diff(layers).max(),
        }
        if DENSE in cell:
            candidates["sampled against dense"] = abs(layers[-1] - rmse[DENSE]) / cell[DENSE]["half_width"]
        found |= {f"{n} {name}": float(value) for name, value in candidates.items() if np.isfinite(value)}
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1, help="for scikit-learn; rectinet takes one")
    parser.add_argument("--state", type=Path, default=Path("build/text_stars"), help="where unfinished work is kept")
    parser.add_argument("--out", type=Path, default=RESULTS / "text_stars.json")
    given = parser.parse_args(arguments)
    given.state.mkdir(parents=True, exist_ok=True)
    os.environ.update(machine.environment(given.threads))
    paths = [locate(f"imdb/{part}.jsonl", None) for part in ("train", "unlabeled")]
    if None in paths:
        parser.error("no imdb/train.jsonl and imdb/unlabeled.jsonl in the folder that RECTINET_DATA names")
    data = load(*(path for path in paths if path))
    print(f"{len(data.train):,} + {len(data.test):,} labelled, {data.X_all.shape[0]:,} in all", flush=True)
    about = {"machine": machine.description(given.threads), "width": WIDTH, "n_test": len(data.test)}
    about |= {"words": data.X_all.shape[1], "texts_seen": data.X_all.shape[0], "seed": 0}
    record = Record(given.out, about)
    measure(data, given.state, record)
    record.write()


if __name__ == "__main__":
    main()
