"""`README.md` of this folder, rendered from stored results: nobody types a number."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.bars import Results, best_evaluation, judge, roofline_share, seconds_per_count
from benchmarks.results import read_all, write_text

INTRODUCTION = """\
# Timings

Rendered by `python -m benchmarks.run` from the JSON files in `{folder}`; do not edit. `make bench` measures everything
anew on real MNIST (set `RECTINET_DATA`) and fails where a claim does not hold; `--quick` takes minutes and is rough.

Every contender is a process of its own, pinned to the same core and to {threads} thread; they take turns every few
seconds, so that a busy machine slows all of them alike. Times are medians over rounds; in the reference run they are
those of the whole run, seen from outside the process. The *dense control* runs rectinet's own kernels as if every unit
were on: what it gains over PyTorch is due to fusion, the rest to the zeros. *Hand-fused* is PyTorch without autograd,
updating its weights in place, in the layout that suits its matrix library best.
"""


def write(folder: Path) -> None:
    """Render the results of `folder` into the README beside it."""
    results = read_all(folder)
    sections = [INTRODUCTION.format(folder=folder.name, threads=results["machine"]["threads"])]
    sections += [_claims(results), _machine(results)]
    if "reference" in results["experiments"]:
        sections.append(_reference(results["experiments"]["reference"]))
    sections += [_training(results), _prediction(results), _figures(results, folder)]
    sections += [
        _text(results),
        _sampling(results["scripts"].get("sampling")),
        _memory(results["scripts"].get("memory")),
    ]
    sections.append(_few_labels(results["scripts"].get("few_labels")))
    sections.append(_stars(results["scripts"].get("text_stars")))
    grid = results["scripts"].get("mnist_grid")
    if grid:
        sections.append(_grid(grid))
    write_text(folder.parent / "README.md", "\n".join(section for section in sections if section))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(cells) + " |" for cells in (header, ["---"] * len(header), *rows)]
    return "\n".join(lines) + "\n"


def _claims(results: Results) -> str:
    rows = []
    for verdict in judge(results):
        word = "holds" if verdict.passed else ("**fails**" if verdict.asserted else "not reached (an aim)")
        rows.append((verdict.name, verdict.measured, verdict.required, word))
    return "## Claims\n\n" + table(("claim", "measured", "required", ""), rows)


def _machine(results: Results) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = " ".join(f"{value:.2f}" for value in machine["load_average"])
    return (
        f"Measured {machine['date']}, seed {results['seed']}, on {machine['cpu']}, {machine['cores']} cores, "
        f"kernels {machine['instruction_set']}, {machine['system']}, Python {machine['python']}, {versions}; "
        f"load average at the start {load}.\n"
    )


def _reference(experiment: dict[str, Any]) -> str:
    memory = {
        key: statistics.median(b[key] for b in experiment["bandwidth"]) / 1e9 for key in experiment["bandwidth"][0]
    }
    ours = [label for label, e in experiment["entrants"].items() if "union" in e["evaluations"][-1]]
    lines = [
        f"## {experiment['title']}, the whole run\n",
        _times(experiment, "step"),
        "Ours: " + "; ".join(f"*{label}* is `{experiment['entrants'][label]['command']}`" for label in ours) + ".\n",
        "At the epoch of the lowest validation error, whose parameters are kept, shares per layer from the input (the "
        "data's own pixels and hidden units):\n",
        table(
            ("", "on, per example", "on for any of the ten", "seconds in all", "test error", "of the memory roofline"),
            [_state(experiment, label) for label in ours],
        ),
        "The rows of weights that are touched are those on for any of the ten examples. Memory bandwidth of the core "
        f"at the size of the weights: {memory['read']:.1f} GB/s read, {memory['read_modify_write']:.1f} GB/s read and "
        "written back (both directions counted). The roofline is one read forward, and one read and one write in the "
        "update.\n",
    ]
    return "\n".join(lines)


def _state(experiment: dict[str, Any], label: str) -> tuple[str, ...]:
    entrant = experiment["entrants"][label]
    best = best_evaluation(entrant)
    return (
        label,
        _shares(best["density"]),
        _shares(best["union"]),
        f"{sum(chunk['outside_seconds'] for chunk in entrant['chunks']):.0f}",
        f"{best['test_error']:.2%}",
        f"{roofline_share(experiment, label):.0%}",
    )


def _shares(values: Sequence[float]) -> str:
    return " ".join(f"{value:.2f}".removeprefix("0") for value in values)


def _times(experiment: dict[str, Any], unit: str, clock: str | None = None) -> str:
    """Contenders by time, quickest first; ratios go by `clock`."""
    times = {label: seconds_per_count(experiment, label, clock) for label in experiment["entrants"]}
    first = next(iter(times))
    rows = [
        (
            label,
            f"{1e3 * seconds_per_count(experiment, label):.3g}",
            f"{1e3 * seconds_per_count(experiment, label, 'cpu_seconds'):.3g}",
            f"{t / times[first]:.2f}",
        )
        for label, t in sorted(times.items(), key=lambda pair: pair[1])
    ]
    return table(("contender", f"ms per {unit}", "of them on the processor", f"times {first}"), rows)


def _training(results: Results) -> str:
    found = [results["experiments"][name] for name in ("tanh", "softplus") if name in results["experiments"]]
    return "\n".join(f"## {e['title']}: nothing to skip\n\n{_times(e, 'step')}" for e in found)


def _prediction(results: Results) -> str:
    found = [e for e in results["experiments"].values() if e["batch_size"] is not None]
    return "\n".join(f"## {e['title']}\n\n{_times(e, 'call')}" for e in found)


def _figures(results: Results, folder: Path) -> str:
    sections = []
    for name, title in (("density", "What zeros buy"), ("width", "What width costs")):
        if (folder / f"{name}.png").exists():
            sections.append(f"## {title}\n\n![{title}]({folder.name}/{name}.png)\n")
            sections.append(_synthetic(results, f"{name}-"))
    return "\n".join(sections)


def _synthetic(results: Results, prefix: str) -> str:
    found = [e for name, e in results["experiments"].items() if name.startswith(prefix)]
    if not found:
        return ""
    labels = list(found[0]["entrants"])
    rows = [
        (
            e["title"],
            _shares(e["entrants"]["rectinet"]["report"].get("union", [])),
            *(f"{1e3 * seconds_per_count(e, label):.3g}" for label in labels),
        )
        for e in found
    ]
    return table(("biases set for", "union per layer", *(f"{label}, ms" for label in labels)), rows)


def _text(results: Results) -> str:
    """Auto-encoders and supervised training, whose contenders report shares of units on."""
    sections = []
    for name in ("denoising-imdb", "denoising-mnist", "ratings"):
        if name not in results["experiments"]:
            continue
        experiment = results["experiments"][name]
        rows = [
            (label, _shares(e["report"]["density"]), _shares(e["report"]["union"]), _ratio(e["report"]))
            for label, e in experiment["entrants"].items()
            if "union" in e["report"]
        ]
        header = ("", "on, per example", "on for any of the ten", "reconstructed")
        sections.append(
            f"## {experiment['title']}\n\n{_times(experiment, 'step', 'cpu_seconds')}\n{table(header, rows)}"
        )
    return "\n".join(sections)


def _ratio(report: dict[str, Any]) -> str:
    return f"{report['sampling_ratio']:.1%}" if "sampling_ratio" in report else "-"


def _sampling(stored: dict[str, Any] | None) -> str:
    if not stored:
        return ""
    dense = next((run for run in stored["runs"] if run["zeros"] == 1), None)
    rows = [
        (
            "dense" if run is dense else f"{run['zeros']:.0%}",
            f"{run['sampling_ratio']:.1%}",
            *(_against(run[key], dense and dense[key]) for key in ("test_cost", "test_cost_of_corrupted")),
            f"{run['hidden_zeros']:.0%}",
            f"{run['cpu_seconds']:.0f}",
        )
        for run in stored["runs"]
    ]
    header = ("zeros drawn", "reconstructed", "test cost", "test cost, corrupted", "hidden zeros", "processor seconds")
    return (
        f"## Sampled reconstruction, {stored['n_train']:,} reviews, 5000-1000, tied\n\n"
        f"Cross-entropy of {stored['n_test']:,} test reviews, always over all words, with the clean or the corrupted "
        "review as input; in brackets how far it lies above dense reconstruction.\n\n" + table(header, rows)
    )


def _against(cost: float, dense: float | None) -> str:
    return f"{cost:.2f}" + (f" ({cost / dense - 1:+.2%})" if dense else "")


def _memory(stored: dict[str, Any] | None) -> str:
    if not stored:
        return ""
    return (
        f"## Memory\n\n{stored['n_examples']:,} binary reviews of {stored['n_inputs']:,} words "
        f"({stored['density']:.2%} present, drawn by Zipf's law) as CSR, two layers of 5,000 units, "
        f"{stored['steps']} steps each: "
        f"{stored['figures']['peak_gigabytes']:.2f} GB at the peak, interpreter, data and parameters included.\n"
    )


def _few_labels(stored: dict[str, Any] | None) -> str:
    if not stored:
        return ""
    rows = [
        (
            f"{cell['n_labels']:,}",
            cell["unit"],
            *(_errors(cell, start) for start in ("without", "with")),
            f"{cell['p_paired_t']:.2g}",
            f"{max(cell['p_mcnemar']):.2g}",
        )
        for cell in stored["cells"]
    ]
    header = ("labels", "unit", "without pre-training", "with", "p, paired t", "largest p, McNemar")
    return (
        f"## MNIST with few labels, {'-'.join(map(str, stored['sizes']))}\n\n"
        "Test error, mean and each draw of the labels; 50,000 images are seen unlabelled. Rates, penalties and the "
        "moment to stop are chosen by 10,000 validation images, with and without pre-training alike. The t test pairs "
        "the draws, McNemar's exact test the test images within a draw.\n\n" + table(header, rows)
    )


def _errors(cell: dict[str, Any], start: str) -> str:
    each = ", ".join(f"{error:.1%}" for error in cell["errors"][start])
    how = f"rate {cell['learning_rate'][start]:g}, L1 {cell['activity_l1'][start]:g}"
    return f"{cell['mean'][start]:.2%} ({each}; {how})"


def _stars(stored: dict[str, Any] | None) -> str:
    if not stored:
        return ""
    cells = stored["cells"]
    names = sorted({name for by_name in cells.values() for name in by_name})
    rows = [(name, *(_stars_cell(by_name.get(name)) for by_name in cells.values())) for name in names]
    header = ("RMSE of the stars, 1 to 10", *(f"{int(n):,} labels" for n in cells))
    return (
        f"## Stars of IMDB from few labels, {stored['words']:,} words\n\n"
        f"On {stored['n_test']:,} reviews kept aside; {stored['texts_seen']:,} reviews are seen without their stars. "
        f"Hidden layers are {stored['width']:,} wide and pre-trained. Our fine-tuning rate was chosen on other "
        "reviews, a rival's regularisation on these very ones. In brackets half the width of the 95% interval over "
        "the reviews, and how many draws of labels the mean is of.\n\n" + table(header, rows)
    )


def _stars_cell(cell: dict[str, Any] | None) -> str:
    if cell is None:
        return "-"
    draws = f"; {cell['draws']} draws" if cell["draws"] > 1 else ""
    return f"{cell['rmse']:.3f} (± {cell['half_width']:.3f}{draws})"


def _grid(grid: dict[str, Any]) -> str:
    rows = []
    for run in grid["runs"]:
        best = run["epochs"][run["best_epoch"] - 1]
        rows.append(
            (
                f"{run['learning_rate']:g}",
                f"{run['activity_l1']:g}",
                str(run["seed"]),
                f"{run['best_epoch']} of {len(run['epochs'])}",
                f"{best['validation_error']:.2%}",
                f"{best['test_error']:.2%}",
                _shares(best["zeros"]),
                f"{sum(epoch['seconds'] for epoch in run['epochs']):.0f}",
            )
        )
    chosen = min(grid["runs"], key=lambda run: run["epochs"][run["best_epoch"] - 1]["validation_error"])
    best = chosen["epochs"][chosen["best_epoch"] - 1]
    header = (
        "rate",
        "activity L1",
        "seed",
        "best epoch",
        "validation error",
        "test error",
        "zeros per layer",
        "seconds",
    )
    return (
        "## MNIST, 50,000 / 10,000 / 10,000, no pre-training\n\n"
        "The epoch and the rate are chosen by validation error; the test error is that of the chosen parameters.\n\n"
        + table(header, rows)
        + f"\nChosen: rate {chosen['learning_rate']:g}, activity L1 {chosen['activity_l1']:g}, test error "
        f"{best['test_error']:.2%}.\n"
    )
