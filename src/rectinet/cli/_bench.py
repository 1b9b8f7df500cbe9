"""`rectinet bench`."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Annotated

import typer

from rectinet.cli._show import console, share, show_table

DENSITIES = (1.0, 0.5, 0.2, 0.05)


def bench(
    hidden: Annotated[int, typer.Option(min=1, help="Number of units in each hidden layer.")] = 1000,
    layers: Annotated[int, typer.Option(min=1, help="Number of hidden layers.")] = 3,
    inputs: Annotated[
        int, typer.Option(min=1, help="Number of features, of which 19 % are non-zero, as in MNIST.")
    ] = 784,
    batch_size: Annotated[int, typer.Option(min=1, max=2000, help="Number of examples in a minibatch.")] = 10,
    threads: Annotated[int, typer.Option(min=1, help="Threads for every implementation.")] = 1,
    rounds: Annotated[
        int, typer.Option(min=1, help="Rounds of 0.15 s for every implementation; the median counts.")
    ] = 5,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Time a training step on this machine: skipping zeros, computing them, and with PyTorch if it is installed.

    In a random network, every hidden unit is set to be active on a chosen share of random examples. The cost of a step
    depends on the union: the units that are active for at least one example of a minibatch. The control runs the same
    code on every unit: it separates the gain from skipping zeros from the gain of the code. The implementations take
    turns.

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
