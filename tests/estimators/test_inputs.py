"""What X and y may be: sparse, frames, read-only, any float; never changed; NaN named."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import coo_array, csc_matrix, csr_array, csr_matrix

from rectinet import RectifierClassifier, RectifierRegressor

SMALL = {"hidden_layer_sizes": (12, 8), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0}

matrices = arrays(
    np.float64,
    (24, 5),
    elements=st.one_of(st.just(0.0), st.integers(-8, 8).map(float), st.floats(-3, 3, width=32)),
)


@pytest.mark.filterwarnings("ignore:hidden layer . is silent:UserWarning")  # on some of the drawn matrices, rightly
@pytest.mark.parametrize("engine", ["native", "reference"])
@settings(max_examples=25, deadline=None)
@given(X=matrices, signs=st.sampled_from(["positive", "balanced"]))
def test_fit_on_csr_is_fit_on_the_dense_matrix(engine, X, signs):
    y = np.arange(24) % 3
    kind = RectifierClassifier(
        (6, 4), signs=signs, activity_l1=1e-3, learning_rate=0.05, max_epochs=3, early_stopping=False,
        random_state=0, dtype="float64", engine=engine,
    )  # fmt: skip
    dense = kind.fit(X, y).decision_function(X)
    sparse = kind.fit(csr_array(X), y).decision_function(csr_array(X))
    np.testing.assert_allclose(dense, sparse, rtol=1e-10, atol=1e-10)


def untidy(X):
    """The same matrix as CSR with unsorted columns, duplicates that sum, and explicit zeros."""
    data, indices, indptr = [], [], [0]
    for row in X:
        on = np.flatnonzero(row)[::-1]
        data += [*(row[on] / 2), *(row[on] / 2), 0.0]
        indices += [*on, *on, 0]
        indptr.append(len(indices))
    return csr_matrix((np.array(data), np.array(indices), np.array(indptr)), shape=X.shape)


def test_untidy_csr_counts_as_what_it_means_and_is_not_changed(digits, same_parameters):
    X, y = digits
    given_X = untidy(X)
    before = [part.copy() for part in (given_X.data, given_X.indices, given_X.indptr)]
    tidy = RectifierClassifier(**SMALL, dtype="float64").fit(csr_array(X), y)
    clf = RectifierClassifier(**SMALL, dtype="float64").fit(given_X, y)
    assert same_parameters(tidy, clf)
    np.testing.assert_array_equal(clf.predict_proba(given_X), tidy.predict_proba(csr_array(X)))
    for part, old in zip((given_X.data, given_X.indices, given_X.indptr), before, strict=True):
        np.testing.assert_array_equal(part, old)


@pytest.mark.parametrize("form", [csr_matrix, csc_matrix, coo_array])
def test_every_sparse_form_is_read(form, digits, same_parameters):
    X, y = digits
    assert same_parameters(
        RectifierClassifier(**SMALL).fit(csr_array(X), y), RectifierClassifier(**SMALL).fit(form(X), y)
    )


def test_64_bit_indices(digits, same_parameters):
    X, y = digits
    wide = csr_array(X)
    wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
    a = RectifierClassifier(**SMALL).fit(wide, y)
    assert same_parameters(a, RectifierClassifier(**SMALL).fit(csr_array(X), y))
    np.testing.assert_array_equal(a.predict(wide), a.predict(csr_array(X)))


def test_float32_and_fortran_order_and_lists(digits, same_parameters):
    X, y = digits
    plain = RectifierClassifier(**SMALL).fit(X, y)
    for form in (X.astype(np.float32), np.asfortranarray(X), X.tolist(), X[::1, :]):
        assert same_parameters(plain, RectifierClassifier(**SMALL).fit(form, y))


def test_data_frames_with_string_labels(digits):
    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel{k}" for k in range(64)])
    labels = pd.Series(y).map(lambda k: f"digit {k}")
    clf = RectifierClassifier(**SMALL).fit(frame, labels)
    assert list(clf.feature_names_in_) == list(frame.columns)
    assert list(clf.classes_) == [f"digit {k}" for k in range(10)]
    assert clf.predict(frame).dtype == object
    with pytest.raises(ValueError, match="feature names"):
        clf.predict(frame[frame.columns[::-1]])


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (np.array([True, False] * 20), [False, True]),
        (np.array([-1, 1] * 20), [-1, 1]),
        (np.array(["no", "yes"] * 20), ["no", "yes"]),
        (np.array([0.0, 2.0] * 20), [0.0, 2.0]),
    ],
)
def test_labels_of_any_kind(y, expected):
    X = np.random.default_rng(0).normal(size=(40, 3))
    clf = RectifierClassifier(**SMALL).fit(X, y)
    assert clf.classes_.tolist() == expected
    assert clf.classes_.dtype == y.dtype
    assert set(clf.predict(X)) <= set(expected)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_numbers_that_are_none_are_refused(bad, digits):
    X, y = digits
    spoilt = X.copy()
    spoilt[7, 3] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        RectifierClassifier(**SMALL).fit(spoilt, y)
    clf = RectifierClassifier(**SMALL).fit(X, y)
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        clf.predict(csr_array(spoilt))


def test_negative_zero_and_subnormals_are_numbers():
    X = np.array([[-0.0, 1e-310], [0.0, -1e-40], [1.0, -0.0]] * 8)
    y = np.array([0, 1, 2] * 8)
    settings_ = SMALL | {"early_stopping": False}
    a = RectifierClassifier(**settings_).fit(X, y)
    b = RectifierClassifier(**settings_).fit(csr_array(X), y)
    np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-5)


def test_regression_targets_that_are_none_are_refused(curve):
    X, Y = curve
    spoilt = Y[:, 0].copy()
    spoilt[0] = np.nan
    with pytest.raises(ValueError, match="y contains NaN"):
        RectifierRegressor(**SMALL).fit(X, spoilt)


@pytest.mark.filterwarnings("ignore:A column-vector:sklearn.exceptions.DataConversionWarning")
def test_several_labels_per_example_name_the_way_out(digits):
    X, y = digits
    several = np.eye(10, dtype=int)[y]
    with pytest.raises(ValueError, match=r"MultiOutputClassifier"):
        RectifierClassifier(**SMALL).fit(X, several)
    with pytest.raises(ValueError, match=r"MultiOutputClassifier"):
        RectifierClassifier(**SMALL).partial_fit(X, several, classes=[0, 1])
    assert len(RectifierClassifier(**SMALL).fit(X, y[:, None]).classes_) == 10  # one column is read, with a warning
