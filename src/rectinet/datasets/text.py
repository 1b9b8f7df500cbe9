"""Texts and their targets from .jsonl and .csv files, plain, .gz or .xz; and bags of words.

texts = read_texts("reviews.jsonl", text="text", target="stars")
vectorizer = bag_of_words(texts.texts)
X = vectorize(vectorizer, texts.texts)
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array

from rectinet.datasets._files import COMPRESSED_SUFFIXES
from rectinet.datasets._lines import text_lines
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

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

Target = str | int | float
Row = tuple[int, dict[str, Any]]  # line number, fields
N_WORDS = 5000  # Glorot et al. 2011, section 4.2


@dataclass(frozen=True)
class Texts:
    """Texts in file order; `targets[i]` is None where row i has none, and `targets` is None when none was asked for."""

    texts: list[str]
    targets: list[Target | None] | None = None


def read_texts(
    path: str | Path, text: str, target: str | None = None, *, labels: Collection[Target] | None = None
) -> Texts:
    """The texts of a file, and their targets.

    Parameters
    ----------
    path : path
        .jsonl (one JSON object a line) or .csv (first line names the columns), perhaps with .gz or .xz; UTF-8.
    text, target : str
        Names of the text's and the target's field. A target that is absent, null or empty means "not labelled".
    labels : collection, optional
        The targets that are allowed, as the classes of a fitted model.

    Returns
    -------
    Texts
        Numeric targets of a .csv come as int or float, when all of them are numbers.

    Raises
    ------
    FormatError, MissingFileError, UnreadableFileError, CorruptGzipError, CorruptXzError, EncodingError, BadRecordError,
    MissingColumnError, EmptyTextError, BadValueError, UnknownLabelError, NoLabelledRowError, EmptyFileError
    """
    path = Path(path)
    texts: list[str] = []
    targets: list[Target | None] = []
    lines: list[int] = []
    columns: set[str] = set()
    for line, row in _rows_of(path)(path):
        if text not in row:
            raise MissingColumnError(f"{path}, line {line}: there is no {text!r}; there are {_listed(row)}")
        texts.append(_checked_text(row[text], text, f"{path}, line {line}"))
        columns.update(row)
        if target is not None:
            targets.append(_checked_target(row.get(target), target, f"{path}, line {line}"))
            lines.append(line)
    if not texts:
        raise EmptyFileError(f"{path}: there is not one text in it")
    if target is None:
        return Texts(texts)
    if target not in columns:
        raise MissingColumnError(f"{path}: no row has a {target!r}; there are {_listed(columns)}")
    if all(value is None for value in targets):
        raise NoLabelledRowError(
            f"{path}: {target!r} is empty in all {len(texts)} rows; at least one must have a target"
        )
    if _format(path) == ".csv":
        targets = _as_numbers(targets)
    _check_alike(targets, target, path)
    if labels is not None:
        for line, value in zip(lines, targets, strict=True):
            if value is not None and value not in labels:
                known = ", ".join(repr(label) for label in labels)
                raise UnknownLabelError(f"{path}, line {line}: {target!r} is {value!r}, and the known ones are {known}")
    return Texts(texts, targets)


def bag_of_words(training_texts: Iterable[str], n_words: int = N_WORDS) -> CountVectorizer:
    """A scikit-learn vectoriser of the `n_words` words found in most texts: 1 where the word is present.

    To be fitted on training texts only, else the vocabulary has seen the test set. A word is of two letters or more, in
    lower case.
    """
    return fit_bag_of_words(training_texts, n_words)[0]


def fit_bag_of_words(
    training_texts: Iterable[str], n_words: int = N_WORDS, *, features_given: bool = False
) -> tuple[CountVectorizer, csr_array]:
    """As `bag_of_words`, and the bags of the training texts with it, which costs no second pass.

    With `features_given` the texts are features separated by blanks, taken as they are.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    words = {"token_pattern": r"\S+", "lowercase": False} if features_given else {}
    vectorizer = CountVectorizer(binary=True, max_features=n_words, dtype=np.float32, **words)
    try:
        X = vectorizer.fit_transform(training_texts)
    except ValueError as error:  # "empty vocabulary"
        raise EmptyTextError(
            "the training texts hold no word of two letters or more, so there is no vocabulary"
        ) from error
    return vectorizer, _sorted_csr(X)


def vectorize(vectorizer: CountVectorizer, texts: Iterable[str]) -> csr_array:
    """The binary bags of words of `texts`: csr_array of shape (n_texts, n_words), float32."""
    return _sorted_csr(vectorizer.transform(texts))


def _sorted_csr(X: Any) -> csr_array:
    """float32, column indices rising in every row: scikit-learn leaves them as the words came."""
    bags = csr_array(X, dtype=np.float32)
    bags.sort_indices()
    return bags


def _format(path: Path) -> str:
    suffixes = path.suffixes[-2:]
    if suffixes and suffixes[-1] in COMPRESSED_SUFFIXES:
        suffixes.pop()
    return suffixes[-1].lower() if suffixes else ""


def _rows_of(path: Path) -> Callable[[Path], Iterator[Row]]:
    readers = {".jsonl": _json_rows, ".ndjson": _json_rows, ".csv": csv_rows}
    if _format(path) not in readers:
        raise FormatError(f"{path}: texts are read from .jsonl and .csv files (also with .gz or .xz after it)")
    return readers[_format(path)]


def _json_rows(path: Path) -> Iterator[Row]:
    for number, line in text_lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadRecordError(f"{path}, line {number}, column {error.colno}: not JSON ({error.msg})") from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets thousands deep
            raise BadRecordError(f"{path}, line {number}: JSON that cannot be read ({error})") from error
        if not isinstance(row, dict):
            raise BadRecordError(
                f"{path}, line {number}: a JSON object is needed, as {{...}}; this is {line.strip()[:40]}"
            )
        yield number, row


def csv_rows(path: Path) -> Iterator[Row]:
    """(line number, {column: field}) for the rows of a .csv file whose first line names the columns."""
    reader = csv.reader((line for _, line in text_lines(path)), strict=True)
    names: list[str] = []
    while True:
        start = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise BadRecordError(f"{path}, line {start}: not CSV ({error})") from error
        if fields is None:
            return
        if not fields:
            continue
        if not names:
            names = fields
            if len(set(names)) < len(names):
                raise BadRecordError(f"{path}, line {start}: a column name appears twice in {', '.join(names)}")
            continue
        if len(fields) != len(names):
            raise BadRecordError(f"{path}, line {start}: {len(fields)} fields, and the first line names {len(names)}")
        yield start, dict(zip(names, fields, strict=True))


def as_number(field: str, kind: type[int] | type[float]) -> int | float:
    """The number a field spells, or ValueError; "1_0" is a name here, though Python would read 10."""
    if "_" in field:
        raise ValueError(f"{field!r} is not a number")
    return kind(field)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names)) or "no fields"


def _checked_text(value: object, name: str, where: str) -> str:
    if not isinstance(value, str):
        raise BadValueError(f"{where}: {name!r} must be a text and is {value!r:.60}")
    if not value.strip():
        raise EmptyTextError(f"{where}: {name!r} is empty; leave the row out")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:  # \ud800 alone: JSON allows it, Unicode does not
            raise EncodingError(f"{where}: {name!r} holds half a surrogate pair, which is not text") from error
    return value


def _checked_target(value: object, name: str, where: str) -> Target | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadValueError(f"{where}: {name!r} must be a number or a name and is {value!r:.60}")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValueError(f"{where}: {name!r} is {value!r}; a finite number is needed")
    return value


def _fits_a_float(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an int of hundreds of digits
        return False


def _as_numbers(targets: list[Target | None]) -> list[Target | None]:
    """The texts of a .csv column as int, else as float, else as they are."""
    for kind in (int, float):
        try:
            return [None if value is None else as_number(str(value), kind) for value in targets]
        except ValueError:
            continue
    return targets


def _check_alike(targets: list[Target | None], name: str, path: Path) -> None:
    words = [value for value in targets if isinstance(value, str)]
    numbers = [value for value in targets if isinstance(value, int | float)]
    if words and numbers:
        raise BadValueError(f"{path}: {name!r} is sometimes a number ({numbers[0]!r}), sometimes a name ({words[0]!r})")
    if not all(_fits_a_float(value) for value in numbers):
        raise BadValueError(f"{path}: {name!r} is not a finite number everywhere")
