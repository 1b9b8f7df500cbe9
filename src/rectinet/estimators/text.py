"""Models of raw texts: a bag of words and a rectifier network, fitted and saved as one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, clone
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from rectinet.arrays import Array
from rectinet.datasets.text import N_WORDS
from rectinet.encoders import BagOfWords
from rectinet.estimators._explainable import Method
from rectinet.estimators._files import fits_together
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.rating import RatingRegressor
from rectinet.estimators.regressor import RectifierRegressor
from rectinet.estimators.semisupervised import SemiSupervisedClassifier
from rectinet.inside.explanation import Explanation
from rectinet.inside.pruning import Pruning
from rectinet.inside.sparsity import SparsityReport
from rectinet.storage import Model, save_model
from rectinet.targets import ReadTargets, Task, checked_task, read_targets

Texts = Sequence[str]
Estimator = RectifierClassifier | RatingRegressor | RectifierRegressor

ESTIMATORS: Final[dict[Task, type[Estimator]]] = {
    "classify": RectifierClassifier,
    "rate": RatingRegressor,
    "regress": RectifierRegressor,
}
FIRST_EPOCHS: Final = 4
UPPER_EPOCHS: Final = 3
LINEAR_RATE: Final = 0.01
FINE_TUNING_RATE: Final = 0.001  # lowest error on reviews kept apart; higher rates end too early to be stopped well


def text_estimator(task: Task, **params: Any) -> Estimator:
    """An estimator with the defaults for binary bags of words, where `params` do not say otherwise.

    They are what worked on 75,000 film reviews with 1,000 to 10,000 rated ones; docs/text.md gives the reasons.
    """
    sizes = params.get("hidden_layer_sizes", (1000, 1000, 1000))
    n_hidden = len(sizes) if isinstance(sizes, Sequence) else 1
    return ESTIMATORS[task](**{**text_defaults(n_hidden), **params})


def text_defaults(n_hidden: int) -> dict[str, Any]:
    """Parameters for binary bags of words, wherever they differ from the estimators' own defaults."""
    if n_hidden == 0:
        return {"learning_rate": LINEAR_RATE}
    return {
        "pretrain_epochs": (FIRST_EPOCHS, *[UPPER_EPOCHS] * (n_hidden - 1)),
        "pretrain_learning_rate": 0.01,
        "pretrain_batch_size": 10,
        "pretrain_decay_from": 0.5,
        "corruption": "salt_and_pepper",  # the layers above the first take masking
        "corruption_level": (0.5, 0.5, *[0.3] * n_hidden)[:n_hidden],
        "reconstruction": "sigmoid",
        "tied": True,
        "output_init": "zeros",
        "learning_rate": FINE_TUNING_RATE,
    }


@dataclass(frozen=True)
class FittedText:
    """What a fit leaves: both parts belong together and are swapped in together."""

    estimator: Any
    bag: BagOfWords


class TextModel(BaseEstimator):  # type: ignore[misc]
    """A rectifier network on the binary bag of the most frequent words; it takes and keeps raw text.

    Parameters
    ----------
    estimator : RectifierClassifier, RatingRegressor, RectifierRegressor, SemiSupervisedClassifier or None, default=None
        What learns from the bags; it is cloned. None chooses by `task`, with the parameters of `text_estimator`.
    n_words : int, default=5000
        Size of the vocabulary: the words found in most training texts, labelled or not.
    task : {"classify", "rate", "regress"} or None, default=None
        What the targets are: classes, ratings (stars, grades: the expected one is predicted) or values. None reads it
        from `estimator`, else from the targets: names, booleans and up to 20 distinct whole numbers are classes, other
        numbers are values, and ratings are never guessed. Set it (or `estimator`) for scikit-learn's tools that ask
        before `fit` whether a model classifies: scorers, stratified folds, calibration, stacking.

    Attributes
    ----------
    estimator_ : fitted estimator
        Has `history_`, `network_`, `classes_` and so on.
    bag_ : BagOfWords
        The vocabulary and the vectoriser's settings; ``bag_.bags(texts)`` is what the network sees.

    Examples
    --------
    >>> from rectinet import TextModel, load
    >>> model = TextModel(task="rate").fit(reviews, stars, X_unlabeled=more_reviews)  # doctest: +SKIP
    >>> model.save("stars.safetensors")  # doctest: +SKIP
    >>> load("stars.safetensors").predict(["Not one dull minute."])  # doctest: +SKIP
    """

    _fitted: FittedText | None = None

    def __init__(self, estimator: Estimator | None = None, n_words: int = N_WORDS, *, task: Task | None = None) -> None:
        self.estimator = estimator
        self.n_words = n_words
        self.task = task

    def fit(
        self,
        X: Texts,
        y: Sequence[Any] | NDArray[Any],
        sample_weight: ArrayLike | None = None,
        X_val: Texts | None = None,
        y_val: ArrayLike | None = None,
        X_unlabeled: Texts | None = None,
    ) -> Self:
        """Learn the vocabulary, pre-train on all texts, fine-tune on the labelled ones.

        Parameters
        ----------
        X : sequence of str, n_samples of them
        y : sequence of n_samples targets
            None, NaN, NA or blank where there is none (with a `SemiSupervisedClassifier` also -1): such a text is used
            as an unlabelled one.
        sample_weight : array-like of shape (n_samples,), optional
        X_val, y_val : optional
            Texts to validate on; they do not enter the vocabulary.
        X_unlabeled : sequence of str, optional
            Texts for the vocabulary and for pre-training.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            For what is no list of texts, an empty text, no labelled text, targets that are not of one kind, or
            whatever the estimator refuses.

        Warns
        -----
        UserWarning
            When three or more distinct whole numbers were read as classes, or over 20 as values, without `task`.
        """
        texts, more = _checked(X, "X"), _checked(X_unlabeled, "X_unlabeled") if X_unlabeled is not None else []
        task = self._known_task()
        read = self._read(y, task)
        if len(read.labelled) != len(texts):
            raise ValueError(
                f"X holds {len(texts)} texts and y {len(read.labelled)} targets; there must be one for each"
            )
        if sample_weight is not None:
            check_consistent_length(texts, sample_weight)
        if (X_val is None) != (y_val is None):
            raise ValueError(f"X_val and y_val go together; {'X_val' if X_val is None else 'y_val'} is missing")
        if not (isinstance(self.n_words, int | np.integer) and self.n_words >= 1):
            raise ValueError(f"n_words must be an integer of at least 1; got {self.n_words!r}")
        estimator = text_estimator(read.task) if self.estimator is None else clone(self.estimator)
        validation = self._validation(X_val, y_val, read.task)
        bag, bags = BagOfWords.fit([*texts, *more], self.n_words)
        labelled = read.labelled
        others = np.append(~labelled, np.ones(len(more), dtype=bool)).nonzero()[0]
        estimator.fit(
            bags[np.flatnonzero(labelled)],
            read.targets,
            sample_weight=None if sample_weight is None else np.asarray(sample_weight)[labelled],
            X_val=None if validation is None else bag.bags(validation[0]),
            y_val=None if validation is None else validation[1],
            X_unlabeled=bags[others] if len(others) else None,
        )
        if task is None and read.note is not None and read.doubtful:
            warnings.warn(read.note, UserWarning, stacklevel=2)
        self._fitted = FittedText(estimator, bag)
        return self

    @property
    def estimator_(self) -> Any:
        """The fitted estimator behind the bag of words."""
        return self._part().estimator

    @property
    def bag_(self) -> BagOfWords:
        """The vocabulary and the vectoriser's settings."""
        return self._part().bag

    def predict(self, X: Texts) -> NDArray[Any]:
        """Classes, expected ratings or values of texts, shape (n_samples,)."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.predict(bags))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Texts) -> NDArray[np.float64]:
        """Class probabilities, shape (n_samples, n_classes)."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.predict_proba(bags))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def predict_log_proba(self, X: Texts) -> NDArray[np.float64]:
        """Logarithms of the class probabilities, shape (n_samples, n_classes)."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.predict_log_proba(bags))

    @available_if(lambda self: self._is_classifier())  # type: ignore[untyped-decorator]
    def decision_function(self, X: Texts) -> Array:
        """Logits, shape (n_samples, n_classes); of two classes their difference, shape (n_samples,)."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.decision_function(bags))

    @available_if(lambda self: self._is_rating())  # type: ignore[untyped-decorator]
    def class_probabilities(self, X: Texts) -> NDArray[np.float64]:
        """Probabilities of the ratings, shape (n_samples, n_classes)."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.class_probabilities(bags))

    @property
    def classes_(self) -> NDArray[Any]:
        """The classes, or the ratings, ascending."""
        classes: NDArray[Any] = self._part().estimator.classes_
        return classes

    def score(self, X: Texts, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Accuracy of classes, else the coefficient of determination R^2; over the texts that have a target."""
        estimator, bags = self._asked(X)
        read = self._read(y, estimator._labels.task)
        check_consistent_length(bags, read.labelled, sample_weight)
        weight = None if sample_weight is None else np.asarray(sample_weight)[read.labelled]
        return float(estimator.score(bags[np.flatnonzero(read.labelled)], read.targets, weight))

    def transform(self, X: Texts, layer: int = -1) -> Array | csr_array:
        """Codes: the outputs of a hidden layer."""
        estimator, bags = self._asked(X)
        codes: Array | csr_array = estimator.transform(bags, layer)
        return codes

    def sparsity(self, X: Texts) -> NDArray[np.float64]:
        """Fraction of exact zeros in every hidden layer over these texts."""
        estimator, bags = self._asked(X)
        return np.asarray(estimator.sparsity(bags))

    def explain(
        self,
        X: Texts,
        *,
        layer: int | None = None,
        units: int | Sequence[int] | None = None,
        contrast: tuple[Any, Any] | None = None,
        method: Method = "exact",
    ) -> Explanation:
        """What every word adds to every output, exactly; see `RectifierClassifier.explain`.

        Returns
        -------
        Explanation
            `contributions` is a list with an array in CSR, of shape (n_samples, n_words), for every output;
            `input_names` are the words. Words outside the vocabulary take no part.
        """
        estimator, bags = self._asked(X)
        found: Explanation = estimator.explain(bags, layer=layer, units=units, contrast=contrast, method=method)
        return self._by_word(found) if layer is None or units is not None else found

    @available_if(lambda self: isinstance(self._inner(), RatingRegressor))  # type: ignore[untyped-decorator]
    def explain_expected(self, X: Texts) -> Explanation:
        """A first-order account of the expected rating by word; see `RatingRegressor.explain_expected`."""
        estimator, bags = self._asked(X)
        return self._by_word(estimator.explain_expected(bags))

    def _by_word(self, found: Explanation) -> Explanation:
        return replace(found, input_names=np.array(self.bag_.words, dtype=object))

    def sparsity_report(self, X: Texts) -> SparsityReport:
        """Which hidden units are exactly 0 on these texts: by layer, by unit and by text."""
        estimator, bags = self._asked(X)
        report: SparsityReport = estimator.sparsity_report(bags)
        return report

    def prune(
        self, X: Texts, tolerance: float = 0.0, X_val: Texts | None = None, y_val: ArrayLike | None = None
    ) -> Self:
        """A new fitted model without the hidden units that are on for at most a share of these texts.

        The vocabulary stays. Parameters, errors and warnings are those of `RectifierClassifier.prune`, with texts for X
        and X_val; what changed is the `pruning_` of the new model.
        """
        estimator, bags = self._asked(X)
        held_out = None if X_val is None else self._part().bag.bags(_checked(X_val, "X_val"))
        return self._with(FittedText(estimator.prune(bags, tolerance, held_out, y_val), self._part().bag))

    @property
    def pruning_(self) -> Pruning:
        """What `prune` removed to make this model; a new fit forgets it, and files do not keep it."""
        pruning: Pruning = self.estimator_.pruning_
        return pruning

    def _with(self, fitted: FittedText) -> Self:
        """A model with this fitted state, whose parameters would make an estimator like it."""
        model = type(self)(clone(fitted.estimator), self.n_words)
        model._fitted = fitted
        return model

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write vocabulary, settings and network to one file that `rectinet.load` reads; never with pickle.

        Raises
        ------
        OSError
            When the file cannot be written; what stood at `path` is untouched.
        """
        check_is_fitted(self)
        fitted = self._part()
        model = fitted.estimator._as_model()
        inside = {"kind": model.kind, "params": model.params, "bag": fitted.bag.document()}
        facts = {**model.facts, "text_model": inside}
        save_model(
            path,
            replace(model, kind=type(self).__name__, params={"n_words": self.n_words, "task": self.task}, facts=facts),
        )

    @classmethod
    def _from_model(cls, model: Model, path: str | os.PathLike[str]) -> Self:
        """What `save` wrote."""
        kinds = {kind.__name__: kind for kind in (*ESTIMATORS.values(), SemiSupervisedClassifier)}
        with fits_together(path):
            facts = dict(model.facts)
            inside = facts.pop("text_model")
            within = replace(model, kind=inside["kind"], params=inside["params"], facts=facts)
            estimator = kinds[inside["kind"]]._from_model(within, path)
            bag = BagOfWords.from_document(inside["bag"])
            if len(bag.words) != estimator.n_features_in_:
                raise ValueError(f"its vocabulary has {len(bag.words)} words for {estimator.n_features_in_} inputs")
            text_model = cls(clone(estimator), **model.params)
            text_model._fitted = FittedText(estimator, bag)
        return text_model

    def _part(self) -> FittedText:
        if self._fitted is None:
            raise AttributeError(f"this {type(self).__name__} is not fitted yet; call fit first")
        return self._fitted

    def _asked(self, X: Texts) -> tuple[Any, csr_array]:
        """The fitted estimator, and the bags of some texts."""
        check_is_fitted(self)
        fitted = self._part()
        return fitted.estimator, fitted.bag.bags(_checked(X, "X"))

    def _read(self, y: Any, task: Task | None, name: str = "y") -> ReadTargets:
        inner = self._inner()
        return read_targets(y, task, minus_one=inner is not None and inner._labels.minus_one, name=name)

    def _known_task(self) -> Task | None:
        """The task that is said, or that of the estimator that is given."""
        said = None if self.task is None else checked_task(self.task)
        if self.estimator is None:
            return said
        task: Task = self.estimator._labels.task
        if said not in (None, task):
            raise ValueError(
                f"task={said!r} and an estimator that is made for task={task!r}, a {type(self.estimator).__name__}; "
                "leave one of them out"
            )
        return task

    def _validation(self, X_val: Texts | None, y_val: Any, task: Task) -> tuple[list[str], NDArray[Any]] | None:
        """Texts that have a target, and their targets."""
        if X_val is None:
            return None
        texts, read = _checked(X_val, "X_val"), self._read(y_val, task, "y_val")
        check_consistent_length(texts, read.labelled)
        return [text for text, known in zip(texts, read.labelled, strict=True) if known], read.targets

    def _inner(self) -> Any:
        """The estimator, fitted if it is; None while it is still to be chosen."""
        if self._fitted is not None:
            return self._fitted.estimator
        return ESTIMATORS[self.task]() if self.estimator is None and self.task in ESTIMATORS else self.estimator

    def _is_classifier(self) -> bool:
        return isinstance(self._inner(), RectifierClassifier)

    def _is_rating(self) -> bool:
        return isinstance(self._inner(), RatingRegressor)

    def __sklearn_is_fitted__(self) -> bool:
        return self._fitted is not None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        if (inner := self._inner()) is not None:  # cross-validation asks what kind it is
            kind = inner.__sklearn_tags__()
            tags.estimator_type, tags.classifier_tags = kind.estimator_type, kind.classifier_tags
            tags.regressor_tags, tags.target_tags = kind.regressor_tags, kind.target_tags
        return tags


def _checked(X: Any, name: str) -> list[str]:
    """Texts as a list, or a ValueError that says which one is none."""
    texts = _listed(X, name)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{name}[{i}] must be a text and is {text!r:.60}")
        if not text.strip():
            raise ValueError(f"{name}[{i}] is empty; leave it out")
    return texts


def _listed(X: Any, name: str) -> list[Any]:
    """What X holds, one after the other."""
    if isinstance(X, str | bytes):
        raise ValueError(f"{name} must be a list of texts and is one text; write [text]")
    if isinstance(X, dict | set | frozenset):
        raise ValueError(
            f"{name} must be a list of texts and is a {type(X).__name__}, which has no order; write a list"
        )
    if type(X).__module__.partition(".")[0] == "pyarrow" and np.ndim(X) == 1:
        X = X.to_pylist()
    if not isinstance(X, list | tuple | Iterator) and np.ndim(X) != 1:
        raise ValueError(
            f"{name} must be a list of texts and is a {type(X).__name__} of {np.ndim(X)} dimensions; give the one "
            'column of texts, as frame["text"] or array[:, 0]'
        )
    texts = list(X)
    if not texts:
        raise ValueError(f"{name} holds no text")
    return texts
