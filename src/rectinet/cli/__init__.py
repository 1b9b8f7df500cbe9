"""The `rectinet` command: one module for each subcommand, imported only when that subcommand is used.

--help, --version and unknown subcommands are answered before any library is imported, because importing takes a second
or more.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import rectinet

if TYPE_CHECKING:
    import typer

COMMANDS: Final = {  # subcommand: its module and its summary
    "demo": ("rectinet.cli._demo", "Watch networks learn to read digits, and get a page to look at."),
    "train": ("rectinet.cli._train", "Train a network on a data set or on your own examples, and save it."),
    "predict": ("rectinet.cli._predict", "Predict with a saved network."),
    "inspect": ("rectinet.cli._inspect", "Look inside a saved network: layers, zeros, dead units."),
    "explain": ("rectinet.cli._explain", "Show what every word, column or pixel adds to a saved network's answers."),
    "prune": ("rectinet.cli._prune", "Remove the units of a saved network that are never active, or hardly ever."),
    "export": ("rectinet.cli._export", "Write a saved network as an ONNX file, for programs that serve models."),
    "bench": ("rectinet.cli._bench", "Time a training step on this machine, with and without skipping zeros."),
    "study": ("rectinet.cli._study", "Run the study's experiments, and show them beside the paper's numbers."),
    "data": ("rectinet.cli.data", "List, fetch, verify and show data sets."),
}
OPTIONS: Final = ("--help", "-h", "--version", "--traceback")


def main() -> None:
    """Run the `rectinet` command."""
    words = sys.argv[1:]
    command = next((word for word in words if not word.startswith("-")), None)
    before = words if command is None else words[: words.index(command)]
    unknown = next((word for word in before if word not in OPTIONS), None)
    if unknown is not None:
        _refuse("option", unknown, OPTIONS)
    if "--version" in before:
        print(f"rectinet {rectinet.__version__}")
    elif command is None or "--help" in before or "-h" in before:
        print(_help())
    elif command not in COMMANDS:
        _refuse("command", command, tuple(COMMANDS))
    else:
        from rectinet.cli._streams import make_tolerant

        make_tolerant()
        application(command)(prog_name="rectinet")


def application(*commands: str) -> typer.Typer:
    """The command-line application with the given subcommands, by default all."""
    from importlib import import_module

    from rectinet.cli._app import new_application

    app = new_application()
    for command in commands or COMMANDS:
        import_module(COMMANDS[command][0]).register(app)
    return app


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {command:<{width}}  {what}" for command, (_, what) in COMMANDS.items()]
    return "\n".join(
        [
            "Usage: rectinet [OPTIONS] COMMAND [ARGS]...",
            "",
            "Deep sparse rectifier networks: the weights of units that are off are never touched.",
            "Begin with: rectinet demo. Then: rectinet train digits, and your own data.",
            "",
            "Commands (each explains itself: rectinet train --help):",
            *lines,
            "",
            "Options:",
            "  --version    Show the version and exit.",
            "  --traceback  Show where in the code an error arose.",
            "  --help, -h   Show this and exit.",
        ]
    )


def _refuse(kind: str, word: str, known: tuple[str, ...]) -> None:
    """Exit with one sentence that suggests the nearest valid name."""
    from difflib import get_close_matches

    near = get_close_matches(word, known, 1)
    meant = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
    print(f"Error: rectinet has no {kind} {word!r}; {meant}", file=sys.stderr)
    raise SystemExit(2)


def __getattr__(name: str) -> Any:
    """The complete application as `app`, for embedding."""
    if name != "app":
        raise AttributeError(f"module 'rectinet.cli' has no attribute {name!r}")
    return application()
