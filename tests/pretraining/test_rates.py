"""The rate that is chosen by reconstruction error."""

import numpy as np
import pytest

from rectinet.autoencoder import autoencoder
from rectinet.losses import Score
from rectinet.optimisers import Schedule
from rectinet.runs.greedy import PretrainingState, pretrain
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.loop import Settings
from rectinet.runs.rates import GRID, choose_rate
from rectinet.runs.source import Source
from tests.pretraining.conftest import PLAIN, bits, net_of


def test_the_rate_with_the_lowest_error_is_taken(engine, X, monkeypatch):
    errors = {0.1: 3.0, 0.01: 1.0, 0.001: 2.0, 0.0001: 4.0}
    tried = []

    def fit(task, settings, state, watch):
        rate = settings.schedule.rate
        tried.append(rate)
        state.best = Score(errors[rate], 0)
        return state

    with monkeypatch.context() as patched:
        patched.setattr("rectinet.runs.rates.loop.fit", fit)
        state = PretrainingState()
        network = net_of(sizes=(12, 9, 3))
        source = Source.of(network, 0, PLAIN, X, engine)
        mine = autoencoder(network.layers[0], reconstruction="linear", tied=False, by_output=False,
                           rng=np.random.default_rng(0))  # fmt: skip
        task = LayerTask(0, mine, PLAIN, source, 1)
        settings = Settings(Schedule(1.0), 10, 9, seed=5)
        assert choose_rate(task, settings, lambda: False) == 0.01
    assert tried == list(GRID)
    assert state.rate is None


def test_a_chosen_rate_is_the_rate_given(engine, X):
    chosen, given = net_of(), net_of()
    auto = pretrain(chosen, X, [LayerConfiguration(2, "auto"), PLAIN], engine=engine, seed=5)
    rate = auto.history[0]["learning_rate"]
    assert rate in GRID
    pretrain(given, X, [LayerConfiguration(2, rate), PLAIN], engine=engine, seed=5)
    assert bits(chosen) == bits(given)


def test_rates_that_diverge_lose(engine, X):
    with np.errstate(all="ignore"):
        state = pretrain(
            net_of(), 30 * X, [LayerConfiguration(1, "auto"), LayerConfiguration(0)], engine=engine, seed=5
        )
    assert state.history[0]["learning_rate"] < 0.1


def test_when_every_rate_diverges_it_is_said(engine, X):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"diverged at every rate.*scale the features"):
        pretrain(net_of(), 1e200 * X, [LayerConfiguration(1, "auto")] * 2, engine=engine, seed=5)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_few_examples_will_do(engine, n, X):
    assert pretrain(net_of(), X[:n], [LayerConfiguration(1, "auto")] * 2, engine=engine, seed=5).status == "finished"
