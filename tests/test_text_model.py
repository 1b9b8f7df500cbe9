"""Models of raw texts: what they learn from, what they keep, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.model_selection import cross_val_score

import rectinet
from rectinet import RatingRegressor, RectifierClassifier, RectifierRegressor, SemiSupervisedClassifier, TextModel
from rectinet.datasets.errors import EmptyTextError
from rectinet.encoders import BagOfWords
from rectinet.estimators.text import text_defaults, text_estimator
from rectinet.storage import DamagedModelFile

WORDS = {1: ["dull", "awful", "waste"], 2: ["slow", "flat", "weak"], 3: ["fine", "decent", "pleasant"]}
WORDS |= {4: ["moving", "brilliant", "superb"]}
FILLER = ["film", "plot", "actor", "scene", "music", "camera"]
SMALL: dict[str, Any] = {"hidden_layer_sizes": (12, 8), "learning_rate": 0.1, "max_epochs": 30, "random_state": 0}


def reviews(n: int, seed: int) -> tuple[list[str], list[int]]:
    """Texts of a few words of their stars among others, and the stars."""
    rng = np.random.default_rng(seed)
    stars = rng.integers(1, 5, n)
    texts = [" ".join([*rng.choice(WORDS[int(k)], 2), *rng.choice(FILLER, 3)]) for k in stars]
    return texts, stars.tolist()


@pytest.fixture(scope="module")
def rated() -> TextModel:
    """A model of stars, fitted on 200 reviews and 100 without stars."""
    texts, stars = reviews(200, seed=0)
    return TextModel(text_estimator("rate", **SMALL), n_words=15).fit(texts, stars, X_unlabeled=reviews(100, 1)[0])


# learning


def test_stars_are_expected_ratings_of_raw_texts(rated: TextModel) -> None:
    texts, stars = reviews(200, seed=2)
    predicted = rated.predict(texts)
    assert predicted.shape == (200,)
    assert np.sqrt(np.mean((predicted - stars) ** 2)) < 0.5 < np.std(stars)
    np.testing.assert_array_equal(rated.estimator_.classes_, [1, 2, 3, 4])


def test_the_network_sees_scikit_learns_binary_bags(rated: TextModel) -> None:
    texts, _ = reviews(200, seed=0)
    vectorizer = CountVectorizer(binary=True, max_features=15).fit(texts + reviews(100, 1)[0])
    assert rated.bag_.words == vectorizer.get_feature_names_out().tolist()
    some = ["Dull, dull film!", "superb camera"]
    np.testing.assert_array_equal(rated.bag_.bags(some).toarray(), vectorizer.transform(some).toarray())
    np.testing.assert_array_equal(rated.predict(some), rated.estimator_.predict(rated.bag_.bags(some)))
    assert rated.transform(some).shape == (2, 8)
    assert rated.sparsity(some).shape == (2,)


def test_unlabelled_texts_enter_the_vocabulary_and_validation_texts_do_not() -> None:
    model = TextModel(text_estimator("classify", hidden_layer_sizes=(4,), max_epochs=1, random_state=0))
    texts = ["good one", "bad one"] * 10
    model.fit(texts, ["yes", "no"] * 10, X_val=["good surprise"], y_val=["yes"], X_unlabeled=["another word"])
    assert model.bag_.words == ["another", "bad", "good", "one", "word"]


@pytest.mark.parametrize("nothing", [None, float("nan")])
def test_a_text_without_target_is_an_unlabelled_one(nothing: float | None) -> None:
    texts, stars = reviews(60, seed=0)
    estimator = text_estimator("rate", hidden_layer_sizes=(6,), max_epochs=3, random_state=0)
    mixed = TextModel(estimator).fit(texts, [*stars[:40], *[nothing] * 20])
    apart = TextModel(estimator).fit(texts[:40], stars[:40], X_unlabeled=texts[40:])
    np.testing.assert_array_equal(mixed.predict(texts), apart.predict(texts))
    weighted = TextModel(estimator).fit(texts, [*stars[:40], *[nothing] * 20], sample_weight=np.ones(60))
    np.testing.assert_array_equal(mixed.predict(texts), weighted.predict(texts))


def test_unlabelled_texts_change_what_is_learned() -> None:
    texts, stars = reviews(60, seed=0)
    estimator = text_estimator("rate", hidden_layer_sizes=(6,), max_epochs=3, random_state=0)
    without = TextModel(estimator).fit(texts, stars)
    beside = TextModel(estimator).fit(texts, stars, X_unlabeled=texts[::-1])
    assert not np.array_equal(without.predict(texts), beside.predict(texts))


def test_defaults_fit_any_depth_and_give_way() -> None:
    for depth in range(5):
        estimator = text_estimator("rate", hidden_layer_sizes=(7,) * depth, max_epochs=1, random_state=0)
        TextModel(estimator).fit(["good film", "bad film", "no film"] * 12, [1, 2, 3] * 12)
    assert isinstance(text_estimator("classify"), RectifierClassifier)
    assert isinstance(text_estimator("regress"), RectifierRegressor)
    assert text_estimator("rate", learning_rate=0.5).learning_rate == 0.5
    assert set(text_defaults(3)) <= set(RatingRegressor().get_params())


def test_without_an_estimator_the_targets_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    small = {**text_defaults(1), "hidden_layer_sizes": (4,), "max_epochs": 1, "random_state": 0}
    monkeypatch.setattr("rectinet.estimators.text.text_defaults", lambda n_hidden: small)
    texts = ["good film", "bad film", "no film"] * 12
    assert isinstance(TextModel().fit(texts, ["a", "b", "c"] * 12).estimator_, RectifierClassifier)
    assert isinstance(TextModel(task="rate").fit(texts, [1, 2, 3] * 12).estimator_, RatingRegressor)
    with pytest.warns(UserWarning, match='read as 3 classes; for stars or grades: task="rate"'):
        assert isinstance(TextModel().fit(texts, [1, 2, 3] * 12).estimator_, RectifierClassifier)
    assert isinstance(TextModel().fit(texts, [1.5, 2, 3] * 12).estimator_, RectifierRegressor)


def test_probabilities_only_where_the_estimator_has_them() -> None:
    texts = ["good film", "bad film"] * 20
    small = {"hidden_layer_sizes": (5,), "max_epochs": 5, "random_state": 0}
    model = TextModel(text_estimator("classify", **small)).fit(texts, ["yes", "no"] * 20)
    p = model.predict_proba(texts)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert model.predict(texts).tolist() == model.estimator_.classes_[p.argmax(axis=1)].tolist()
    assert model.score(texts, ["yes", "no"] * 20) == np.mean(model.predict(texts) == ["yes", "no"] * 20)
    assert not hasattr(TextModel(text_estimator("regress")), "predict_proba")
    assert not hasattr(TextModel(), "predict_proba")


def test_scikit_learn_can_clone_search_and_cross_validate() -> None:
    texts, stars = reviews(60, seed=0)
    model = clone(TextModel(text_estimator("rate", **SMALL), n_words=9)).set_params(estimator__max_epochs=2)
    assert model.estimator.max_epochs == 2
    assert np.isfinite(cross_val_score(model, texts, stars, cv=3)).all()


# files


def test_a_saved_model_takes_raw_texts_and_gives_the_same_bytes(rated: TextModel, tmp_path: Path) -> None:
    texts, stars = reviews(50, seed=3)
    rated.save(tmp_path / "one.st")
    loaded = rectinet.load(tmp_path / "one.st")
    assert isinstance(loaded, TextModel)
    assert loaded.n_words == 15
    np.testing.assert_array_equal(loaded.predict(texts), rated.predict(texts))
    assert loaded.score(texts, stars) == rated.score(texts, stars)
    loaded.save(tmp_path / "two.st")
    assert (tmp_path / "one.st").read_bytes() == (tmp_path / "two.st").read_bytes()
    assert loaded.estimator.get_params() == rated.estimator_.get_params()
    assert clone(loaded).fit(*reviews(60, seed=0)).predict(texts).shape == (50,)


def test_vocabulary_and_settings_are_json(rated: TextModel, tmp_path: Path) -> None:
    rated.save(tmp_path / "model.st")
    data = (tmp_path / "model.st").read_bytes()
    metadata = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])["__metadata__"]
    assert metadata["kind"] == "TextModel"
    kept = dict(json.loads(metadata["document"])["facts"]["text_model"]["dict"])
    bag = dict(kept["bag"]["dict"])
    assert bag["words"] == rated.bag_.words
    assert dict(bag["settings"]["dict"])["token_pattern"] == r"(?u)\b\w\w+\b"


def test_vectorisers_come_back_setting_for_setting() -> None:
    bag, X = BagOfWords.fit(["One one one two", "two THREE three", "three"], n_words=2)
    assert bag.words == ["three", "two"]  # the number of texts decides, not that of occurrences
    again = BagOfWords(**bag.document())
    assert again == bag
    np.testing.assert_array_equal(again.bags(["One one one two", "two THREE three", "three"]).toarray(), X.toarray())
    exact = BagOfWords(["a:b", "C"], {**bag.settings, "token_pattern": r"\S+", "lowercase": False})
    np.testing.assert_array_equal(exact.bags(["C a:b", "c a"]).toarray(), [[1, 1], [0, 0]])


def test_a_changed_byte_of_the_vocabulary_is_noticed(rated: TextModel, tmp_path: Path) -> None:
    rated.save(tmp_path / "model.st")
    data = (tmp_path / "model.st").read_bytes()
    (tmp_path / "model.st").write_bytes(data.replace(b"brilliant", b"brilliand", 1))
    with pytest.raises(DamagedModelFile, match="SHA-256"):
        rectinet.load(tmp_path / "model.st")


def test_an_unfitted_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not fitted"):
        TextModel().save(tmp_path / "model.st")
    assert not list(tmp_path.iterdir())


# what is refused


@pytest.mark.parametrize(
    ("X", "y", "sentence"),
    [
        ("one text", [1], r"X must be a list of texts and is one text; write \[text\]"),
        ([], [], "X holds no text"),
        (["good", 3], [1, 2], r"X\[1\] must be a text and is 3"),
        (["good", " \n"], [1, 2], r"X\[1\] is empty"),
        (["good", "bad"], [1], "X holds 2 texts and y 1 targets"),
        (["good", "bad"], [None, None], "y has no target at all"),
    ],
)
def test_bad_texts_and_targets(X: Any, y: list[Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        TextModel().fit(X, y)


def test_texts_without_words() -> None:
    with pytest.raises(EmptyTextError, match="no word of two letters"):
        TextModel().fit(["a", "b"], [1, 2])


def test_bad_parameters_and_questions(rated: TextModel) -> None:
    with pytest.raises(ValueError, match="n_words must be an integer of at least 1; got 0"):
        TextModel(n_words=0).fit(["good", "bad"], [1, 2])
    with pytest.raises(ValueError, match="X_unlabeled must be a list of texts"):
        TextModel().fit(["good", "bad"], [1, 2], X_unlabeled="more")
    with pytest.raises(ValueError, match="not fitted"):
        TextModel().predict(["good"])


def test_a_text_of_unknown_words_has_an_answer_and_is_counted(rated: TextModel) -> None:
    with pytest.warns(UserWarning, match="1 of 2 texts share no word with the vocabulary of 15 words"):
        predicted = rated.predict(["xyzzy", "superb music"])
    assert 1 <= predicted[0] <= 4


@pytest.mark.parametrize("blank", ["", "  \n", None, float("nan"), pd.NA], ids=repr)
def test_a_blank_text_is_a_row_of_zeros_and_refuses_no_other(rated: TextModel, blank: Any) -> None:
    with pytest.warns(UserWarning, match="1 of 3 texts share no word"):
        predicted = rated.predict(["dull film", blank, "superb music"])
    np.testing.assert_allclose(predicted[[0, 2]], rated.predict(["dull film", "superb music"]), rtol=1e-14)
    empty = csr_array((1, 15), dtype=np.float32)  # the expected rating is a product of matrices: its last bit is theirs
    np.testing.assert_allclose(predicted[[1]], rated.estimator_.predict(empty), rtol=1e-14)


FRAME = pd.DataFrame({"review": ["fine lovely film", "awful dull film"] * 10, "kind": ["pos", "neg"] * 10})


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (FRAME[["review"]], "a DataFrame of 2 dimensions; give the one column of texts, as frame"),
        (FRAME, "a DataFrame of 2 dimensions"),
        (FRAME[["review"]].to_numpy(), "a ndarray of 2 dimensions"),
        ({"a": "fine film"}, "a dict"),
        ({"fine film", "dull film"}, "a set"),
        ("fine film", "one text; write"),
    ],
    ids=["column", "frame", "array", "dict", "set", "text"],
)
def test_what_is_no_list_of_texts_is_named(X: Any, kind: str) -> None:
    model = TextModel(text_estimator("classify", hidden_layer_sizes=(4,), max_epochs=1, random_state=0))
    with pytest.raises(ValueError, match=f"X must be a list of texts and is {kind}"):
        model.fit(X, ["pos", "neg"] * 10)
    model.fit(FRAME["review"], FRAME["kind"])
    for ask in (model.predict, model.predict_proba, model.transform):
        with pytest.raises(ValueError, match=f"X must be a list of texts and is {kind}"):
            ask(X)
    with pytest.raises(ValueError, match="X must be a list of texts"):
        model.score(X, ["pos"])


@pytest.mark.parametrize(
    "same",
    [
        lambda texts: np.array(texts),
        lambda texts: np.array(texts, dtype=np.dtypes.StringDType()),
        lambda texts: (text for text in texts),
        lambda texts: pd.Series(texts, dtype="string", index=range(7, 27)),
        lambda texts: pd.Series(texts, dtype="category"),
        tuple,
    ],
    ids=["str", "StringDType", "generator", "string", "category", "tuple"],
)
def test_texts_may_come_in_any_one_column(same: Callable[[list[str]], Any]) -> None:
    texts, kinds = FRAME["review"].tolist(), FRAME["kind"].tolist()
    estimator = text_estimator("classify", hidden_layer_sizes=(4,), max_epochs=2, random_state=0)
    model = TextModel(estimator).fit(texts, kinds)
    np.testing.assert_array_equal(model.predict_proba(same(texts)), model.predict_proba(texts))
    again = TextModel(estimator).fit(same(texts), pd.DataFrame({"kind": kinds}))
    np.testing.assert_array_equal(again.predict_proba(texts), model.predict_proba(texts))


@pytest.mark.parametrize("dtype", ["string", "category", object])
def test_targets_that_pandas_has_none_for(dtype: Any) -> None:
    texts = FRAME["review"].tolist()
    kinds = pd.Series([*["pos", "neg"] * 8, None, None, None, None], dtype=dtype)
    estimator = text_estimator("classify", hidden_layer_sizes=(4,), max_epochs=2, random_state=0)
    mixed = TextModel(estimator).fit(texts, kinds)
    apart = TextModel(estimator).fit(texts[:16], kinds[:16].tolist(), X_unlabeled=texts[16:])
    np.testing.assert_array_equal(mixed.predict_proba(texts), apart.predict_proba(texts))
    assert mixed.score(texts, kinds) == apart.score(texts[:16], kinds[:16].tolist())
    semi = TextModel(SemiSupervisedClassifier((4,), max_epochs=2, random_state=0))
    assert semi.fit(texts, [*["pos", "neg"] * 8, -1, -1, "-1", None]).classes_.tolist() == ["neg", "pos"]
    with pytest.raises(ValueError, match=r"y\[16\] is -1, a number, and 16 of the 18 targets are names; correct it"):
        TextModel(estimator).fit(texts, [*["pos", "neg"] * 8, -1, -1, None, None])


def test_weights_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="inconsistent numbers of samples: \\[20, 3\\]"):
        TextModel(task="classify").fit(FRAME["review"], FRAME["kind"], sample_weight=[1.0] * 3)


def test_scripts_without_blanks_have_characters_for_words(tmp_path: Path) -> None:
    texts, kinds = ["这部电影很好看", "这部电影很难看", "很好的音乐", "很难听的音乐"] * 6, ["好", "难", "好", "难"] * 6
    estimator = text_estimator("classify", hidden_layer_sizes=(12,), max_epochs=40, learning_rate=0.1, random_state=0)
    model = TextModel(estimator, tokens="characters").fit(texts, kinds)
    assert {"好", "难", "很好", "很难"} <= set(model.bag_.words)
    assert model.score(texts, kinds) == 1
    model.save(tmp_path / "model.st")
    np.testing.assert_array_equal(rectinet.load(tmp_path / "model.st").predict(texts), model.predict(texts))
    with pytest.raises(ValueError, match="tokens must be one of words, characters; got 'bytes'"):
        TextModel(estimator, tokens="bytes").fit(texts, kinds)  # type: ignore[arg-type]


# explanations


def test_an_explanation_says_what_every_word_adds(rated: TextModel) -> None:
    texts = ["A dull, awful film; the plot was slow.", "superb unheard music"]
    found = rated.explain(texts)
    words = list(found.input_names)
    assert words == rated.bag_.words
    assert found.output_names == ("1", "2", "3", "4")
    for k, text in enumerate(["awful dull film plot slow", "music superb"]):
        present = np.flatnonzero(found.contributions[0][[k]].toarray())
        assert [words[i] for i in present] == [word for word in text.split() if word in words]
    assert np.abs(found.errors).max() < 1e-5
    logits = found.outputs - found.outputs.max(axis=1, keepdims=True)
    expected = np.exp(logits) @ [1, 2, 3, 4] / np.exp(logits).sum(axis=1)
    np.testing.assert_allclose(expected, rated.predict(texts), rtol=1e-6)


def test_explanations_of_texts_take_what_those_of_bags_take(rated: TextModel) -> None:
    texts, _ = reviews(5, seed=3)
    bags, inner = rated.bag_.bags(texts), rated.estimator_
    for asked in ({"layer": 1}, {"layer": 1, "units": [0, 3]}, {"contrast": (4, 1)}):
        found, expected = rated.explain(texts, **asked), inner.explain(bags, **asked)
        np.testing.assert_array_equal(found.of(2), expected.of(2))
        assert list(found.input_names[:1]) == (["unit 0"] if asked == {"layer": 1} else rated.bag_.words[:1])
    first_order = rated.explain_expected(texts)
    assert not first_order.exact
    np.testing.assert_allclose(first_order.outputs[:, 0], rated.predict(texts), rtol=1e-6)
    with pytest.raises(ValueError, match="X must be a list of texts and is one text"):
        rated.explain("superb")
    classifier = TextModel(text_estimator("classify", **SMALL), n_words=15).fit(*reviews(40, 1))
    assert not hasattr(classifier, "explain_expected")


def test_texts_are_compared_and_have_regions(rated: TextModel) -> None:
    one, other = ["A dull, awful film."], ["superb music, brilliant plot"]
    found = rated.explain_difference(one, other)
    assert list(found.input_names) == rated.bag_.words
    present = rated.bag_.bags([*one, *other]).toarray().any(axis=0)
    assert not found.contributions[0][:, ~present].any()
    assert np.abs(found.errors).max() < 1e-10
    region = rated.region(one)
    assert region.input_names is not None
    assert list(region.input_names) == rated.bag_.words
    outputs = rated.explain(one).outputs[0]
    np.testing.assert_allclose(region.A @ region.x + region.c, outputs, atol=1e-5)
    assert rated.same_region(one, one)
    assert not rated.same_region(one, other)
    assert rated.regions([*one, *one, *other], [1, 1, 4]).purity == 1
    assert rated.n_paths([*one, *one]).shape == (2,)
    with pytest.raises(ValueError, match="baseline must be a list of texts and is one text"):
        rated.explain_difference(one, "superb")
