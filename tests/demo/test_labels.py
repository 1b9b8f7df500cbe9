"""Few labels and pre-training in the demo: what is compared, and from where it starts."""

from __future__ import annotations

import numpy as np
import pytest

from rectinet.demo import contenders
from rectinet.demo.experiment import digits
from rectinet.demo.labels import N_LABELS, UNITS, compare, fewer, plan
from rectinet.runs import Data, Part, run

from .conftest import SMALL, Trained


def test_the_plan_of_the_demo() -> None:
    planned = plan({contender.style: contender for contender in contenders()}, 1000)
    encoding = [this for this in planned if this.contender.configuration.task == "encode"]
    assert [this.contender.style for this in encoding] == list(UNITS)
    assert {
        this.contender.configuration.per_layer(this.contender.configuration.reconstruction) for this in encoding
    } == {
        ("softplus",) * 3,
        ("sigmoid",) * 3,
    }
    assert {this.n for this in planned} == {*N_LABELS, 1000}
    fewest = next(this for this in planned if this.n == 50)
    assert fewest.visits == 600 * 10  # at least so many updates, of ten examples
    assert encoding[0].visits == 1000 * 20 * 3  # epochs, layers


def test_six_cells_and_two_curves(trained: Trained) -> None:
    assert trained.begun == trained.planned
    comparison = trained.comparison
    for pretrained in (False, True):
        curve = comparison.curve(pretrained)
        assert [n for n, _ in curve] == [20, 50, 120]
        assert curve[-1][1] is comparison.cell("rectifier", pretrained)
        for unit in UNITS:
            assert comparison.cell(unit, pretrained).contender.style == unit


def test_what_the_contest_trained_is_not_trained_again(trained: Trained) -> None:
    for unit in UNITS:
        assert trained.comparison.cell(unit, False) is trained.results[unit]
        assert trained.comparison.cell(unit, True) is not trained.results[unit]


def test_training_begins_at_the_pre_trained_layers(trained: Trained) -> None:
    """The run is told again by its configuration and data alone."""
    encoding = next(this for this in trained.planned if this.contender.configuration.task == "encode")
    start = run(encoding.contender.configuration, Data(Part(trained.data.train.X))).network
    result = trained.comparison.cell("rectifier", True)
    again = run(result.contender.configuration, Data(trained.data.train, trained.data.validation, start=start))
    for mine, other in zip(result.outcome.network.layers, again.network.layers, strict=True):
        assert mine.W.tobytes() == other.W.tobytes()


def test_few_labels_are_balanced() -> None:
    train = digits().train
    assert np.bincount(fewer(train, 50).targets).tolist() == [5] * 10
    assert fewer(train, len(train)) is train


@pytest.mark.parametrize("place", ["pre-training", "training"])
def test_ctrl_c_ends_the_comparison(place: str, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    planned = [
        this for this in trained.planned if (this.contender.configuration.task == "encode") == (place != "training")
    ]
    with pytest.raises(KeyboardInterrupt):
        compare(trained.results, planned, trained.data, lambda this: lambda moment: True)


def test_contenders_share_their_settings() -> None:
    documents = [contender.configuration.document() for contender in SMALL]
    differing = {name for name in documents[0] if len({str(document[name]) for document in documents}) > 1}
    assert differing == {"activation", "activity_l1"}
