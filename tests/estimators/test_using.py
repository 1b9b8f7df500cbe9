"""What a fitted estimator answers: predictions, codes, sparsity; from threads, and inside scikit-learn's tools."""

import copy
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse
from scipy.special import expit
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rectinet import RectifierClassifier, RectifierRegressor

SMALL = {"hidden_layer_sizes": (30, 20), "learning_rate": 0.1, "max_epochs": 5, "random_state": 0}


@pytest.fixture(scope="module")
def clf(digits):
    return RectifierClassifier(**SMALL).fit(*digits)


@pytest.fixture(scope="module")
def binary(digits):
    X, y = digits
    return RectifierClassifier(**SMALL, dtype="float64").fit(X, y > 4)


def test_probabilities(clf, digits):
    P = clf.predict_proba(digits[0])
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(clf.predict_log_proba(digits[0]), np.log(P), rtol=1e-12)
    np.testing.assert_array_equal(clf.predict(digits[0]), clf.classes_[P.argmax(axis=1)])


def test_the_binary_decision_is_the_difference_of_the_logits(binary, digits):
    decision = binary.decision_function(digits[0])
    assert decision.shape == (300,)
    np.testing.assert_allclose(expit(decision), binary.predict_proba(digits[0])[:, 1], rtol=1e-12)
    np.testing.assert_array_equal(binary.predict(digits[0]), decision > 0)


def test_codes_are_sparse_where_units_can_be_off(clf, digits):
    X, _ = digits
    codes = clf.transform(X)
    assert issparse(codes)
    assert codes.format == "csr"
    assert codes.shape == (300, 20)
    assert codes.dtype == np.float32
    assert (codes.data > 0).all()
    np.testing.assert_allclose(1 - codes.nnz / (300 * 20), clf.sparsity(X)[1])
    np.testing.assert_array_equal(clf.transform(X, layer=1).toarray(), codes.toarray())
    assert clf.transform(X, layer=0).shape == clf.transform(X, layer=-2).shape == (300, 30)
    W, b = clf.network_.layers[2].W, clf.network_.layers[2].b
    np.testing.assert_allclose(codes @ W + b, clf.decision_function(X), rtol=1e-4, atol=1e-4)


def test_codes_are_dense_where_they_cannot(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL, activation="tanh").fit(X, y)
    assert isinstance(clf.transform(X), np.ndarray)
    np.testing.assert_array_equal(clf.sparsity(X), [0, 0])


def test_codes_in_blocks_are_the_same_codes(clf, digits, monkeypatch):
    whole = clf.transform(digits[0]).toarray()
    monkeypatch.setattr("rectinet.estimators._coder.CODED_ROWS", 7)
    np.testing.assert_allclose(clf.transform(digits[0]).toarray(), whole, rtol=1e-6)


def test_feature_names_of_the_codes(clf):
    names = clf.get_feature_names_out()
    assert list(names[:2]) == ["layer1_unit0", "layer1_unit1"]
    assert len(names) == 20


@pytest.mark.parametrize("layer", [2, -3])
def test_a_layer_that_is_not_there(clf, digits, layer):
    with pytest.raises(ValueError, match=rf"layer must lie in \[-2, 2\) for 2 hidden layers; got {layer}"):
        clf.transform(digits[0], layer=layer)


def test_no_hidden_layer_is_logistic_regression():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4))
    y = X[:, 0] + rng.normal(size=300) > 0
    linear = RectifierClassifier(
        (), learning_rate=0.5, batch_size=300, max_epochs=1000, early_stopping=False, dtype="float64", random_state=0
    ).fit(X, y)
    exact = LogisticRegression(C=np.inf, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(linear.predict_proba(X), exact.predict_proba(X), rtol=1e-4)
    with pytest.raises(ValueError, match="0 hidden layers"):
        linear.transform(X)
    assert linear.sparsity(X).shape == (0,)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_predictor_of_a_classifier(engine, clf, digits):
    X, _ = digits
    mine = copy.deepcopy(clf).set_params(engine=engine)
    p = mine.predictor()
    np.testing.assert_allclose([p(x) for x in X[:20]], mine.predict_proba(X[:20]), rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(p(list(X[0])), p(X[0].astype(np.float32)))
    again = pickle.loads(pickle.dumps(p))
    np.testing.assert_array_equal(again(X[0]), p(X[0]))


def test_predictor_keeps_its_own_parameters(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL).fit(X, y)
    p = clf.predictor()
    before = np.array(p(X[0]))
    clf.partial_fit(X, y)
    for _, values in clf.network_.parameters():
        values[...] = 0
    np.testing.assert_array_equal(p(X[0]), before)


@pytest.mark.parametrize("x", [np.zeros(63), np.zeros((1, 64)), 0.0])
def test_predictor_names_a_wrong_shape(clf, x):
    with pytest.raises(ValueError, match=r"one example of shape \(64,\); got shape"):
        clf.predictor()(x)


def test_predicting_from_8_threads_is_predicting_serially(clf, digits):
    X, _ = digits
    parts = [X[k % 250 : k % 250 + 10] for k in range(1000)]
    serial = [clf.predict_proba(part) for part in parts]
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(clf.predict_proba, parts))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(serial, parallel, strict=True))


def test_using_changes_nothing(clf, digits):
    X, y = digits
    before = pickle.dumps(clf)
    for use in (clf.predict, clf.predict_proba, clf.decision_function, clf.transform, clf.sparsity):
        use(X)
        use(csr_array(X))
    clf.score(X, y)
    clf.predictor()(X[0])
    assert pickle.dumps(clf) == before


@pytest.mark.parametrize("twin", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
def test_pickles_and_copies_answer_alike_and_go_on_alike(twin, clf, digits, same_parameters):
    X, y = digits
    other = twin(clf)
    np.testing.assert_array_equal(other.predict_proba(X), clf.predict_proba(X))
    assert same_parameters(twin(clf).partial_fit(X, y), other.partial_fit(X, y))


@pytest.mark.parametrize(
    "use",
    [
        "predict",
        "predict_proba",
        "predict_log_proba",
        "decision_function",
        "transform",
        "sparsity",
        "save",
        "predictor",
    ],
)
def test_not_fitted_is_said(use):
    method = getattr(RectifierClassifier(), use)
    with pytest.raises(NotFittedError):
        method() if use == "predictor" else method([[0.0]])


def test_in_a_pipeline_and_as_a_transformer(digits):
    X, y = digits
    pipeline = make_pipeline(StandardScaler(), RectifierClassifier(**SMALL), LogisticRegression(max_iter=1000))
    assert pipeline.fit(X, y).score(X, y) > 0.9


def test_in_a_grid_search(digits):
    grid = GridSearchCV(
        make_pipeline(StandardScaler(), RectifierClassifier(**SMALL)),
        {"rectifierclassifier__hidden_layer_sizes": [(), (10,), (10, 10)]},
        cv=2,
    )
    assert grid.fit(*digits).best_score_ > 0.7


def test_in_cross_validation(digits, curve):
    assert cross_val_score(RectifierClassifier(**SMALL), *digits, cv=3).min() > 0.6
    X, Y = curve
    assert cross_val_score(RectifierRegressor(**SMALL | {"max_epochs": 50}), X, Y, cv=3).min() > 0.8


def test_cloning_forgets_what_was_learned(clf):
    twin = clone(clf)
    assert twin.get_params() == clf.get_params()
    assert not hasattr(twin, "network_")


def test_importing_the_package_brings_nothing_heavy():
    script = (
        "import sys, rectinet; heavy = {'torch', 'matplotlib', 'pandas', 'sklearn'} & set(sys.modules);"
        "assert not heavy, heavy; assert 'RectifierClassifier' in dir(rectinet);"
        "import rectinet.estimators; heavy = {'torch', 'matplotlib'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_a_name_the_package_does_not_have():
    import rectinet

    with pytest.raises(AttributeError, match="module 'rectinet' has no attribute 'Classifier'"):
        _ = rectinet.Classifier


def test_a_model_mapped_from_disk_predicts_signs_included(digits, tmp_path):
    """joblib gives read-only arrays to workers; a network makes memory of its own of them."""
    joblib = pytest.importorskip("joblib")
    X, y = digits
    clf = RectifierClassifier((40, 40), signs="balanced", max_epochs=1, random_state=0).fit(X, y)
    joblib.dump(clf, tmp_path / "model.joblib")
    mapped = joblib.load(tmp_path / "model.joblib", mmap_mode="r")
    np.testing.assert_array_equal(mapped.predict_proba(X), clf.predict_proba(X))
    copy = clf.network_.copy()
    assert copy.layers[0].signs is not clf.network_.layers[0].signs
    mapped.partial_fit(X, y)
