"""scikit-learn's own tests of its multi-layer perceptron, run on rectinet's estimators; docs/peer-mlp.md is written.

    python -m benchmarks.peer_mlp

The tests are imported from the installed scikit-learn and are not copied. While they are imported, an adapter stands
in the place of MLPClassifier and of MLPRegressor: it takes their arguments and hands those that have a counterpart to
RectifierClassifier and RectifierRegressor. What came of every test is stated in `peer_mlp_stated`; the exit status is 1
where an outcome, or the words of a failure, contradict it, and the page is then left as it was.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
import sklearn.neural_network
from sklearn.neural_network import MLPClassifier, MLPRegressor

from benchmarks.peer_mlp_stated import DOES_NOT, HOLDS, NO_COUNTERPART, STATED
from rectinet import RectifierClassifier, RectifierRegressor

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "peer-mlp.md"
MODULE: Final = "sklearn.neural_network.tests.test_mlp"

# -- the adapter -------------------------------------------------------------------------------------------------------

ACTIVATIONS: Final = {"identity": "linear", "relu": "rectifier"}  # the others have the same name in both
SAME: Final = ("hidden_layer_sizes", "shuffle", "early_stopping", "validation_fraction", "warm_start")
ATTRIBUTES: Final[dict[str, Callable[[Any], Any]]] = {  # what the perceptron calls by a name of its own
    "n_layers_": lambda ours: len(ours.network_.layers) + 1,
    "n_outputs_": lambda ours: ours.network_.layers[-1].n_out,
    "validation_scores_": lambda ours: scores(ours),
    "best_validation_score_": lambda ours: None if scores(ours) is None else max(scores(ours)),
}


class NoCounterpartError(Exception):
    """An argument that asks for another model."""


def translated(asked: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an estimator of ours that a perceptron's arguments ask for."""
    if asked.get("loss", "squared_error") != "squared_error":
        raise NoCounterpartError(f"loss={asked['loss']!r}")
    ours = {name: asked[name] for name in SAME}
    ours["activation"] = ACTIVATIONS.get(asked["activation"], asked["activation"])
    ours["max_epochs"] = asked["max_iter"]
    ours["patience"] = min(asked["n_iter_no_change"], asked["max_iter"])  # the perceptron's may be infinite
    ours["verbose"] = int(bool(asked["verbose"]))
    ours["random_state"] = 0 if asked["random_state"] is None else asked["random_state"]
    if asked["learning_rate_init"] != 0.001:
        ours["learning_rate"] = asked["learning_rate_init"]
    if asked["batch_size"] != "auto":
        ours["batch_size"] = asked["batch_size"]
    return ours


def scores(ours: Any) -> list[float] | None:
    """1 - validation error of every epoch: the accuracy of a classifier, about R^2 of a regressor."""
    errors = [entry.get("validation_error") for entry in ours.history_]
    return None if None in errors else [1 - error for error in errors]


class Adapter:
    """A perceptron's arguments and names outside, an estimator of ours inside."""

    ours: ClassVar[type]
    theirs: ClassVar[type]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = inspect.signature(self.theirs).bind(*args, **kwargs)
        given.apply_defaults()
        vars(self)["asked"] = dict(given.arguments)
        vars(self)["estimator"] = self.ours(**translated(self.asked))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or "estimator" not in vars(self):  # while it is unpickled
            raise AttributeError(name)
        if name in self.asked:
            return self.asked[name]
        return ATTRIBUTES[name](self.estimator) if name in ATTRIBUTES else getattr(self.estimator, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.estimator, name, value)

    def set_params(self, **changes: Any) -> Adapter:
        self.asked.update(changes)
        self.estimator.set_params(**translated(self.asked))
        return self

    def fit(self, X: Any, y: Any, **more: Any) -> Adapter:
        self.estimator.fit(X, y, **more)
        return self

    def partial_fit(self, X: Any, y: Any, **more: Any) -> Adapter:
        self.estimator.partial_fit(X, y, **more)
        return self


class ClassifierAdapter(Adapter):
    ours, theirs = RectifierClassifier, MLPClassifier


class RegressorAdapter(Adapter):
    ours, theirs = RectifierRegressor, MLPRegressor


# -- running the tests: in the process of `outcomes`, this module is a plugin of pytest --------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--outcomes", help="the file that a line is added to for every case")


def pytest_configure() -> None:
    sklearn.neural_network.MLPClassifier = ClassifierAdapter
    sklearn.neural_network.MLPRegressor = RegressorAdapter


def pytest_collection_finish() -> None:
    sklearn.neural_network.MLPClassifier = MLPClassifier
    sklearn.neural_network.MLPRegressor = MLPRegressor


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call" or not report.passed:
        words = f"{call.excinfo.typename}: {call.excinfo.value}" if call.excinfo else ""
        case = {"test": item.originalname, "outcome": report.outcome, "words": words}
        with open(item.config.getoption("--outcomes"), "a", encoding="utf-8") as file:
            file.write(json.dumps(case) + "\n")
    return report


# -- the page ----------------------------------------------------------------------------------------------------------

Cases = dict[str, list[dict[str, str]]]


def outcomes(names: Iterable[str] = ()) -> Cases:
    """The cases of every test, in the order of the file; of these tests only, where names are given.

    Raises
    ------
    RuntimeError
        When pytest could not run them.
    """
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "outcomes.jsonl"
        ours = ["-p", "benchmarks.peer_mlp", "--outcomes", str(found)]
        plain = ["-c", os.devnull, "--rootdir", folder, "-p", "no:cacheprovider", "-q"]
        tests = [f"{MODULE}::{name}" for name in names] or [MODULE]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "SKLEARN_"))}
        command = [sys.executable, "-m", "pytest", *plain, *ours, "--pyargs", *tests]
        environment = kept | {"PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            raise RuntimeError(f"pytest could not run the tests\n{ran.stdout}{ran.stderr}")
        cases: Cases = {}
        for line in found.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            cases.setdefault(case["test"], []).append(case)
    return cases


def contradictions(cases: Cases) -> list[str]:
    """Where outcomes are not what is stated, one sentence each."""
    found = [f"{name}: nothing is stated of it" for name in cases if name not in STATED]
    for name, of_test in cases.items():
        found += [f"{name}: {what}" for what in (STATED[name].contradictions(of_test) if name in STATED else ())]
    return found


INTRODUCTION: Final = """\
# scikit-learn's tests of its perceptron

Written by `python -m benchmarks.peer_mlp`; do not edit. When a test has another outcome than the one stated here, the
command writes nothing and exits with status 1.

It runs `{module}` of the installed scikit-learn {sklearn} on rectinet {rectinet}. An adapter
takes the place of `MLPClassifier` and `MLPRegressor` and passes their arguments on to `RectifierClassifier` and
`RectifierRegressor`:

- `hidden_layer_sizes`, `shuffle`, `early_stopping`, `validation_fraction` and `warm_start` as they are; `activation`
  with "relu" for "rectifier" and "identity" for "linear"; `max_iter` as `max_epochs`; `n_iter_no_change` as `patience`;
  `verbose` as 0 or 1; `learning_rate_init` and `batch_size` where a test gives them, else rectinet's defaults.
- `solver`, `alpha`, `tol`, `learning_rate`, `momentum` and the other arguments have no counterpart and are left out: it
  is always plain stochastic gradient descent. The adapter refuses the Poisson loss.
- `random_state=None` becomes 0, so that the page is the same every time.
- `validation_scores_` and `best_validation_score_` are read from `history_` (1 - validation error), `n_layers_` and
  `n_outputs_` from `network_`; all other attributes and methods are the estimator's own.

A test *holds* when all of its cases pass. It *has no counterpart* when it tests a feature that rectinet does not have
(named in the last column) or a private part of the perceptron. It *does not* hold when rectinet behaves differently.
"""


def page(cases: Cases) -> str:
    """The page that these outcomes make."""
    versions = {"rectinet": metadata.version("rectinet"), "sklearn": metadata.version("scikit-learn")}
    counts = [["outcome", "tests", "cases", "cases that pass"], ["---"] * 4]
    for verdict in (HOLDS, DOES_NOT, NO_COUNTERPART):
        counts.append([verdict, *counted([cases[name] for name in cases if STATED[name].verdict == verdict])])
    counts.append(["all", *counted(list(cases.values()))])
    listed = [["test", "outcome", "cases that pass", "why"], ["---"] * 4, *(row(name, cases[name]) for name in cases)]
    return "\n".join([INTRODUCTION.format(module=MODULE, **versions), table(counts), "", table(listed), ""])


def row(name: str, of_test: Sequence[dict[str, str]]) -> list[str]:
    """What the page says of one test."""
    _, n_cases, n_passed = counted([of_test])
    return [f"`{name}`", STATED[name].verdict, f"{n_passed} of {n_cases}", STATED[name].why]


def counted(tests: Sequence[Sequence[dict[str, str]]]) -> list[str]:
    """How many tests, cases, and cases that pass."""
    every = [case for of_test in tests for case in of_test]
    return [str(len(tests)), str(len(every)), str(sum(case["outcome"] == "passed" for case in every))]


def table(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    cases = outcomes()
    found = contradictions(cases) + [f"{name}: there is no such test any more" for name in STATED if name not in cases]
    for sentence in found:
        print(sentence, file=sys.stderr)
    if found:
        sys.exit(1)
    PAGE.write_text(page(cases), encoding="utf-8")
    verdicts = Counter(STATED[name].verdict for name in cases)
    print(f"{PAGE.relative_to(ROOT)}: {', '.join(f'{count} {verdict}' for verdict, count in verdicts.items())}")


if __name__ == "__main__":
    main()
