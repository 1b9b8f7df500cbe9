"""`rectinet demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rectinet.cli._show import console


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the page; made if it is not there.")] = Path("rectinet-demo"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training digits, for each network.")] = 60,
    hidden: Annotated[int, typer.Option(min=1, help="Units in each of the three hidden layers.")] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Of the first weights and of the order of examples.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="The results are the same bits for any number.")] = 1,
) -> None:
    """Watch rectifier, softplus and tanh networks learn to read digits, and count their zeros.

    Needs no data and no network, and takes less than a minute. Prints tables and writes a page to look at: learning
    curves, what pre-training on unlabelled images gives, what the first layer looks for, and which units fire for
    which digit.

    Example: `rectinet demo`, then open `rectinet-demo/index.html` in a browser.
    """
    from rectinet.demo import Plan, run

    run(out, Plan(n_hidden=(hidden,) * 3, max_epochs=epochs, seed=seed, n_threads=threads), console=console)


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)
