"""scikit-learn's own tests of its multi-layer perceptron, run on rectinet's estimators; docs/peer-mlp.md is written.

    python -m benchmarks.peer_mlp

The tests are imported from the installed scikit-learn and are not copied. While they are imported, an adapter stands
in the place of MLPClassifier and of MLPRegressor: it takes their arguments and hands those that have a counterpart to
RectifierClassifier and RectifierRegressor. What came of every test is stated in `STATED`; the exit status is 1 where an
outcome, or the words of a failure, contradict it, and the page is then left as it was.
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
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Final

import pytest
import sklearn.neural_network
from sklearn.neural_network import MLPClassifier, MLPRegressor

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


# -- what came of every test, and why ----------------------------------------------------------------------------------

HOLDS: Final = "holds"
DOES_NOT: Final = "does not"
NO_COUNTERPART: Final = "has no counterpart"


@dataclass(frozen=True)
class Stated:
    """What the page says of a test.

    Parameters
    ----------
    verdict : str
    why : str
        A few plain words.
    words : tuple of str
        Of the failures' own words: every case that fails says one of them, and each of them is said.
    held : int, default=0
        Cases that hold all the same, where the test as a whole does not.
    """

    verdict: str
    why: str
    words: tuple[str, ...] = ()
    held: int = 0

    def contradictions(self, cases: Sequence[dict[str, str]]) -> list[str]:
        """What the cases of the test say otherwise."""
        failures = [case["words"] for case in cases if case["outcome"] != "passed"]
        found = [f"unexpected: {failure}" for failure in failures if not any(word in failure for word in self.words)]
        found += [f"no case failed with {word!r}" for word in self.words if not any(word in f for f in failures)]
        held = len(cases) - len(failures)
        if held != (len(cases) if self.verdict == HOLDS else self.held):
            found.append(f"{held} of {len(cases)} cases hold")
        return found


def holds(why: str) -> Stated:
    return Stated(HOLDS, why)


def does_not(why: str, *words: str, held: int = 0) -> Stated:
    return Stated(DOES_NOT, why, words, held)


def no_counterpart(why: str, *words: str) -> Stated:
    return Stated(NO_COUNTERPART, why, words)


NO_WARNING: Final = "type (<class 'sklearn.exceptions.ConvergenceWarning'>,) were emitted"
NO_LBFGS: Final = "the solver lbfgs and its `max_fun`"
NO_MULTILABEL: Final = "several labels per example are refused; MultiOutputClassifier fits one model for each"

STATED: Final = {
    "test_alpha": no_counterpart("the L2 penalty `alpha`; `activity_l1` is on units, not on weights", "np.False_"),
    "test_fit": no_counterpart(
        "weights set by hand before training, with `alpha`, and one output for two classes: `coefs_` is read-only, two "
        "classes have two outputs",
        "property 'coefs_' of 'RectifierClassifier' object has no setter",
    ),
    "test_gradient": no_counterpart("a private part: `_loss_grad_lbfgs`", "no attribute '_loss_grad_lbfgs'"),
    "test_lbfgs_classification": holds("digits above 0.95 with four kinds of unit, by plain descent"),
    "test_lbfgs_regression": does_not(
        "200 epochs of stochastic gradient descent fit 200 noisy examples less closely than lbfgs does: R² is 0.87 for "
        "logistic units, where the test demands more than 0.98",
        "assert 0.870",
    ),
    "test_lbfgs_classification_maxfun": no_counterpart(NO_LBFGS, NO_WARNING),
    "test_lbfgs_regression_maxfun": no_counterpart(NO_LBFGS, NO_WARNING),
    "test_learning_rate_warmstart": no_counterpart("a private part: `_optimizer`", "no attribute '_optimizer'"),
    "test_multilabel_classification": no_counterpart(NO_MULTILABEL, "MultiOutputClassifier"),
    "test_multioutput_regression": holds("five targets at once, R² above 0.9"),
    "test_partial_fit_classes_error": holds("other `classes` in a later call are refused"),
    "test_partial_fit_classification": holds("100 calls predict what one fit of 100 epochs predicts"),
    "test_partial_fit_unseen_classes": holds("a class listed at first may come later; texts as labels"),
    "test_partial_fit_regression": holds("100 calls predict what one fit of 100 epochs predicts; no momentum here"),
    "test_partial_fit_errors": no_counterpart(
        "the solver lbfgs, with which `partial_fit` would be missing; a class that is not listed is refused, as asked",
        "assert not True",
    ),
    "test_nonfinite_params": does_not(
        "a ValueError comes before training and in other words: such X is too large for float32",
        "Input X contains infinity or a value too large for dtype('float32')",
    ),
    "test_predict_proba_binary": holds("shape, order, logarithms; area under the curve 1"),
    "test_predict_proba_multiclass": holds("shape, order, logarithms"),
    "test_predict_proba_multilabel": no_counterpart(NO_MULTILABEL, "MultiOutputClassifier"),
    "test_shuffle": holds("the same seed gives the same weights; shuffling changes them"),
    "test_sparse_matrices": holds("the same predictions from dense and from CSR"),
    "test_tolerance": no_counterpart(
        "`tol`: without early stopping all epochs asked for are run", "assert 3000 > 3000"
    ),
    "test_verbose_sgd": does_not('progress is a bar that says "epoch"; the test looks for "Iteration"', "epoch 2/2"),
    "test_early_stopping": does_not(
        "both stop early, as they should; `best_loss_` is the lowest training loss, where the test expects None",
        ".best_loss_",
    ),
    "test_adaptive_learning_rate": no_counterpart(
        "`tol` and rates that adapt; then a private part, `_optimizer`", "assert 3000 > 3000"
    ),
    "test_warm_start": does_not(
        "a warm start on a subset of the known classes goes on with all of them, where the test expects an error",
        "DID NOT RAISE ValueError",
    ),
    "test_warm_start_full_iteration": holds("a warm start runs all its epochs"),
    "test_n_iter_no_change": no_counterpart(
        "a private part: `_no_improvement_count`", "no attribute '_no_improvement_count'"
    ),
    "test_n_iter_no_change_inf": no_counterpart(
        "a private part: `_no_improvement_count`; before that all 3,000 epochs are run, as asked",
        "no attribute '_no_improvement_count'",
    ),
    "test_early_stopping_stratified": does_not(
        "too few examples to hold some out are no error: a warning says so, and all epochs are run on all of them",
        "DID NOT RAISE ValueError",
    ),
    "test_mlp_early_stopping_string_labels": holds("texts as labels with early stopping; one finite score per epoch"),
    "test_mlp_classifier_dtypes_casting": holds("float32 and float64 X give the same classes and probabilities"),
    "test_mlp_regressor_dtypes_casting": holds(
        "trivially: on these unscaled pixels all three units die, with a warning, for both kinds of X"
    ),
    "test_mlp_param_dtypes": does_not(
        "it is computed in `dtype`, float32 unless said otherwise, not in the dtype of X; a regressor's predictions, "
        "in the units of y, are float64",
        "all([False, False, False])",
        "assert dtype('float64') == <class 'numpy.float32'>",
        held=1,
    ),
    "test_mlp_loading_from_joblib_partial_fit": holds("a regressor saved by joblib can be trained further"),
    "test_preserve_feature_names": does_not(
        "y has one class, which a classifier refuses; the regressor holds",
        "needs examples of at least 2 classes",
        held=1,
    ),
    "test_mlp_warm_start_with_early_stopping": holds("a warm start with more epochs has more validation scores"),
    "test_mlp_warm_start_no_convergence": no_counterpart(
        "a warning that all epochs were run: without `tol` that is what was asked for", NO_WARNING
    ),
    "test_mlp_partial_fit_after_fit": does_not(
        "`partial_fit` may follow any fit and holds nothing out; the test expects an error after early stopping",
        "DID NOT RAISE ValueError",
    ),
    "test_mlp_diverging_loss": does_not(
        "a DivergenceError with the history until then; the test expects a model of NaN",
        "DivergenceError: training diverged in epoch 1",
    ),
    "test_mlp_sample_weight_with_early_stopping": holds("weights of 1 change nothing"),
    "test_mlp_vs_poisson_glm_equivalent": no_counterpart("the Poisson loss", "NoCounterpartError: loss='poisson'"),
    "test_minimum_input_sample_size": does_not(
        "too few examples to hold some out are no error: a warning says so, and all epochs are run on all of them",
        "DID NOT RAISE ValueError",
    ),
}


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
