"""The experiments there are: modules that describe themselves and list their runs."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rectinet.study.errors import StudyError, UnknownExperiment
from rectinet.study.planned import Planned

HERE: Final = "rectinet.study.experiments"


@dataclass(frozen=True)
class Experiment:
    """A module whose docstring describes it and whose `runs(...)` lists it.

    Attributes
    ----------
    name : str
        As on the command line: "few-labels" of the module few_labels, or the whole name of a module elsewhere.
    module : str
    title, description : str
        First sentence of the docstring, and the rest of it.
    """

    name: str
    module: str
    title: str
    description: str

    def runs(self, budget: str, seeds: int | None = None, data: str | None = None) -> list[Planned]:
        """Its runs; it is given what it can take.

        Parameters
        ----------
        budget : {"quick", "standard", "paper"}
            An experiment that takes none has one size.
        seeds : int, optional
            How many; None: as many as the experiment has for the budget.
        data : str, optional
            Name of the data set in place of its own.

        Raises
        ------
        StudyError
            When seeds or data are given and the experiment has no choice of them.
        """
        listed: Callable[..., Iterable[Planned]] = import_module(self.module).runs
        taken = inspect.signature(listed).parameters
        wanted: dict[str, Any] = {"seeds": seeds, "data": data}
        given = {name: value for name, value in wanted.items() if value is not None}
        for name in given:
            if name not in taken:
                raise StudyError(f"the experiment {self.name} has no choice of {name}: leave --{name} out")
        if "budget" in taken:
            given["budget"] = budget
        return list(listed(**given))


def experiments() -> list[Experiment]:
    """Those of the study, by name; none is imported."""
    package = find_spec(HERE)
    assert package is not None
    modules = pkgutil.iter_modules(package.submodule_search_locations)
    names = sorted(module.name for module in modules if not module.name.startswith("_"))
    return [_described(name.replace("_", "-"), f"{HERE}.{name}") for name in names]


def experiment(name: str) -> Experiment:
    """One by name, or by the name of a module of your own: "my_package.my_experiment", or "mine" of a file mine.py.

    Raises
    ------
    UnknownExperiment
        Names the nearest.
    """
    known = {each.name: each for each in experiments()}
    wanted = name.replace("_", "-")
    if wanted in known:
        return known[wanted]
    module = name.removesuffix(".py")
    if _lists_runs(module):
        return _described(module, module)
    near = get_close_matches(wanted, known, n=1, cutoff=0.0)
    hint = f"did you mean {near[0]}? " if near else ""
    raise UnknownExperiment(f"there is no experiment {name!r}; {hint}rectinet study list shows all {len(known)}")


def _lists_runs(module: str) -> bool:
    """Whether there is such a module and it has the function; it is not imported."""
    try:
        found = find_spec(module)
    except (ImportError, ValueError):
        return False
    if found is None or found.origin is None or not found.origin.endswith(".py"):
        return False
    code = ast.parse(Path(found.origin).read_text())
    return any(isinstance(each, ast.FunctionDef) and each.name == "runs" for each in code.body)


def _described(name: str, module: str) -> Experiment:
    found = find_spec(module)
    assert found is not None
    assert found.origin is not None
    text = inspect.cleandoc(ast.get_docstring(ast.parse(Path(found.origin).read_text())) or name)
    title, _, rest = text.partition("\n\n")
    return Experiment(name, module, " ".join(title.split()), rest.strip())
