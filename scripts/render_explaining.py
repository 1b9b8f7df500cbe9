"""Render docs/explaining.md from the stored results of benchmarks/explain.py: nobody types a number.

python scripts/render_explaining.py    write the part between the markers anew
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import table  # noqa: E402
from benchmarks.results import RESULTS, read_results, write_text  # noqa: E402
from scripts.markers import between  # noqa: E402

PAGE = ROOT / "docs" / "explaining.md"
BEGIN = "<!-- numbers: rendered by scripts/render_explaining.py, do not edit -->"
END = "<!-- end of numbers -->"


def rendered(page: str, stored: dict[str, Any]) -> str:
    """The page, its figures between the markers as the results say."""
    return between(page, BEGIN, END, f"{times(stored)}\n{beside_others(stored)}", "docs/explaining.md")


def times(stored: dict[str, Any]) -> str:
    """What explanations take, as Markdown."""
    images, reviews, machine = stored["images"], stored["reviews"], stored["machine"]
    many, alone = images["in_batches"], images["alone"]
    zeros = ", ".join(f"{share:.0%}" for share in images["zeros"])
    of_reviews = ", ".join(f"{share:.0%}" for share in reviews["zeros"])
    rows = [
        ("MNIST, all ten logits, in batches of 2,000", *_rate(many["explain"]), _times(many)),
        ("the same, one image a call", *_rate(alone["explain"]), ""),
        ("the same, the kernel alone, without checks", *_rate(alone["kernel"]), ""),
        ("the same in plain NumPy over the active units, without checks", *_rate(alone["NumPy"]), ""),
        (
            f"IMDB, all {reviews['n_outputs']} ratings, {reviews['n']:,} reviews in one call",
            *_rate(reviews["seconds"]["explain"] / reviews["n"]),
            _times(reviews["seconds"]),
        ),
    ]
    processor = f"{machine['cpu']} ({machine['instruction_set']}), load average {machine['load_average'][0]:.1f}"
    seconds = f"{reviews['n']:,} reviews take {reviews['seconds']['explain']:.1f} s"
    sizes = f"5000-1000-1000-1000-{reviews['n_outputs']}"
    sentences = (
        f"Processor time of one thread of {processor}; medians, contenders in turn.",
        f"MNIST: 784-1000-1000-1000-10, {zeros} of the hidden units off, by layer.",
        f"IMDB: {sizes}, {of_reviews} off, {reviews['words_each']:.0f} known words a review; {seconds}.",
        "The last column compares with one forward and one backward pass through the active units, for one output, by",
        "the same engine. A call for one image spends most of its time on checking X, as scikit-learn does it.",
    )
    return f"{' '.join(sentences)}\n\n{table(('', 'a second', 'ms each', 'times forward and backward'), rows)}"


def beside_others(stored: dict[str, Any]) -> str:
    """Completeness and time beside other libraries, as Markdown."""
    versions = stored["machine"]["versions"]
    rows = [
        (name, f"{found['median_error']:.1e}", f"{found['largest_error']:.1e}", f"{1e3 * found['seconds']:.3g}")
        for name, found in stored["others"].items()
    ]
    libraries = f"captum {versions['captum']} and shap {versions['shap']}"
    sentences = (
        f"The same MNIST network in PyTorch {versions['torch']}, explained by {libraries}: 100 test images, all ten",
        "logits, one thread. *Error* is how far the attributions of a logit are from what they should sum up to: for",
        "`explain` the logit less its constant, for all others the logit less that of a baseline of zeros.",
        "`explain_difference` computes in float64, all others in float32, whose rounding an error below 1e-5 is.",
        "DeepLift, and DeepExplainer, which is DeepLift over a background, share out differences by a rule, and so add",
        "up; IntegratedGradients misses by its",
        "steps, InputXGradient by what the biases add.",
    )
    return f"{' '.join(sentences)}\n\n{table(('', 'median error', 'largest error', 'ms an image'), rows)}"


def _rate(seconds: float) -> tuple[str, str]:
    return f"{1 / seconds:,.0f}", f"{1e3 * seconds:.3g}"


def _times(seconds: dict[str, float]) -> str:
    return f"{seconds['explain'] / seconds['forward and backward']:.2f}"


if __name__ == "__main__":
    write_text(PAGE, rendered(PAGE.read_text(encoding="utf-8"), read_results(RESULTS / "explain.json")))
