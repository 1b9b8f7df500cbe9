"""A run: the estimator's fit without the estimator, stopped and resumed, watched, and diverging."""

from __future__ import annotations

import copy
import pickle
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import (
    RatingRegressor,
    RectifierClassifier,
    RectifierRegressor,
    SemiSupervisedClassifier,
    StackedDenoisingAutoencoder,
)
from rectinet.engine import Steps, Totals
from rectinet.errors import DivergenceError, PretrainingDiverged
from rectinet.network import Network
from rectinet.runs import Configuration, Data, Outcome, Part, loop, run
from rectinet.runs.checkpoint import CheckpointMismatch
from rectinet.runs.data import canonical
from rectinet.runs.greedy import PretrainingState
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.run import Moment, one_epoch
from rectinet.runs.supervised import SupervisedTask
from rectinet.runs.targets import Classes, Ratings, Values

from .conftest import without_seconds

N = 60
SMALL: dict[str, Any] = {"hidden_layer_sizes": (7, 5), "learning_rate": 0.1, "max_epochs": 4, "random_state": 3}
PRETRAINED: dict[str, Any] = {**SMALL, "pretrain_epochs": 2, "max_epochs": 2, "pretrain_learning_rate": 0.05}


def draw(n: int = N, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """X of shape (n, 8) in [0, 1], half of it zero, and three classes."""
    rng = np.random.default_rng(seed)
    X = rng.random((n, 8)) * (rng.random((n, 8)) < 0.5)
    return X.astype(np.float32), (3 * X[:, 0] + 2 * X[:, 1]).astype(int).clip(0, 2)


X, Y = draw()
X_VAL, Y_VAL = draw(30, seed=1)
X_TEST, Y_TEST = draw(20, seed=2)
MORE, _ = draw(25, seed=4)


def bits(network: Network) -> list[bytes]:
    return [values.tobytes() for _, values in network.parameters()]


def classify(**wishes: Any) -> Configuration:
    return Configuration(**SMALL | wishes)


@pytest.fixture
def one_step_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 0)


# -- the estimator's fit -----------------------------------------------------------------------------------------------

WEIGHT = np.linspace(0.5, 2, N)
VALUES = np.c_[100 + 20 * X[:, 0], X[:, 1] - X[:, 2]].astype(np.float64)
RATED = Y + 1.0
FITS: dict[str, tuple[Any, str, Data, dict[str, Any]]] = {
    "classes": (RectifierClassifier(**SMALL), "classify", Data(Part(X, Y)), {"X": X, "y": Y}),
    "CSR, weights, balanced": (
        RectifierClassifier(**SMALL, class_weight="balanced", signs="balanced", activity_l1=1e-3),
        "classify",
        Data(Part(canonical(csr_array(X)), Y, WEIGHT)),
        {"X": csr_array(X), "y": Y, "sample_weight": WEIGHT},
    ),
    "validation given": (
        RectifierClassifier(**SMALL, engine="reference", patience=1),
        "classify",
        Data(Part(X, Y), Part(X_VAL, Y_VAL), Part(X_TEST, Y_TEST)),
        {"X": X, "y": Y, "X_val": X_VAL, "y_val": Y_VAL},
    ),
    "pre-trained with unlabelled": (
        RectifierClassifier(**PRETRAINED, output_init="zeros"),
        "classify",
        Data(Part(X, Y), unlabeled=MORE),
        {"X": X, "y": Y, "X_unlabeled": MORE},
    ),
    "semi-supervised": (
        SemiSupervisedClassifier(**PRETRAINED),
        "classify",
        Data(Part(X[:40], Y[:40]), unlabeled=X[40:]),
        {"X": X, "y": np.where(np.arange(N) < 40, Y, -1)},
    ),
    "ratings": (
        RatingRegressor(**SMALL, classes=[1, 2, 3, 4]),
        "rate",
        Data(Part(X, RATED), Part(X_VAL, Y_VAL + 1.0)),
        {"X": X, "y": RATED, "X_val": X_VAL, "y_val": Y_VAL + 1.0},
    ),
    "values": (
        RectifierRegressor(**SMALL, dtype="float64"),
        "regress",
        Data(Part(X.astype(float), VALUES, WEIGHT)),
        {"X": X, "y": VALUES, "sample_weight": WEIGHT},
    ),
    "codes": (
        StackedDenoisingAutoencoder((7, 5), epochs=2, random_state=3, reconstruction="sigmoid"),
        "encode",
        Data(Part(X), Part(X_VAL)),
        {"X": X, "X_val": X_VAL},
    ),
}


@pytest.mark.parametrize("case", FITS)
def test_a_run_is_the_estimators_fit_bit_for_bit(case: str) -> None:
    estimator, task, data, arguments = FITS[case]
    outcome = run(Configuration.of(estimator, task), data)
    fitted = estimator.fit(**arguments)
    assert bits(outcome.network) == bits(fitted.network_)
    assert outcome.seed == fitted.seed_ == 3
    assert without_seconds(outcome.pretrain_history) == without_seconds(fitted.pretrain_history_)
    if task == "encode":
        assert (outcome.targets, outcome.history, outcome.n_epochs) == (None, [], 0)
        for mine, theirs in zip(outcome.autoencoders, fitted.autoencoders_, strict=True):
            assert [v.tobytes() for _, v in mine.parameters()] == [v.tobytes() for _, v in theirs.parameters()]
        return
    assert without_seconds(outcome.history) == without_seconds(fitted.history_)
    assert (outcome.n_epochs, outcome.best_epoch) == (fitted.n_epochs_, fitted.best_epoch_)
    assert outcome.autoencoders == ()
    for name, part in (("validation", data.validation), ("test", data.test)):
        assert (name in outcome.predictions) == (part is not None)
        if part is not None:
            np.testing.assert_array_equal(outcome.predictions[name], fitted.predict(part.X))


def test_targets_are_of_their_task() -> None:
    kinds = {"classes": Classes, "ratings": Ratings, "values": Values}
    for case, kind in kinds.items():
        estimator, task, data, _ = FITS[case]
        assert isinstance(run(Configuration.of(estimator, task), data).targets, kind)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_threads_and_progress_change_nothing_and_the_seed_does(engine: str, capsys: Any) -> None:
    data = Data(Part(X, Y), Part(X_VAL, Y_VAL))
    plain = run(classify(engine=engine), data)
    shown = run(classify(engine=engine, n_threads=2, verbose=1), data)
    assert "epoch 4/4" in capsys.readouterr().out
    assert bits(plain.network) == bits(shown.network)
    assert bits(plain.network) != bits(run(classify(engine=engine, random_state=4), data).network)


def test_predictions_are_of_every_example_in_the_targets_own_terms() -> None:
    names = np.array(["few", "more", "many"])
    outcome = run(classify(), Data(Part(X, names[Y]), Part(X_VAL, names[Y_VAL]), Part(X_TEST, names[Y_TEST])))
    assert {name: values.shape for name, values in outcome.predictions.items()} == {"validation": (30,), "test": (20,)}
    assert set(outcome.predictions["test"]) <= set(names)
    wrong = (outcome.predictions["validation"] != names[Y_VAL]).mean()
    assert wrong == outcome.history[outcome.best_epoch - 1]["validation_error"]


def test_what_was_held_out_is_no_part_that_was_given() -> None:
    outcome = run(classify(validation_fraction=0.3), Data(Part(X, Y)))
    assert outcome.best_epoch > 0
    assert outcome.predictions == {}


def test_a_run_may_start_from_layers_that_were_pre_trained() -> None:
    codes = run(replace(Configuration(**PRETRAINED), task="encode"), Data(Part(X)))
    before = bits(codes.network)
    outcome = run(Configuration(**PRETRAINED), Data(Part(X, Y), start=codes.network))
    fitted = RectifierClassifier(**PRETRAINED, early_stopping=True).pretrain(X).fit(X, Y)
    assert bits(outcome.network) == bits(fitted.network_)
    assert bits(codes.network) == before
    assert outcome.pretrain_history == []  # that was another run's


# -- stopping and resuming ---------------------------------------------------------------------------------------------


def stop_at(kind: str, count: int, state: type = loop.State) -> Any:
    """A watcher that wants to stop at the moment of this kind and number, counted from 1."""
    seen = [0]

    def watch(moment: Moment) -> bool:
        seen[0] += moment.kind == kind and isinstance(moment.state, state)
        return seen[0] == count

    return watch


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize(
    ("kind", "count", "epoch", "step"), [("epoch", 2, 2, 0), ("block", 1, 0, 1), ("block", 7, 1, 2)]
)
def test_a_watcher_that_answers_true_stops_the_run(kind: str, count: int, epoch: int, step: int) -> None:
    configuration, data = classify(early_stopping=False), Data(Part(X, Y))  # 6 steps an epoch, 5 looks within
    moments: list[Moment] = []
    stop = stop_at(kind, count)

    def watch(moment: Moment) -> bool:
        moments.append(moment)
        return stop(moment)

    outcome = run(configuration, data, watch=watch)
    assert (outcome.ending, outcome.n_epochs, len(outcome.history)) == ("interrupted", epoch, epoch)
    assert moments[-1].kind == kind
    assert (moments[-1].state.epoch, moments[-1].state.step) == (epoch, step)
    if step == 0:
        assert bits(outcome.network) == bits(run(replace(configuration, max_epochs=epoch), data).network)


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize(("kind", "count"), [("epoch", 1), ("epoch", 3), ("block", 1), ("block", 8)])
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_a_run_that_was_stopped_goes_on_from_its_checkpoint(kind: str, count: int, engine: str, tmp_path: Path) -> None:
    configuration = classify(engine=engine)
    data = Data(Part(X, Y), Part(X_VAL, Y_VAL), Part(X_TEST, Y_TEST))
    whole = run(configuration, data)
    assert whole.ending == "finished"
    path = tmp_path / "run.checkpoint"
    stopped = run(configuration, data, checkpoint=path, watch=stop_at(kind, count))
    assert stopped.ending == "interrupted"
    assert stopped.n_epochs < 4
    resumed = run(configuration, data, checkpoint=path)
    assert bits(resumed.network) == bits(whole.network)
    assert without_seconds(resumed.history) == without_seconds(whole.history)
    assert (resumed.ending, resumed.n_epochs, resumed.best_epoch) == (whole.ending, whole.n_epochs, whole.best_epoch)
    for name, predicted in whole.predictions.items():
        np.testing.assert_array_equal(resumed.predictions[name], predicted)


@pytest.mark.parametrize("task", ["classify", "encode"])
def test_a_watcher_that_stops_pre_training_leaves_no_outcome(task: str) -> None:
    data = Data(Part(X, Y if task == "classify" else None))
    with pytest.raises(KeyboardInterrupt, match="pre-training was interrupted in hidden layer 0"):
        run(Configuration(**PRETRAINED, task=task), data, watch=stop_at("block", 1, PretrainingState))


def interrupt(monkeypatch: pytest.MonkeyPatch, task: type, epoch: int) -> None:
    """Ctrl-C at the end of a block of this epoch."""
    healthy = task.train

    def train(self: Any, steps: Steps, totals: Totals) -> None:
        healthy(self, steps, totals)
        if steps.epoch == epoch:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(task, "train", train)


@pytest.mark.usefixtures("one_step_a_block")
def test_after_ctrl_c_the_outcome_is_usable_and_the_checkpoint_goes_on(tmp_path: Path) -> None:
    configuration, data, path = classify(), Data(Part(X, Y), Part(X_VAL, Y_VAL)), tmp_path / "run.checkpoint"
    with pytest.MonkeyPatch.context() as patched:
        interrupt(patched, SupervisedTask, 2)
        with pytest.warns(UserWarning, match="interrupted after 2 whole epochs"):
            outcome = run(configuration, data, checkpoint=path)
    assert (outcome.ending, outcome.n_epochs) == ("interrupted", 2)
    assert outcome.predictions["validation"].shape == (30,)
    assert bits(run(configuration, data, checkpoint=path).network) == bits(run(configuration, data).network)


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize("task", ["classify", "encode"])
def test_ctrl_c_in_pre_training_is_no_outcome_and_the_checkpoint_goes_on(task: str, tmp_path: Path) -> None:
    configuration, path = Configuration(**PRETRAINED, task=task), tmp_path / "run.checkpoint"
    data = Data(Part(X, Y if task == "classify" else None))
    with pytest.MonkeyPatch.context() as patched:
        interrupt(patched, LayerTask, 1)
        with pytest.raises(KeyboardInterrupt, match="interrupted in hidden layer 0"):
            run(configuration, data, checkpoint=path)
    resumed, whole = run(configuration, data, checkpoint=path), run(configuration, data)
    assert bits(resumed.network) == bits(whole.network)
    assert without_seconds(resumed.pretrain_history) == without_seconds(whole.pretrain_history)
    assert len(resumed.autoencoders) == (2 if task == "encode" else 0)


def test_a_checkpoint_of_another_run_is_refused_and_stays(tmp_path: Path) -> None:
    configuration, data, path = classify(), Data(Part(X, Y)), tmp_path / "run.checkpoint"
    run(configuration, data, checkpoint=path)
    before = path.read_bytes()
    for other, said in [
        (classify(batch_size=7), "batch_size was 10 and is 7 now"),
        (classify(random_state=4), "random_state was 3 and is 4 now"),
        (classify(task="rate"), "its task is to classify, not to rate"),
    ]:
        with pytest.raises(CheckpointMismatch, match=said):
            run(other, data, checkpoint=path)
    with pytest.raises(CheckpointMismatch, match="the examples, targets or weights are not the same"):
        run(configuration, Data(Part(X, Y[::-1].copy())), checkpoint=path)
    assert path.read_bytes() == before


def test_what_does_not_change_the_bytes_may_change_between_stopping_and_resuming(tmp_path: Path) -> None:
    path, data = tmp_path / "run.checkpoint", Data(Part(X, Y), Part(X_VAL, Y_VAL))
    run(classify(max_epochs=2), data, checkpoint=path)
    longer = run(classify(n_threads=2), replace(data, test=Part(X_TEST, Y_TEST)), checkpoint=path)
    assert bits(longer.network) == bits(run(classify(), data).network)
    assert longer.predictions["test"].shape == (20,)


# -- watching ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("one_step_a_block")
def test_moments_come_in_order_and_their_outcomes_are_copies() -> None:
    configuration, data = classify(early_stopping=False, max_epochs=3, batch_size=20), Data(Part(X, Y))
    told: list[tuple[str, int, int, bool]] = []
    outcomes: list[Outcome] = []

    def watch(moment: Moment) -> bool:
        told.append((moment.kind, moment.state.epoch, moment.state.step, moment.last))
        assert moment.max_epochs == 3
        if moment.kind != "block":
            outcomes.append(moment.outcome())
        return False

    last = run(configuration, data, watch=watch)
    blocks = [[("block", epoch, step, False) for step in (1, 2)] for epoch in range(3)]
    epochs = [("epoch", epoch, 0, epoch == 3) for epoch in (1, 2, 3)]
    assert told == [("begin", 0, 0, False), *(m for b, e in zip(blocks, epochs, strict=True) for m in (*b, e))]
    assert [outcome.n_epochs for outcome in outcomes] == [0, 1, 2, 3]
    assert [len(outcome.history) for outcome in outcomes] == [0, 1, 2, 3]
    for outcome, epoch in zip(outcomes[1:], (1, 2, 3), strict=True):
        assert bits(outcome.network) == bits(run(replace(configuration, max_epochs=epoch), data).network)
    assert all(outcome.network is not last.network for outcome in outcomes)


def test_pre_training_is_watched_block_by_block_before_training_begins() -> None:
    kinds: list[tuple[str, bool]] = []
    run(
        Configuration(**PRETRAINED),
        Data(Part(X, Y)),
        watch=lambda m: bool(kinds.append((m.kind, hasattr(m.state, "layer")))),
    )
    begin = kinds.index(("begin", False))
    assert begin > 0
    assert set(kinds[:begin]) == {("block", True)}
    assert not any(pretraining for _, pretraining in kinds[begin:])


def test_early_stopping_is_told_as_such() -> None:
    last: list[bool] = []
    configuration = classify(max_epochs=500, patience=2)
    outcome = run(configuration, Data(Part(X, Y), Part(X_VAL, Y_VAL)), watch=lambda m: bool(last.append(m.last)))
    assert outcome.ending == "stopped early"
    assert outcome.n_epochs == outcome.best_epoch + 2 < 500
    assert last[-1]
    assert not any(last[:-1])


# -- divergence --------------------------------------------------------------------------------------------------------


def diverging(**wishes: Any) -> Configuration:
    """A linear model whose error grows from step to step, for some epochs before it is not finite."""
    settings = {"hidden_layer_sizes": (), "learning_rate": 10.0, "max_epochs": 500, "early_stopping": False}
    return Configuration(task="regress", random_state=0, **settings | wishes)


@pytest.mark.parametrize("engine", ["native", "reference"])
def test_divergence_has_the_best_outcome_where_there_was_validation(engine: str) -> None:
    configuration, data = diverging(engine=engine), Data(Part(X, VALUES), Part(X_VAL, np.c_[X_VAL[:, 0], X_VAL[:, 1]]))
    with pytest.raises(DivergenceError, match="training diverged in epoch") as caught:
        run(configuration, data)
    error, best = caught.value, caught.value.best
    assert isinstance(best, Outcome)
    assert 2 <= error.epoch < 500
    assert len(error.history) == error.epoch - 1 == best.n_epochs
    assert best.best_epoch == 1 + int(np.argmin([entry["validation_error"] for entry in error.history]))
    assert best.history == error.history
    assert all(np.isfinite(values).all() for _, values in best.network.parameters())
    with pytest.warns(UserWarning, match="training exploded"):
        shorter = run(replace(configuration, max_epochs=best.best_epoch), data)
    assert bits(best.network) == bits(shorter.network)
    assert isinstance(best.targets, Values)
    assert error.best_model is None  # that is for estimators


def test_divergence_without_validation_has_a_history_and_no_best() -> None:
    with pytest.raises(DivergenceError) as caught:
        run(diverging(), Data(Part(X, VALUES)))
    assert caught.value.best is None
    assert len(caught.value.history) == caught.value.epoch - 1 > 0


def test_divergence_in_pre_training_is_named_and_has_no_best() -> None:
    configuration = Configuration(**PRETRAINED | {"pretrain_learning_rate": (0.05, 1e30)}, reconstruction="linear")
    with pytest.raises(PretrainingDiverged, match="pre-training diverged") as caught:
        run(configuration, Data(Part(X, Y), Part(X_VAL, Y_VAL)))
    assert caught.value.best is None
    assert [entry["layer"] for entry in caught.value.history][:2] == [0, 0]


# -- outcomes ----------------------------------------------------------------------------------------------------------


def test_one_more_epoch_leaves_the_outcome_it_goes_on_from() -> None:
    configuration, part = classify(early_stopping=False), Part(X, Y)
    begun = run(replace(configuration, max_epochs=2), Data(part))
    before, history = bits(begun.network), list(begun.history)
    longer = one_epoch(configuration, part, begun)
    assert (bits(begun.network), begun.history, begun.n_epochs) == (before, history, 2)
    assert longer.n_epochs == 3
    assert bits(longer.network) == bits(run(replace(configuration, max_epochs=3), Data(part)).network)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda outcome: pickle.loads(pickle.dumps(outcome))])
@pytest.mark.parametrize("tied", [False, True])
def test_a_copied_outcome_has_auto_encoders_on_its_own_network(copied: Any, tied: bool) -> None:
    outcome = run(Configuration(**PRETRAINED, task="encode", tied=tied), Data(Part(X)))
    other = copied(outcome)
    assert bits(other.network) == bits(outcome.network)
    for mine, theirs, layer in zip(other.autoencoders, outcome.autoencoders, other.network.hidden, strict=True):
        assert mine.encoder is layer
        assert mine.tied == theirs.tied == tied
        assert [v.tobytes() for _, v in mine.parameters()] == [v.tobytes() for _, v in theirs.parameters()]
    other.network.layers[0].W[...] += 1
    assert bits(other.network) != bits(outcome.network)


# -- data --------------------------------------------------------------------------------------------------------------


def test_data_are_known_by_all_that_decides_the_outcome() -> None:
    validation, start = Part(X_VAL, Y_VAL), run(classify(task="encode"), Data(Part(X))).network
    base = Data(Part(X, Y, WEIGHT), validation, unlabeled=MORE, start=start)
    changed_X, changed_Y = X.copy(), Y.copy()
    changed_X[3, 3] += 1
    changed_Y[3] += 1
    other_start = start.copy()
    other_start.layers[0].b[0] += 1
    others = {
        "inputs": replace(base, train=Part(changed_X, Y, WEIGHT)),
        "sparse inputs": replace(base, train=Part(canonical(csr_array(X)), Y, WEIGHT)),
        "targets": replace(base, train=Part(X, changed_Y, WEIGHT)),
        "weights": replace(base, train=Part(X, Y, WEIGHT[::-1])),
        "no weights": replace(base, train=Part(X, Y)),
        "validation inputs": replace(base, validation=Part(X_VAL[::-1], Y_VAL)),
        "validation targets": replace(base, validation=Part(X_VAL, Y_VAL[::-1])),
        "no validation": replace(base, validation=None),
        "unlabelled": replace(base, unlabeled=MORE[::-1]),
        "no unlabelled": replace(base, unlabeled=None),
        "start": replace(base, start=other_start),
        "no start": replace(base, start=None),
    }
    checksums = {name: data.checksum() for name, data in others.items()} | {"base": base.checksum()}
    assert len(set(checksums.values())) == len(checksums), checksums
    same = Data(Part(X.copy(), Y.copy(), WEIGHT.copy()), validation, unlabeled=MORE.copy(), start=start.copy())
    assert same.checksum() == base.checksum()
    assert replace(base, test=Part(X_TEST, Y_TEST)).checksum() == base.checksum()  # looked at when all is over


def test_weights_of_validation_examples_decide_too() -> None:
    """Whether an epoch is better may hang on them."""
    plain, weighted = (Data(Part(X, Y), Part(X_VAL, Y_VAL, weight)) for weight in (None, np.linspace(0.1, 9, 30)))
    errors = [run(classify(), data).history[0]["validation_error"] for data in (plain, weighted)]
    assert errors[0] != errors[1]
    assert plain.checksum() != weighted.checksum()


def test_unlabelled_data_are_known_by_their_further_examples_too() -> None:
    parts = {"train": Part(X), "validation": Part(X_VAL)}
    checksums = [
        data.checksum()
        for data in (Data(**parts), Data(**parts, unlabeled=MORE), Data(**parts, unlabeled=MORE[::-1]), Data(Part(X)))
    ]
    assert len(set(checksums)) == 4
