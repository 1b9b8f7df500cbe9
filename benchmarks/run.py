"""Time rectinet against its rivals, hold it to its claims, and write `README.md` from what was measured.

    python -m benchmarks.run            everything; needs RECTINET_DATA and the `bench` group of packages
    python -m benchmarks.run --quick    minutes instead of an hour, rough numbers
    python -m benchmarks.run --only predict

The exit status is 1 where a claim fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import machine, readme
from benchmarks.bars import judge, seconds_per_count
from benchmarks.experiments import REFERENCE_SIZES, Experiment, Script, all_experiments, all_scripts, reference
from benchmarks.problem import digits
from benchmarks.results import RESULTS, read_results, read_scripts, write_results
from benchmarks.worker import WorkerProcess, workers
from rectinet.datasets import DataError

REFERENCE_BYTES = 4 * sum(n_in * n_out for n_in, n_out in pairwise(REFERENCE_SIZES))
QUICK_RESULTS = Path("build/bench-quick/results")
TRAINED = "rectinet, L1"  # whose network the prediction experiments use


class Runner:
    """Runs experiments on one core and keeps what they measured."""

    def __init__(self, console: Console, *, core: int, threads: int, seed: int, folder: Path) -> None:
        self.console = console
        self.pinning = {"core": core, "threads": threads, "seed": seed}
        self.network = folder / "reference.npz"

    def run(self, experiment: Experiment) -> dict[str, Any]:
        """All rounds of one experiment, as it is stored."""
        self.console.rule(experiment.title)
        entrants: dict[str, Any] = {e.label: {"chunks": [], "evaluations": []} for e in experiment.entrants}
        bandwidth = []
        with workers(experiment.entrants, **self.pinning) as started:
            if experiment.batch_size is not None:
                self._need_network()
                for worker in started.values():
                    worker.ask("load", path=str(self.network))
            for round_ in range(experiment.rounds):
                for place in range(len(experiment.entrants)):  # a different one begins every round
                    entrant = experiment.entrants[(place + round_) % len(experiment.entrants)]
                    worker, record = started[entrant.label], entrants[entrant.label]
                    count = entrant.count or experiment.count
                    record["chunks"].append(_work(worker, experiment.batch_size, count))
                    if experiment.evaluate_rounds:
                        record["evaluations"].append(worker.ask("evaluate"))
                last = started[experiment.entrants[-1].label]
                bandwidth.append(last.ask("bandwidth", n_bytes=REFERENCE_BYTES))
                self._show_round(experiment, round_, entrants)
            for label, worker in started.items():
                entrants[label]["command"] = " ".join(worker.command[1:])
                entrants[label]["report"] = worker.ask("report")
            if experiment.evaluate_rounds:
                started[TRAINED].ask("save", path=str(self.network))
        return {
            "title": experiment.title,
            "parameter": experiment.parameter,
            "batch_size": experiment.batch_size,
            "whole_run": experiment.evaluate_rounds,
            "load_average": os.getloadavg(),
            "bandwidth": bandwidth,
            "entrants": entrants,
        }

    def _need_network(self) -> None:
        """Train one where the reference run was left out."""
        if self.network.exists():
            return
        trained = [e for e in reference(1).entrants if e.label == TRAINED]
        with workers(trained, **self.pinning) as started:
            started[TRAINED].ask("train", steps=trained[0].count)
            started[TRAINED].ask("save", path=str(self.network))

    def _show_round(self, experiment: Experiment, round_: int, entrants: dict[str, Any]) -> None:
        times = []
        for label, record in entrants.items():
            chunk = record["chunks"][-1]
            times.append(f"{label} {1e3 * chunk['seconds'] / chunk['count']:.3g}")
            if record["evaluations"]:
                times[-1] += f" ({record['evaluations'][-1]['test_error']:.2%})"
        self.console.print(f"round {round_ + 1} of {experiment.rounds}, ms: " + "; ".join(times))


def run_script(script: Script, folder: Path, given: argparse.Namespace) -> None:
    """Run a program to its end; what it found is in `folder`."""
    command = [sys.executable, "-m", f"benchmarks.{script.module}"]
    command += ["--threads", str(given.threads), "--out", str(folder / f"{script.name}.json")]
    if subprocess.run(command, env=machine.environment(given.threads), check=False).returncode:
        raise SystemExit(f"{script.title}: this failed: {' '.join(command[1:])}")


def _work(worker: WorkerProcess, batch_size: int | None, count: int) -> dict[str, Any]:
    if batch_size is None:
        answer = worker.ask("train", steps=count)
    else:
        answer = worker.ask("predict", batch_size=batch_size, calls=count)
    return {"count": count} | {clock: answer[clock] for clock in ("seconds", "cpu_seconds", "outside_seconds")}


def show(console: Console, results: dict[str, Any]) -> bool:
    """Print times and verdicts; whether every asserted claim holds."""
    times = Table("experiment", "contender", "ms", title="Milliseconds per step or call")
    for experiment in results["experiments"].values():
        for label in experiment["entrants"]:
            times.add_row(experiment["title"], label, f"{1e3 * seconds_per_count(experiment, label):.3g}")
        times.add_section()
    console.print(times)
    verdicts = judge(results)
    table = Table("claim", "measured", "required", "", title="Claims")
    for verdict in verdicts:
        table.add_row(verdict.name, verdict.measured, verdict.required, _word(verdict.passed, verdict.asserted))
    console.print(table)
    return all(verdict.passed for verdict in verdicts if verdict.asserted)


def _word(passed: bool, asserted: bool) -> str:
    if passed:
        return "[green]holds[/]"
    return "[red]FAILS[/]" if asserted else "[yellow]not reached (an aim)[/]"


def options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help=f"few rounds; results go to {QUICK_RESULTS}")
    parser.add_argument(
        "--only", default="", metavar="NAME", help="only experiments whose name begins so; several with commas"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results and plots go, the README beside it")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="CPU all contenders share")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    given = options(arguments)
    offered = (*all_experiments(quick=given.quick), *all_scripts())
    chosen = [e for e in offered if e.name.startswith(tuple(given.only.split(",")))]
    if not chosen:
        names = ", ".join(e.name for e in offered)
        raise SystemExit(f"--only {given.only}: no experiment begins so; there are {names}")
    try:
        digits()
    except DataError as error:
        raise SystemExit(f"the benchmark trains on real MNIST: {error}") from None
    console = Console(width=None if sys.stdout.isatty() else 160)
    folder = given.out or (QUICK_RESULTS if given.quick else RESULTS)
    path = folder / "bench.json"
    results = read_results(path) if given.only else {}
    results |= {
        "machine": machine.description(given.threads, given.core),
        "seed": given.seed,
        "quick": given.quick,
        "experiments": results.get("experiments", {}),
    }
    with tempfile.TemporaryDirectory() as scratch:
        runner = Runner(console, core=given.core, threads=given.threads, seed=given.seed, folder=Path(scratch))
        for experiment in chosen:
            if isinstance(experiment, Script):
                console.rule(experiment.title)
                run_script(experiment, folder, given)
            else:
                results["experiments"][experiment.name] = runner.run(experiment)
                write_results(path, results)
    results["scripts"] = read_scripts(folder)
    holds = show(console, results)
    from benchmarks import plots  # matplotlib is there for benchmarks alone

    plots.draw(results, folder)
    readme.write(folder)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
