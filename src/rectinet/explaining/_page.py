"""Explanations as one HTML file, without scripts, fonts or pictures from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

import rectinet
from rectinet.explaining._account import Account, Output
from rectinet.explaining._images import as_image, heat
from rectinet.explaining._terminal import FAINT, others, said
from rectinet.pictures import data_uri, ink
from rectinet.storage.atomic import write_atomically


def write_page(
    path: Path, told: Sequence[Account], title: str, most: int, image_shape: tuple[int, ...] | None = None
) -> None:
    """Write the page completely or not at all.

    Parameters
    ----------
    path : Path
    told : sequence of Account
    title : str
        Heading of the page.
    most : int
        Number of contributions to list on each side.
    image_shape : tuple of int, optional
        (height, width) or (channels, height, width), if inputs are images.
    """
    write_atomically(path, [render(told, title, most, image_shape).encode("utf-8")])


def render(told: Sequence[Account], title: str, most: int, image_shape: tuple[int, ...] | None = None) -> str:
    """The HTML of the page."""
    try:
        from jinja2 import BaseLoader, Environment
    except ImportError as missing:
        raise ImportError('a page needs jinja2: pip install "rectinet[report]"') from missing
    words, style = (
        files("rectinet.explaining").joinpath(f"page.{kind}").read_text("utf-8") for kind in ("html", "css")
    )
    environment = Environment(loader=BaseLoader(), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["signed"] = lambda amount: f"{amount:+.3g}"
    shown = [_shown(account, most, image_shape) for account in told]
    return environment.from_string(words).render(
        style=style, title=title, examples=shown, exact=all(a.first.exact for a in told), version=rectinet.__version__
    )


def _shown(account: Account, most: int, image_shape: tuple[int, ...] | None) -> dict[str, Any]:
    """The values of one example for the template."""
    kind = "text" if account.text is not None else "columns" if image_shape is None else "image"
    return {
        "number": account.number,
        "answer": account.answer,
        "said": said(account.first),
        "kind": kind,
        "pieces": _pieces(account) if kind == "text" else [],
        "bars": _bars(account.first, most) if kind == "columns" else None,
        "image": None if image_shape is None else data_uri(ink(as_image(account.inputs, image_shape))),
        "outputs": _outputs(account, most, image_shape),
        "several": kind == "text" or len(account.outputs) > 1,
    }


def _pieces(account: Account) -> list[dict[str, Any]]:
    """The text in pieces, each with the strength of its colour in [0, 1]."""
    pieces = account.segments()
    largest = max((abs(amount) for _, amount in pieces), default=0.0) or 1.0
    return [
        {
            "text": text,
            "amount": amount,
            "side": "" if abs(amount) <= FAINT * largest else "adds" if amount > 0 else "takes",
            "strength": round(0.12 + 0.6 * abs(amount) / largest, 3),
        }
        for text, amount in pieces
    ]


def _bars(output: Output, most: int) -> dict[str, Any]:
    shown = output.contributions[:most]
    largest = max((abs(one.amount) for one in shown), default=1.0)
    rows = [
        {
            "label": one.label,
            "amount": one.amount,
            "side": "adds" if one.amount > 0 else "takes",
            "width": round(50 * abs(one.amount) / largest, 2),  # per cent, on either side of the middle
        }
        for one in shown
    ]
    n_others = len(output.contributions) - len(shown)
    return {
        "rows": rows,
        "n_others": n_others,
        "others": others(n_others),
        "rest": output.rest(most),
        "constant": output.constant,
    } | {
        "total": output.total,
        "name": output.name,
    }


def _outputs(account: Account, most: int, image_shape: tuple[int, ...] | None) -> list[dict[str, Any]]:
    """All outputs; heat maps of one example share their scale, so that they can be compared."""
    largest = max(float(np.abs(output.amounts).max()) for output in account.outputs)
    return [
        {
            "name": output.name,
            "share": "" if output.share is None else f"{output.share:.1%}",
            "total": output.total,
            "adds": output.adds(most),
            "takes": output.takes(most),
            "map": None if image_shape is None else data_uri(heat(output.amounts, image_shape, largest)),
        }
        for output in account.outputs
    ]
