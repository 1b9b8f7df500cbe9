"""Reconstruction error by hand, and in the history."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import log_expit

from rectinet.autoencoder import autoencoder
from rectinet.noise import Corruption, corrupt
from rectinet.problems import Sampling
from rectinet.randomness import Purpose, stream
from rectinet.runs.greedy import pretrain
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.reconstruction import reconstruction_error
from rectinet.runs.source import Source
from tests.pretraining.conftest import N, net_of


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("by_output", [False, True])
@pytest.mark.parametrize("reconstruction", ["softplus", "sigmoid", "linear", "rectifier"])
def test_reconstruction_error_by_hand(engine, sparse, by_output, reconstruction, X):
    network = net_of()
    mine = autoencoder(
        network.layers[0], reconstruction=reconstruction, tied=False, by_output=by_output, rng=np.random.default_rng(2)
    )
    mine.c[...] = 0.1
    noise = Corruption("masking", 0.5)
    ids = np.arange(N)
    noisy = corrupt(X, noise, seed=3, epoch=0, examples=ids, purpose=int(Purpose.HELD_OUT_NOISE))
    codes = network.layers[0].signs * np.maximum(noisy @ network.layers[0].W, 0)
    z = codes @ (mine.V.T if by_output else mine.V) + 0.1
    by_hand = {
        "softplus": (np.log1p(np.exp(z)) - X) ** 2,
        "sigmoid": -(X * log_expit(z) + (1 - X) * log_expit(-z)),
        "linear": (z - X) ** 2,
        "rectifier": (np.maximum(z, 0) - X) ** 2,
    }[reconstruction]
    source = Source(csr_array(X) if sparse else X, ids, (), None, engine)
    error = reconstruction_error(source, mine, noise, seed=3)
    assert error == pytest.approx(by_hand.sum(axis=1).mean(), rel=1e-12)
    assert error == reconstruction_error(source, mine, noise, seed=3)  # the noise is not redrawn


def test_the_history_reports_held_out_error_and_keeps_the_best_epoch(engine, X):
    network = net_of(sizes=(12, 9, 3))
    settings = LayerConfiguration(12, 0.2)
    state = pretrain(network, X[:20], [settings], engine=engine, seed=5, X_val=X[20:], keep_decoders=True)
    errors = [e["validation_error"] for e in state.history]
    seed = int(stream(5, Purpose.NOISE, part=0).integers(2**63))
    held = Source.of(network, 0, settings, X[20:], engine)
    assert reconstruction_error(held, state.finished[0], settings.corruption, seed) == pytest.approx(min(errors))


def test_sampled_reconstruction_is_told_in_the_history(engine, X):
    plan = [LayerConfiguration(1, 0.02, sampling=Sampling(0.25))]
    (entry,) = pretrain(net_of(sizes=(12, 9, 3)), csr_array(X), plan, engine=engine, seed=5).history
    density = np.count_nonzero(X) / X.size
    assert density < entry["sampled"] < 1
    assert entry["layer"] == 0
    assert entry["learning_rate"] == 0.02
    assert entry["density"][0] == pytest.approx(0.75 * density, abs=0.1)
    assert entry["zeros"] == pytest.approx(1 - entry["density"][1])
    assert entry["union"][0] <= 1
