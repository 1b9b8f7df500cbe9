"""`rectinet demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
import sysconfig
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from rectinet.cli._show import console


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the page; created if needed.")] = Path("rectinet-demo"),
    epochs: Annotated[int, typer.Option(min=1, help="Epochs on the training digits, for each network.")] = 30,
    hidden: Annotated[int, typer.Option(min=1, help="Number of units in each of the three hidden layers.")] = 400,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the initial weights and of the order of examples.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Number of threads; it does not change the results.")] = 1,
) -> None:
    """Train rectifier, softplus and tanh networks to recognise digits, and compare their sparsity.

    Needs no data and no internet connection; takes half a minute to a minute. Prints tables and writes a page that
    shows what skipping zeros saves, learning curves, the effect of pre-training on unlabelled images, and which units
    are active for which digit.

    Example: `rectinet demo`, then open `rectinet-demo/index.html` in a browser.
    """
    from rectinet.demo import contenders, run

    page, name = run(out, contenders((hidden,) * 3, epochs, seed, threads), console), command()
    for what, where in (("The page", page), ("Next, train", f"{name} train digits"), ("Commands", f"{name} --help")):
        console.print(f"{what + ':':<12} [bold]{escape(str(where))}[/]", soft_wrap=True)


def command() -> str:
    """The command that runs `rectinet` from this folder."""
    found = (Path(sys.argv[0]), Path(sysconfig.get_path("scripts"), "rectinet"))
    script = next((path.absolute() for path in found if path.name == "rectinet" and path.is_file()), None)
    on_path = shutil.which("rectinet")
    if script is None or (on_path is not None and Path(on_path).absolute() == script):
        return "rectinet"
    here = Path.cwd()
    return shlex.quote(str(script.relative_to(here) if script.is_relative_to(here) else script))


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
