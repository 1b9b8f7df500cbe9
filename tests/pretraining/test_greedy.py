"""Greedy layer-wise pre-training: what every layer learns from."""

import numpy as np
from scipy.sparse import csr_array

from rectinet.autoencoder import autoencoder
from rectinet.engine import Steps, get_engine
from rectinet.noise import Corruption
from rectinet.problems import Denoising, Unlabelled
from rectinet.randomness import Purpose, stream
from rectinet.runs.greedy import pretrain
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.reconstruction import visible_biases
from tests.pretraining.conftest import PLAIN, N, bits, codes_of, net_of


def test_hidden_layers_are_trained_in_place_and_the_output_layer_is_left(engine, X):
    network, start = net_of(), net_of()
    state = pretrain(network, X, [PLAIN, PLAIN], engine=engine, seed=5)
    assert state.status == "finished"
    assert [(e["layer"], e["epoch"]) for e in state.history] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    for k, (mine, was) in enumerate(zip(network.layers, start.layers, strict=True)):
        assert (mine.W.tobytes() == was.W.tobytes()) == (k == 2)
    longer = pretrain(net_of(), X, [LayerConfiguration(30, 0.02), PLAIN], engine=engine, seed=5).history
    assert longer[29]["loss"] < longer[0]["loss"]


def test_engines_agree(X):
    native, reference = net_of(), net_of()
    plan = [
        LayerConfiguration(2, 0.02, activity_l1=1e-3),
        LayerConfiguration(2, 0.02, corruption=Corruption("gaussian", 0.1)),
    ]
    a = pretrain(native, X, plan, engine=get_engine("native"), seed=5, X_val=X[:9])
    b = pretrain(reference, X, plan, engine=get_engine("reference"), seed=5, X_val=X[:9])
    for (name, mine), (_, theirs) in zip(native.parameters(), reference.parameters(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(
        [e["validation_error"] for e in a.history], [e["validation_error"] for e in b.history], rtol=1e-10
    )


def test_without_noise_and_penalty_it_is_a_plain_autoencoder(engine, X):
    """Gradient descent by hand on a linear auto-encoder, full batch."""
    network = net_of("linear", "positive", sizes=(12, 4, 2))
    W, b = network.layers[0].W.copy(), network.layers[0].b.copy()
    rng = stream(5, Purpose.PRETRAINING_INITIALISATION, part=0)
    V = rng.uniform(-np.sqrt(6 / 16), np.sqrt(6 / 16), size=(4, 12))
    c = X.mean(axis=0)
    for _ in range(30):
        H = X @ W + b
        delta = 2 * (H @ V + c - X) / N
        dV, dH = H.T @ delta, delta @ V.T
        W, b, V, c = W - 0.1 * X.T @ dH, b - 0.1 * dH.sum(axis=0), V - 0.1 * dV, c - 0.1 * delta.sum(axis=0)
    settings = LayerConfiguration(30, 0.1, batch_size=N, corruption=Corruption(), reconstruction="linear")
    state = pretrain(network, X, [settings], engine=engine, seed=5, keep_decoders=True)
    np.testing.assert_allclose(network.layers[0].W, W, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(state.finished[0].c, c, rtol=1e-9, atol=1e-12)


def test_the_second_layer_is_the_first_on_codes(engine, X):
    """Pre-training layer 1 equals training an auto-encoder on the codes of layer 0, held as a matrix."""
    network = net_of()
    pretrain(network, X, [PLAIN, LayerConfiguration(0)], engine=engine, seed=5)
    layer, codes = network.layers[1], codes_of(engine, network, X)
    twin = autoencoder(
        network.copy().layers[1], reconstruction="softplus", tied=False, by_output=False,
        rng=stream(5, Purpose.PRETRAINING_INITIALISATION, part=1),
    )  # fmt: skip
    unsigned = codes * network.layers[0].signs
    twin.c[...] = visible_biases("softplus", unsigned.mean(axis=0), N)
    order = np.arange(N)
    stream(5, Purpose.PRETRAINING_SHUFFLING, 0, 1).shuffle(order)
    problem = Denoising(
        twin, Unlabelled(codes, unsigned, np.arange(N)), Corruption("masking", 0.25), activity_l1=0.01,
        seed=int(stream(5, Purpose.NOISE, part=1).integers(2**63)),
    )  # fmt: skip
    engine.train(problem, Steps(order, 10, np.full(4, 0.02)))
    pretrain(network, X, [LayerConfiguration(0), LayerConfiguration(1, 0.02, activity_l1=0.01)], engine=engine, seed=5)
    np.testing.assert_allclose(layer.W, twin.encoder.W, rtol=1e-12)
    np.testing.assert_allclose(layer.b, twin.encoder.b, rtol=1e-12, atol=1e-15)


def test_sparse_is_dense(engine, X):
    dense, sparse = net_of(), net_of()
    plan = [LayerConfiguration(2, 0.02, corruption=Corruption("salt_and_pepper", 0.5, 0.1)), PLAIN]
    pretrain(dense, X, plan, engine=engine, seed=5)
    pretrain(sparse, csr_array(X), plan, engine=engine, seed=5)
    for (_, mine), (_, theirs) in zip(dense.parameters(), sparse.parameters(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)


def test_layers_have_noise_of_their_own(X):
    seen = set()

    class Spy:
        real = get_engine("native")
        name, row_exact, block_steps = real.name, real.row_exact, None
        outputs, codes = real.outputs, real.codes

        def train(self, problem, steps, totals=None):
            seen.add((problem.seed, steps.epoch))
            return self.real.train(problem, steps, totals)

    pretrain(net_of(), X, [PLAIN, PLAIN], engine=Spy(), seed=5)
    assert len({seed for seed, _ in seen}) == 2
    assert {epoch for _, epoch in seen} == {0, 1}


def test_epochs_0_leaves_a_layer_alone(engine, X):
    network, start = net_of(), net_of()
    state = pretrain(network, X, [LayerConfiguration(0), LayerConfiguration(0, "auto")], engine=engine, seed=5)
    assert bits(network) == bits(start)
    assert state.history == []
