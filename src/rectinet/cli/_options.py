"""Training options of the command line, made from the table of parameters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import Field, dataclass
from functools import wraps
from typing import Annotated, Any, Final

import typer
from typer.core import TyperOption

from rectinet.runs.parameters import HELP, RULE, SoftmaxParameters, table
from rectinet.suggestion import OTHER_NAMES

FLAGS: Final[dict[str, tuple[str, ...]]] = {  # parameters with other names on the command line
    "random_state": ("--seed",),
    "n_threads": ("--threads",),
    "hidden_layer_sizes": ("--hidden", "--hidden-layer-sizes"),
    "learning_rate": ("--learning-rate", "--lr"),
    "max_epochs": ("--max-epochs", "--epochs"),
    "X_val": ("--validation",),
    "X_unlabeled": ("--unlabeled",),
}
# Options shown by `--help`; `--help-all` shows all.
FIRST: Final = ("hidden_layer_sizes", "learning_rate", "max_epochs", "scaling")
OWN: Final = ("verbose",)  # set by the command itself


def training_options() -> list[inspect.Parameter]:
    """One typer option for each parameter of a classifier; None means the estimator's default."""
    return [_option(name, entry) for name, entry in table(SoftmaxParameters).items() if name not in OWN]


def _option(name: str, entry: Field[Any]) -> inspect.Parameter:
    rule, text, default = entry.metadata[RULE], _as_typed(entry.metadata[HELP]), entry.default
    shown: dict[str, Any] = {"show_default": False, "rich_help_panel": "Training", "hidden": name not in FIRST}
    flag = name.replace("_", "-")
    kind: Any = Any
    if not rule.metavar or isinstance(default, bool):
        kind, usual = bool | None, ("off", "on")[default] if isinstance(default, bool) else default
        option = typer.Option(f"--{flag}/--no-{flag}", help=f"{text} Default: {usual}.", **shown)
    else:
        words = f" One of {', '.join(rule.choices)}." if len(rule.choices) > 1 else ""
        words = f' Or "{rule.choices[0]}".' if len(rule.choices) == 1 else words
        usual = f" Default: {written(default)}." if default is not None and default != () else ""
        parser = _reader(rule.choices)
        names = FLAGS.get(name, (f"--{flag}",))
        option = typer.Option(*names, parser=parser, metavar=rule.metavar, help=f"{text}{words}{usual}", **shown)
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, option])


def _as_typed(text: str) -> str:
    """A sentence about parameters, with their names as options."""
    for name in table(SoftmaxParameters):
        flag = FLAGS.get(name, (f"--{name.replace('_', '-')}",))[0]
        text = re.sub(rf'\b{name}="(\w+)"', rf"{flag} \1", text)
        if "_" in name:
            text = re.sub(rf"\b{name}\b", flag, text)
    return text.replace("None:", "none:").replace("None means", "none means")


@dataclass(frozen=True)
class Typed:
    """A value from the command line, wrapped so that a typed None differs from an option that was not given."""

    value: Any


def _reader(choices: tuple[str, ...]) -> Callable[[str], Typed]:
    """The parser of an option's text; one of its choices stays text, even "none"."""

    def read(text: str) -> Typed:
        return Typed(value(text, choices))

    return read


def value(text: str, choices: tuple[str, ...] = ()) -> Any:
    """The value of a text such as "500,500", "none", "0.1" or "yes:5,no:1": as in Python, minus quotes and brackets."""
    text = text.strip()
    if text in choices:
        return text
    if OTHER_NAMES.get(text.lower()) in choices:
        return OTHER_NAMES[text.lower()]
    if text in ("none", "None"):
        return None
    if text in ("", "()"):
        return ()
    if ":" in text and (weights := _weights(text)):
        return weights
    if "," in text:
        return tuple(value(part, choices) for part in text.strip("()[]").split(",") if part.strip())
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _weights(text: str) -> dict[Any, float] | None:
    """Class weights such as yes:5,no:1; None for any other text, such as a device or a path."""
    pairs = [part.rpartition(":") for part in text.strip("{}").split(",")]
    try:
        return {value(name.strip(" '\"")): float(weight) for name, _, weight in pairs if name or weight}
    except ValueError:
        return None


def written(default: Any) -> str:
    """The inverse of `value`."""
    if isinstance(default, dict):
        return ",".join(f"{name}:{part}" for name, part in default.items())
    return ",".join(map(str, default)) if isinstance(default, (tuple, list)) else str(default)


def typed(options: dict[str, Any]) -> dict[str, Any]:
    """The parameters given on the command line; all others keep the estimator's defaults."""
    chosen = {name: choice for name, choice in options.items() if choice is not None}
    return {name: choice.value if isinstance(choice, Typed) else choice for name, choice in chosen.items()}


def with_options(command: Callable[..., None], options: list[inspect.Parameter]) -> Callable[..., None]:
    """A command with ``**options``, given the signature that typer reads."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    shown = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + options

    @wraps(command)
    def with_all(**given: Any) -> None:
        command(**given)

    with_all.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    with_all.__annotations__ = {p.name: p.annotation for p in shown} | {"return": None}
    return with_all


def help_all(context: typer.Context, wanted: bool) -> None:
    """Print the help with every option."""
    if not wanted:
        return
    for parameter in context.command.params:
        if isinstance(parameter, TyperOption):
            parameter.hidden = False
    typer.echo(context.get_help())
    raise typer.Exit
