"""`rectinet study`: the study's experiments, run, watched, shown, carried elsewhere and back."""

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
    help="The study, re-run: **list** its experiments, **run** them, ask for the **status**, write the **report**; "
    "**export** results as files for git, and **import** them. A run that is finished is never repeated; stopped at "
    "any moment, the same command goes on.",
    rich_markup_mode="markdown",
)


class BudgetChoice(StrEnum):
    quick = "quick"
    standard = "standard"
    paper = "paper"


OutOption = Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Of the store and the report.")]
OUT = Path("rectinet-study")


@app.command("list")
def list_experiments() -> None:
    """Every experiment and what it is about."""
    from rectinet.study.catalogue import experiments

    for each in experiments():
        console.print(f"[bold]{each.name}[/]: {escape(each.title)}")


@app.command("run")
def run(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="From **rectinet study list**, or your module.")],
    data: Annotated[str | None, typer.Option(metavar="NAME", help="A data set in place of the experiment's.")] = None,
    budget: Annotated[
        BudgetChoice, typer.Option(help="How long to train and how much to try.")
    ] = BudgetChoice.standard,
    seeds: Annotated[int | None, typer.Option(min=1, help="How many. Default: as the budget says.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL=VALUE", help="Some of the runs, as in **unit=tanh**; again for further labels."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at a time on this machine, one thread each.")] = 1,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="A Dask cluster in place of this machine; its workers must see --out."),
    ] = None,
    out: OutOption = OUT,
) -> None:
    """Run experiments, or go on with them.

    Example: `rectinet study run few-labels --jobs 2`, then `rectinet study report`.
    """
    from rectinet.study.only import parsed
    from rectinet.study.records import STATES
    from rectinet.study.runner import Options, run_experiments

    if (here := os.getcwd()) not in sys.path:
        sys.path.append(here)  # experiments in this folder are found, and by the processes of the pool
    options = Options(budget.value, seeds, data, jobs, dask, out, parsed(only or ()))
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
    """How many runs of each experiment are in which state."""
    from rectinet.study.records import STATES
    from rectinet.study.store import Store

    with Store(out) as store:
        counts = store.status()
    shown = [state for state in STATES if any(count[state] for count in counts.values())]
    rows = ((name, *(str(count[state]) for state in shown)) for name, count in counts.items())
    show_table(("experiment", *shown), rows)


@app.command("report")
def report(out: OutOption = OUT) -> None:
    """Write the report: tables and figures beside the paper's numbers, from what is stored."""
    from importlib import import_module

    from rectinet.study.store import Store

    with Store(out) as store:
        written = import_module("rectinet.study.report").write_report(store, out)
    console.print(f"Wrote {written or out}")


@app.command("export")
def export(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Default: all.")] = None,
    to: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Default: export, in --out.")] = None,
    out: OutOption = OUT,
) -> None:
    """Write finished runs as files that git can hold; equal results give equal bytes."""
    from rectinet.study.exchange import export as write
    from rectinet.study.store import Store

    folder = out / "export" if to is None else to
    with Store(out) as store:
        for name, n in write(store, folder, names or None).items():
            console.print(f"{folder / name}: {n} runs")


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Written by **rectinet study export**.")],
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
