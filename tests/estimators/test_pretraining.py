"""Pre-training through the faces: parameters, unlabelled examples, pre-train once and fine-tune often, resuming."""

import copy
import pickle
import signal

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import rectinet
from rectinet import DivergenceError, RectifierClassifier, RectifierRegressor, StackedDenoisingAutoencoder
from rectinet.autoencoder import Sampling
from rectinet.estimators._checkpoint import CheckpointMismatch
from rectinet.noise import Corruption
from rectinet.pretraining.task import Denoising

SMALL = {
    "hidden_layer_sizes": (16, 12), "learning_rate": 0.1, "max_epochs": 3, "random_state": 0, "early_stopping": False,
    "pretrain_epochs": 2, "pretrain_learning_rate": 0.02,
}  # fmt: skip
KINDS = [RectifierClassifier, RectifierRegressor]


@pytest.fixture(scope="module")
def few(digits):
    """60 labelled digits and the inputs of 240 others."""
    X, y = digits
    return X[:60], y[:60], X[60:]


# -- fitting -----------------------------------------------------------------------------------------------------------


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
    with pytest.raises(DivergenceError, match=r'lower the rate of pre-training.*"auto"'):
        clf.fit(X, y)
    assert clf.pretrain_history_[0]["layer"] == 0
    with pytest.raises(NotFittedError):
        clf.predict(X)


def test_inputs_that_cannot_be_reconstructed_are_said(digits):
    X, y = digits
    X = X - 0.1
    with pytest.warns(UserWarning, match=r"'softplus' never answers below 0 and X goes down to -0\.1") as caught:
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


# -- parameters --------------------------------------------------------------------------------------------------------


def planned(X, **params):
    clf = RectifierClassifier(**{"hidden_layer_sizes": (5, 4, 3), "pretrain_epochs": 1, **params})
    return clf._plan(X)


def test_defaults_of_every_layer(digits):
    for settings in planned(digits[0]):
        assert settings.corruption == Corruption("masking", 0.25)
        assert (settings.learning_rate, settings.batch_size, settings.epochs) == (0.01, 10, 1)
        assert (settings.reconstruction, settings.tied, settings.sampling) == ("softplus", False, None)
        assert (settings.code_scaling, settings.target, settings.decay_from) == ("none", "code", 1.0)


def test_one_value_or_one_per_layer(digits):
    plan = planned(
        digits[0], pretrain_epochs=(3, 2, 1), pretrain_learning_rate=("auto", 0.1, 0.2), tied=[True, False, False],
        corruption=("masking", "gaussian", "none"), corruption_level=(0.1, 0.2, 0.3), batch_size=7,
        reconstruction=["sigmoid", "linear", "rectifier"], activity_l1=(0.1, 0.0, 0.2), pretrain_decay_from=0.5,
        activity_l1_normalization="mean", sampled_reconstruction=(0.5, None, "auto"),
        reconstruction_target="pre-activation",
    )  # fmt: skip
    assert [s.epochs for s in plan] == [3, 2, 1]
    assert [s.learning_rate for s in plan] == ["auto", 0.1, 0.2]
    assert [s.tied for s in plan] == [True, False, False]
    assert [s.corruption.kind for s in plan] == ["masking", "gaussian", "none"]
    assert [s.corruption.level for s in plan] == [0.1, 0.2, 0.0]
    assert [s.activity_l1 for s in plan] == [0.1 / 5, 0, 0.2 / 3]
    assert [s.sampling for s in plan] == [Sampling(0.5), None, None]
    assert [s.target for s in plan] == ["code", "pre-activation", "code"]
    assert {s.batch_size for s in plan} == {7}
    assert {s.decay_from for s in plan} == {0.5}
    assert {s.batch_size for s in planned(digits[0], pretrain_batch_size=50)} == {50}


def test_salt_and_pepper_follows_the_density_and_masks_above(digits):
    X, _ = digits
    density = np.count_nonzero(X) / X.size
    for given in (X, csr_array(X)):
        first, second, _ = planned(given, corruption="salt_and_pepper", corruption_level=0.5)
        assert first.corruption == Corruption("salt_and_pepper", 0.5, 0.5 * density)
        assert second.corruption == Corruption("masking", 0.5)
    pairs = planned(X, corruption="salt_and_pepper", corruption_level=[(0.7, 0.0041), (0.5, 0.1), 0.3])
    assert [s.corruption for s in pairs] == [
        Corruption("salt_and_pepper", 0.7, 0.0041), Corruption("salt_and_pepper", 0.5, 0.1), Corruption("masking", 0.3)
    ]  # fmt: skip


def test_sampled_reconstruction_is_for_sparse_inputs(digits):
    X, _ = digits
    assert [s.sampling for s in planned(csr_array(X))] == [Sampling(0.1), None, None]
    assert [s.sampling for s in planned(csr_array(X), sampled_reconstruction=None)] == [None] * 3
    assert [s.sampling for s in planned(X, sampled_reconstruction=0.2)] == [Sampling(0.2)] * 3


def test_codes_are_scaled_where_cross_entropy_needs_it(digits):
    def scalings(**params):
        return [s.code_scaling for s in planned(digits[0], **params)]

    assert scalings() == ["none"] * 3
    assert scalings(reconstruction="sigmoid") == ["per-unit", "per-unit", "none"]
    assert scalings(reconstruction=("softplus", "sigmoid", "softplus")) == ["per-unit", "none", "none"]
    assert scalings(reconstruction="sigmoid", activation="tanh") == ["none"] * 3
    assert scalings(code_scaling="global") == ["global", "global", "none"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pretrain_epochs": -1}, "pretrain_epochs must be an integer of at least 0.* got -1"),
        ({"pretrain_epochs": (1, 2, 3)}, r"pretrain_epochs must be one value or one per hidden layer \(2\)"),
        ({"pretrain_learning_rate": 0.0}, "pretrain_learning_rate must be .* got 0.0"),
        ({"pretrain_learning_rate": "slow"}, "pretrain_learning_rate must be .* got 'slow'"),
        ({"corruption": "dropout"}, "corruption must be .* got 'dropout'"),
        ({"corruption": ["masking"]}, "corruption must be one value or one per hidden layer"),
        ({"corruption_level": -0.5}, "corruption_level must be .* got -0.5"),
        ({"corruption_level": 1.5}, "corruption_level is a probability .* got 1.5"),
        ({"corruption_level": [(0.5, 0.1), 0.2]}, "corruption_level=.* is a pair"),
        ({"corruption_level": [(0.5, 0.1, 0.2), 0.2]}, "corruption_level must be"),
        (
            {"corruption": ["masking", "salt_and_pepper"]},
            r"hidden layer 1 needs both .*\(p_zero, p_one\)",
        ),
        ({"reconstruction": "relu"}, "reconstruction must be .* got 'relu'"),
        ({"tied": 1}, "tied must be .* got 1"),
        ({"pretrain_batch_size": 0}, "pretrain_batch_size must be .* got 0"),
        ({"pretrain_activity_l1": -1.0}, "pretrain_activity_l1 must be .* got -1.0"),
        ({"code_scaling": True}, "code_scaling must be .* got True"),
        ({"code_scaling": "global", "activation": "tanh"}, "hidden layer 0 has tanh units"),
        ({"reconstruction": "sigmoid", "code_scaling": "none"}, 'Use code_scaling="per-unit"'),
        ({"reconstruction_target": "input"}, "reconstruction_target must be .* got 'input'"),
        ({"reconstruction_target": "pre-activation"}, 'goes with reconstruction="linear".*got .*softplus'),
        ({"sampled_reconstruction": 0.0}, "sampled_reconstruction must be .* got 0.0"),
        ({"pretrain_decay_from": -0.1}, "pretrain_decay_from must be .* got -0.1"),
        ({"output_init": "ones"}, "output_init must be .* got 'ones'"),
    ],
)
def test_wrong_parameters_are_named(wrong, said, digits):
    with pytest.raises(ValueError, match=said):
        RectifierClassifier(**SMALL | wrong).fit(*digits)


def test_cross_entropy_needs_the_unit_interval(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"X in \[0, 1\]; got values from 0 to 16"):
        RectifierClassifier(**SMALL, reconstruction="sigmoid").fit(16 * X, y)


@pytest.mark.parametrize("activation", ["rectifier", "softplus", "tanh", "logistic", "linear"])
@pytest.mark.parametrize("reconstruction", ["softplus", "sigmoid", "linear", "rectifier"])
@pytest.mark.parametrize("tied", [False, True])
def test_every_unit_with_every_reconstruction(activation, reconstruction, tied, digits):
    settings = SMALL | {"max_epochs": 1, "pretrain_epochs": 1}
    clf = RectifierClassifier(
        **settings, activation=activation, reconstruction=reconstruction, tied=tied, signs="balanced"
    )
    if reconstruction == "sigmoid" and activation in ("softplus", "linear"):
        with pytest.raises(ValueError, match=f"{activation} units cannot be scaled"):
            clf.fit(*digits)
    else:
        assert np.isfinite(clf.fit(*digits).pretrain_history_[-1]["loss"])


# -- pre-train once, fine-tune often -----------------------------------------------------------------------------------


def test_pretrain_then_fit_is_fit(digits, same_parameters):
    X, y = digits
    whole = RectifierClassifier(**SMALL).fit(X, y)
    pieces = RectifierClassifier(**SMALL).pretrain(X).fit(X, y)
    assert same_parameters(whole, pieces)
    assert [e["loss"] for e in whole.pretrain_history_] == [e["loss"] for e in pieces.pretrain_history_]


def test_fit_after_pretrain_does_not_pretrain_again_and_leaves_it_as_it_was(few, monkeypatch, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    before = pickle.dumps(clf.pretrained_network_)
    history = clf.pretrain_history_
    monkeypatch.setattr(Denoising, "run", None)
    first = copy.deepcopy(clf.fit(X, y))
    again = clf.fit(X, y)
    assert same_parameters(first, again)
    assert pickle.dumps(clf.pretrained_network_) == before
    assert clf.pretrain_history_ == history
    clf.set_params(pretrain_epochs=0).fit(X, y)  # nor thrown away
    assert same_parameters(first, clf)


def test_begun_anew_without_it(few, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    plain = RectifierClassifier(**SMALL).fit(X, y)
    assert not same_parameters(plain, clf.fit(X, y))
    del clf.pretrained_network_
    assert same_parameters(plain, clf.fit(X, y))
    assert same_parameters(plain, clone(RectifierClassifier(**SMALL).pretrain(more)).fit(X, y))


def test_a_pretrained_estimator_is_not_fitted(few):
    X, _, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    with pytest.raises(NotFittedError):
        clf.predict(X)
    assert clf.pretrained_network_.n_outputs == 1


def test_partial_fit_goes_on_from_it(few, same_parameters):
    X, y, more = few
    whole = RectifierClassifier(**SMALL).pretrain(more).fit(X, y)
    pieces = RectifierClassifier(**SMALL).pretrain(more)
    for _ in range(3):
        pieces.partial_fit(X, y)
    assert same_parameters(whole, pieces)


def test_saved_once_fine_tuned_many_times(few, tmp_path, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL, signs="balanced").pretrain(more)
    clf.save(tmp_path / "pretrained")
    one, other = rectinet.load(tmp_path / "pretrained"), rectinet.load(tmp_path / "pretrained")
    with pytest.raises(NotFittedError):
        one.predict(X)
    assert [e["loss"] for e in one.pretrain_history_] == [e["loss"] for e in clf.pretrain_history_]
    assert same_parameters(one.fit(X, y), clf.fit(X, y))
    other.fit(X[::-1], y[::-1])
    assert not same_parameters(one, other)
    one.save(tmp_path / "fitted")
    third = rectinet.load(tmp_path / "fitted")
    np.testing.assert_array_equal(third.predict_proba(X), one.predict_proba(X))
    assert same_parameters(third.fit(X, y), one)  # the pre-trained network came along
    one.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "fitted").read_bytes()


def test_pretrained_estimators_are_copied_and_pickled(few, same_parameters):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    for twin in (copy.deepcopy(clf), pickle.loads(pickle.dumps(clf))):
        assert same_parameters(twin.fit(X, y), clf.fit(X, y))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hidden_layer_sizes": (16, 13)}, r"hidden_layer_sizes=\(16, 12\); got \(16, 13\)"),
        ({"activation": "tanh"}, "activation='rectifier'; got 'tanh'"),
        ({"dtype": "float64"}, "dtype='float32'; got 'float64'"),
    ],
)
def test_another_network_than_the_pretrained_one_is_refused(change, said, few):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more).set_params(**change)
    with pytest.raises(ValueError, match=said):
        clf.fit(X, y)


def test_other_features_or_unlabelled_examples_after_pretraining_are_refused(few):
    X, y, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more)
    with pytest.raises(ValueError, match="the number of features=64; got 3"):
        clf.fit(X[:, :3], y)
    with pytest.raises(ValueError, match="X_unlabeled is for pre-training, which has been done"):
        clf.fit(X, y, X_unlabeled=more)


@pytest.mark.parametrize("change", [{"pretrain_epochs": 0}, {"pretrain_epochs": (0, 0)}, {"hidden_layer_sizes": ()}])
def test_nothing_to_pretrain_is_said(change, few):
    with pytest.raises(ValueError, match="there is nothing to pre-train with pretrain_epochs="):
        RectifierClassifier(**SMALL | change).pretrain(few[2])


def test_held_out_reconstruction_error_while_pretraining(few):
    X, _, more = few
    clf = RectifierClassifier(**SMALL).pretrain(more, X_val=X)
    assert all(e["validation_error"] > 0 for e in clf.pretrain_history_)


# -- stopping and resuming ---------------------------------------------------------------------------------------------


def interrupt_at(monkeypatch, layer, epoch):
    healthy = Denoising.run

    def run(task, order, at, *rest):
        healthy(task, order, at, *rest)
        if (task.layer, at) == (layer, epoch):
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Denoising, "run", run)


SPARSE_TEXT = {
    "tied": True, "reconstruction": "sigmoid", "corruption": "salt_and_pepper", "corruption_level": 0.5,
    "pretrain_decay_from": 0.5,
}  # fmt: skip


@pytest.mark.parametrize(("layer", "epoch"), [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("kind", ["dense", "text", "auto"])
def test_ctrl_c_in_any_layer_then_the_same_fit_again(layer, epoch, kind, few, tmp_path, monkeypatch, same_parameters):
    X, y, more = few
    settings = SMALL | {"dense": {}, "text": SPARSE_TEXT, "auto": {"pretrain_learning_rate": "auto"}}[kind]
    if kind == "text":
        X, more = csr_array(X), csr_array(more)
    path = tmp_path / "checkpoint"
    whole = RectifierClassifier(**settings).fit(X, y, X_unlabeled=more)
    interrupt_at(monkeypatch, layer, epoch)
    clf = RectifierClassifier(**settings, checkpoint=path)
    with pytest.raises(KeyboardInterrupt, match=f"interrupted in hidden layer {layer}"):
        clf.fit(X, y, X_unlabeled=more)
    with pytest.raises(NotFittedError):
        clf.predict(X)
    monkeypatch.undo()
    resumed = RectifierClassifier(**settings, checkpoint=path).fit(X, y, X_unlabeled=more)
    assert same_parameters(whole, resumed)
    assert [e["loss"] for e in resumed.pretrain_history_] == [e["loss"] for e in whole.pretrain_history_]
    monkeypatch.setattr(Denoising, "run", None)  # a finished fit is not trained again, nor is its history lost
    again = RectifierClassifier(**settings, checkpoint=path).fit(X, y, X_unlabeled=more)
    assert same_parameters(whole, again)
    assert again.pretrain_history_ == resumed.pretrain_history_


def test_pretrain_resumes_from_a_checkpoint_of_its_own(few, tmp_path, monkeypatch, same_parameters):
    X, y, more = few
    settings = SMALL | {"checkpoint": tmp_path / "checkpoint", "random_state": None}
    interrupt_at(monkeypatch, 1, 0)
    with pytest.raises(KeyboardInterrupt):
        RectifierClassifier(**settings).pretrain(more)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["checkpoint.pretrain"]
    resumed = RectifierClassifier(**settings).pretrain(more)
    whole = RectifierClassifier(**SMALL | {"random_state": resumed.seed_}).pretrain(more)
    resumed.set_params(random_state=1).fit(X, y)
    assert same_parameters(resumed, whole.set_params(random_state=1).fit(X, y))


def test_other_unlabelled_examples_are_another_fit(few, tmp_path):
    X, y, more = few
    clf = RectifierClassifier(**SMALL, checkpoint=tmp_path / "checkpoint").fit(X, y, X_unlabeled=more)
    with pytest.raises(CheckpointMismatch, match="the examples, targets or weights are not the same"):
        clf.fit(X, y, X_unlabeled=more[1:])
    with pytest.raises(CheckpointMismatch, match="the examples"):
        clf.fit(X, y)
    with pytest.raises(CheckpointMismatch, match="pretrain_epochs was 2 and is 3 now"):
        clf.set_params(pretrain_epochs=3).fit(X, y, X_unlabeled=more)


@pytest.mark.parametrize("n_threads", [2, 4])
def test_the_number_of_threads_changes_no_bit(n_threads, few, same_parameters):
    X, y, more = few
    one = RectifierClassifier(**SMALL).fit(X, y, X_unlabeled=more)
    assert same_parameters(one, RectifierClassifier(**SMALL, n_threads=n_threads).fit(X, y, X_unlabeled=more))
