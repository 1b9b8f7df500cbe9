"""Models of raw text: a bag of words and a rectifier network, fitted and saved together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.utils.validation import check_consistent_length

from rectinet.arrays import Matrix
from rectinet.encoders import BagOfWords, Tokens
from rectinet.encoders.words import N_WORDS
from rectinet.estimators._raw import ESTIMATORS, Estimator, FittedRaw
from rectinet.estimators._raw_inside import ExplainableRaw
from rectinet.export._features import Features
from rectinet.export._texts import Texts as ExportedTexts
from rectinet.export.onnx import Before
from rectinet.missing import is_missing
from rectinet.targets import ReadTargets, Task, read_targets
from rectinet.warning import warn

Texts = Sequence[str]


def text_estimator(task: Task, **params: Any) -> Estimator:
    """An estimator with the defaults for binary bags of words, which `params` override.

    The defaults worked well on 75,000 film reviews of which 1,000 to 10,000 had ratings; docs/text.md gives the
    reasons.
    """
    sizes = params.get("hidden_layer_sizes", (1000, 1000, 1000))
    n_hidden = len(sizes) if isinstance(sizes, Sequence) else 1
    return ESTIMATORS[task](**{**text_defaults(n_hidden), **params})


def text_defaults(n_hidden: int) -> dict[str, Any]:
    """The defaults for binary bags of words, where they differ from the estimators' own."""
    if n_hidden == 0:
        return {}
    return {
        "pretrain_epochs": "auto",
        "pretrain_learning_rate": 0.01,
        "pretrain_batch_size": 10,
        "pretrain_decay_from": 0.5,
        "corruption": "salt_and_pepper",  # layers above the first use masking
        "corruption_level": (0.5, 0.5, *[0.3] * n_hidden)[:n_hidden],
        "reconstruction": "sigmoid",
        "tied": True,
        "output_init": "zeros",
        "learning_rate": 0.002,  # with few labels, "auto" picks higher rates, which undo the pre-training
        "decay_from": 0.1,
    }


def task_of(y: Any) -> Task:
    """The task that targets call for, by the rule of `rectinet.targets.read_targets`."""
    return read_targets(y).task


class TextModel(ExplainableRaw[Texts, BagOfWords]):
    """A rectifier network on binary bags of the most frequent words, which takes raw text.

    Parameters
    ----------
    estimator : RectifierClassifier, RatingRegressor, RectifierRegressor, SemiSupervisedClassifier or None, default=None
        The estimator trained on the bags; it is cloned. None: the one for `task`, with the defaults of
        `text_estimator`.
    n_words : int, default=10_000
        Size of the vocabulary: the words that occur in most training texts, labelled or not.
    tokens : {"words", "characters"}, default="words"
        What counts as a word. "words": two or more letters between blanks and punctuation. "characters": single
        characters and pairs of neighbours, for scripts written without blanks (Chinese, Japanese, Thai).
    task : {"classify", "rate", "regress"} or None, default=None
        What the targets are: classes, ratings (stars or grades, of which the expected one is predicted) or values. None
        takes the task of `estimator` or, without one, infers it from the targets: names, booleans and up to 20 distinct
        whole numbers are classes, other numbers are values; ratings are never inferred. Set `task` or `estimator` for
        scikit-learn tools that need to know before `fit` whether a model is a classifier: scorers, stratified folds,
        calibration, stacking.

    Attributes
    ----------
    estimator_ : fitted estimator
        The trained estimator, with its `history_`, `network_`, `classes_` and so on.
    bag_ : BagOfWords
        The vocabulary and the vectoriser's settings; ``bag_.bags(texts)`` is the input of the network.

    Examples
    --------
    >>> from rectinet import TextModel, load
    >>> model = TextModel(task="rate").fit(reviews, stars, X_unlabeled=more_reviews)  # doctest: +SKIP
    >>> model.save("stars.safetensors")  # doctest: +SKIP
    >>> load("stars.safetensors").predict(["Not one dull minute."])  # doctest: +SKIP
    """

    _fact = "text_model"

    def __init__(
        self,
        estimator: Estimator | None = None,
        n_words: int = N_WORDS,
        *,
        task: Task | None = None,
        tokens: Tokens = "words",
    ) -> None:
        self.estimator = estimator
        self.n_words = n_words
        self.task = task
        self.tokens = tokens

    def fit(
        self,
        X: Texts,
        y: Sequence[Any] | NDArray[Any],
        sample_weight: ArrayLike | None = None,
        X_val: Texts | None = None,
        y_val: ArrayLike | None = None,
        X_unlabeled: Texts | None = None,
    ) -> Self:
        """Learn the vocabulary, pre-train on all texts and fine-tune on the labelled ones.

        Parameters
        ----------
        X : sequence of str, n_samples of them
        y : sequence of n_samples targets
            None, NaN, NA or blank (with a `SemiSupervisedClassifier` also -1) marks a text without a target, which is
            used as an unlabelled one.
        sample_weight : array-like of shape (n_samples,), optional
        X_val, y_val : optional
            Validation texts; they do not enter the vocabulary.
        X_unlabeled : sequence of str, optional
            Texts for the vocabulary and for pre-training.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            When X is not a list of texts, a text is empty, no text has a target, targets are of mixed kinds, or the
            estimator refuses its parameters or data.

        Warns
        -----
        UserWarning
            When `task` is not given and three or more distinct whole numbers were read as classes, or over 20 as
            values.
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
        if self.tokens not in get_args(Tokens):
            raise ValueError(f"tokens must be one of {', '.join(get_args(Tokens))}; got {self.tokens!r}")
        estimator = text_estimator(read.task) if self.estimator is None else clone(self.estimator)
        validation = self._validation(X_val, y_val, read.task)
        bag, bags = BagOfWords.fit([*texts, *more], self.n_words, self.tokens)
        held_out = None if validation is None else (bag.bags(validation[0]), validation[1])
        unlabelled = bags[len(texts) :] if more else None
        self._fit_behind(estimator, bags[: len(texts)], read, sample_weight, held_out, unlabelled)
        self._fitted = FittedRaw(estimator, bag)
        return self

    @property
    def bag_(self) -> BagOfWords:
        """The vocabulary and the vectoriser's settings."""
        return self._part().encoder

    def _validation(self, X_val: Texts | None, y_val: Any, task: Task) -> tuple[list[str], ReadTargets] | None:
        """The validation texts and their targets."""
        if X_val is None:
            return None
        texts, read = _checked(X_val, "X_val"), self._read(y_val, task, "y_val")
        check_consistent_length(texts, read.labelled)
        return texts, read

    def _encode(self, encoder: BagOfWords, X: Texts, name: str = "X") -> Matrix:
        """Bags of words; a blank or missing text gives a row of zeros instead of an error for all texts."""
        texts = [_text_or_blank(text, f"{name}[{i}]") for i, text in enumerate(_listed(X, name))]
        bags = encoder.bags(texts)
        if without := n_without_words(bags):
            warn(
                f"{without} of {len(texts)} texts share no word with the vocabulary of {len(encoder.words)} words; "
                "they get the answer of an empty text"
            )
        return bags

    def _input_names(self, encoder: BagOfWords) -> list[str]:
        return encoder.words

    def _documents(self, encoder: BagOfWords) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"bag": encoder.document()}, {}

    @classmethod
    def _encoder_from(cls, document: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> BagOfWords:
        return BagOfWords.from_document(document["bag"])

    def _before(self, encoder: BagOfWords, dtype: np.dtype[np.floating]) -> Before:
        texts = ExportedTexts(encoder, dtype)
        if texts.fits:
            return texts
        warn(
            "ONNX cannot hold the tokeniser of this model, so the network alone was written: its input X is what "
            "bag_.bags(texts) gives, made dense"
        )
        return Features(len(encoder.words), dtype, None, tuple(encoder.words))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = True, False
        return tags


def n_without_words(bags: csr_array) -> int:
    """Number of texts without a word of the vocabulary."""
    return int((np.diff(bags.indptr) == 0).sum())


def _text_or_blank(text: Any, name: str) -> str:
    if isinstance(text, str):
        return text if text.strip() else ""
    if is_missing(text):
        return ""
    raise ValueError(f"{name} must be a text and is {text!r:.60}")


def _checked(X: Any, name: str) -> list[str]:
    """Texts as a list; a ValueError names an entry that is not a text."""
    texts = _listed(X, name)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise ValueError(f"{name}[{i}] must be a text and is {text!r:.60}")
        if not text.strip():
            raise ValueError(f"{name}[{i}] is empty; leave it out")
    return texts


def _listed(X: Any, name: str) -> list[Any]:
    """The entries of X in order."""
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
