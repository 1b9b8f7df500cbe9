"""The explanation of one example: the prediction and, for every output, positive and negative contributions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.arrays import Matrix
from rectinet.estimators._base import RectifierBase
from rectinet.estimators._raw import RawModel
from rectinet.estimators.classifier import RectifierClassifier
from rectinet.estimators.rating import RatingRegressor
from rectinet.estimators.text import TextModel
from rectinet.inside.explanation import Explanation


@dataclass(frozen=True)
class Contribution:
    """The contribution of one input."""

    name: str
    value: str  # value of the input; empty for words
    amount: float

    @property
    def label(self) -> str:
        return f"{self.name} = {self.value}" if self.value else self.name


@dataclass(frozen=True, eq=False)
class Output:
    """One output for one example: `constant` and all contributions sum to `total`.

    Attributes
    ----------
    name : str
    share : float or None
        Probability, if the output is a class.
    total, constant : float
        A logit, relative to the mean over the classes or, for two classes, to the other; a prediction; an expected
        rating.
    contributions : tuple of Contribution
        Non-zero contributions, largest absolute value first.
    amounts : ndarray of shape (n_inputs,)
        All contributions, in the order of the inputs.
    exact : bool
    """

    name: str
    share: float | None
    total: float
    constant: float
    contributions: tuple[Contribution, ...]
    amounts: NDArray[np.float64]
    exact: bool = True

    def adds(self, most: int) -> tuple[Contribution, ...]:
        """The largest positive contributions."""
        return tuple(one for one in self.contributions if one.amount > 0)[:most]

    def takes(self, most: int) -> tuple[Contribution, ...]:
        """The largest negative contributions."""
        return tuple(one for one in self.contributions if one.amount < 0)[:most]

    def rest(self, most: int) -> float:
        """The sum of all contributions except the `most` largest."""
        return float(sum(one.amount for one in self.contributions[most:]))


@dataclass(frozen=True, eq=False)
class Account:
    """The explanation of one example.

    Attributes
    ----------
    number : int
        Number of the example, from 1.
    answer : str
        The prediction of the model.
    outputs : tuple of Output
        All outputs, first the one that the prediction comes from.
    inputs : ndarray of shape (n_inputs,)
        The network's inputs, or the cells of a table.
    text : str or None
        The text, for text models.
    words : tuple of (begin, end, column)
        Known words in the text.
    """

    number: int
    answer: str
    outputs: tuple[Output, ...]
    inputs: NDArray[Any]
    text: str | None = None
    words: tuple[tuple[int, int, int], ...] = ()

    @property
    def first(self) -> Output:
        return self.outputs[0]

    def segments(self) -> list[tuple[str, float]]:
        """The text in pieces, each with the contribution of its word to the first output; 0 for unknown words.

        Where words overlap, as pairs of characters do, each character gets its share of each word.
        """
        text, amounts = self.text or "", self.first.amounts
        if any(later[0] < earlier[1] for earlier, later in pairwise(self.words)):
            shares = np.zeros(len(text))
            for begin, end, column in self.words:
                shares[begin:end] += amounts[column] / (end - begin)
            return list(zip(text, shares.tolist(), strict=True))
        pieces, at = [], 0
        for begin, end, column in self.words:
            pieces += [(text[at:begin], 0.0), (text[begin:end], float(amounts[column]))]
            at = end
        return [piece for piece in [*pieces, (text[at:], 0.0)] if piece[0]]


def accounts(model: Any, X: Matrix | Sequence[str], numbers: Sequence[int]) -> list[Account]:
    """Explain each row of X.

    Parameters
    ----------
    model : fitted classifier, regressor, or model of raw data
    X : its inputs, a few
    numbers : sequence of int
        Numbers of the examples.

    Raises
    ------
    ValueError
        For a model without explanations, and for the errors of its `explain`.
    """
    inner = model.estimator_ if isinstance(model, RawModel) else model
    if not isinstance(inner, RectifierBase):
        raise ValueError(f"a {type(inner).__name__} predicts nothing, so that there is no answer to explain")
    found, answers = model.explain(X).centred(), model.predict(X)
    expected, P = None, None
    if isinstance(inner, RatingRegressor):
        expected, P = model.explain_expected(X), model.class_probabilities(X)
    elif isinstance(inner, RectifierClassifier):
        P = model.predict_proba(X)
    told = []
    for i, number in enumerate(numbers):
        outputs = _outputs(found, i, None if P is None else P[i], answers[i])
        if expected is not None:  # before the ratings, which have their own order
            outputs = sorted(outputs, key=lambda output: found.output_names.index(output.name))
            outputs = [*_outputs(expected, i, None, answers[i]), *outputs]
        text = str(X[i]) if isinstance(model, TextModel) else None
        words = () if text is None else tuple(model.bag_.words_in(text))
        told.append(Account(number, _written(answers[i]), tuple(outputs), _row(found, i), text, words))
    return told


def _outputs(found: Explanation, i: int, P: NDArray[np.float64] | None, answer: Any) -> list[Output]:
    """The outputs of example i, for classes the highest first."""
    values, sign = found.of(i).astype(np.float64), _sign(found, i)
    made = []
    for k in _order(found, i):
        name, share = found.output_names[k], None if P is None or len(P) != found.n_outputs else float(P[k])
        if found.quantity == "difference of logits" and P is not None:
            name, share = _written(answer), float(P.max())
        total, constant = sign * float(found.outputs[i, k]), sign * float(found.constants[i, k])
        amounts = sign * values[k]
        made.append(Output(name, share, total, constant, _contributions(found, i, amounts), amounts, found.exact))
    return made


def _contributions(found: Explanation, i: int, amounts: NDArray[np.float64]) -> tuple[Contribution, ...]:
    """Non-zero contributions; for binary sparse inputs such as words, without values."""
    order = np.argsort(-np.abs(amounts), kind="stable")
    names, inputs = found.input_names, _row(found, i)
    sparse = isinstance(found.contributions, list) and inputs.dtype != object
    binary = sparse and bool(np.isin(inputs, (0, 1)).all())
    return tuple(
        Contribution(
            f"input {j + 1}" if names is None else str(names[j]),
            "" if binary else _written(inputs[j]),
            float(amounts[j]),
        )
        for j in order[amounts[order] != 0].tolist()
    )


def _row(found: Explanation, i: int) -> NDArray[Any]:
    """The inputs of example i: numbers, or the cells of a table."""
    row = found.inputs[[i]]
    dense = np.asarray(row if isinstance(row, np.ndarray) else row.toarray()).ravel()
    return dense if dense.dtype == object else dense.astype(np.float64)


def _order(found: Explanation, i: int) -> list[int]:
    """Order of the outputs of example i, highest logit first; targets of regressors keep their order."""
    if found.quantity != "logit":
        return list(range(found.n_outputs))
    order: list[int] = np.argsort(-found.outputs[i], kind="stable").tolist()
    return order


def _sign(found: Explanation, i: int) -> float:
    """For two classes, the sign that makes the difference of logits positive for the predicted class."""
    return -1.0 if found.quantity == "difference of logits" and found.outputs[i, 0] < 0 else 1.0


def _written(value: Any) -> str:
    """A label or a number in readable form."""
    if isinstance(value, np.ndarray):
        return ", ".join(map(_written, value.tolist()))
    if value is None or value != value:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)
