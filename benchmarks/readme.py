"""`README.md` of this folder, rendered from stored results: nobody types a number."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

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
    sections += [_text(results), _memory(results["scripts"].get("memory"))]
    for name, title, said in (("stored", "Rows on disk", on_disk), ("serving", "Served as ONNX", serving)):
        if name in results["scripts"]:
            sections.append(f"## {title}\n\n{said(results['scripts'][name])}\n")
    if "falling_rate" in results["scripts"]:
        sections.append(f"## A falling rate\n\n{falling_rate(results['scripts']['falling_rate'])}\n")
    if "pruning" in results["scripts"]:
        sections.append(f"## Pruning\n\n{pruning(results['scripts']['pruning'])}")
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


def _memory(stored: dict[str, Any] | None) -> str:
    if not stored:
        return ""
    return (
        f"## Memory\n\n{stored['n_examples']:,} binary reviews of {stored['n_inputs']:,} words "
        f"({stored['density']:.2%} present, drawn by Zipf's law) as CSR, two layers of 5,000 units, "
        f"{stored['steps']} steps each: "
        f"{stored['figures']['peak_gigabytes']:.2f} GB at the peak, interpreter, data and parameters included.\n"
    )


def on_disk(stored: dict[str, Any]) -> str:
    """Peak memory of training on rows that stay on disk, in a sentence."""
    figures, about = stored["figures"], stored["machine"]
    return (
        f"{stored['gigabytes']:.1f} GB of rows on disk ({stored['n_examples']:,} x {stored['n_features']} float32 in "
        f"{stored['n_shards']} shards), two layers of {stored['sizes'][0]} units, one epoch of pre-training and one of "
        f"training, a tenth held out: {figures['peak_gigabytes']:.2f} GB at the peak, all included "
        f"({stored['gigabytes_before_the_fit']:.2f} GB before the fit), {stored['processor_seconds']:.0f} s of one "
        f"core of {about['cpu']}."
    )


def serving(stored: dict[str, Any]) -> str:
    """The reference network here and in onnxruntime, in a sentence."""
    ms, about = stored["milliseconds"], stored["machine"]
    return (
        f"MNIST, 784-1000-1000-1000-10, {stored['zeros']:.1%} of hidden units exactly 0, one example at a time on one "
        f"thread of {about['cpu']}: {ms['rectinet']:.3f} ms by `predictor`, {ms['onnxruntime']:.3f} ms by onnxruntime "
        f"{about['versions']['onnxruntime']} from the file of {stored['megabytes']:.0f} MB that `to_onnx` wrote "
        f"({ms['onnxruntime'] / ms['rectinet']:.1f} x). On the {stored['n_examples']:,} test images outputs differ by "
        f"at most {stored['figures']['difference']:.1e} of the largest, and {stored['other_classes']} get another "
        "class."
    )


def falling_rate(stored: dict[str, Any]) -> str:
    """What a falling rate made of a few epochs, in a sentence."""
    chosen, figures, about = stored["chosen"], stored["figures"], stored["machine"]
    errors = [run["test_error"] for run in stored["runs"]["falling"]]
    penalties = ", ".join(f"{c:g}" for c in np.ravel(chosen["activity_l1"]))
    return (
        f"MNIST, 784-1000-1000-1000-10, no pre-training, {stored['epochs']} epochs at rate "
        f"{chosen['learning_rate']:g}, falling linearly to 0 after the first {chosen['decay_from']:.0%}, activity L1 "
        f"{penalties}, chosen by the validation error of three other seeds; {len(errors)} seeds, one core "
        f"of {about['cpu']} ({about['instruction_set']}), processor seconds of training alone: test error "
        f"{figures['test_error']:.2%} ({min(errors):.2%} to {max(errors):.2%}) after "
        f"{figures['processor_seconds']:.0f} s, {1 - figures['on']:.1%} of hidden units exactly 0. At the constant "
        f"rate: {figures['test_error_constant']:.2%}."
    )


def pruning(stored: dict[str, Any]) -> str:
    """What pruning made of a network, tolerance by tolerance, as a sentence and a table."""
    runs, about, figures = stored["runs"], stored["machine"], stored["figures"]
    rows = []
    for k, first in enumerate(runs[0]["pruned"]):
        same = [run["pruned"][k] for run in runs]
        units = " - ".join(f"{statistics.mean(one['units'][layer] for one in same):.0f}" for layer in range(3))
        speed = statistics.mean(run["seconds"] / run["pruned"][k]["seconds"] for run in runs)
        shares = [
            f"{statistics.mean(one[name] for one in same):.2%}"
            for name in (
                "validation_disagreement",
                "test_disagreement",
                "test_disagreement_without_means",
                "test_error",
            )
        ]
        size = statistics.mean(one["size"] for one in same)
        rows.append((f"{first['tolerance']:.1%}", units, f"{size:.0%}", f"{speed:.2f} x", *shares))
    header = (
        "tolerance", "units left", "parameters left", "speed of one prediction", "other class, validation images",
        "other class, test images", "the same without means", "test error",
    )  # fmt: skip
    best = [run["pruned"][run["chosen"]] for run in runs]
    chosen = ", ".join(f"{one['tolerance']:.1%}" for one in best)
    quicker = statistics.mean(run["seconds"] / one["seconds"] for run, one in zip(runs, best, strict=True))
    penalties = ", ".join(f"{c:g}" for c in stored["settings"]["activity_l1"])
    return (
        f"MNIST, 784-1000-1000-1000-10 with activity L1 {penalties}, six epochs; means over {len(runs)} seeds; test "
        f"error before {statistics.mean(run['test_error'] for run in runs):.2%}. Units are judged on the validation "
        "images, which the network was not trained on. The largest tolerance at which at most "
        f"{stored['permitted'] / 2:.2%} of them were given another class, seed by seed: {chosen}. With it "
        f"{figures['disagreement']:.3%} of the test images are given another class, and one prediction is "
        f"{quicker:.2f} times as fast (processor time, one thread of {about['cpu']}, {about['instruction_set']}, other "
        f"programs running).\n\n{table(header, rows)}"
    )


def table_defaults(stored: dict[str, Any]) -> str:
    """`TableModel`'s defaults beside the perceptron's, as Markdown."""
    rows = []
    for one in stored["sets"]:
        is_classes = one["task"] == "classify"
        unit, digits, factor = ("points of accuracy", 1, 100) if is_classes else ("of R²", 3, 1)
        scores = [f"{factor * statistics.mean(one[name]):.{digits}f}" for name in ("rectinet", "perceptron")]
        difference = f"{factor * one['difference']:+.{digits}f} ± {factor * one['standard_error']:.{digits}f} {unit}"
        rows.append((f"{one['name']}, {one['rows']:,} x {one['columns']}", *scores, difference))
    compared = table(("data set", "`TableModel()`", "perceptron", "difference, ± its standard error"), rows)
    said = f"Accuracy in percent, or R², means over {stored['splits']} splits:\n\n{compared}"
    if "adult" not in stored:
        return said
    errors, seconds = ([run[name] for run in stored["adult"]] for name in ("test_error", "seconds"))
    same = all(run["same_shuffled"] for run in stored["adult"])
    zeros = statistics.mean(statistics.mean(run["zeros"]) for run in stored["adult"])
    return (
        f"{said}\nAdult (32,561 training and 16,281 test rows; 6 numeric, 8 categorical columns), by `rectinet train "
        f"train.csv.gz --target outcome --test test.csv.gz` and no other option but the seed, {len(errors)} seeds: "
        f"{100 * statistics.mean(errors):.1f} % test error ({100 * min(errors):.1f} to {100 * max(errors):.1f}), "
        f"{statistics.median(seconds):.0f} seconds from start to end on one thread, {100 * zeros:.0f} % of the hidden "
        f"units exactly 0. With the columns in reverse order {'all' if same else 'not all'} answers are the same.\n"
    )
