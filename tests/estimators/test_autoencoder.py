"""The stacked denoising auto-encoder: codes, the way back, score, files, resuming."""

import copy
import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array, issparse
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import rectinet
from rectinet import RectifierClassifier, StackedDenoisingAutoencoder
from tests.estimators.conftest import interrupt_at

SMALL = {"hidden_layer_sizes": (20, 12), "epochs": 3, "learning_rate": 0.02, "random_state": 0}
VARIANTS = {
    "plain": {},
    "balanced": {"signs": "balanced"},
    "tied, scaled": {"tied": True, "reconstruction": "sigmoid"},
    "scaled globally": {"reconstruction": "sigmoid", "code_scaling": "global"},
    "tanh": {"activation": "tanh", "reconstruction": "sigmoid", "signs": "random"},
    "pre-activation": {"reconstruction": "linear", "reconstruction_target": "pre-activation", "signs": "balanced"},
    "sampled": {"sampled_reconstruction": 0.5},
}


@pytest.fixture(scope="module")
def stack(digits):
    return StackedDenoisingAutoencoder(**SMALL).fit(digits[0])


def test_codes_are_those_of_a_pretrained_classifier(stack, digits):
    X, _ = digits
    clf = RectifierClassifier((20, 12), pretrain_epochs=3, pretrain_learning_rate=0.02, random_state=0).pretrain(X)
    for mine, theirs in zip(stack.network_.layers, clf.pretrained_network_.layers, strict=True):
        assert mine.W.tobytes() == theirs.W.tobytes()
    codes = stack.transform(X)
    assert issparse(codes)
    assert codes.shape == (300, 12)
    assert stack.transform(X, layer=0).shape == (300, 20)
    np.testing.assert_allclose(1 - codes.nnz / codes.toarray().size, stack.sparsity(X)[1])
    assert isinstance(StackedDenoisingAutoencoder(**SMALL, activation="tanh").fit(X).transform(X), np.ndarray)


def test_names_of_the_codes(stack):
    assert stack.get_feature_names_out()[-1] == "layer1_unit11"


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_way_back_reconstructs_better_than_the_mean(variant, digits):
    X, _ = digits
    mine = StackedDenoisingAutoencoder(
        **SMALL | {"hidden_layer_sizes": (40, 30), "epochs": 40, "learning_rate": 0.05} | VARIANTS[variant]
    ).fit(X)
    back = mine.inverse_transform(mine.transform(X))
    assert back.shape == X.shape
    mean = np.square(X - X.mean(axis=0)).sum(axis=1).mean()
    assert np.square(back - X).sum(axis=1).mean() < 0.5 * mean
    one = mine.inverse_transform(mine.transform(X, layer=0), layer=0)
    assert np.square(one - X).sum(axis=1).mean() < np.square(back - X).sum(axis=1).mean()


def test_linear_units_come_near_the_best_linear_code(digits):
    X, _ = digits
    settings = {"activation": "linear", "reconstruction": "linear", "corruption": "none", "dtype": "float64"}
    mine = StackedDenoisingAutoencoder((8,), epochs=150, learning_rate=0.02, random_state=0, **settings).fit(X)
    best = PCA(8).fit(X)
    bound = np.square(best.inverse_transform(best.transform(X)) - X).sum(axis=1).mean()
    assert bound <= -mine.score(X) < 1.1 * bound


def test_score_is_minus_the_error_without_noise(stack, digits):
    X, _ = digits
    back = stack.inverse_transform(stack.transform(X))
    assert stack.score(X) == pytest.approx(-np.square(back - X).sum(axis=1).mean(), rel=1e-5)
    assert stack.score(X) == stack.score(X)
    assert stack.score(csr_array(X)) == pytest.approx(stack.score(X), rel=1e-6)
    worse = StackedDenoisingAutoencoder(**SMALL | {"epochs": 0}).fit(X)
    assert stack.score(X) > worse.score(X)


def test_cross_entropy_score(digits):
    X = (digits[0] > 0.5).astype(float)
    mine = StackedDenoisingAutoencoder(**SMALL, reconstruction="sigmoid", dtype="float64").fit(X)
    p = mine.inverse_transform(mine.transform(X))
    by_hand = -(X * np.log(p) + (1 - X) * np.log1p(-p)).sum(axis=1).mean()
    assert mine.score(X) == pytest.approx(-by_hand, rel=1e-10)


def test_pieces_change_nothing(stack, digits, monkeypatch):
    X, _ = digits
    codes = stack.transform(X)
    back, score = stack.inverse_transform(codes), stack.score(X)
    monkeypatch.setattr("rectinet.estimators.autoencoder.CODED_ROWS", 7)
    np.testing.assert_allclose(stack.inverse_transform(codes), back, rtol=1e-5, atol=1e-6)
    assert stack.score(X) == pytest.approx(score, rel=1e-5)


def test_codes_of_another_width_are_named(stack):
    with pytest.raises(ValueError, match="codes of hidden layer 1 have 12 units; got 20 columns"):
        stack.inverse_transform(np.zeros((2, 20)))
    with pytest.raises(ValueError, match="layer must lie in"):
        stack.inverse_transform(np.zeros((2, 20)), layer=2)


@pytest.mark.parametrize("variant", VARIANTS)
def test_files_pickles_and_copies(variant, digits, tmp_path):
    X, _ = digits
    mine = StackedDenoisingAutoencoder(**SMALL | VARIANTS[variant]).fit(X)
    mine.save(tmp_path / "stack")
    codes, score = mine.transform(X), mine.score(X)
    for twin in (rectinet.load(tmp_path / "stack"), pickle.loads(pickle.dumps(mine)), copy.deepcopy(mine)):
        again = twin.transform(X)
        assert (again != codes).sum() == 0
        assert twin.score(X) == score
        np.testing.assert_array_equal(twin.inverse_transform(again), mine.inverse_transform(codes))
        for k in range(2):
            assert twin.autoencoders_[k].encoder.W is twin.network_.layers[k].W
        assert [a.tied for a in twin.autoencoders_] == [a.tied for a in mine.autoencoders_]
        twin.save(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == (tmp_path / "stack").read_bytes()


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("layer", "epoch"), [(0, 0), (1, 2)])
def test_ctrl_c_then_the_same_fit_again(variant, layer, epoch, digits, tmp_path, monkeypatch):
    X, _ = digits
    settings = SMALL | VARIANTS[variant]
    whole = StackedDenoisingAutoencoder(**settings).fit(X)
    interrupt_at(monkeypatch, layer, epoch)
    with pytest.raises(KeyboardInterrupt, match=f"in hidden layer {layer}"):
        StackedDenoisingAutoencoder(**settings, checkpoint=tmp_path / "checkpoint").fit(X)
    monkeypatch.undo()
    resumed = StackedDenoisingAutoencoder(**settings, checkpoint=tmp_path / "checkpoint").fit(X)
    whole.save(tmp_path / "whole")
    resumed.save(tmp_path / "resumed")
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "resumed").read_bytes()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"hidden_layer_sizes": ()}, r"needs a hidden layer; got hidden_layer_sizes=\(\)"),
        ({"epochs": -1}, "epochs must be .* got -1"),
        ({"epochs": (1, 2, 3)}, r"epochs must be one value or one per hidden layer \(2\)"),
        ({"learning_rate": "fast"}, "learning_rate must be .* got 'fast'"),
        ({"decay_from": 1.1}, "decay_from must be .* got 1.1"),
        ({"tied": "yes"}, "tied must be"),
    ],
)
def test_wrong_parameters_are_named(wrong, said, digits):
    with pytest.raises(ValueError, match=said):
        StackedDenoisingAutoencoder(**SMALL | wrong).fit(digits[0])


def test_rates_may_be_chosen(digits):
    mine = StackedDenoisingAutoencoder(**SMALL | {"learning_rate": ("auto", 0.02)}).fit(digits[0])
    assert [e["learning_rate"] for e in mine.pretrain_history_][::3] == [0.1, 0.02]


@pytest.mark.parametrize("use", ["transform", "inverse_transform", "score", "sparsity", "save"])
def test_not_fitted_is_said(use):
    with pytest.raises(NotFittedError):
        getattr(StackedDenoisingAutoencoder(), use)([[0.0]])


def test_in_a_pipeline_and_a_grid_search(digits):
    X, y = digits
    pipeline = make_pipeline(StackedDenoisingAutoencoder(**SMALL | {"epochs": 20}), LogisticRegression(max_iter=1000))
    assert pipeline.fit(X, y).score(X, y) > 0.8
    grid = GridSearchCV(StackedDenoisingAutoencoder(**SMALL), {"learning_rate": [1e-5, 0.02]}, cv=2).fit(X)
    assert grid.best_params_ == {"learning_rate": 0.02}


def test_held_out_error_in_the_history(digits):
    X, _ = digits
    mine = StackedDenoisingAutoencoder(**SMALL).fit(X[:200], X_val=X[200:])
    assert all("validation_error" in entry for entry in mine.pretrain_history_)
