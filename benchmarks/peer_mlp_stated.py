"""What docs/peer-mlp.md says of each of scikit-learn's tests, and how outcomes are held against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

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
