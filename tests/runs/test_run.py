"""A run: the estimator's fit without the estimator, watched, and diverging; stopped and resumed: test_stopping."""

from __future__ import annotations

import copy
import pickle
from dataclasses import replace
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
from rectinet.errors import DivergenceError, PretrainingDiverged
from rectinet.runs import Configuration, Data, Outcome, Part, run
from rectinet.runs.data import canonical
from rectinet.runs.run import Moment, one_epoch
from rectinet.runs.targets import Classes, Ratings, Values

from .conftest import without_seconds
from .small import MORE, PRETRAINED, SMALL, WEIGHT, X_TEST, X_VAL, Y_TEST, Y_VAL, N, X, Y, bits, classify

# -- the estimator's fit -----------------------------------------------------------------------------------------------


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
