"""Binary bags of words, with a vectoriser whose state is plain values that a model file can hold without pickle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
from scipy.sparse import csr_array

from rectinet.datasets.text import CHARACTERS, fit_bag_of_words, vectorize

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import CountVectorizer

Tokens = Literal["words", "characters"]

N_WORDS: Final = 10_000  # twice the paper's: better with few labels and with many, for half as much time again

# All settings of scikit-learn's CountVectorizer that determine which words of a text are counted.
SETTINGS: Final = ("analyzer", "binary", "lowercase", "ngram_range", "stop_words", "strip_accents", "token_pattern")


@dataclass(frozen=True)
class BagOfWords:
    """Encodes texts as rows that are 1 for each word present.

    Attributes
    ----------
    words : list of str
        The vocabulary, in the order of the columns.
    settings : dict
        Settings of the vectoriser; see `SETTINGS`.
    """

    words: list[str]
    settings: dict[str, Any]

    @classmethod
    def fit(cls, texts: Iterable[str], n_words: int = N_WORDS, tokens: Tokens = "words") -> tuple[Self, csr_array]:
        """Learn the `n_words` words found in most training texts, and return the bags of these texts as well.

        With tokens="characters" a word is a single character or a pair of neighbours.

        Raises
        ------
        EmptyTextError
            When the texts contain no word.
        """
        vectorizer, X = fit_bag_of_words(texts, n_words, characters=tokens == "characters")
        settings = {name: getattr(vectorizer, name) for name in SETTINGS}
        return cls(vectorizer.get_feature_names_out().tolist(), settings), X

    def bags(self, texts: Iterable[str]) -> csr_array:
        """Bags of words: csr_array of shape (n_texts, n_words), float32; a text without a known word is all zero."""
        return vectorize(self._vectorizer, texts)

    def words_in(self, text: str) -> list[tuple[int, int, int]]:
        """Positions of known words in a text, in reading order: begin, end, and the column of the bag.

        Words never overlap; single characters and pairs of neighbours do.
        """
        lowered, places = text, list(range(len(text) + 1))
        if self.settings["lowercase"]:  # lower case may have more characters
            letters = [letter.lower() for letter in text]
            lowered = text.lower()
            places = [i for i, letter in enumerate(letters) for _ in letter] + [len(text)]
        found = []
        for begin, end, token in self._tokens(lowered):
            column = self._columns.get(token)
            if column is not None:
                found.append((places[begin], places[end - 1] + 1, column))
        return found

    def _tokens(self, text: str) -> Iterator[tuple[int, int, str]]:
        """The tokens the vectoriser finds in a text of the right case: begin, end, and spelling in the vocabulary."""
        if self.settings["analyzer"] != "char":
            yield from ((match.start(), match.end(), match[0]) for match in re.finditer(self._pattern, text))
            return
        blanks = list(re.finditer(r"\s\s+", text))  # the vectoriser reads several as one
        inside = {i for blank in blanks for i in range(blank.start() + 1, blank.end())}
        starts = {blank.start() for blank in blanks}
        at = [i for i in range(len(text)) if i not in inside]
        read = "".join(" " if i in starts else text[i] for i in at)
        fewest, most = self.settings["ngram_range"]
        for k in range(len(read)):
            for n in range(fewest, min(most, len(read) - k) + 1):
                yield at[k], at[k + n - 1] + 1, read[k : k + n]

    @property
    def _pattern(self) -> str:
        return str(self.settings["token_pattern"])

    def document(self) -> dict[str, Any]:
        """The plain values that a model file keeps; `from_document` is the inverse."""
        return {"words": self.words, "settings": self.settings}

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """The bag of words restored from a document, which must hold exactly what `fit` writes.

        Settings determine what scikit-learn does with a text, including opening files, so a file may not choose them
        freely.

        Raises
        ------
        KeyError, TypeError, ValueError
        """
        words, settings = document["words"], document["settings"]
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise ValueError("the vocabulary must be a list of words")
        if not words or len(set(words)) < len(words):
            raise ValueError("the vocabulary must be different words, at least one")
        if settings not in written_settings():
            raise ValueError("the vectoriser's settings are none that rectinet writes")
        return cls(words, settings)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {word: column for column, word in enumerate(self.words)}

    @cached_property
    def _vectorizer(self) -> CountVectorizer:
        from sklearn.feature_extraction.text import CountVectorizer

        return CountVectorizer(vocabulary=self.words, dtype=np.float32, **self.settings)


def written_settings() -> list[dict[str, Any]]:
    """All settings that `BagOfWords.fit` has ever written: words, features between blanks, characters."""
    usual: dict[str, Any] = {
        "analyzer": "word",
        "binary": True,
        "lowercase": True,
        "ngram_range": (1, 1),
        "stop_words": None,
        "strip_accents": None,
        "token_pattern": r"(?u)\b\w\w+\b",
    }
    return [usual, usual | {"lowercase": False, "token_pattern": r"\S+"}, usual | CHARACTERS]
