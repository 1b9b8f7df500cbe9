"""`rectinet export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rectinet.cli._show import console, size


def export(
    model: Annotated[Path, typer.Argument(help="A model file written by `rectinet train`.")],
    out: Annotated[Path, typer.Argument(help="The .onnx file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a saved model as an ONNX file, for onnxruntime and other programs that serve models.

    The file includes scaling and the encoding of texts and tables; docs/serving.md describes inputs and outputs.

    Example:

    - `rectinet export model.safetensors model.onnx`
    """
    import rectinet
    from rectinet.estimators._exportable import Exportable
    from rectinet.estimators._raw import RawModel

    if out.suffix != ".onnx":
        raise ValueError(f"{out} must end in .onnx, the one format there is")
    if out.exists() and not force:
        raise ValueError(f"{out} already exists; choose another file, or replace it with --force")
    loaded = rectinet.load(model)
    if not isinstance(loaded, Exportable | RawModel):
        raise ValueError(f"{model} holds a {type(loaded).__name__}, whose codes cannot be exported, only predictions")
    loaded.to_onnx(out)
    console.print(f"Wrote [bold]{out}[/] ({size(out.stat().st_size)})", soft_wrap=True)


def register(app: typer.Typer) -> None:
    app.command("export")(export)
