"""Raw texts in front of a network, as parts of an ONNX graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from rectinet.encoders import BagOfWords
from rectinet.export._features import LOCALE, MICROSOFT

if TYPE_CHECKING:
    from rectinet.export._graph import Graph

# The token patterns of `BagOfWords` as onnxruntime's RE2 writes them: its \w and \s know ASCII alone.
PATTERNS: Final = {
    r"(?u)\b\w\w+\b": r"[\pL\pN_][\pL\pN_]+",
    r"\S+": "[^\\pZ\\x09-\\x0d\\x1c-\\x20\\x{85}]+",
}


@dataclass(frozen=True)
class Texts:
    """Raw texts, "text" (n,), as a bag of words; by operators of onnxruntime.

    Letters are lowered one by one, so that a capital I with a dot, and a capital sigma at the end of a word, become
    other letters than in Python.
    """

    bag: BagOfWords
    dtype: np.dtype[np.floating]

    @property
    def fits(self) -> bool:
        """Whether ONNX can hold the tokeniser."""
        settings = self.bag.settings
        return settings["analyzer"] == "word" and settings["token_pattern"] in PATTERNS

    def add(self, graph: Graph) -> str:
        text = graph.input("text", object, "n")
        if self.bag.settings["lowercase"]:
            text = graph.node("StringNormalizer", text, case_change_action="LOWER", locale=LOCALE)
        tokens = graph.node(
            "Tokenizer",
            text,
            domain=MICROSOFT,
            mark=0,
            mincharnum=1,
            pad_value="",
            tokenexp=PATTERNS[self.bag.settings["token_pattern"]],
        )
        present = graph.node(
            "TfIdfVectorizer",
            tokens,
            mode="IDF",  # 1 for a word that is there, however often
            min_gram_length=1,
            max_gram_length=1,
            max_skip_count=0,
            ngram_counts=[0],
            ngram_indexes=list(range(len(self.bag.words))),
            pool_strings=self.bag.words,
        )
        return graph.cast(present, self.dtype)

    @property
    def about(self) -> dict[str, str]:
        return {}
