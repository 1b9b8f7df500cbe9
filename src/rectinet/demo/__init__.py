"""The demo: rectifier, softplus and tanh networks on real digits, zeros counted, everything shown on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from rectinet.demo.experiment import Contender as Contender
from rectinet.demo.experiment import contenders as contenders
from rectinet.demo.experiment import contest, digits
from rectinet.demo.labels import compare, plan
from rectinet.demo.page import write_page
from rectinet.demo.terminal import board, counter, print_comparison, print_results


def run(out: Path, entered: Sequence[Contender], console: Console) -> Path:
    """Train the contenders on the bundled digits, print the tables and write ``out/index.html``.

    Returns
    -------
    Path
        Of the page, which needs no other file and no network.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; there is no page then.
    OSError
        When the page cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)  # a folder that cannot be made is better known before training
    data, c = digits(), entered[0].configuration
    hidden = " - ".join(map(str, c.hidden_layer_sizes))
    console.print(
        f"{len(data.train):,} handwritten digits of 8 x 8 pixels, networks with hidden layers of {hidden} units, "
        f"minibatches of {c.batch_size}, learning rate {c.learning_rate:g}.\nA zero is a hidden unit whose output is "
        "exactly 0: the unit is inactive, and the weights leaving it are skipped.\n"
    )
    with board(console, entered, len(data.train)) as show:
        results = contest(entered, data, show)
    console.print()
    print_results(console, results.values())
    console.print(
        "Test errors with their 95 % intervals, zeros by layer from the input; p compares with the first network "
        "(exact McNemar test). The network without skipping is the control: it computes with inactive units as if "
        "they were active.\n\nNow with few labels, and after pre-training: hidden layers first learn from images alone."
        "\n"
    )
    planned = plan({contender.style: contender for contender in entered}, len(data.train))
    with counter(console, planned) as watcher:
        comparison = compare(results, planned, data, watcher)
    console.print()
    print_comparison(console, comparison)
    return write_page(out, results, data, comparison)
