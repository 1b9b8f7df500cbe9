"""Training through the faces: epochs, early stopping, divergence, interruption, reproducibility."""

import pickle
import signal
import threading

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine, make_regression
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

from rectinet import DivergenceError, RectifierClassifier, RectifierRegressor
from rectinet.runs.data import hold_out
from rectinet.runs.supervised import SupervisedTask

from .conftest import interrupt_at

SMALL = {"hidden_layer_sizes": (20, 20), "learning_rate": 0.1, "random_state": 0}
HELD_OUT = SMALL | {"early_stopping": True}


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_partial_fit_k_times_is_fit_with_k_epochs(engine, digits, same_parameters):
    X, y = digits
    whole = RectifierClassifier(**SMALL, engine=engine, early_stopping=False, max_epochs=3).fit(X, y)
    pieces = RectifierClassifier(**SMALL, engine=engine)
    for _ in range(3):
        pieces.partial_fit(X, y)
    assert same_parameters(whole, pieces)
    assert pieces.n_epochs_ == 3
    np.testing.assert_allclose([e["loss"] for e in pieces.history_], [e["loss"] for e in whole.history_], rtol=1e-12)


def test_partial_fit_of_a_regressor_too(curve, same_parameters):
    X, Y = curve
    whole = RectifierRegressor(**SMALL, early_stopping=False, max_epochs=2).fit(X, Y)
    pieces = RectifierRegressor(**SMALL).partial_fit(X, Y).partial_fit(X, Y)
    assert same_parameters(whole, pieces)


def test_partial_fit_goes_on_after_fit(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL, max_epochs=2).fit(X, y)
    before = clf.network_
    clf.partial_fit(X, y)
    assert clf.n_epochs_ == len(clf.history_) == 3
    assert clf.network_ is not before  # those who predict meanwhile see one network or the other


def test_partial_fit_takes_classes_that_have_not_come_yet(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL).partial_fit(X[y < 3], y[y < 3], classes=range(10))
    assert clf.predict_proba(X).shape == (300, 10)
    with pytest.raises(ValueError, match="unknown class 11"):
        clf.partial_fit(X[:2], [11, 0])
    with pytest.raises(ValueError, match="differ from those of the first call"):
        clf.partial_fit(X, y, classes=range(11))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(digits, same_parameters):
    a, b = (RectifierClassifier(**SMALL, max_epochs=2).fit(*digits) for _ in range(2))
    c = RectifierClassifier(**(SMALL | {"random_state": 1}), max_epochs=2).fit(*digits)
    assert same_parameters(a, b)
    assert not same_parameters(a, c)


@pytest.mark.parametrize("random_state", [None, np.random.RandomState(3), np.random.default_rng(3)])
def test_every_kind_of_random_state_can_be_repeated_from_seed(random_state, digits, same_parameters):
    settings = SMALL | {"random_state": random_state}
    clf = RectifierClassifier(**settings, max_epochs=1).fit(*digits)
    again = RectifierClassifier(**(SMALL | {"random_state": clf.seed_}), max_epochs=1).fit(*digits)
    assert same_parameters(clf, again)


@pytest.mark.parametrize("n_threads", [2, 4])
def test_the_number_of_threads_changes_no_bit(n_threads, digits, same_parameters, monkeypatch):
    monkeypatch.setattr("rectinet.runs.config.n_cores", lambda: 4)  # else fewer would be taken, with a note
    one = RectifierClassifier(**SMALL, max_epochs=2).fit(*digits)
    assert same_parameters(one, RectifierClassifier(**SMALL, max_epochs=2, n_threads=n_threads).fit(*digits))


def test_early_stopping_keeps_the_best_epoch(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL, max_epochs=200, patience=3).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    scores = [(e["validation_error"], e["validation_loss"]) for e in clf.history_]
    assert clf.n_epochs_ < 200
    assert clf.best_epoch_ == clf.n_epochs_ - 3 == 1 + scores.index(min(scores))
    assert 1 - clf.score(X[200:], y[200:]) == pytest.approx(min(scores)[0])


def test_without_early_stopping_all_epochs_are_run_and_the_best_is_kept(digits):
    X, y = digits
    settings = SMALL | {"learning_rate": 0.5, "early_stopping": False, "max_epochs": 30}
    clf = RectifierClassifier(**settings).fit(X[:200], y[:200], X_val=X[200:], y_val=y[200:])
    assert clf.n_epochs_ == 30
    assert 1 - clf.score(X[200:], y[200:]) == pytest.approx(min(e["validation_error"] for e in clf.history_))
    assert "validation_error" not in RectifierClassifier(**settings).fit(X, y).history_[0]


@pytest.mark.parametrize(("given", "missing"), [({"X_val": [[0.0] * 64]}, "y_val"), ({"y_val": [0]}, "X_val")])
def test_validation_inputs_and_targets_go_together(given, missing, digits):
    with pytest.raises(ValueError, match=f"{missing} is missing"):
        RectifierClassifier(**SMALL).fit(*digits, **given)


def test_a_class_only_in_the_validation_part_is_named(digits):
    X, y = digits
    with pytest.raises(ValueError, match="unknown class 9"):
        RectifierClassifier(**SMALL).fit(X[y < 9], y[y < 9], X_val=X, y_val=y)


def test_one_class_is_refused(digits):
    with pytest.raises(ValueError, match="at least 2 classes; got one class, 3"):
        RectifierClassifier(**SMALL).fit(digits[0], np.full(300, 3))


@pytest.mark.parametrize("seed", range(5))
def test_the_held_out_part_is_stratified_and_leaves_every_class(seed):
    strata = np.repeat([0, 1, 2, 3], [100, 50, 49, 1])
    train, held = hold_out(200, strata, 0.2, seed)
    assert sorted([*train, *held]) == list(range(200))
    assert len(held) == 40
    counts = np.bincount(strata[held], minlength=4)
    assert np.abs(counts - 0.2 * np.array([100, 50, 49, 1])).max() <= 1.5
    assert set(strata[train]) == {0, 1, 2, 3}


def test_too_few_to_hold_out_is_said_and_all_epochs_are_run(digits):
    X, y = digits
    with pytest.warns(UserWarning, match="early stopping is off for this fit: validation_fraction=0.1 of 20"):
        clf = RectifierClassifier(**HELD_OUT, max_epochs=4).fit(X[:20], y[:20])
    assert clf.n_epochs_ == 4
    with pytest.warns(UserWarning, match="would hold out 1, at least 2"):
        RectifierRegressor(**HELD_OUT, max_epochs=1).fit(X[:10], y[:10])


def test_divergence_keeps_the_history_and_no_broken_network():
    X, y = make_regression(n_samples=300, n_features=20, random_state=0)
    clf = RectifierClassifier((50, 50, 50), random_state=0, learning_rate=100.0)
    with pytest.raises(DivergenceError, match=r"(?s)Scale the features.*lower learning_rate") as caught:
        clf.fit(X * 1e4, y > 0)
    assert [entry["epoch"] for entry in caught.value.history] == list(range(1, caught.value.epoch))
    assert (caught.value.best_model is None) == (caught.value.epoch == 1)
    with pytest.raises(NotFittedError):
        clf.predict(X)


def test_divergence_keeps_the_best_parameters(digits, monkeypatch, same_parameters):
    X, y = digits
    three = RectifierClassifier(**HELD_OUT, max_epochs=3).fit(X, y)
    healthy = SupervisedTask.train
    monkeypatch.setattr(SupervisedTask, "train", lambda task, steps, totals: spoil(healthy, task, steps, totals))
    clf = RectifierClassifier(**HELD_OUT, max_epochs=50)
    with pytest.raises(DivergenceError) as caught:
        clf.fit(X, y)
    assert (caught.value.epoch, caught.value.layer) == (4, "0.W")
    assert [e["epoch"] for e in caught.value.history] == [1, 2, 3]
    best = pickle.loads(pickle.dumps(caught.value)).best_model
    assert best.best_epoch_ == three.best_epoch_
    assert same_parameters(best, three)
    with pytest.raises(NotFittedError):
        clf.predict(X)


def spoil(healthy, task, steps, totals):
    """A step that spoils a weight in the fourth epoch, as a spike in the gradient would."""
    healthy(task, steps, totals)
    if steps.epoch == 3:
        task.problem.network.layers[0].W[0, 0] = np.nan


@pytest.mark.parametrize("kind", ["refused", "diverged", "without validation", "killed in pre-training"])
def test_a_refit_that_fails_leaves_the_old_model(kind, digits, monkeypatch):
    """Every fitted attribute, and what it answers, is that of before."""
    X, y = digits
    clf = RectifierClassifier(**SMALL, max_epochs=3).fit(X, y)
    names = [name for name in dir(clf) if name.endswith("_") and not name.startswith("_") and hasattr(clf, name)]
    before = {name: getattr(clf, name) for name in names}
    probabilities = clf.predict_proba(X)
    if kind == "refused":
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            clf.fit(X[:, :5], y[:-1])
    elif kind == "killed in pre-training":
        interrupt_at(monkeypatch, 0, 0)
        with pytest.raises(KeyboardInterrupt):
            clf.set_params(pretrain_epochs=1).fit(X[:, :5], y)
    else:
        clf.set_params(learning_rate=1e30, early_stopping=kind == "diverged")
        with pytest.raises(DivergenceError) as caught:
            clf.fit(X[:, :5], y)
        assert caught.value.best_model is None  # not one epoch went well
    np.testing.assert_equal({name: getattr(clf, name) for name in names}, before)
    np.testing.assert_array_equal(clf.predict_proba(X), probabilities)


def test_answers_during_a_refit_are_of_one_model(digits):
    """A thread that asks all the time, while another fits to other features and classes, never sees a mixture."""
    X, y = digits
    few, many = {"X": X, "y": np.array(["a", "b"])[y % 2]}, {"X": X, "y": y.astype(str)}
    answers = {}
    for name, data in (("few", few), ("many", many)):
        clf = RectifierClassifier(**SMALL, max_epochs=2, early_stopping=False).fit(**data)
        answers[name] = clf.predict(X).tolist()
    stop, seen = threading.Event(), []

    def ask():
        while not stop.is_set():
            seen.append(clf.predict(X).tolist())

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(10):
        clf.fit(**few)
        clf.fit(**many)
    stop.set()
    asking.join()
    assert seen
    assert all(one in answers.values() for one in seen)


def test_a_diverging_partial_fit_changes_nothing(digits):
    X, y = digits
    clf = RectifierClassifier(**SMALL).partial_fit(X, y)
    before = clf.predict_proba(X)
    clf.set_params(learning_rate=1e30)
    with pytest.raises(DivergenceError):
        clf.partial_fit(X, y)
    assert clf.n_epochs_ == 1
    np.testing.assert_array_equal(clf.predict_proba(X), before)


def interrupting(healthy, at_epoch):
    def train(task, steps, totals):
        healthy(task, steps, totals)
        if steps.epoch == at_epoch:
            signal.raise_signal(signal.SIGINT)

    return train


def test_ctrl_c_leaves_a_usable_estimator(digits, monkeypatch):
    X, y = digits
    handler = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(SupervisedTask, "train", interrupting(SupervisedTask.train, at_epoch=0))
    with pytest.warns(UserWarning, match="interrupted after 0 whole epochs") as caught:
        clf = RectifierClassifier(**HELD_OUT, max_epochs=1000, patience=1000).fit(X, y)
    assert caught[0].filename == __file__
    assert clf.history_ == []
    assert clf.predict(X).shape == (300,)
    assert signal.getsignal(signal.SIGINT) is handler


def test_ctrl_c_ends_all_the_fits_of_cross_validation(digits, monkeypatch):
    begun = []
    healthy = SupervisedTask.train

    def train(task, steps, totals):
        begun.append(steps.epoch)
        interrupting(healthy, at_epoch=0)(task, steps, totals)

    monkeypatch.setattr(SupervisedTask, "train", train)
    with pytest.raises(KeyboardInterrupt, match="training was interrupted after 0 whole epochs, as one fit of several"):
        cross_val_score(RectifierClassifier(**HELD_OUT, max_epochs=1000), *digits, cv=3)
    assert begun == [0]


def test_ctrl_c_in_partial_fit(digits, monkeypatch):
    monkeypatch.setattr(SupervisedTask, "train", interrupting(SupervisedTask.train, at_epoch=0))
    with pytest.warns(UserWarning, match="interrupted after 0 whole epochs") as caught:
        clf = RectifierClassifier(**SMALL).partial_fit(*digits)
    assert caught[0].filename == __file__
    assert clf.predict(digits[0]).shape == (300,)


def test_history_has_one_entry_per_epoch(digits):
    clf = RectifierClassifier(**HELD_OUT, max_epochs=3).fit(*digits)
    keys = {"epoch", "loss", "penalty", "training_error", "density", "zeros", "union", "seconds"}
    assert all(entry.keys() == keys | {"validation_error", "validation_loss"} for entry in clf.history_)
    assert [e["epoch"] for e in clf.history_] == [1, 2, 3]
    assert len(clf.history_[0]["zeros"]) == 2


def test_verbose_shows_progress_and_changes_nothing(digits, capsys, same_parameters):
    quiet = RectifierClassifier(**SMALL, max_epochs=2).fit(*digits)
    assert capsys.readouterr().out == ""
    loud = RectifierClassifier(**SMALL, max_epochs=2, verbose=1).fit(*digits)
    assert "epoch 2/2" in capsys.readouterr().out
    assert same_parameters(quiet, loud)


@pytest.mark.parametrize("load", [load_wine, load_breast_cancer])
def test_silent_layers_on_unscaled_features_are_said(load):
    X, y = load(return_X_y=True)
    clf = RectifierClassifier((200, 200, 200), learning_rate=0.01, random_state=0)
    with pytest.warns(UserWarning, match=r"hidden layer 0 is silent: of its 200 units 0 fire.*Scale the features"):
        clf.fit(X, y)
    scaled = RectifierClassifier((200, 200, 200), learning_rate=0.01, random_state=0)
    assert scaled.fit(StandardScaler().fit_transform(X), y).n_epochs_ > 0  # warnings are errors here


def test_too_much_activity_l1_is_said(digits):
    with pytest.warns(UserWarning, match="is silent.*or lower activity_l1"):
        RectifierClassifier(**SMALL, activity_l1=1.0, max_epochs=5).fit(*digits)


@pytest.mark.parametrize(("name", "value"), [("hidden_layer_sizes", (20,)), ("dtype", "float64")])
def test_partial_fit_cannot_change_the_network(name, value, digits):
    clf = RectifierClassifier(**SMALL).partial_fit(*digits).set_params(**{name: value})
    with pytest.raises(ValueError, match=f"partial_fit goes on with {name}=.*For a new network call fit"):
        clf.partial_fit(*digits)
    clf.fit(*digits)
