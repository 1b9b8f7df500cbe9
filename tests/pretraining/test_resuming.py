"""Pre-training stopped at any step goes on as if it never had been; divergence keeps its history."""

import copy

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.autoencoder import Sampling
from rectinet.errors import DivergenceError
from rectinet.pretraining import LayerSettings, PretrainingDiverged, PretrainingState, pretrain
from tests.pretraining.conftest import PLAIN, bits, net_of, without_seconds

RESUMED = {
    "dense, balanced signs": ("rectifier", [LayerSettings(2, 0.02, decay_from=0.5), PLAIN], False),
    "tied, scaled": (
        "rectifier",
        [LayerSettings(2, 0.05, reconstruction="sigmoid", tied=True, code_scaling="per-unit"),
         LayerSettings(2, 0.05, reconstruction="sigmoid", tied=True)],
        False,
    ),
    "sparse, sampled": (
        "rectifier",
        [LayerSettings(2, 0.05, reconstruction="sigmoid", sampling=Sampling(0.5), code_scaling="global"),
         LayerSettings(2, 0.05, reconstruction="sigmoid")],
        True,
    ),
    "tanh": ("tanh", [LayerSettings(2, 0.05, reconstruction="sigmoid")] * 2, False),
    "pre-activation, chosen rates": (
        "rectifier", [LayerSettings(1, "auto"), LayerSettings(1, "auto", reconstruction="linear",
                                                              target="pre-activation")], False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RESUMED)
@pytest.mark.parametrize("judged", [False, True], ids=["", "judged"])
def test_a_run_resumed_after_any_step_of_any_layer_is_the_run_never_stopped(engine, case, judged, X):
    unit, plan, sparse = RESUMED[case]
    X = csr_array(X) if sparse else X
    moments = []
    whole = net_of(unit)

    def remember(state):
        moments.append(copy.deepcopy((whole, state)))  # as one, so that encoders stay the network's layers

    how = {"engine": engine, "seed": 5, "X_val": X[:8] if judged else None, "keep_decoders": True, "block_steps": 1}
    end = pretrain(whole, X, plan, **how, watch=remember)
    assert len({state.layer for _, state in moments}) == 2
    for network, state in moments:
        assert state.autoencoder.encoder is network.layers[state.layer]
        again = pretrain(network, X, plan, **how, state=state)
        assert bits(network) == bits(whole)
        assert without_seconds(again.history) == without_seconds(end.history)
        for mine, theirs in zip(again.finished, end.finished, strict=True):
            assert mine.V.tobytes() == theirs.V.tobytes()
            assert mine.c.tobytes() == theirs.c.tobytes()


@pytest.mark.parametrize("block_steps", [3, None])
def test_the_length_of_a_block_changes_nothing(engine, block_steps, X):
    one, other = net_of(), net_of()
    a = pretrain(one, X, [PLAIN, PLAIN], engine=engine, seed=5, block_steps=1)
    b = pretrain(other, X, [PLAIN, PLAIN], engine=engine, seed=5, block_steps=block_steps)
    assert bits(one) == bits(other)
    assert without_seconds(a.history) == without_seconds(b.history)


def test_a_watcher_can_stop_it_in_any_layer_and_in_the_search_for_a_rate(engine, X):
    def stop_in(layer, searching):
        def watch(state):
            if state.layer == layer and (state.rate is None) == searching:
                raise StopIteration

        return watch

    plan = [LayerSettings(1, "auto"), LayerSettings(1, "auto")]
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
    plan = [PLAIN, LayerSettings(9, 1e8, reconstruction="linear")]
    with np.errstate(all="ignore"), pytest.raises(PretrainingDiverged, match=r"1e\+08.*MinMaxScaler") as caught:
        pretrain(net_of(), 10 * X, plan, engine=engine, seed=5, state=state)
    assert isinstance(caught.value, DivergenceError)
    assert [e["layer"] for e in state.history][:2] == [0, 0]
    again = copy.copy(caught.value)
    assert (str(again), again.history) == (str(caught.value), caught.value.history)
