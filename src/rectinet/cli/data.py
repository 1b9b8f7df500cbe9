"""`rectinet data`: list, download, check and show data sets."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn
from rich.table import Table

from rectinet.datasets._files import data_homes, locate
from rectinet.datasets.registry import ENTRIES, Entry, entry, load

app = typer.Typer(
    no_args_is_help=True,
    help="Data sets: **list** them, **fetch** them, **verify** the files, **show** images, **make** new ones. Files "
    "are searched in $RECTINET_DATA, then in the cache ($RECTINET_CACHE or your platform's cache folder); your "
    "own copies are used as they are, plain or .gz.",
    rich_markup_mode="markdown",
)
console = Console(highlight=False)
WIDE = 130  # terminal width from which six columns are readable

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A name from **rectinet data list**.")]
HomeOption = Annotated[
    Path | None, typer.Option("--data-home", help="Folder of data sets, instead of $RECTINET_DATA and the cache.")
]


class Generated(StrEnum):
    NISTP = "nistp"
    P07 = "p07"


@app.command("list")
def list_data(data_home: HomeOption = None) -> None:
    """List every data set: contents, size, licence, whether its files are found, and its source.

    "fetch" means that **rectinet data fetch NAME** downloads it; "by hand" that its authors want you to download it
    yourself, to where **rectinet data path NAME** says.
    """
    console.print(_wide(data_home) if console.width >= WIDE else _narrow(data_home))


def _wide(data_home: Path | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "what", "size", "licence", "here", "from"):
        table.add_column(heading, no_wrap=heading in ("name", "size", "here"), overflow="fold")
    for each in ENTRIES:
        table.add_row(each.name, each.what, each.size, each.licence, _presence(each, data_home), each.source)
    return table


def _narrow(data_home: Path | None) -> Table:
    """The same table in three columns."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("name: what; licence; from")
    for heading in ("size", "here"):
        table.add_column(heading, no_wrap=True)
    for each in ENTRIES:
        said = f"[bold]{each.name}[/]: {escape(each.what)}\n[dim]{escape(f'{each.licence}; {each.source}')}[/]"
        table.add_row(said, each.size, _presence(each, data_home), end_section=True)
    return table


@app.command()
def fetch(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Names from **rectinet data list**.")],
    data_home: Annotated[
        Path | None, typer.Option("--data-home", help="Folder to download to, instead of the cache.")
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Replace files that exist.")] = False,
) -> None:
    """Download data sets into the cache, trying their mirrors in turn.

    Interrupted downloads are resumed. A file gets its final name only when it is complete and its checksum is right, so
    you can stop at any time, and two such commands may run at once.
    """
    from rectinet.datasets.fetch import fetch as fetch_data

    for name in names:
        entry(name)  # all the names are checked before the first download
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), console=console
    )
    with bar:
        tasks: dict[str, TaskID] = {}

        def progress(file: str, so_far: int, in_all: int | None) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(file, total=in_all)
            bar.update(tasks[file], completed=so_far, total=in_all)

        for name in names:
            for path in fetch_data(name, data_home=data_home, again=again, progress=progress):
                console.print(f"{name}: {path}", soft_wrap=True)


@app.command()
def verify(name: NameArgument, data_home: HomeOption = None) -> None:
    """Check the files of a data set: known checksums, and the format of every byte.

    On an error, names the first bad file and ends with exit code 2.
    """
    from rectinet.datasets.fetch import DOWNLOADS, check_md5

    for download in DOWNLOADS.get(name, ()):
        path = locate(download.target.removesuffix(".gz"), data_home)
        if path and download.checked == "content":
            check_md5(path, download.md5, "content", f"`rectinet data fetch {name} --again` replaces it")
            console.print(f"{path}: checksum right", soft_wrap=True)
    data = load(name, data_home=data_home)
    sizes = " / ".join(f"{len(split):,}" for split in (data.train, data.valid, data.test))
    unlabeled = "" if data.unlabeled is None else f", {data.unlabeled.shape[0]:,} unlabelled"
    console.print(
        f"{name}: every file reads well; {sizes}{unlabeled}, {data.train.X.shape[1]:,} inputs", soft_wrap=True
    )


@app.command()
def show(
    name: NameArgument,
    out: Annotated[Path | None, typer.Option("--out", help="The PNG file to write; default: NAME.png.")] = None,
    data_home: HomeOption = None,
) -> None:
    """Write a contact sheet, the first images of every class in one PNG. Look at your data before you train."""
    from rectinet.datasets.contact import write_contact_sheet

    path = write_contact_sheet(load(name, data_home=data_home), out or Path(f"{name}.png"))
    console.print(f"{name}: {path}", soft_wrap=True)


@app.command()
def path(name: NameArgument, data_home: HomeOption = None) -> None:
    """Print where the files of a data set are, and where to put missing ones."""
    found = entry(name)
    if not found.files:
        console.print(f"{name} needs no file")
        return
    for file in found.wanted(data_home):
        print(locate(file, data_home) or f"missing: {data_homes(data_home)[0] / file}")
    if found.missing(data_home):
        raise typer.Exit(1)


@app.command()
def make(
    kind: Annotated[Generated, typer.Argument(help="**nistp**: five deformations; **p07**: all thirteen.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Number of images.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for the idx files.")],
    seed: Annotated[int, typer.Option(help="Random seed; the same seed makes the same images.")] = 0,
    fonts: Annotated[
        Path | None, typer.Option(help="Folder of font files; default: the fonts of this machine.")
    ] = None,
) -> None:
    """Generate deformed characters and write them as idx files, the format of MNIST."""
    from rectinet.datasets.nistp.writer import write_idx

    write_idx(kind.value, n, out, seed, fonts)
    console.print(f"{kind.value}: {n:,} pictures in {out}", soft_wrap=True)


def _presence(found: Entry, data_home: Path | None) -> str:
    from rectinet.datasets.fetch import DOWNLOADS

    if not found.files or not found.missing(data_home):
        return "yes"
    return "fetch" if found.name in DOWNLOADS else "by hand"


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="data")
