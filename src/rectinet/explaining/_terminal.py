"""Explanations in a terminal: coloured words, bars, and pictures of half blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich import box
from rich.console import Console, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from rectinet.explaining._account import Account, Contribution, Output
from rectinet.explaining._images import as_image, heat
from rectinet.pictures import Pixels, ink

ADDS: Final = Style(color="blue", bold=True)
TAKES: Final = Style(color="dark_orange", italic=True)  # so that they differ without colours too
FAINT: Final = 0.05  # share of the strongest word's contribution; weaker words stay uncoloured
BAR: Final = 24  # columns
WIDEST: Final = 48  # pixels of an image that is drawn in a terminal


def show(console: Console, told: Sequence[Account], most: int, image_shape: tuple[int, ...] | None = None) -> None:
    """Print explanations one below the other."""
    for account in told:
        console.print(_title(account))
        if account.text is not None:
            console.print(coloured(account))
        elif image_shape is not None and console.is_terminal and image_shape[-1] <= WIDEST:
            console.print(pictures(account, image_shape))
        elif image_shape is None:
            console.print(bars(account.first, most))
        if account.text is not None or len(account.outputs) > 1:
            console.print(outputs(account, most if image_shape is None else 0))
        console.print()


def _title(account: Account) -> Text:
    return Text.assemble((f"Example {account.number}: ", "bold"), (account.answer, "bold"), f"  {said(account.first)}")


def said(output: Output) -> str:
    """The probability and logit of a class, or the output's name, and whether the explanation is first-order."""
    about = output.name if output.share is None else f"{output.share:.1%}, logit {output.total:.3g}"
    return f"({about}{'' if output.exact else ', to first order'})"


def coloured(account: Account) -> Text:
    """The text, with words coloured by their contributions."""
    pieces = account.segments()
    largest = max((abs(amount) for _, amount in pieces), default=0.0)
    text = Text()
    for piece, amount in pieces:
        strong = abs(amount) > FAINT * largest
        text.append(piece, (ADDS if amount > 0 else TAKES) if strong and amount else Style())
    return text


def outputs(account: Account, most: int) -> Table:
    """A row for every output with positive and negative contributions."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column("output")
    for heading in ("share", "total"):
        table.add_column(heading, justify="right", no_wrap=True)
    if most:
        table.add_column("for", style="blue", overflow="fold")
        table.add_column("against", style="dark_orange", overflow="fold")
    for output in account.outputs:
        share = "" if output.share is None else f"{output.share:.1%}"
        row: list[RenderableType] = [Text(output.name), share, f"{output.total:+.3g}"]
        if most:
            row += [Text(_listed(output.adds(most))), Text(_listed(output.takes(most)))]
        table.add_row(*row)
    return table


def _listed(found: Sequence[Contribution]) -> str:
    return ", ".join(f"{one.label} {one.amount:+.2g}" for one in found)


def bars(output: Output, most: int) -> Table:
    """The largest contributions as bars, then the sum of the others, the constant, and the total."""
    shown = output.contributions[:most]
    largest = max((abs(one.amount) for one in shown), default=1.0)
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    for one in shown:
        length = max(1, round(BAR * abs(one.amount) / largest))
        bar = Text("█" * length, "blue") if one.amount > 0 else Text("▒" * length, "dark_orange")
        table.add_row(Text(one.label), f"{one.amount:+.3g}", bar)
    n_others = len(output.contributions) - len(shown)
    if n_others > 0:
        table.add_row(others(n_others), f"{output.rest(most):+.3g}", "")
    table.add_row("constant", f"{output.constant:+.3g}", "")
    table.add_row(Text(f"total, {output.name}", "bold"), Text(f"{output.total:+.3g}", "bold"), "")
    return table


def others(n: int) -> str:
    """The label of the row for inputs that are not listed."""
    return f"{n:,} other{'' if n == 1 else 's'}"


def pictures(account: Account, image_shape: tuple[int, ...]) -> Table:
    """The image and its heat map side by side, two pixels per character."""
    table = Table(box=None, show_header=False, pad_edge=False)
    image = ink(as_image(account.inputs, image_shape))
    table.add_row(_blocks(image), _blocks(heat(account.first.amounts, image_shape)))
    table.add_row(
        "the image", Text.assemble(("for", "blue"), " and ", ("against", "dark_orange"), f" {account.answer}")
    )
    return table


def _blocks(pixels: Pixels) -> Text:
    """Half blocks on black: the upper pixel as foreground colour, the lower one as background colour."""
    opaque: NDArray[np.int64] = (pixels[..., :3] * (pixels[..., 3:] / 255.0)).astype(np.int64)
    if len(opaque) % 2:
        opaque = np.concatenate([opaque, np.zeros_like(opaque[:1])])
    text = Text(no_wrap=True)
    for upper, lower in zip(opaque[::2], opaque[1::2], strict=True):
        for up, down in zip(upper.tolist(), lower.tolist(), strict=True):
            text.append("▀", Style(color=_rgb(up), bgcolor=_rgb(down)))
        text.append("\n")
    text.rstrip()
    return text


def _rgb(colour: Sequence[int]) -> str:
    return f"rgb({colour[0]},{colour[1]},{colour[2]})"
