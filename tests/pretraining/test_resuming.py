"""Pre-training stopped at any step goes on as if it never had been; divergence keeps its history."""

import copy
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.errors import DivergenceError, PretrainingDiverged
from rectinet.problems import Sampling
from rectinet.runs import loop
from rectinet.runs.greedy import PretrainingState, pretrain
from rectinet.runs.layers import LayerConfiguration
from tests.pretraining.conftest import PLAIN, bits, net_of, without_seconds

RESUMED = {
    "dense, balanced signs": ("rectifier", [LayerConfiguration(2, 0.02, decay_from=0.5), PLAIN], False),
    "tied, scaled": (
        "rectifier",
        [LayerConfiguration(2, 0.05, reconstruction="sigmoid", tied=True, code_scaling="per-unit"),
         LayerConfiguration(2, 0.05, reconstruction="sigmoid", tied=True)],
        False,
    ),
    "sparse, sampled": (
        "rectifier",
        [LayerConfiguration(2, 0.05, reconstruction="sigmoid", sampling=Sampling(0.5), code_scaling="global"),
         LayerConfiguration(2, 0.05, reconstruction="sigmoid")],
        True,
    ),
    "tanh": ("tanh", [LayerConfiguration(2, 0.05, reconstruction="sigmoid")] * 2, False),
    "pre-activation, chosen rates": (
        "rectifier", [LayerConfiguration(1, "auto"), LayerConfiguration(1, "auto", reconstruction="linear",
                                                              target="pre-activation")], False
    ),
}  # fmt: skip


def snapshot(network, state):
    """A copy of both whose encoders are again the network's layers."""
    network, state = network.copy(), copy.deepcopy(state)

    def on(layer, mine):
        return replace(mine, encoder=layer, V=layer.W if mine.tied else mine.V)

    state.autoencoder = on(network.layers[state.layer], state.autoencoder)
    state.finished = [on(layer, mine) for layer, mine in zip(network.hidden, state.finished, strict=False)]
    return network, state


@pytest.mark.usefixtures("one_step_a_block")
@pytest.mark.parametrize("case", RESUMED)
@pytest.mark.parametrize("judged", [False, True], ids=["", "judged"])
def test_a_run_resumed_after_any_step_of_any_layer_is_the_run_never_stopped(engine, case, judged, X):
    unit, plan, sparse = RESUMED[case]
    X = csr_array(X) if sparse else X
    moments = []
    whole = net_of(unit)

    def remember(state):
        assert state.autoencoder.encoder is whole.layers[state.layer]
        moments.append(snapshot(whole, state))
        return False

    how = {"engine": engine, "seed": 5, "X_val": X[:8] if judged else None, "keep_decoders": True}
    end = pretrain(whole, X, plan, **how, watch=remember)
    assert len({state.layer for _, state in moments}) == 2
    for network, state in moments:
        again = pretrain(network, X, plan, **how, state=state)
        assert bits(network) == bits(whole)
        assert without_seconds(again.history) == without_seconds(end.history)
        for mine, theirs in zip(again.finished, end.finished, strict=True):
            assert mine.V.tobytes() == theirs.V.tobytes()
            assert mine.c.tobytes() == theirs.c.tobytes()


@pytest.mark.parametrize("block_steps", [3, None])
def test_the_length_of_a_block_changes_nothing(engine, block_steps, X, monkeypatch):
    one, other = net_of(), net_of()
    calls = []

    def count(state):
        calls.append(state.layer)
        return False

    with monkeypatch.context() as patched:
        patched.setattr(loop, "BLOCK_SECONDS", 0)
        a = pretrain(one, X, [PLAIN, PLAIN], engine=engine, seed=5, watch=count)
    assert len(calls) == 2 * 2 * 4  # of two layers' two epochs
    calls.clear()
    if block_steps:  # else the clock decides
        pace = SimpleNamespace(steps=block_steps, learn=lambda steps, seconds: None)
        monkeypatch.setattr(loop, "_Pace", lambda: pace)
    b = pretrain(other, X, [PLAIN, PLAIN], engine=engine, seed=5, watch=count)
    assert not block_steps or len(calls) == 2 * 2 * 2
    assert bits(one) == bits(other)
    assert without_seconds(a.history) == without_seconds(b.history)


def test_a_watcher_can_stop_it_in_any_layer_and_in_the_search_for_a_rate(engine, X):
    def stop_in(layer, searching):
        def watch(state):
            return state.layer == layer and (state.rate is None) == searching

        return watch

    plan = [LayerConfiguration(1, "auto"), LayerConfiguration(1, "auto")]
    for layer in (0, 1):
        for searching in (True, False):
            network = net_of()
            state = pretrain(network, X, plan, engine=engine, seed=5, watch=stop_in(layer, searching))
            assert (state.status, state.layer) == ("interrupted", layer)
            assert pretrain(network, X, plan, engine=engine, seed=5, state=state).status == "finished"
            whole = net_of()
            pretrain(whole, X, plan, engine=engine, seed=5)
            assert bits(network) == bits(whole)


def test_divergence_is_named_and_keeps_the_history(engine, X):
    state = PretrainingState()
    plan = [PLAIN, LayerConfiguration(9, 1e8, reconstruction="linear")]
    with np.errstate(all="ignore"), pytest.raises(PretrainingDiverged, match=r"1e\+08.*scaling=.minmax") as caught:
        pretrain(net_of(), 10 * X, plan, engine=engine, seed=5, state=state)
    assert isinstance(caught.value, DivergenceError)
    assert [e["layer"] for e in state.history][:2] == [0, 0]
    again = copy.copy(caught.value)
    assert (str(again), again.history) == (str(caught.value), caught.value.history)
