"""The command-line application: its subcommands and its error messages."""

from __future__ import annotations

import traceback
import warnings
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperGroup

from rectinet.datasets.errors import DataError
from rectinet.errors import DivergenceError
from rectinet.wording import written_by

BAD_INPUT: Final = 2  # exit code for errors the user can fix: a file, a name, an option
FAILED: Final = 1  # exit code when the input was valid but the work failed
INTERRUPTED: Final = 130  # exit code that shells expect after Ctrl-C

errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Commands(TyperGroup):
    """A group whose commands report expected errors in one sentence instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        with warnings.catch_warnings(), written_by(_option, _value):
            warnings.showwarning = _show_warning
            warnings.simplefilter("always", UserWarning)
            try:
                return super().invoke(ctx)
            except (DivergenceError, ImportError, MemoryError) as problem:
                raise _ended(ctx, problem, FAILED) from problem
            except (DataError, ValueError, OSError) as problem:
                raise _ended(ctx, problem, BAD_INPUT) from problem
            except KeyboardInterrupt as problem:
                raise _ended(ctx, "interrupted", INTERRUPTED) from problem
            except Exception as problem:
                if type(problem).__module__.startswith(("typer", "click")):  # typer handles usage errors and exits
                    raise
                raise _ended(ctx, _unforeseen(problem), FAILED) from problem


def _option(name: str, value: Any) -> str:
    """A parameter as a command-line option."""
    from rectinet.cli._options import FLAGS, written

    flag = FLAGS.get(name, (f"--{name.replace('_', '-')}",))[0]
    if value is None:
        return flag
    if isinstance(value, bool):
        return flag if value else f"--no-{flag.removeprefix('--')}"
    return f"{flag} {value:g}" if isinstance(value, float) else f"{flag} {written(value)}"


def _value(value: Any) -> str:
    """A value as typed on the command line; words in quotes."""
    from rectinet.cli._options import written

    return repr(value) if isinstance(value, str) else written(value)


def _ended(ctx: Any, problem: BaseException | str, code: int) -> typer.Exit:
    if ctx.params.get("traceback"):
        traceback.print_exc()
    else:
        errors.print("[bold red]Error:[/]", Text(_sentence(problem)))
    return typer.Exit(code)


def _unforeseen(problem: Exception) -> str:
    """The message for an unexpected error: a bug, which we ask users to report."""
    return (
        f"this should not have happened ({type(problem).__name__}: {problem}). Please report it, with what you typed "
        "and what `rectinet --traceback ...` shows"
    )


def _sentence(problem: BaseException | str) -> str:
    if isinstance(problem, OSError) and problem.filename and not isinstance(problem, DataError):
        return f"{problem.filename}: {problem.strerror}"  # without "[Errno 2]"
    if isinstance(problem, MemoryError) and "is not available" not in str(problem):
        return f"there is not enough memory ({problem or 'nothing more was said'}); take less at a time, or fewer units"
    return str(problem)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    errors.print("[bold yellow]Note:[/]", Text(str(message)))


def new_application() -> typer.Typer:
    """An application without subcommands; `rectinet.cli.main` handles --help, --version and unknown ones itself."""
    app = typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        rich_markup_mode="markdown",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def rectinet_command(
        traceback: Annotated[bool, typer.Option("--traceback", help="Show the full traceback of an error.")] = False,
    ) -> None:
        """Deep sparse rectifier networks: the weights of inactive units are never touched."""

    return app
