"""The claims, each a small record that can be judged against stored results."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.experiments import REFERENCE_SIZES

Results = dict[str, Any]


@dataclass(frozen=True)
class Verdict:
    """How a claim fared; one that is not asserted is an aim."""

    name: str
    measured: str
    required: str
    passed: bool
    asserted: bool = True


class Bar(Protocol):
    """A claim."""

    def judge(self, results: Results) -> Verdict | None:
        """The verdict, or None where the experiment was not run."""
        ...


@dataclass(frozen=True)
class Times:
    """Seconds for one count of ours and of the rival, and who that is."""

    ours: float
    theirs: float
    rival: str

    @property
    def ratio(self) -> float:
        return self.theirs / self.ours

    def shown(self, *more: str) -> str:
        """The ratio, both times, and what else belongs into the brackets."""
        both = f"{1e3 * self.ours:.3g} ms against {1e3 * self.theirs:.3g} ms"
        return f"{self.ratio:.2f} x ({', '.join((both, *more))})"


@dataclass(frozen=True)
class AtLeastTimes:
    """`ours` works at least `ratio` times as fast as the quickest contender whose label begins like one of `rivals`."""

    name: str
    experiment: str
    ours: str
    rivals: tuple[str, ...]
    ratio: float
    clock: str | None = None

    def times(self, results: Results) -> Times | None:
        """What was measured, or None where the experiment was not run."""
        experiment = results["experiments"].get(self.experiment)
        if experiment is None:
            return None
        rival = quickest(experiment, self.rivals, self.clock)
        ours, theirs = (seconds_per_count(experiment, label, self.clock) for label in (self.ours, rival))
        return Times(ours, theirs, rival)

    def judge(self, results: Results) -> Verdict | None:
        times = self.times(results)
        if times is None:
            return None
        return Verdict(self.name, times.shown(times.rival), f">= {self.ratio:g} x", times.ratio >= self.ratio)


@dataclass(frozen=True)
class Limit:
    """A quantity of one contender, a share in 0..1, lies within limits at its best epoch."""

    name: str
    experiment: str
    contender: str
    quantity: str
    at_least: float = -math.inf
    at_most: float = math.inf
    asserted: bool = True

    def judge(self, results: Results) -> Verdict | None:
        experiment = results["experiments"].get(self.experiment)
        if experiment is None:
            return None
        if self.quantity == "roofline":
            measured = roofline_share(experiment, self.contender)
        else:
            value = best_evaluation(experiment["entrants"][self.contender])[self.quantity]
            measured = statistics.mean(value) if isinstance(value, list) else value
        limits = [f">= {self.at_least:.1%}"] * math.isfinite(self.at_least)
        limits += [f"<= {self.at_most:.1%}"] * math.isfinite(self.at_most)
        passed = self.at_least <= measured <= self.at_most
        return Verdict(self.name, f"{measured:.2%}", " and ".join(limits), passed, self.asserted)


@dataclass(frozen=True)
class Figure:
    """One of the "figures" a script stored is small enough; `unit` is the format it is shown in."""

    name: str
    script: str
    figure: str
    at_most: float
    unit: str = "{:.2%}"
    asserted: bool = True

    def judge(self, results: Results) -> Verdict | None:
        value = results.get("scripts", {}).get(self.script, {}).get("figures", {}).get(self.figure)
        if value is None:
            return None
        limit = "<= " + self.unit.format(self.at_most)
        return Verdict(self.name, self.unit.format(value), limit, value <= self.at_most, self.asserted)


def best_evaluation(entrant: dict[str, Any]) -> dict[str, Any]:
    """That of the epoch with the lowest validation error, whose parameters are the ones kept (section 4)."""
    return min(entrant["evaluations"], key=lambda evaluation: float(evaluation["validation_error"]))


def seconds_per_count(experiment: dict[str, Any], label: str, clock: str | None = None) -> float:
    """Seconds per step or call: over the whole of the reference run, which changes as it learns; else the median.

    Parameters
    ----------
    clock : {"seconds", "cpu_seconds", "outside_seconds"}, optional
        Default: seen from outside the process for whole runs, from inside for short chunks.
    """
    chunks = experiment["entrants"][label]["chunks"]
    if experiment["whole_run"]:
        clock = clock or "outside_seconds"
        return float(sum(c[clock] for c in chunks) / sum(c["count"] for c in chunks))
    clock = clock or "seconds"
    return float(statistics.median(c[clock] / c["count"] for c in chunks))


def quickest(experiment: dict[str, Any], prefixes: tuple[str, ...], clock: str | None = None) -> str:
    """The label of the quickest contender among those that begin with one of `prefixes`."""
    labels = [label for label in experiment["entrants"] if label.startswith(prefixes)]
    return min(labels, key=lambda label: seconds_per_count(experiment, label, clock))


def roofline_share(experiment: dict[str, Any], label: str) -> float:
    """Least time the memory needs over the time taken, averaged over the run; 1 is the roofline.

    In a step each row of weights touched by the minibatch is read forward, and read and written back in the update;
    rows are counted by the union over the minibatch, bandwidths are those measured in the same round.
    """
    entrant = experiment["entrants"][label]
    needed = taken = 0.0
    for chunk, state, memory in zip(entrant["chunks"], entrant["evaluations"], experiment["bandwidth"], strict=True):
        layers = zip(state["union"], REFERENCE_SIZES, REFERENCE_SIZES[1:], strict=False)
        n_bytes = sum(4 * union * n_in * n_out for union, n_in, n_out in layers)
        needed += chunk["count"] * (n_bytes / memory["read"] + 2 * n_bytes / memory["read_modify_write"])
        taken += chunk["seconds"]
    return needed / taken


CPU = "cpu_seconds"  # of one thread: a busy machine stretches the clock for all, but not alike
EMBEDDING_BAG = ("torch EmbeddingBag, loop", "torch EmbeddingBag, fused")  # all words reconstructed
AUTOGRAD = ("torch eager", "torch compile")
BARS: tuple[Bar, ...] = (
    Limit("test error of the reference run", "reference", "rectinet, L1", "test_error", at_most=0.016),
    Limit("its hidden zeros, on test images", "reference", "rectinet, L1", "test_zeros", at_least=0.83),
    AtLeastTimes("against PyTorch autograd, with L1", "reference", "rectinet, L1", AUTOGRAD, 6.0),
    AtLeastTimes("against PyTorch hand-fused, with L1", "reference", "rectinet, L1", ("torch hand-fused",), 3.0),
    AtLeastTimes("against PyTorch autograd, without L1", "reference", "rectinet, no L1", AUTOGRAD, 3.0),
    AtLeastTimes("against PyTorch hand-fused, without L1", "reference", "rectinet, no L1", ("torch hand-fused",), 2.0),
    AtLeastTimes("tanh against PyTorch eager", "tanh", "rectinet", ("torch eager",), 1.0),
    AtLeastTimes("softplus against PyTorch eager", "softplus", "rectinet", ("torch eager",), 1.0),
    AtLeastTimes("one example against ONNX Runtime", "predict-1", "rectinet", ("ONNX",), 4.0),
    AtLeastTimes("256 examples against PyTorch", "predict-256", "rectinet", ("torch",), 1 / 1.25),
    Limit("memory roofline, with L1", "reference", "rectinet, L1", "roofline", at_least=0.8, asserted=False),
    Limit("memory roofline, without L1", "reference", "rectinet, no L1", "roofline", at_least=0.8, asserted=False),
    *(
        AtLeastTimes(f"auto-encoder on text, {ours}, against PyTorch {name}", "denoising-imdb", *pair, CPU)
        for ours, name, *pair in (
            ("dense", "dense", "rectinet, dense", ("torch dense",), 4.0),
            ("dense", "EmbeddingBag", "rectinet, dense", EMBEDDING_BAG, 2.0),
            ("sampled", "dense", "rectinet, sampled", ("torch dense",), 25.0),
            ("sampled", "EmbeddingBag", "rectinet, sampled", EMBEDDING_BAG, 12.0),
        )
    ),
    AtLeastTimes("auto-encoder on digits against PyTorch", "denoising-mnist", "rectinet, dense", ("torch",), 4.0, CPU),
    AtLeastTimes("training on text against PyTorch", "ratings", "rectinet", ("torch",), 5.0, CPU),
    Figure("memory for 310,000 reviews", "memory", "peak_gigabytes", 4.0, "{:.2f} GB"),
    Figure(
        "test error of six epochs while the rate falls", "falling_rate", "test_error", 0.0143, "{:.2%}", asserted=False
    ),
    Figure("processor time of the six epochs", "falling_rate", "processor_seconds", 60.0, "{:.0f} s", asserted=False),
    Figure("hidden units that are on after them", "falling_rate", "on", 0.15, "{:.1%}", asserted=False),
    Figure("one explanation of MNIST in batches, ten logits", "explain", "milliseconds_in_batches", 1 / 3, "{:.3f} ms"),
    Figure("one explanation of MNIST alone", "explain", "milliseconds_alone", 1.0, "{:.2f} ms"),
    Figure("explanations of 10,000 reviews, eight ratings", "explain", "seconds_for_reviews", 30.0, "{:.1f} s"),
    Figure(
        "explanations of MNIST, times a forward and a backward pass of one output",
        "explain",
        "times_forward_and_backward",
        3.0,
        "{:.2f} x",
        asserted=False,
    ),
    Figure(
        "explanations of reviews, times a forward and a backward pass of one output",
        "explain",
        "times_forward_and_backward_reviews",
        3.0,
        "{:.2f} x",
        asserted=False,
    ),
    Figure("memory above the parameters for 10 GB on disk", "stored", "above_the_parameters", 1.0, "{:.2f} GB"),
    Figure("ONNX outputs, off by a share of the largest", "serving", "difference", 1e-5, "{:.1e}"),
    Figure("time of one prediction, of onnxruntime's from the ONNX file", "serving", "time_share", 1.0, "{:.0%}"),
    Figure("test images given another class after pruning", "pruning", "disagreement", 0.001),
    Figure("time of one prediction after pruning, of that before", "pruning", "time_share", 1 / 1.15, "{:.0%}"),
)


def judge(results: Results) -> list[Verdict]:
    """Every bar whose experiment was run."""
    verdicts = (bar.judge(results) for bar in BARS)
    return [verdict for verdict in verdicts if verdict is not None]
