"""`rectinet explain`."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from rectinet import explaining
from rectinet.cli import _sources
from rectinet.cli._show import console
from rectinet.datasets.frame import Frame
from rectinet.explaining import Account
from rectinet.storage.atomic import write_atomically

MOST_EXAMPLES: Final = 100
DEFAULT_ROWS: Final = "1-3"  # fewer if there are fewer examples


def explain(
    model: Annotated[Path, typer.Argument(help="A model file written by `rectinet train`.")],
    data: Annotated[str, typer.Argument(help="Examples: a file, or the name of a data set, whose test part is used.")],
    rows: Annotated[
        str, typer.Option(metavar="ROWS", help='Examples to explain, counted from 1: "7", "1-3" or "2,5,9-12".')
    ] = DEFAULT_ROWS,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for a page, and images as PNG.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, help="Number of words or columns to list, largest contributions first.")
    ] = 10,
    image: Annotated[
        str | None, typer.Option(metavar="SHAPE", help="Shape of the inputs if they are images: 28x28, or 3x32x32.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help='Array or column with the targets, which is not an input; default: "y".')
    ] = None,
    text: Annotated[str | None, typer.Option(help='Column with raw texts; default: "text".')] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace existing files in the folder.")] = False,
) -> None:
    """Explain a saved network's predictions: the exact contribution of every word, column or pixel.

    Words are coloured, columns get bars, and images a heat map: blue is evidence for the prediction, orange against it.
    `--out` writes the same as a page, `index.html` in that folder, which opens offline.

    Examples:

    - `rectinet explain stars.safetensors reviews.jsonl --rows 1-5 --out why`

    - `rectinet explain houses.safetensors houses.csv --target price --rows 12`

    - `rectinet explain model.safetensors mnist --out why`
    """
    import rectinet

    page = None if out is None else out / "index.html"
    if page is not None and page.exists() and not force:
        raise ValueError(f"{page} already exists; choose another --out, or replace it with --force")
    loaded = rectinet.load(model)
    X, shape = _examples(loaded, data, target, text)
    if image is not None:
        shape = _shape(image)
    numbers = chosen(rows, X.n_rows if isinstance(X, Frame) else len(X) if isinstance(X, list) else X.shape[0])
    told = explaining.accounts(loaded, _some(X, numbers), numbers)
    if shape is not None:
        shape = explaining.check_shape(shape, told[0].inputs.size)
    explaining.show(console, told, most, shape)
    if out is None or page is None:
        return
    out.mkdir(parents=True, exist_ok=True)
    explaining.write_page(page, told, f"{model.name} on {Path(data).name}", most, shape)
    if shape is not None:
        _draw(out, told, shape)
    console.print(f"Open [bold]{page}[/]", soft_wrap=True)


def _examples(loaded: Any, data: str, target: str | None, text: str | None) -> tuple[Any, tuple[int, ...] | None]:
    """Inputs, and their image shape if the data set defines one."""
    if not _sources.is_named(data):
        return _sources.inputs(loaded, data, target, text), None
    dataset = _sources.named(data)
    return dataset.test.X, dataset.image_shape


def chosen(rows: str, n: int) -> list[int]:
    """The numbers in a list such as "2,5,9-12", each between 1 and n, without repetitions."""
    numbers: list[int] = []
    for part in rows.split(","):
        found = re.fullmatch(r"(\d{1,15})(?:-(\d{1,15}))?", part.strip())
        if found is None:
            raise ValueError(f'--rows takes numbers and ranges, such as "7", "1-3" or "2,5,9-12"; got {rows!r}')
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last:
            raise ValueError(f"--rows counts from 1 upward, and {part.strip()} does not")
        if last > n and (rows != DEFAULT_ROWS or n == 0):
            raise ValueError(f"--rows asks for example {last:,}, and there are {n:,}")
        if last - first >= MOST_EXAMPLES:
            raise ValueError(
                f"--rows asks for {last - first + 1:,} examples; explain at most {MOST_EXAMPLES} at a time"
            )
        numbers += [k for k in range(first, min(last, n) + 1) if k not in numbers]
    if len(numbers) > MOST_EXAMPLES:
        raise ValueError(f"--rows asks for {len(numbers):,} examples; explain at most {MOST_EXAMPLES} at a time")
    return numbers


def _some(X: Any, numbers: list[int]) -> Any:
    """The examples with these numbers, counted from 1."""
    places = [number - 1 for number in numbers]
    if isinstance(X, Frame):
        return X.take(np.array(places))
    return [X[i] for i in places] if isinstance(X, list) else X[places]


def _shape(typed: str) -> tuple[int, ...]:
    """28x28 as (28, 28)."""
    if not re.fullmatch(r"\d{1,6}(x\d{1,6}){1,2}", typed):
        raise ValueError(f"--image takes height x width, or channels x height x width, as 28x28; got {typed!r}")
    return tuple(map(int, typed.split("x")))


def _draw(folder: Path, told: list[Account], image_shape: tuple[int, ...]) -> None:
    """Write an image and its heat maps, one file for each example."""
    from rectinet import plots

    for account in told:
        maps = {f"{output.name}: {output.total:+.3g}": output.amounts for output in account.outputs}
        png = BytesIO()
        plots.heat_maps(account.inputs, maps, image_shape).savefig(png, format="png", dpi=120)
        write_atomically(folder / f"example-{account.number}.png", [png.getvalue()])


def register(app: typer.Typer) -> None:
    app.command("explain")(explain)
