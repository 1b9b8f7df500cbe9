"""`rectinet study`: run, follow, report, export and import the study's experiments."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from rectinet.cli._show import console, show_table

app = typer.Typer(
    no_args_is_help=True,
    help="Reproduce the study: **list** its experiments, **run** them, see their **status**, write the **report**; "
    "**export** results as files for git, and **import** them. A finished run is never repeated; after an "
    "interruption, the same command continues.",
    rich_markup_mode="markdown",
)


class BudgetChoice(StrEnum):
    quick = "quick"
    standard = "standard"
    paper = "paper"


OutOption = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Folder of the stored runs and the report.")]
OUT = Path("rectinet-study")


@app.command("list")
def list_experiments() -> None:
    """List every experiment and what it is about."""
    from rectinet.study.catalogue import experiments

    for each in experiments():
        console.print(f"[bold]{each.name}[/]: {escape(each.title)}")


@app.command("run")
def run(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="A name from **rectinet study list**, or your own module.")
    ],
    data: Annotated[
        str | None, typer.Option(metavar="NAME", help="Data set to use instead of the experiment's own.")
    ] = None,
    budget: Annotated[
        BudgetChoice, typer.Option(help="Budget of training time and number of trials.")
    ] = BudgetChoice.standard,
    seeds: Annotated[int | None, typer.Option(min=1, help="Number of seeds; default: as the budget says.")] = None,
    jobs: Annotated[
        int, typer.Option(min=1, help="Number of parallel runs on this machine, with one thread each.")
    ] = 1,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Dask cluster to use instead of this machine; its workers must see --out."
        ),
    ] = None,
    out: OutOption = OUT,
) -> None:
    """Run experiments, or continue them.

    Example: `rectinet study run few-labels --jobs 2`, then `rectinet study report`.
    """
    from rectinet.study.only import parsed
    from rectinet.study.records import STATES
    from rectinet.study.runner import Options, run_experiments

    if (here := os.getcwd()) not in sys.path:
        sys.path.append(here)  # so that experiments in this folder are found, also by the processes of the pool
    options = Options(budget.value, seeds, data, jobs, dask, out)
    try:
        tally = run_experiments(names, options, console)
    except KeyboardInterrupt:
        console.print("What is finished is stored; the same command goes on with the rest.")
        raise
    states = ", ".join(f"{tally.states[state]} {state}" for state in STATES if tally.states[state])
    console.print(f"{tally.listed} runs: {states}. {tally.executed} executed now.")
    if tally.states["failed"]:
        raise typer.Exit(1)


@app.command("status")
def status(out: OutOption = OUT) -> None:
    """Show how many runs of each experiment are in each state."""
    from rectinet.study.records import STATES
    from rectinet.study.store import Store

    with Store(out) as store:
        counts = store.status()
    shown = [state for state in STATES if any(count[state] for count in counts.values())]
    rows = ((name, *(str(count[state]) for state in shown)) for name, count in counts.items())
    show_table(("experiment", *shown), rows)


@app.command("report")
def report(out: OutOption = OUT) -> None:
    """Write the report: tables and figures of the stored results beside the paper's numbers."""
    from importlib import import_module

    from rectinet.study.store import Store

    with Store(out) as store:
        written = import_module("rectinet.study.report").write_report(store, out)
    console.print(f"Wrote {written or out}")


@app.command("export")
def export(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Experiments to export; default: all.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder for the files; default: export, in --out.")
    ] = None,
    out: OutOption = OUT,
) -> None:
    """Write finished runs as files for git; equal results give identical files."""
    from rectinet.study.exchange import export as write
    from rectinet.study.store import Store

    folder = out / "export" if to is None else to
    with Store(out) as store:
        for name, n in write(store, folder, names or None).items():
            console.print(f"{folder / name}: {n} runs")


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Files written by **rectinet study export**.")],
    out: OutOption = OUT,
) -> None:
    """Merge exported runs into the store; a finished run is never replaced by a worse one."""
    from rectinet.study.exchange import import_all
    from rectinet.study.writer import writing

    with writing(out) as writer:
        came = import_all(writer, folder)
    console.print(f"{came.new} runs are new, {came.better} replaced unfinished or stale ones, {came.kept} were here.")


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="study")
