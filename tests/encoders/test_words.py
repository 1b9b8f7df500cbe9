"""Where words stand in a text, beside which words the bag counts."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rectinet.encoders import BagOfWords
from rectinet.encoders.words import written_settings

LETTERS = st.sampled_from([*"abAB12 _-.,'\n", "İ", "ß", "Σ", "ς", "é", "\u0307", "字", "ﬁ", "'"])
TEXT = st.text(LETTERS, max_size=30)


@pytest.mark.parametrize("settings_", written_settings())
@given(text=TEXT, others=st.lists(TEXT, max_size=3))
@settings(max_examples=150, deadline=None)
def test_words_in_a_text_are_those_of_its_bag(settings_: dict[str, object], text: str, others: list[str]) -> None:
    words = {word for other in [text, *others] for word in _words(other, settings_)}
    bag = BagOfWords(sorted(words | {"anything"}), settings_)
    found = bag.words_in(text)
    assert sorted({column for _, _, column in found}) == np.flatnonzero(bag.bags([text]).toarray()[0]).tolist()
    ends = 0
    for begin, end, column in found:
        assert (0 if settings_["analyzer"] == "char" else ends) <= begin < end <= len(text)
        ends = end
        written = text[begin:end].lower() if settings_["lowercase"] else text[begin:end]
        word, written = (re.sub(r"\s+", " ", part.replace("ς", "σ")) for part in (bag.words[column], written))
        assert word in written  # İ becomes two letters, several blanks one


def _words(text: str, settings_: dict[str, object]) -> list[str]:
    from sklearn.feature_extraction.text import CountVectorizer

    analyse = CountVectorizer(**settings_).build_analyzer()
    return list(analyse(text))
