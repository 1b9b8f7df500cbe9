"""What is told of an example adds up, and is told the same in the terminal, on the page and in colours."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    StackedDenoisingAutoencoder,
    TableModel,
    TextModel,
)
from rectinet.explaining import accounts, check_shape, show
from rectinet.explaining._page import render
from rectinet.explaining._terminal import ADDS, TAKES, coloured

SMALL: dict[str, Any] = {"hidden_layer_sizes": (20, 10), "learning_rate": 0.05, "max_epochs": 3, "random_state": 0}
TEXTS = ["A good film, really GOOD!", "bad plot <b>& bad</b> film", "good plot", "dull film"]
RNG = np.random.default_rng(0)
X = RNG.random((40, 6)) * (RNG.random((40, 6)) < 0.7)
Y = np.digitize(X[:, 0] + X[:, 1], [0.5, 1.0])


@pytest.fixture(scope="module")
def texts() -> TextModel:
    return TextModel(RectifierClassifier(**SMALL)).fit(TEXTS * 8, ["+", "-", "+", "-"] * 8)


def printed(told: Any, most: int = 5, shape: tuple[int, ...] | None = None, **kind: Any) -> str:
    file = io.StringIO()
    show(Console(file=file, width=100, **kind), told, most, shape)
    return file.getvalue()


@pytest.mark.parametrize("y", [Y, Y > 0, np.array(["a", "b", "c"])[Y]], ids=["three", "two", "named"])
def test_contributions_and_the_constant_are_the_total(y: np.ndarray) -> None:
    model = RectifierClassifier(**SMALL).fit(X, y)
    told = accounts(model, X[:8], range(1, 9))
    assert [account.number for account in told] == list(range(1, 9))
    for account, x, P, answer in zip(told, X, model.predict_proba(X), model.predict(X), strict=False):
        assert account.answer == account.first.name == str(answer)
        assert account.first.share == P.max()
        assert account.first.total == max(output.total for output in account.outputs)
        for output in account.outputs:
            amounts = [one.amount for one in output.contributions]
            assert sum(amounts) + output.constant == pytest.approx(output.total, abs=1e-4)
            assert amounts == sorted(amounts, key=abs, reverse=True)
            assert output.rest(2) == pytest.approx(sum(amounts[2:]))
            assert {one.name for one in output.contributions} <= {f"input {j + 1}" for j in np.flatnonzero(x)}
            assert all(one.amount > 0 for one in output.adds(3))
            assert all(one.amount < 0 for one in output.takes(3))


def test_of_two_classes_the_predicted_one_is_explained() -> None:
    model = RectifierClassifier(**SMALL).fit(X, Y > 0)
    logits = model.decision_function(X)
    told = accounts(model, X, range(40))
    assert {account.answer for account in told} == {"True", "False"}
    for account, logit in zip(told, logits, strict=True):
        assert account.first.total == pytest.approx(abs(logit), rel=1e-4)
        assert len(account.outputs) == 1


def test_ratings_tell_the_expected_one_first_and_to_first_order() -> None:
    model = RatingRegressor(**SMALL).fit(X, Y + 1.0)
    account = accounts(model, X[:1], [1])[0]
    assert [output.name for output in account.outputs] == ["expected rating", "1", "2", "3"]
    assert [output.exact for output in account.outputs] == [False, True, True, True]
    assert account.first.total == pytest.approx(model.predict(X[:1])[0], rel=1e-6)
    np.testing.assert_allclose([o.share for o in account.outputs[1:]], model.class_probabilities(X[:1])[0])
    assert "(expected rating, to first order)" in printed([account])
    assert "holds to first order only" in render([account], "model", 5)


def test_values_are_in_units_of_the_target() -> None:
    model = RectifierRegressor(**SMALL).fit(X, np.c_[100 * X[:, 0], X[:, 1]])
    account = accounts(model, X[:1], [1])[0]
    assert [output.name for output in account.outputs] == ["target 0", "target 1"]
    np.testing.assert_allclose([output.total for output in account.outputs], model.predict(X[:1])[0], rtol=1e-5)


def test_words_are_found_in_the_text_as_it_is_written(texts: TextModel) -> None:
    account = accounts(texts, TEXTS[:1], [1])[0]
    assert [account.text[begin:end] for begin, end, _ in account.words] == ["good", "film", "really", "GOOD"]
    pieces = account.segments()
    assert "".join(piece for piece, _ in pieces) == TEXTS[0]
    amounts = {one.name: one.amount for one in account.first.contributions}
    assert {piece.lower(): amount for piece, amount in pieces if amount} == amounts
    assert all(one.value == "" for one in account.first.contributions)


def test_words_are_coloured_by_what_they_add(texts: TextModel) -> None:
    account = accounts(texts, TEXTS[:1], [1])[0]
    text = coloured(account)
    assert text.plain == TEXTS[0]
    amounts = {one.name: one.amount for one in account.first.contributions}
    styles = {text.plain[span.start : span.end].lower(): span.style for span in text.spans}
    strong = {word for word, amount in amounts.items() if abs(amount) > 0.05 * max(map(abs, amounts.values()))}
    assert set(styles) == strong != set()
    assert all(style == (ADDS if amounts[word] > 0 else TAKES) for word, style in styles.items())


def test_the_page_holds_the_text_escaped_and_nothing_from_elsewhere(texts: TextModel) -> None:
    told = accounts(texts, TEXTS, [3, 4, 5, 6])
    page = render(told, "<script>alert(1)</script>", 5)
    assert "<script" not in page
    assert not re.search(r'(src|href)="(?!data:)|url\(|@import', page)
    for account in told:
        (shown,) = re.findall(rf"Example {account.number}</span>.*?<p class=\"text\">(.*?)</p>", page, re.DOTALL)
        assert unescape(re.sub(r"<[^>]*>", "", shown)) == account.text
        for one in account.first.adds(5):
            assert f'<span class="adds item">{one.name} <b>{one.amount:+.3g}</b></span>' in page


def test_columns_get_bars_in_proportion() -> None:
    model = RectifierRegressor(**SMALL).fit(X, X[:, 0])
    fullest = X[[np.count_nonzero(X, axis=1).argmax()]]
    account = accounts(model, fullest, [1])[0]
    page, first = render([account], "model", 2), account.first
    widths = [float(width) for width in re.findall(r'<span class="bar \w+" style="width:([\d.]+)%">', page)]
    shown = [abs(one.amount) for one in first.contributions[:2]]
    np.testing.assert_allclose(widths, 50 * np.array(shown) / shown[0], atol=0.01)
    said = printed([account], 2)
    for one in first.contributions[:2]:
        assert re.search(rf"{one.name} = {one.value} +{re.escape(f'{one.amount:+.3g}')}", said)
    n_others = len(first.contributions) - 2
    assert n_others > 1
    assert re.search(rf"{n_others} others +{re.escape(f'{first.rest(2):+.3g}')}", said)
    assert re.search(rf"total, value +{re.escape(f'{first.total:+.3g}')}", said)


def test_columns_have_their_names() -> None:
    table = pd.DataFrame({"size": X[:, 0], "kind <b>": np.where(X[:, 1] > 0.4, "round", "square")})
    model = TableModel(RectifierClassifier(**SMALL)).fit(table, Y > 0)
    account = accounts(model, table[:1], [1])[0]
    names = {one.name for one in account.first.contributions}
    assert "size" in names
    assert any(name.startswith("kind <b>") for name in names)
    page = render([account], "model", 5)
    assert "kind &lt;b&gt;" in page
    assert "kind <b>" not in page


def test_a_missing_cell_is_called_so() -> None:
    table = pd.DataFrame({"size": X[:, 0], "kind": np.where(X[:, 1] > 0.4, "round", "square")}, dtype=object)
    table.loc[[0, 3], "kind"] = None
    table.loc[[0, 5], "size"] = np.nan
    model = TableModel(RectifierClassifier(**SMALL)).fit(table, Y > 0)
    account = accounts(model, table[:1], [1])[0]
    assert {one.label for one in account.first.contributions} == {"kind = missing", "size = missing"}


@pytest.mark.parametrize("shape", [(2, 3), (3, 2, 1)])
def test_images_get_heat_maps(shape: tuple[int, ...]) -> None:
    told = accounts(RectifierClassifier(**SMALL).fit(X, Y), X[:2], [1, 2])
    page = render(told, "model", 5, shape)
    assert page.count('<img class="heat"') == 2 * 3
    assert page.count('<img alt="the image" src="data:image/png;base64,') == 2
    drawn = printed(told, 5, shape, force_terminal=True, color_system="truecolor")
    rows = -(-shape[-2] // 2)
    assert drawn.count("▀") == 2 * 2 * rows * shape[-1]
    assert "▀" not in printed(told, 5, shape)  # a file is no place for coloured blocks


def test_what_cannot_be_explained_is_named() -> None:
    with pytest.raises(ValueError, match="a StackedDenoisingAutoencoder predicts nothing"):
        accounts(StackedDenoisingAutoencoder((5,), epochs=1).fit(X), X[:1], [1])
    with pytest.raises(ValueError, match=r"tanh"):
        accounts(RectifierClassifier(**SMALL, activation="tanh").fit(X, Y), X[:1], [1])
    with pytest.raises(ValueError, match=r"images of 5x5 have 25 values and the model takes 6"):
        check_shape((5, 5), 6)


def test_without_jinja2_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with pytest.raises(ImportError, match=r'a page needs jinja2: pip install "rectinet\[report\]"'):
        render([], "model", 5)
