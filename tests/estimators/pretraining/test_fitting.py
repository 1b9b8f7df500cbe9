"""Pre-training within fit: unlabelled examples, penalties, divergence, progress."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.exceptions import NotFittedError

from rectinet import DivergenceError, RectifierClassifier, StackedDenoisingAutoencoder
from tests.estimators.pretraining.conftest import KINDS, SMALL


@pytest.mark.parametrize("kind", KINDS)
def test_pretraining_comes_first_and_tells_its_history(kind, digits):
    X, y = digits
    model = kind(**SMALL).fit(X, y)
    assert [(e["layer"], e["epoch"]) for e in model.pretrain_history_] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    assert {"loss", "penalty", "zeros", "union", "density", "sampled", "seconds", "learning_rate"} <= set(
        model.pretrain_history_[0]
    )
    assert len(model.history_) == 3
    plain = kind(**SMALL | {"pretrain_epochs": 0}).fit(X, y)
    assert plain.pretrain_history_ == []
    assert not np.array_equal(plain.predict(X), model.predict(X))


def test_unlabelled_examples_change_the_result(few, same_parameters):
    X, y, more = few
    alone = RectifierClassifier(**SMALL).fit(X, y)
    together = RectifierClassifier(**SMALL).fit(X, y, X_unlabeled=more)
    assert not same_parameters(alone, together)
    assert same_parameters(together, RectifierClassifier(**SMALL).fit(X, y, X_unlabeled=more))


def test_unlabelled_examples_may_be_sparse_when_x_is(few, same_parameters):
    X, y, more = few
    settings = SMALL | {"dtype": "float64", "sampled_reconstruction": None}
    dense = RectifierClassifier(**settings).fit(X, y, X_unlabeled=more)
    sparse = RectifierClassifier(**settings).fit(csr_array(X), y, X_unlabeled=csr_array(more))
    np.testing.assert_allclose(dense.predict_proba(X), sparse.predict_proba(X), rtol=1e-8)
    with pytest.raises(ValueError, match="X is a sparse matrix, X_unlabeled a dense array"):
        RectifierClassifier(**settings).fit(csr_array(X), y, X_unlabeled=more)
    with pytest.raises(ValueError, match="X is a dense array, X_unlabeled a sparse matrix"):
        RectifierClassifier(**settings).fit(X, y, X_unlabeled=csr_array(more))


def test_unlabelled_examples_without_pretraining_are_refused(few):
    X, y, more = few
    with pytest.raises(ValueError, match=r"there is none with pretrain_epochs=0 .* pretrain_epochs=10 to begin with"):
        RectifierClassifier(**SMALL | {"pretrain_epochs": 0}).fit(X, y, X_unlabeled=more)
    with pytest.raises(ValueError, match=r"hidden_layer_sizes=\(\)"):
        RectifierClassifier(**SMALL | {"hidden_layer_sizes": ()}).fit(X, y, X_unlabeled=more)
    with pytest.raises(ValueError, match="X has 3 features"):
        RectifierClassifier(**SMALL).fit(X, y, X_unlabeled=more[:, :3])


def test_few_labels_learn_better_after_pretraining(digits):
    """A sanity check, paired over draws of 30 labels; the figures are in the benchmarks."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    X = X / 16
    settings = {
        "hidden_layer_sizes": (100, 100), "learning_rate": 0.05, "max_epochs": 60, "early_stopping": False,
        "pretrain_learning_rate": 0.02, "output_init": "zeros",
    }  # fmt: skip
    gains = []
    for draw in range(4):
        rows = np.random.default_rng(draw).permutation(len(X))
        labelled, others, test = rows[:30], rows[30:1000], rows[1000:]
        scores = [
            RectifierClassifier(**settings, pretrain_epochs=epochs, random_state=draw)
            .fit(X[labelled], y[labelled], X_unlabeled=X[others] if epochs else None)
            .score(X[test], y[test])
            for epochs in (0, 20)
        ]
        gains.append(scores[1] - scores[0])
    assert np.mean(gains) > 0.01
    assert min(gains) > -0.03


def test_held_out_examples_take_no_part_in_pretraining(digits, same_parameters):
    X, y = digits
    settings = SMALL | {"max_epochs": 1}
    a = RectifierClassifier(**settings).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    b = RectifierClassifier(**settings).fit(X[:200], y[:200], X_val=X[200:] + 1, y_val=y[200:])
    assert same_parameters(a, b)


def test_activity_l1_goes_on_in_fine_tuning(digits):
    X, y = digits
    free, sparse = (RectifierClassifier(**SMALL, activity_l1=l1).fit(X, y) for l1 in (0.0, 0.02))
    assert all(e["penalty"] > 0 for e in sparse.pretrain_history_ + sparse.history_)
    assert (sparse.sparsity(X) > free.sparsity(X)).all()
    only_pretraining = RectifierClassifier(**SMALL, pretrain_activity_l1=0.02).fit(X, y)
    assert only_pretraining.pretrain_history_ != free.pretrain_history_
    assert [e["penalty"] for e in only_pretraining.history_] == [0, 0, 0]
    assert [e["penalty"] for e in only_pretraining.pretrain_history_] == [
        e["penalty"] for e in sparse.pretrain_history_
    ]


def test_a_zero_output_layer(digits):
    X, y = digits
    clf = RectifierClassifier((8,), learning_rate=1e-30, max_epochs=1, output_init="zeros", random_state=0).fit(X, y)
    np.testing.assert_allclose(clf.predict_proba(X), 0.1, rtol=1e-6)


def test_divergence_in_pretraining_leaves_nothing_fitted(digits):
    X, y = digits
    clf = RectifierClassifier(
        **SMALL | {"pretrain_epochs": (1, 40), "pretrain_learning_rate": (0.01, 1e9), "reconstruction": "linear"}
    )
    with pytest.raises(DivergenceError, match=r'lower pretrain_learning_rate.*="auto"') as caught:
        clf.fit(X, y)
    assert caught.value.history[0]["layer"] == 0
    assert caught.value.best_model is None
    with pytest.raises(NotFittedError):
        clf.predict(X)


def test_inputs_that_cannot_be_reconstructed_are_said(digits):
    X, y = digits
    X = X - 0.1
    with pytest.warns(
        UserWarning, match=r"reconstruction=.softplus. never answers below 0 and X goes down to -0\.1"
    ) as caught:
        RectifierClassifier(**SMALL).fit(X, y)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="never answers below 0") as caught:
        RectifierClassifier(**SMALL).pretrain(X)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="never answers below 0") as caught:
        StackedDenoisingAutoencoder((4,), epochs=1, random_state=0).fit(X)
    assert caught[0].filename == __file__
    RectifierClassifier(**SMALL, reconstruction=["linear", "softplus"]).fit(X, y)  # warnings are errors here


def test_verbose_shows_the_layers_and_changes_nothing(digits, capsys, same_parameters):
    quiet = RectifierClassifier(**SMALL).fit(*digits)
    assert capsys.readouterr().out == ""
    loud = RectifierClassifier(**SMALL, verbose=1).fit(*digits)
    assert "pre-training layer 2/2 epoch 2/2" in capsys.readouterr().out
    assert same_parameters(quiet, loud)
