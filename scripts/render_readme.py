"""Render our numbers into README.md from the stored results of the benchmarks and the study: nobody types a number.

python scripts/render_readme.py    write the part between the markers anew
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.bars import BARS, AtLeastTimes  # noqa: E402
from benchmarks.readme import table  # noqa: E402
from benchmarks.results import RESULTS, read_results, read_scripts, write_text  # noqa: E402
from rectinet.study.exchange import as_store  # noqa: E402
from rectinet.study.report import summary  # noqa: E402
from scripts.markers import between  # noqa: E402

EXPORTED = ROOT / "results"

BEGIN = "<!-- numbers: rendered by scripts/render_readme.py, do not edit -->"
END = "<!-- end of numbers -->"
NONE_YET = "Not measured yet: `make bench` measures them on real MNIST.\n"

Row = tuple[str, str, str]  # what, how much, on what machine


def rendered(readme: str, folder: Path = RESULTS, exported: Path = EXPORTED) -> str:
    """The README, its figures between the markers as `folder` and the `exported` runs of the study say."""
    return between(readme, BEGIN, END, numbers(folder, exported), "README.md")


def numbers(folder: Path, exported: Path) -> str:
    """Four numbers, or as many of them as were measured, as Markdown."""
    stored = read_scripts(folder).get("time_to_error")
    rows = [*engine(read_results(folder / "bench.json")), *time_to_error(stored), *study(exported)]
    return table(("", "", "measured on"), rows) if rows else NONE_YET


def engine(results: dict[str, Any]) -> list[Row]:
    """A training step and a prediction beside the rivals that most people would take."""
    said = {
        "against PyTorch autograd, with L1": "one training step on MNIST, beside PyTorch",
        "one example against ONNX Runtime": "one prediction, beside ONNX Runtime",
    }
    bars = {bar.name: bar for bar in BARS if isinstance(bar, AtLeastTimes)}
    found = {what: bars[name].times(results) for name, what in said.items()} if results else {}
    return [(what, times.shown(), _core(results)) for what, times in found.items() if times is not None]


def _core(measured: dict[str, Any]) -> str:
    return f"one core of {measured['machine']['cpu']}"


def time_to_error(stored: dict[str, Any] | None) -> list[Row]:
    """How much sooner than PyTorch the lowest threshold on MNIST is reached."""
    if stored is None or "mnist" not in stored:
        return []
    of = stored["mnist"]
    lowest = of["figures"][-1]
    n_recipes = len({run["name"] for run in of["runs"] if run["side"] == "pytorch"})
    what = f"MNIST down to {lowest['threshold']:.2%} validation error, beside PyTorch's best of {n_recipes} recipes"
    ours, theirs = (lowest[side]["seconds"] for side in ("rectinet", "pytorch"))
    return [(what, f"{lowest['times']:.1f} x ({ours:.0f} s against {theirs:.0f} s)", _core(of))]


def study(folder: Path) -> list[Row]:
    """A rectifier network without pre-training, and the paper's."""
    if not folder.is_dir():
        return []
    with as_store(folder) as store:
        cells = summary(store.records())["table1"]
    return [
        (
            "[the study](docs/study.md), Table 1, MNIST, rectifiers without pre-training: test error",
            f"{cell['error']:.2f} % (paper: {cell['paper']:.2f} %)",
            f"{cell['seeds']} seeds",
        )
        for cell in cells
        if (cell["data"], cell["unit"], cell["pretrained"]) == ("mnist", "rectifier", False)
    ]


if __name__ == "__main__":
    write_text(ROOT / "README.md", rendered((ROOT / "README.md").read_text(encoding="utf-8")))
