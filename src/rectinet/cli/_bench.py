"""`rectinet bench`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from rectinet.cli._show import console, share, show_table

DENSITIES = (1.0, 0.5, 0.2, 0.05)


def bench(
    hidden: Annotated[int, typer.Option(min=1, help="Units in each hidden layer.")] = 1000,
    layers: Annotated[int, typer.Option(min=1, help="Hidden layers.")] = 3,
    inputs: Annotated[int, typer.Option(min=1, help="Features, of which 19 % are non-zero, as in MNIST.")] = 784,
    batch_size: Annotated[int, typer.Option(min=1, max=2000, help="Examples per step.")] = 10,
    threads: Annotated[int, typer.Option(min=1, help="Threads of every contender.")] = 1,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds of 0.15 s for each contender; the median is shown.")] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Time a training step on this machine: zeros skipped, zeros computed, and PyTorch where it is installed.

    The units of a random network are set to be on for a chosen share of random examples. What a step costs depends on
    the union: the units that are on for at least one example of a minibatch. The control is the same code computing
    with every unit; it separates the gain of skipping from that of the code. Contenders alternate.

    Example: `rectinet bench --hidden 2000 --threads 2`
    """
    from rectinet import _native
    from rectinet.cli._timing import Timing, measure

    pytorch = find_spec("torch") is not None
    sizes = (inputs, *(hidden,) * layers, 10)
    console.print(
        f"{' - '.join(map(str, sizes))}, minibatches of {batch_size}, float32, {threads} thread(s), {_native.isa()}; "
        f"milliseconds per training step"
    )
    rows = []
    for density in DENSITIES:
        with console.status(f"density {share(density)} ..."):
            timing: Timing = measure(
                sizes, density, batch_size=batch_size, n_threads=threads, n_rounds=rounds, pytorch=pytorch, seed=seed
            )
        row = [share(timing.density), share(timing.union), f"{timing.skipping:.3f}", f"{timing.control:.3f}"]
        row.append(_times(timing.control, timing.skipping))
        if timing.pytorch is not None:
            row += [f"{timing.pytorch:.3f}", _times(timing.pytorch, timing.skipping)]
        rows.append(row)
    headings = ["units on", "union", "skipping", "control", "gain"] + (["PyTorch", "gain"] if pytorch else [])
    show_table(headings, rows)
    if not pytorch:
        console.print("PyTorch is not installed; with it (pip install torch) it is timed beside.")


def _times(slow: float, fast: float) -> str:
    return f"{slow / fast:.1f} x"


def register(app: typer.Typer) -> None:
    app.command("bench")(bench)
