"""Training options of the command line, taken from the estimator: its signature and docstring say everything once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

FLAGS: Final[dict[str, tuple[str, ...]]] = {  # shorter on the command line
    "random_state": ("--seed",),
    "n_threads": ("--threads",),
    "hidden_layer_sizes": ("--hidden", "--hidden-layer-sizes"),
}
OWN: Final = ("verbose",)  # the command decides


def training_options(estimator: type) -> list[inspect.Parameter]:
    """One typer option for each constructor parameter, in the same order; None stands for the estimator's default."""
    documented = parameter_docs(estimator)
    parameters = inspect.signature(estimator).parameters.values()
    return [_option(p, *documented.get(p.name, ("", ""))) for p in parameters if p.name not in OWN]


def _option(parameter: inspect.Parameter, kind: str, text: str) -> inspect.Parameter:
    name, default = parameter.name, parameter.default
    shown: dict[str, Any] = {"show_default": False, "rich_help_panel": "Training"}
    if isinstance(default, bool):
        flag = name.replace("_", "-")
        option = typer.Option(f"--{flag}/--no-{flag}", help=f"{text} Default: {'on' if default else 'off'}.", **shown)
        return inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[bool | None, option]
        )
    choices = re.findall(r'"([^"]+)"', kind.partition("default=")[0])
    if choices:
        text = f"One of {', '.join(choices)}. {text}"
    if default is not None and default != ():
        text += f" Default: {written(default)}."
    option = typer.Option(
        *FLAGS.get(name, ("--" + name.replace("_", "-"),)),
        parser=_reader(tuple(choices)),
        metavar="NAME" if choices else _metavar(kind),
        help=text,
        **shown,
    )
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[Any, option])


@dataclass(frozen=True)
class Typed:
    """A value from the command line, which may be None: without this it would look like one that was not typed."""

    value: Any


def _reader(choices: tuple[str, ...]) -> Callable[[str], Typed]:
    """What turns an option's text into its value; one of its choices stays text, also "none"."""

    def read(text: str) -> Typed:
        return Typed(value(text, choices))

    return read


def _metavar(kind: str) -> str:
    if kind.startswith("path"):
        return "FILE"
    number = "INT" if re.search(r"\bint\b", kind) else "NUMBER"
    return f"{number},..." if "sequence" in kind else number


def value(text: str, choices: tuple[str, ...] = ()) -> Any:
    """A value as Python would write it, minus quotes and brackets: "500,500", "none", "0.1", "tanh"."""
    text = text.strip()
    if text in choices:
        return text
    if text in ("none", "None"):
        return None
    if text in ("", "()"):
        return ()
    if "," in text:
        return tuple(value(part, choices) for part in text.strip("()[]").split(",") if part.strip())
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def written(default: Any) -> str:
    """The inverse of `value`."""
    return ",".join(map(str, default)) if isinstance(default, (tuple, list)) else str(default)


def given(options: dict[str, Any]) -> dict[str, Any]:
    """The constructor parameters that were typed; all others keep the estimator's defaults."""
    typed = {name: choice for name, choice in options.items() if choice is not None}
    return {name: choice.value if isinstance(choice, Typed) else choice for name, choice in typed.items()}


def parameter_docs(estimator: type) -> dict[str, tuple[str, str]]:
    """Type and description of every parameter in a numpydoc docstring."""
    lines = inspect.getdoc(estimator) or ""
    found = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+\n|\Z)", lines, re.M | re.S)
    entries: dict[str, tuple[str, str]] = {}
    if not found:
        return entries
    for entry in re.split(r"\n(?=\S)", found.group(1)):
        head, _, body = entry.partition("\n")
        names, _, kind = head.partition(" : ")
        for name in names.split(","):
            entries[name.strip()] = (kind.strip(), " ".join(body.split()))
    return entries


def with_options(command: Callable[..., None], options: list[inspect.Parameter]) -> Callable[..., None]:
    """Give a command that takes ``**options`` the signature that typer reads."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    shown = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own] + options
    command.__signature__ = signature.replace(parameters=shown)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in shown} | {"return": None}
    return command
