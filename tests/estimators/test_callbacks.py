"""scikit-learn's callback protocol: one task per epoch, early stop, fitted copies."""

import numpy as np
from sklearn.callback import ScoringMonitor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rectinet import RectifierClassifier, RectifierRegressor

SMALL = {"hidden_layer_sizes": (10,), "learning_rate": 0.1, "max_epochs": 4, "random_state": 0}


class Recorder:
    """Notes every call, and asks to stop after `stop_after` epochs."""

    def __init__(self, stop_after=None):
        self.calls, self.scores, self.stop_after = [], [], stop_after

    def setup(self, estimator, context):
        self.calls.append("setup")

    def teardown(self, estimator, context):
        self.calls.append("teardown")

    def on_fit_task_begin(self, estimator, context):
        self.calls.append(f"begin {context.task_name}")

    def on_fit_task_end(self, estimator, context, *, X, y, fitted_estimator):
        self.calls.append(f"end {context.task_name}")
        self.scores.append(fitted_estimator.score(X, y))
        return context.task_name == "epoch" and context.task_id + 1 == self.stop_after


def test_every_epoch_begins_and_ends(digits, same_parameters):
    recorder = Recorder()
    clf = RectifierClassifier(**SMALL).set_callbacks(recorder).fit(*digits)
    epochs = ["begin epoch", "end epoch"] * 4
    assert recorder.calls == ["setup", "begin fit", *epochs, "end fit", "teardown"]
    assert recorder.scores[-2] > recorder.scores[0]
    assert same_parameters(clf, RectifierClassifier(**SMALL).fit(*digits))


def test_a_callback_can_stop_training(digits, same_parameters):
    recorder = Recorder(stop_after=2)
    clf = RectifierClassifier(**SMALL).set_callbacks(recorder).fit(*digits)
    assert recorder.calls[-3:] == ["end epoch", "end fit", "teardown"]
    assert clf.n_epochs_ == 2
    assert same_parameters(clf, RectifierClassifier(**SMALL | {"max_epochs": 2}).fit(*digits))


def test_scikit_learns_own_monitor(curve):
    X, Y = curve
    monitor = ScoringMonitor(scoring="r2")
    RectifierRegressor(**SMALL).set_callbacks(monitor).fit(X, Y, sample_weight=np.ones(200))
    assert len(monitor.get_logs(select="most_recent").data) >= 4


def test_callbacks_set_on_a_pipeline_step(digits):
    recorder = Recorder()
    make_pipeline(StandardScaler(), RectifierClassifier(**SMALL).set_callbacks(recorder)).fit(*digits)
    assert recorder.calls.count("end epoch") == 4
