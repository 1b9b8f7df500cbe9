"""The experiments: what they list, what their data are, and what looking into a network measures."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse

from rectinet.datasets.registry import BY_NAME
from rectinet.engine import get_engine, numerics_version
from rectinet.runs import Configuration
from rectinet.runs.data import canonical
from rectinet.study.catalogue import experiment
from rectinet.study.errors import StudyError
from rectinet.study.experiments import _images
from rectinet.study.experiments._looked import Looked, columns
from rectinet.study.experiments._moved import MOVES, moved
from rectinet.study.experiments._timed import Timed
from rectinet.study.paper import paper
from rectinet.study.planned import BUDGETS
from rectinet.study.report import summary, write_report
from rectinet.study.runner import Options, run_experiments
from rectinet.study.sources import Beginning, Centred, Fold, Odd, Share, Whole
from rectinet.study.store import Store

ON_IMAGES = ("table1", "logistic-row", "figure3", "figure4", "softplus", "claims", "costs")
OPEN = ("open-l1", "open-signs", "open-scaling", "open-rates", "open-tied", "open-pretraining", "open-derivative")
ON_TEXTS = ("table2", "amazon")


@pytest.mark.parametrize("budget", BUDGETS)
@pytest.mark.parametrize("name", [*ON_IMAGES, *OPEN, *ON_TEXTS])
def test_every_run_has_labels_of_its_own_and_an_integer_seed(name, budget):
    data = None if name in ON_TEXTS else "digits"
    plans = experiment(name).runs(budget, 2, data)
    labels = [json.dumps(dict(plan.labels), sort_keys=True) for plan in plans]
    assert len(set(labels)) == len(labels) > 0
    assert all(plan.labels["data"] in BY_NAME for plan in plans)
    assert all(isinstance(plan.configuration.random_state, int) for plan in plans)
    larger = experiment(name).runs(budget, 3, data)
    assert {plan.source_key for plan in plans} < {plan.source_key for plan in larger}


def test_table_1_is_trained_as_the_paper_says():
    plans = experiment("table1").runs("paper", 1, "mnist")
    protocol = paper().protocol
    assert {plan.configuration.learning_rate for plan in plans} == set(protocol.learning_rates)
    for plan in plans:
        c = plan.configuration
        assert (c.batch_size, c.hidden_layer_sizes) == (protocol.batch_size, paper().data["mnist"].hidden)
        assert set(c.activity_l1) == {protocol.activity_l1}
        if plan.start is not None:
            start = plan.start.configuration
            assert (set(start.corruption_level), start.batch_size) == ({protocol.masking}, protocol.batch_size)
            assert set(start.per_layer(start.pretrain_learning_rate)) == {"auto"}
    assert len(plans) == 3 * 2 * 4


@pytest.mark.parametrize("name", ["table1", "logistic-row", "softplus", "figure4", "table2"])
def test_the_whole_budget_has_every_rate_and_stops_hopeless_ones_by_a_rule_stated_beforehand(name):
    data = "imdb" if name == "table2" else "mnist"
    plans = experiment(name).runs("paper", 1, data)
    keys = {plan.source_key for plan in plans}
    for plan in plans:
        assert plan.grid.rates == paper().protocol.learning_rates
        assert {other.source_key for other in plan.of_the_grid()} <= keys
        assert plan.grid.rungs[0].epochs < plan.configuration.max_epochs
    assert all(plan.grid is None for plan in experiment(name).runs("standard", 1, data))


def test_norb_is_reconstructed_by_units_that_can_be_negative():
    starts = [plan.start for plan in experiment("table1").runs("standard", 1, "norb") if plan.start is not None]
    assert {start.configuration.reconstruction[0] for start in starts} == {"linear"}


def test_candidates_stated_for_three_layers_fit_the_two_of_norb():
    plans = experiment("open-pretraining").runs("standard", 1, "norb")
    starts = [plan.start.configuration for plan in plans]
    assert {len(start.hidden_layer_sizes) for start in starts} == {2}
    assert {start.pretrain_learning_rate for start in starts} > {("auto",) * 2, (0.01, 0.003)}


def test_rates_of_pre_training_are_searched_where_none_were_measured():
    rates = {}
    for data in ("mnist", "cifar10-train-only", "nistp"):
        starts = [plan.start for plan in experiment("table1").runs("standard", 1, data) if plan.start is not None]
        rates[data] = {start.configuration.pretrain_learning_rate == ("auto",) * 3 for start in starts}
    assert rates == {"mnist": {False}, "cifar10-train-only": {True}, "nistp": {True}}


def test_centred_inputs_lie_around_0():
    plain, centred = (source.load() for source in (Whole("digits"), Centred("digits")))
    assert (centred.test.X == 2 * plain.test.X - 1).all()
    assert (centred.train.X.min(), centred.train.X.max(), centred.train.X.dtype) == (-1, 1, np.float32)


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("softplus", {"alpha": 1.0}),
        ("softplus", {"alpha": "infinity"}),
        ("open-l1", {"candidate": "mean"}),
        ("open-signs", {"candidate": "balanced"}),
        ("open-scaling", {"candidate": "[0, 1]"}),
        ("open-rates", {"candidate": "of the grid", "unit": "tanh"}),
        ("open-tied", {"candidate": "untied"}),
        ("open-pretraining", {"candidate": "10 epochs, minibatches of 10", "unit": "tanh"}),
    ],
)
def test_what_two_experiments_ask_is_computed_once(name, shared):
    known = {plan.source_key for plan in experiment("table1").runs("standard", 2, "mnist")}
    mine = [plan for plan in experiment(name).runs("standard", 2, "mnist") if shared.items() <= plan.labels.items()]
    assert {plan.source_key for plan in mine} <= known
    assert mine


def test_without_the_paper_s_data_another_set_is_asked_for(monkeypatch):
    monkeypatch.setattr(type(BY_NAME["mnist"]), "missing", lambda self, data_home=None: ("a file",))
    with pytest.raises(StudyError, match="--data digits"):
        experiment("table1").runs("quick")


def test_the_best_of_the_sets_that_are_here_is_taken(monkeypatch):
    here = ("mnist", "cifar10-train-only", "nistp")
    monkeypatch.setattr(
        type(BY_NAME["mnist"]), "missing", lambda self, data_home=None: () if self.name in here else ("x",)
    )
    assert _images.found(None) == ["mnist", "cifar10-train-only"]
    assert _images.found("nistp") == ["nistp"]


# -- data -------------------------------------------------------------------------------------------------------------


def test_larger_shares_include_smaller_ones_of_every_class(global_random_seed):
    small, large, whole = (Share("digits", share, global_random_seed).load().train for share in (0.1, 0.5, 1.0))
    assert {row.tobytes() for row in small.X} < {row.tobytes() for row in large.X}
    assert len(whole) == len(Whole("digits").load().train)
    counts = np.unique(small.targets, return_counts=True)[1]
    assert np.abs(counts - np.unique(whole.targets, return_counts=True)[1] / 10).max() <= 0.5
    assert len(Share("digits", 0.01, 0, visits=500).load().train) == 500


def test_folds_are_balanced_and_share_nothing():
    folds = [Fold("digits", k, 20).load() for k in range(10)]
    data = Whole("digits").load()
    assert sum(len(fold.test) for fold in folds) == len(data.train) + len(data.validation) + len(data.test)
    rows = [row.tobytes() for fold in folds for row in fold.test.X]
    assert len(set(rows)) == len({row.tobytes() for part in (data.train, data.validation, data.test) for row in part.X})
    for k, fold in enumerate(folds):
        assert np.unique(fold.train.targets, return_counts=True)[1].tolist() == [2] * 10
        tested = {row.tobytes() for row in fold.test.X}
        unlabelled = {row.tobytes() for row in Fold("digits", k, 20, labelled=False).load().train.X}
        assert not tested & ({row.tobytes() for row in fold.train.X} | unlabelled)
        assert {row.tobytes() for row in fold.train.X} <= unlabelled


def test_beginnings_are_no_longer_than_asked_for():
    data = Beginning("digits", 30, 20, 10_000).load()
    assert (len(data.train), len(data.validation), len(data.test)) == (30, 20, len(Whole("digits").load().test))


def test_odd_targets_are_odd_and_other_ones_in_each_draw():
    one, other = (Odd(draw).load() for draw in (0, 1))
    assert 0.3 < one.train.targets.std() < 1.0
    assert not np.array_equal(one.train.targets, other.train.targets)
    X = one.test.X.astype(np.float64)
    assert Odd(0).target(-X) == pytest.approx(-Odd(0).target(X))
    assert one.test.targets == pytest.approx(Odd(0).target(X), abs=1e-5)
    assert Odd(0).load().checksum() == one.checksum()


def test_an_odd_target_is_given_to_n_and_2n_units():
    plans = experiment("odd-target").runs("quick", 2)
    widths = {plan.labels["network"]: plan.configuration.hidden_layer_sizes for plan in plans}
    n = widths["N tanh units"][0]
    assert widths == {"N tanh units": (n,), "N rectifiers": (n,), "2N rectifiers": (2 * n,)}
    assert len({json.dumps(dict(plan.labels)) for plan in plans}) == len(plans) == 2 * 3 * 3


# -- looking into networks --------------------------------------------------------------------------------------------


def looked(unit="rectifier", **changes):
    """A small network on digits, and its columns by name."""
    configuration = Configuration(
        hidden_layer_sizes=(24, 20), activation=unit, max_epochs=3, learning_rate=0.1, random_state=0, **changes
    )
    data = Beginning("digits", 400, 0, 60).load()
    one = Looked(json.dumps(configuration.document()), numerics_version(), 0).fit(data.train.X, data.train.targets)
    found = one.predict(data.test.X)
    assert found.shape == (60, len(columns(2, images=True)))
    return one, dict(zip(columns(2, images=True), found.T, strict=True)), data


def test_columns_are_named_in_their_order():
    one, _, data = looked()
    assert [name for name, _ in one._columns(data.test.X)] == columns(2, images=True)


def test_what_is_exact_of_rectifiers_is_not_of_tanh():
    _, rectifier, _ = looked()
    _, tanh, _ = looked("tanh")
    for name in ("rescaling", "intensity"):
        assert rectifier[name].max() < 1e-4
        assert tanh[name].mean() > 0.1
    assert (tanh["active units, layer 2"] == 20).all()
    assert 0.4 < rectifier["zeros at the start, layer 1"].mean() < 0.6
    assert (tanh["bytes, CSR"] > tanh["bytes, dense"]).all()


def test_pictures_are_slanted_about_their_middle_and_shifted_to_the_right():
    picture = np.zeros((1, 2, 28, 28), dtype=np.float32)
    picture[0, 1, :, 10] = 1.0
    slanted, shifted = (moved(picture.reshape(1, -1), move).reshape(2, 28, 28) for move in MOVES)
    assert not slanted[0].any()
    assert not shifted[0].any()
    assert (shifted[1] == np.roll(picture[0, 1], 2, axis=1)).all()
    centres = slanted[1] @ np.arange(28) / slanted[1].sum(axis=1)
    assert centres == pytest.approx(10 - 0.2 * (np.arange(28) - 13.5), abs=1e-5)
    with pytest.raises(ValueError, match="rows of 5003 values are no square pictures"):
        moved(np.zeros((2, 5003), dtype=np.float32), "slant")


def test_changes_are_measured_in_distances_between_examples():
    one, found, data = looked()
    X = data.test.X
    codes = one.codes(one.network, X)[0].astype(np.float64)
    gone = one.codes(one.network, moved(X, "shift"))[0] - codes
    apart = np.mean([np.sqrt(((codes[i] - codes[i - 1]) ** 2).sum()) for i in range(len(codes))])
    assert found["change under shift, layer 1"] == pytest.approx(np.sqrt((gone**2).sum(axis=1)) / apart, rel=1e-4)


def test_texts_are_looked_into_but_not_moved(global_random_seed):
    X = sparse.random_array((80, 30), density=0.2, format="csr", dtype=np.float32, rng=global_random_seed)
    X.data[:] = 1
    y = np.where(X.sum(axis=1) > X.sum(axis=1).mean(), 8.0, 3.0)
    configuration = Configuration(hidden_layer_sizes=(8,), max_epochs=2, random_state=0)
    one = Looked(json.dumps(configuration.document()), "", 0, images=False).fit(canonical(X), y)
    found = one.predict(canonical(X))
    assert found.shape == (80, len(columns(1)))
    assert set(found[:, 0]) <= {3.0, 8.0}
    assert np.isfinite(found).all()


@pytest.mark.parametrize("unit", ["rectifier", "tanh"])
def test_gradient_norms_are_those_of_differences(unit):
    one, found, data = looked(unit, signs="balanced", dtype="float64")
    X = data.test.X[:5]
    codes = one.codes(one.network, X)
    for k, h in enumerate(codes):
        above = replace(one.network, layers=one.network.layers[k + 1 :])
        logits = get_engine("native").outputs(above, h)
        rows = np.arange(len(X))
        best = logits.argmax(axis=1)

        def loss(h, above=above, rows=rows, best=best):
            z = get_engine("native").outputs(above, h)
            return np.log(np.exp(z).sum(axis=1)) - z[rows, best]

        step = 1e-6
        gradient = [(loss(h + step * e) - loss(h - step * e)) / (2 * step) for e in np.eye(h.shape[1])]
        expected = np.linalg.norm(gradient, axis=0)
        assert found[f"gradient norm, layer {k + 1}"][:5] == pytest.approx(expected, rel=1e-3, abs=1e-6)


def test_losing_nothing_and_everything_are_the_ends(monkeypatch):
    monkeypatch.setattr("rectinet.study.experiments._looked.DISCARDED", (0.0, 1.0))
    configuration = Configuration(hidden_layer_sizes=(24,), max_epochs=3, learning_rate=0.1, random_state=0)
    data = Beginning("digits", 400, 0, 60).load()
    one = Looked(json.dumps(configuration.document()), "", 0).fit(data.train.X, data.train.targets)
    found = dict(one._columns(data.test.X))
    assert (found["class without 0 of the code"] == found["class"]).all()
    assert len(np.unique(found["class without 1 of the code"])) == 1


def test_the_control_learns_the_same(global_random_seed):
    data = Beginning("digits", 300, 0, 60).load()
    document = json.dumps(
        Configuration(
            hidden_layer_sizes=(16,), max_epochs=2, early_stopping=False, random_state=global_random_seed
        ).document()
    )
    both = [Timed(document, "", skip, 0).fit(data.train.X, data.train.targets) for skip in (True, False)]
    assert [one.configuration.computed_by().skip_zeros for one in both] == [True, False]
    first, second = (one.predict(data.test.X) for one in both)
    assert (first == second).all()


# -- from nothing to the report ---------------------------------------------------------------------------------------


def test_table_1_from_nothing_to_the_report(tmp_path, monkeypatch):
    rates = dict.fromkeys(_images.RATES, 0.01)
    pretrain = {"pretrain_epochs": 1, "pretrain_learning_rate": rates, "pretrain_batch_size": 50}
    tiny = _images.Size((12, 10), (0.1, 0.01), 2, 2, pretrain, 1)
    monkeypatch.setattr("rectinet.study.experiments.table1.size", lambda data, budget: tiny)
    options = Options(budget="quick", seeds=3, data="digits", out=tmp_path)
    tally = run_experiments(["table1"], options)
    assert (tally.executed, tally.states["done"]) == (3 * (2 * 3 * 2 + 3), tally.listed)
    assert run_experiments(["table1"], options).executed == 0
    with Store(tmp_path) as store:
        page = write_report(store, tmp_path).read_text()
        cells = summary(store.records())["table1"]
        records = {record.key: record for record in store.records("table1")}
    assert len(cells) == 6
    for cell in cells:
        errors = [100 * np.mean(records[k].predictions["test"] != records[k].targets["test"]) for k in cell["runs"]]
        assert cell["error"] == pytest.approx(np.mean(errors))
        assert f">{np.mean(errors):.2f}</span>" in page
        assert cell["seeds"] == 3
