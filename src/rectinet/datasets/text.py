"""Texts and their targets from .jsonl and .csv files, plain, .gz or .xz; and bags of words.

texts = read_texts("reviews.jsonl", text="text", target="stars")
vectorizer = bag_of_words(texts.texts)
X = vectorize(vectorizer, texts.texts)
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.sparse import csr_array

from rectinet.datasets._csv import csv_records
from rectinet.datasets._files import COMPRESSED_SUFFIXES
from rectinet.datasets._lines import text_lines
from rectinet.datasets._memory import memory_errors_named
from rectinet.datasets._targets import target_values
from rectinet.datasets.errors import (
    BadRecordError,
    BadValueError,
    EmptyFileError,
    EmptyTextError,
    EncodingError,
    FormatError,
    MissingColumnError,
    NoLabelledRowError,
    UnknownLabelError,
)
from rectinet.missing import is_missing
from rectinet.shown import listed, reason, shown

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

Target = str | int | float  # a bool is an int
Row = tuple[int, dict[str, Any]]  # line number, fields
Rows = Generator[Row, None, None]
CHARACTERS: Final[dict[str, Any]] = {"analyzer": "char", "ngram_range": (1, 2)}  # of scikit-learn's vectoriser
N_WORDS = 5000  # Glorot et al. 2011, section 4.2


@dataclass(frozen=True)
class Texts:
    """Texts in file order; `targets[i]` is None if row i has none, `targets` is None if no target was requested."""

    texts: list[str]
    targets: list[Target | None] | None = None


def read_texts(
    path: str | Path,
    text: str,
    target: str | None = None,
    *,
    labels: Collection[Target] | None = None,
    blank: bool = False,
) -> Texts:
    """The texts of a file, and their targets.

    Parameters
    ----------
    path : path
        .jsonl (one JSON object per line) or .csv (the first line names the columns), optionally with .gz or .xz; UTF-8.
    text, target : str
        Names of the fields with text and target. A target that is absent, null, NaN or empty means "not labelled".
    labels : collection, optional
        The allowed targets, such as the classes of a fitted model.
    blank : bool, default=False
        Whether texts may be blank or null and then become "", instead of raising an error for the whole file.

    Returns
    -------
    Texts
        Targets of a .jsonl keep their JSON types: names, numbers or booleans. Those of a .csv become int or float if
        all of them are numbers (among which N/A and the like mean "not labelled"), else names. Blanks around names are
        removed.

    Raises
    ------
    FormatError, MissingFileError, UnreadableFileError, CorruptGzipError, CorruptXzError, EncodingError, BadRecordError,
    MissingColumnError, EmptyTextError, BadValueError, UnknownLabelError, NoLabelledRowError, EmptyFileError,
    TooLargeError
    """
    path = Path(path)
    with memory_errors_named(path):
        return _read_texts(path, text, target, labels, blank)


def _read_texts(path: Path, text: str, target: str | None, labels: Collection[Target] | None, blank: bool) -> Texts:
    texts: list[str] = []
    targets: list[Target | None] = []
    lines: list[int] = []
    columns: set[str] = set()
    is_csv = _format(path) == ".csv"
    with closing(_rows_of(path)(path)) as rows:
        for line, row in rows:
            if text not in row:
                raise MissingColumnError(f"{path}, line {line}: there is no {text!r}; there are {_fields(row)}")
            texts.append(_checked_text(row[text], text, f"{path}, line {line}", blank))
            columns.update(row)
            if target is not None:
                value = row.get(target, "")
                targets.append(value if is_csv else _checked_target(value, target, f"{path}, line {line}"))
                lines.append(line)
    if not texts:
        raise EmptyFileError(f"{path}: there is not one text in it")
    if target is None:
        return Texts(texts)
    if target not in columns:
        raise MissingColumnError(f"{path}: no row has a {target!r}; there are {_fields(columns)}")
    if is_csv:
        targets = [*target_values([str(value) for value in targets], lines, target, path)]
    if all(value is None for value in targets):
        raise NoLabelledRowError(
            f"{path}: {target!r} is empty in all {len(texts)} rows; at least one must have a target"
        )
    _check_alike(targets, target, path)
    if labels is not None:
        for line, value in zip(lines, targets, strict=True):
            if value is not None and value not in labels:
                raise UnknownLabelError(
                    f"{path}, line {line}: {target!r} is {shown(value)}, and the known ones are {listed(labels)}"
                )
    return Texts(texts, targets)


def bag_of_words(training_texts: Iterable[str], n_words: int = N_WORDS) -> CountVectorizer:
    """A scikit-learn vectoriser of the `n_words` words found in most texts: 1 if the word is present.

    Fit it on training texts only, so that the vocabulary is independent of the test set. A word has two letters or
    more, in lower case.
    """
    return fit_bag_of_words(training_texts, n_words)[0]


def fit_bag_of_words(
    training_texts: Iterable[str], n_words: int = N_WORDS, *, features_given: bool = False, characters: bool = False
) -> tuple[CountVectorizer, csr_array]:
    """As `bag_of_words`, and the bags of the training texts, without a second pass.

    With `features_given` the texts are features separated by blanks, used as they are. With `characters` the words are
    single characters and pairs of neighbours, for scripts written without blanks.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    words: dict[str, Any] = {"token_pattern": r"\S+", "lowercase": False} if features_given else {}
    vectorizer = CountVectorizer(
        binary=True, max_features=n_words, dtype=np.float32, **(CHARACTERS if characters else words)
    )
    try:
        X = vectorizer.fit_transform(training_texts)
    except ValueError as error:  # "empty vocabulary"
        raise EmptyTextError(
            "the training texts hold no character, so there is no vocabulary"
            if characters
            else "the training texts hold no word of two letters or more, so there is no vocabulary"
        ) from error
    return vectorizer, _sorted_csr(X)


def vectorize(vectorizer: CountVectorizer, texts: Iterable[str]) -> csr_array:
    """The binary bags of words of `texts`: csr_array of shape (n_texts, n_words), float32."""
    return _sorted_csr(vectorizer.transform(texts))


def _sorted_csr(X: Any) -> csr_array:
    """As float32 with ascending column indices in every row: scikit-learn leaves them in the order of the words."""
    bags = csr_array(X, dtype=np.float32)
    bags.sort_indices()
    return bags


def _format(path: Path) -> str:
    suffixes = path.suffixes[-2:]
    if suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1].lower() if suffixes else ""


def _rows_of(path: Path) -> Callable[[Path], Rows]:
    readers = {".jsonl": json_rows, ".ndjson": json_rows, ".csv": _csv_rows}
    if _format(path) not in readers:
        raise FormatError(f"{path}: texts are read from .jsonl and .csv files (also with .gz or .xz after it)")
    return readers[_format(path)]


def json_rows(path: Path) -> Rows:
    with closing(text_lines(path)) as lines:
        for number, line in lines:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise BadRecordError(f"{path}, line {number}, column {error.colno}: not JSON ({error.msg})") from error
            except (
                ValueError,
                RecursionError,
            ) as error:  # thousands of digits, or of nested brackets
                raise BadRecordError(f"{path}, line {number}: JSON that cannot be read ({reason(error)})") from error
            if not isinstance(row, dict):
                raise BadRecordError(
                    f"{path}, line {number}: a JSON object is needed, as {{...}}; this is {line.strip()[:40]}"
                )
            yield number, row


def _csv_rows(path: Path) -> Rows:
    with closing(csv_records(path)) as records:
        _, names = next(records, (0, []))
        for line, fields in records:
            yield line, dict(zip(names, fields, strict=True))


def _fields(names: Collection[str]) -> str:
    return listed(sorted(names), "no fields")


def _checked_text(value: object, name: str, where: str, blank: bool) -> str:
    if blank and (is_missing(value) if not isinstance(value, str) else not value.strip()):
        return ""
    if not isinstance(value, str):
        raise BadValueError(f"{where}: {name!r} must be a text and is {shown(value)}")
    if not value.strip():
        raise EmptyTextError(f"{where}: {name!r} is empty; leave the row out")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:  # \ud800 alone: JSON allows it, Unicode does not
            raise EncodingError(f"{where}: {name!r} holds half a surrogate pair, which is not text") from error
    return value


def _checked_target(value: object, name: str, where: str) -> Target | None:
    if isinstance(value, str):
        return value.strip() or None
    if is_missing(value):  # also NaN, which json writes and reads though it is not JSON
        return None
    if not isinstance(value, int | float):  # a bool is an int
        raise BadValueError(f"{where}: {name!r} must be a number or a name and is {shown(value)}")
    if not -(2**63) <= value < 2**63 if isinstance(value, int) else math.isinf(value):
        raise BadValueError(
            f"{where}: {name!r} is {shown(value)}; a finite number of 64 bits is needed (write longer ones as texts)"
        )
    return value


def _check_alike(targets: list[Target | None], name: str, path: Path) -> None:
    """Refuse mixtures of names, numbers and booleans: Python would treat true as 1 and mix the last two."""
    first: dict[str, Target] = {}
    for value in targets:
        if value is not None:
            kind = "a name" if isinstance(value, str) else "true or false" if isinstance(value, bool) else "a number"
            first.setdefault(kind, value)
    if len(first) > 1:
        found = ", sometimes ".join(f"{kind} ({shown(value)})" for kind, value in first.items())
        raise BadValueError(f"{path}: {name!r} is sometimes {found}")
    if any(isinstance(value, float) and math.isinf(value) for value in targets):  # 1e+999 in a .csv
        raise BadValueError(f"{path}: {name!r} is not a finite number everywhere")
