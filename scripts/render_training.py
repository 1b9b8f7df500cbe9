"""Render the measured part of docs/training.md and docs/text.md from benchmarks/results.

python scripts/render_training.py
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scripts.markers import between  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
BEGIN, END = "<!-- measured: rendered by scripts/render_training.py, do not edit -->", "<!-- end of measured -->"


def defaults() -> str:
    """The table of defaults beside a perceptron."""
    found = json.loads((RESULTS / "defaults.json").read_text())
    rows = [
        "## The defaults beside a perceptron",
        "",
        f"`python -m benchmarks.defaults`: {found['splits']} paired splits of every set into three quarters and a "
        "quarter, both behind a StandardScaler (words: MaxAbsScaler) and left as they come; accuracy, or R² of values. "
        "The difference has its 95 % interval. Searched: width, penalty and rate of the perceptron by "
        "cross-validation, on the first splits alone (how many, in brackets). Processor seconds of a fit, one core of "
        f"{found['machine']['cpu']}, other jobs beside it. Sets marked * were looked at, in other splits, when the "
        "rules were chosen.",
        "",
        "| set | rows for training | rectinet | perceptron | difference | searched | seconds: ours, theirs, search |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in found["sets"]:
        mean = {name: statistics.mean(values) for name, values in one["scores"].items()}
        seconds, half = one["seconds"], 2.093 * one["standard_error"]  # t of 19 degrees of freedom
        n_searched = len(one["scores"]["searched"])
        rows.append(
            f"| {one['name']}{'*' if one['seen'] else ''} | {one['rows']:,} | {mean['rectinet']:.3f} | "
            f"{mean['perceptron']:.3f} | {one['difference']:+.3f} ± {half:.3f} | {mean['searched']:.3f} "
            f"({n_searched}) | {seconds['rectinet']:.1f}, {seconds['perceptron']:.1f}, {seconds['searched']:.1f} |"
        )
    return "\n".join(rows)


def ratings() -> str:
    """Stars of reviews beside linear models."""
    found = json.loads((RESULTS / "text_ratings.json").read_text())
    by_model: dict[str, dict[int, list[float]]] = {}
    for row in found["rows"]:
        by_model.setdefault(row["model"], {})[row["n_labels"]] = row["rmse"]
    labels = sorted({row["n_labels"] for row in found["rows"]})
    rows = [
        "`python -m benchmarks.text_ratings`: RMSE of predicted stars (1 to 10) on 10,000 IMDB reviews kept aside, "
        f"whose texts are not among the {found['n_texts']:,} read; mean of three draws of labels, lowest and highest "
        "in brackets. "
        "Rivals are tuned by cross-validation, and see the same unlabelled texts.",
        "",
        "| model | " + " | ".join(f"{n:,} labels" for n in labels) + " |",
        "|---" * (len(labels) + 1) + "|",
    ]
    for model, errors in by_model.items():
        rows.append(f"| {model} | " + " | ".join(map(cell, (errors.get(n) for n in labels))) + " |")
    return "\n".join(rows)


def words() -> str:
    """What the number of words is worth."""
    found = json.loads((RESULTS / "text_words.json").read_text())
    by_words: dict[int, dict[int, Any]] = {}
    for row in found["rows"]:
        by_words.setdefault(row["n_words"], {})[row["n_labels"]] = row
    labels = sorted({row["n_labels"] for row in found["rows"]})
    rows = [
        "`python -m benchmarks.text_words`, from which the number of words was chosen: RMSE on "
        f"{found['n_validation']:,} rated reviews that were neither labels nor among the test reviews above, mean of "
        "three draws, and the time of pre-training as a multiple of that with the fewest words.",
        "",
        "| words | " + " | ".join(f"{n:,} labels" for n in labels) + " | pre-training |",
        "|---" * (len(labels) + 2) + "|",
    ]
    fewest = by_words[min(by_words)][labels[0]]["pretraining_processor_seconds"]
    for n_words, of in by_words.items():
        errors = " | ".join(f"{statistics.mean(of[n]['rmse']):.3f}" for n in labels)
        rows.append(f"| {n_words:,} | {errors} | {of[labels[0]]['pretraining_processor_seconds'] / fewest:.1f} |")
    return "\n".join(rows)


DATA = {
    "mnist": "MNIST, 784-1000-1000-1000-10, 50,000 images to learn from and 10,000 to validate on",
    "imdb": "IMDB, positive or not, 5000-1000-1000-1000-2 on bags of words, 20,000 reviews to learn from and 4,902 to "
    "validate on",
}


def times() -> str:
    """Seconds to a validation error, beside PyTorch."""
    stored = json.loads((RESULTS / "time_to_error.json").read_text())
    parts = [
        "## The time to an error, beside PyTorch",
        "",
        "`python -m benchmarks.time_to_error` (`--data imdb`): processor seconds of training, on one thread, until the "
        "validation error after an epoch is first that low. PyTorch has the recipe that was fastest to the error among "
        "those tried: Adam, AdamW, SGD with and without momentum; constant, linear, cosine and one-cycle schedules; "
        "minibatches of 32 to 512; bags of words dense and by EmbeddingBag. Mean of the seeds that got there.",
    ]
    for name, found in stored.items():
        tried = len({one["name"] for one in found["runs"] if one["side"] == "pytorch"})
        parts += [
            "",
            f"{DATA[name]}; {tried} recipes of PyTorch {found['machine']['versions']['torch']}, one core of "
            f"{found['machine']['cpu']}, other jobs beside it:",
            "",
            "| validation error | rectinet | PyTorch | times |",
            "|---|---|---|---|",
        ]
        for one in found["figures"]:
            sides = " | ".join(seconds(one[side], one["seeds"]) for side in ("rectinet", "pytorch"))
            ratio = f"{one['times']:.1f}" if one["times"] else ""
            parts.append(f"| {one['threshold']:.2%} | {sides} | {ratio} |")
    return "\n".join(parts)


def seconds(side: dict[str, Any] | None, seeds: int) -> str:
    """Of the best recipe, and how many seeds got there."""
    if side is None:
        return "never"
    return f"{side['seconds']:.1f} s, {side['reached']} of {seeds} seeds ({side['recipe'].removeprefix('rectinet: ')})"


def cell(errors: list[float] | None) -> str:
    """Mean, lowest and highest."""
    return "" if errors is None else f"{statistics.mean(errors):.3f} ({min(errors):.3f} to {max(errors):.3f})"


def rendered(page: str, parts: list[str]) -> str:
    """A page with its measured part made anew."""
    text = (ROOT / "docs" / page).read_text()
    return between(text, BEGIN, END, "\n\n".join(parts).rstrip() + "\n", f"docs/{page}")


def pages() -> dict[str, str]:
    """What each page should say."""
    made: dict[str, Any] = {"training.md": [times(), defaults()], "text.md": [ratings(), words()]}
    return {page: rendered(page, parts) for page, parts in made.items()}


if __name__ == "__main__":
    for page, text in pages().items():
        (ROOT / "docs" / page).write_text(text)
