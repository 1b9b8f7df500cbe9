"""Greedy layer-wise pre-training: what every layer learns from, scales, biases, rates, resuming."""

import copy

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import expit, log_expit

from rectinet import pretraining, training
from rectinet.activations import Activation
from rectinet.autoencoder import NoiseKey, Sampling, Unlabelled, autoencoder
from rectinet.engine import get_engine
from rectinet.errors import DivergenceError
from rectinet.network import initialise
from rectinet.noise import Corruption, corrupt
from rectinet.pretraining import (
    GRID,
    LayerSettings,
    PretrainingDiverged,
    PretrainingState,
    Source,
    pretrain,
    reconstruct,
    reconstruction_error,
    target_of,
)
from rectinet.pretraining.reconstruction import visible_biases
from rectinet.randomness import Purpose, stream

N, SIZES = 40, (12, 9, 7, 3)  # 4 steps an epoch at batch_size 10; no layer as wide as the one below
PLAIN = LayerSettings(epochs=2, learning_rate=0.02)


@pytest.fixture(params=["reference", "native"])
def engine(request):
    return get_engine(request.param)


@pytest.fixture(scope="module")
def X():
    """Shape (40, 12), in [0, 1], about half of it 0; the last input is always 0."""
    rng = np.random.default_rng(0)
    values = np.maximum(rng.normal(size=(N, 3)) @ rng.normal(size=(3, 12)), 0)
    values[:, -1] = 0
    return np.ascontiguousarray(values / values.max())


def net_of(unit="rectifier", signs="balanced", dtype=np.float64, sizes=SIZES):
    return initialise(sizes, Activation(unit), signs=signs, rng=np.random.default_rng(1), dtype=dtype)


def bits(network):
    return [values.tobytes() for _, values in network.parameters()]


def without_seconds(history):
    return [{name: value for name, value in entry.items() if name != "seconds"} for entry in history]


# -- what is trained ---------------------------------------------------------------------------------------------------


def test_hidden_layers_are_trained_in_place_and_the_output_layer_is_left(engine, X):
    network, start = net_of(), net_of()
    state = pretrain(network, X, [PLAIN, PLAIN], engine=engine, seed=5)
    assert state.status == "finished"
    assert [(e["layer"], e["epoch"]) for e in state.history] == [(0, 1), (0, 2), (1, 1), (1, 2)]
    for k, (mine, was) in enumerate(zip(network.layers, start.layers, strict=True)):
        assert (mine.W.tobytes() == was.W.tobytes()) == (k == 2)
    longer = pretrain(net_of(), X, [LayerSettings(30, 0.02), PLAIN], engine=engine, seed=5).history
    assert longer[29]["loss"] < longer[0]["loss"]


def test_engines_agree(X):
    native, reference = net_of(), net_of()
    plan = [LayerSettings(2, 0.02, activity_l1=1e-3), LayerSettings(2, 0.02, corruption=Corruption("gaussian", 0.1))]
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
    settings = LayerSettings(30, 0.1, batch_size=N, corruption=Corruption(), reconstruction="linear")
    state = pretrain(network, X, [settings], engine=engine, seed=5, keep_decoders=True)
    np.testing.assert_allclose(network.layers[0].W, W, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(state.finished[0].c, c, rtol=1e-9, atol=1e-12)


def test_the_second_layer_is_the_first_on_codes(engine, X):
    """Pre-training layer 1 equals training an auto-encoder on the codes of layer 0, held as a matrix."""
    network = net_of()
    pretrain(network, X, [PLAIN, LayerSettings(0)], engine=engine, seed=5)
    layer, codes = network.layers[1], engine.hidden(network, X, 0)
    twin = autoencoder(
        network.copy().layers[1], reconstruction="softplus", tied=False, by_output=False,
        rng=stream(5, Purpose.PRETRAINING_INITIALISATION, part=1),
    )  # fmt: skip
    unsigned = codes * network.layers[0].signs
    twin.c[...] = visible_biases("softplus", unsigned.mean(axis=0), N)
    order = np.arange(N)
    stream(5, Purpose.PRETRAINING_SHUFFLING, 0, 1).shuffle(order)
    engine.train_autoencoder(
        twin, Unlabelled(codes, unsigned, np.arange(N)), Corruption("masking", 0.25),
        NoiseKey(int(stream(5, Purpose.NOISE, part=1).integers(2**63)), 0, int(Purpose.NOISE)),
        activity_l1=0.01, order=order, batch_size=10, learning_rates=np.full(4, 0.02),
    )  # fmt: skip
    pretrain(network, X, [LayerSettings(0), LayerSettings(1, 0.02, activity_l1=0.01)], engine=engine, seed=5)
    np.testing.assert_allclose(layer.W, twin.encoder.W, rtol=1e-12)
    np.testing.assert_allclose(layer.b, twin.encoder.b, rtol=1e-12, atol=1e-15)


def test_sparse_is_dense(engine, X):
    dense, sparse = net_of(), net_of()
    plan = [LayerSettings(2, 0.02, corruption=Corruption("salt_and_pepper", 0.5, 0.1)), PLAIN]
    pretrain(dense, X, plan, engine=engine, seed=5)
    pretrain(sparse, csr_array(X), plan, engine=engine, seed=5)
    for (_, mine), (_, theirs) in zip(dense.parameters(), sparse.parameters(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12)


def test_layers_have_noise_of_their_own(X):
    seen = set()

    class Spy:
        name = "native"
        real = get_engine("native")
        outputs, hidden = real.outputs, real.hidden

        def train_autoencoder(self, mine, examples, corruption, key, **others):
            seen.add((key.seed, key.epoch, key.purpose))
            return self.real.train_autoencoder(mine, examples, corruption, key, **others)

    pretrain(net_of(), X, [PLAIN, PLAIN], engine=Spy(), seed=5)
    assert len({seed for seed, _, _ in seen}) == 2
    assert {epoch for _, epoch, _ in seen} == {0, 1}


def test_epochs_0_leaves_a_layer_alone(engine, X):
    network, start = net_of(), net_of()
    state = pretrain(network, X, [LayerSettings(0), LayerSettings(0, "auto")], engine=engine, seed=5)
    assert bits(network) == bits(start)
    assert state.history == []


# -- resuming ----------------------------------------------------------------------------------------------------------

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


# -- targets and scales ------------------------------------------------------------------------------------------------


def source_of(network, X, engine, **settings):
    return Source.of(network, 1, LayerSettings(1, **settings), X, engine)


def test_targets_are_unsigned_codes(engine, X):
    network = net_of("softplus", "random")
    part = source_of(network, X, engine).rows(slice(None))
    np.testing.assert_allclose(part.targets, network.layers[0].activation.value(X @ network.layers[0].W), rtol=1e-12)
    np.testing.assert_array_equal(part.X, engine.hidden(network, X, 0))
    assert source_of(net_of(signs="positive"), X, engine).rows(slice(None)).targets is None


def test_tanh_targets_keep_their_sign_and_are_mapped_for_cross_entropy(engine, X):
    network = net_of("tanh")
    unsigned = np.tanh(X @ network.layers[0].W)
    assert (unsigned < 0).any()
    plain = source_of(network, X, engine).rows(slice(None))
    np.testing.assert_allclose(plain.targets, unsigned, rtol=1e-12)
    mapped = source_of(network, X, engine, reconstruction="sigmoid").rows(slice(None))
    np.testing.assert_allclose(mapped.targets, (unsigned + 1) / 2, rtol=1e-12)
    np.testing.assert_array_equal(mapped.X, plain.X)  # inputs are what the network will see


@pytest.mark.parametrize("unit", ["rectifier", "tanh", "softplus"])
def test_targets_before_the_nonlinearity(engine, unit, X):
    network = net_of(unit)
    part = source_of(network, X, engine, reconstruction="linear", target="pre-activation").rows(slice(None))
    np.testing.assert_allclose(part.targets, X @ network.layers[0].W, rtol=1e-12)
    np.testing.assert_allclose(part.X, engine.hidden(network, X, 0), rtol=1e-12)


@pytest.mark.parametrize("unit", ["rectifier", "tanh", "logistic"])
@pytest.mark.parametrize(("bounded", "target"), [(False, "code"), (True, "code"), (False, "pre-activation")])
def test_targets_lead_back_to_codes(engine, unit, bounded, target, X):
    network = net_of(unit, "random")
    if unit == "rectifier":
        network.layers[0].W[...] /= 10  # codes below 1, as scaled ones are
    mine = target_of(network.layers[0], bounded=bounded, target=target)
    codes, targets = mine.encoded(engine, (), X)
    np.testing.assert_allclose(mine.decoded(codes if targets is None else targets), codes, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("scaling", ["global", "per-unit"])
@pytest.mark.parametrize("tied", [False, True])
def test_scaled_codes_fill_the_unit_interval(engine, scaling, tied, X):
    """Folded into W and b of a layer with n_in != n_hidden; its own reconstruction is unchanged."""
    first = LayerSettings(2, 0.05, tied=tied)
    plain, scaled = net_of(), net_of()
    plain.layers[0].b[...] = scaled.layers[0].b[...] = 0.05
    plain.layers[0].b[2] = scaled.layers[0].b[2] = -1e3  # never fires
    end = LayerSettings(0)
    a = pretrain(plain, X, [first, end], engine=engine, seed=5, keep_decoders=True)
    settings = LayerSettings(2, 0.05, tied=tied, code_scaling=scaling)
    b = pretrain(scaled, X, [settings, end], engine=engine, seed=5, keep_decoders=True)
    H, G = np.abs(engine.hidden(plain, X, 0)), np.abs(engine.hidden(scaled, X, 0))
    peak = H.max(axis=0) if scaling == "per-unit" else np.full(9, H.max())
    np.testing.assert_allclose(G * np.where(peak > 0, peak, 1), H, rtol=1e-12)
    assert G.max() == pytest.approx(1, rel=1e-12)
    if scaling == "per-unit":
        assert np.isin(np.round(G.max(axis=0), 9), [0.0, 1.0]).all()
    before, after = (
        reconstruct(state.finished[:1], [], engine.hidden(network, X, 0))
        for state, network in ((a, plain), (b, scaled))
    )
    np.testing.assert_allclose(after, before, rtol=1e-10)
    if scaling == "per-unit" or tied:
        assert not b.finished[0].tied


def test_held_out_codes_above_1_are_cut(engine, X):
    network = net_of()
    source = source_of(network, 100 * X, engine, reconstruction="sigmoid")
    part = source.rows(slice(None))
    assert np.abs(part.X).max() > 1
    assert part.targets.max() == 1


def test_a_stack_goes_back_to_its_input(engine):
    """With as many linear units as inputs, codes hold everything and decoders can find it again."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 4))
    network = net_of("linear", "random", sizes=(4, 6, 5, 1))
    settings = LayerSettings(60, 0.05, corruption=Corruption(), reconstruction="linear")
    state = pretrain(network, X, [settings, settings], engine=engine, seed=5, keep_decoders=True)
    target = target_of(network.layers[0], bounded=False, target="code")
    np.testing.assert_allclose(reconstruct(state.finished, [target], engine.hidden(network, X, 1)), X, atol=1e-2)


# -- visible biases ----------------------------------------------------------------------------------------------------


def test_biases_start_at_the_mean():
    mean = np.array([0.0, 0.005, 0.3, 1.0])
    p = (100 * mean + 0.5) / 101
    np.testing.assert_allclose(expit(visible_biases("sigmoid", mean, 100)), p, rtol=1e-12)
    floor = np.array([0.01, 0.01, 0.3, 1.0])
    np.testing.assert_allclose(np.log1p(np.exp(visible_biases("softplus", mean, 100))), floor, rtol=1e-12)
    np.testing.assert_array_equal(visible_biases("rectifier", mean, 100), floor)
    np.testing.assert_array_equal(visible_biases("linear", -mean, 100), -mean)
    assert visible_biases("softplus", np.array([1e4]), 100) == pytest.approx(1e4)


@pytest.mark.parametrize("sparse", [False, True])
def test_the_first_layers_biases_are_those_of_the_data(engine, sparse, X):
    ones = (X > 0).astype(float)
    settings = LayerSettings(1, 1e-300, reconstruction="sigmoid")
    given = csr_array(ones) if sparse else ones
    state = pretrain(net_of(sizes=(12, 4, 2)), given, [settings], engine=engine, seed=5, keep_decoders=True)
    expected = visible_biases("sigmoid", ones.mean(axis=0), N)
    np.testing.assert_allclose(state.finished[0].c, expected, rtol=1e-12)
    assert state.finished[0].c[-1] == pytest.approx(np.log(0.5 / 40.5))


def test_chunks_change_no_mean_or_peak(engine, X, monkeypatch):
    source = source_of(net_of(), X, engine)
    mean, peak = source.mean(), source.peak()
    monkeypatch.setattr("rectinet.pretraining.source.CHUNK_VALUES", 12 * 7)
    assert len(list(source.chunks())) == 6
    np.testing.assert_allclose(source.mean(), mean, rtol=1e-12)
    np.testing.assert_array_equal(source.peak(), peak)


# -- reconstruction error ----------------------------------------------------------------------------------------------


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
    settings = LayerSettings(12, 0.2)
    state = pretrain(network, X[:20], [settings], engine=engine, seed=5, X_val=X[20:], keep_decoders=True)
    errors = [e["validation_error"] for e in state.history]
    seed = int(stream(5, Purpose.NOISE, part=0).integers(2**63))
    held = Source.of(network, 0, settings, X[20:], engine)
    assert reconstruction_error(held, state.finished[0], settings.corruption, seed) == pytest.approx(min(errors))


def test_sampled_reconstruction_is_told_in_the_history(engine, X):
    plan = [LayerSettings(1, 0.02, sampling=Sampling(0.25))]
    (entry,) = pretrain(net_of(sizes=(12, 9, 3)), csr_array(X), plan, engine=engine, seed=5).history
    density = np.count_nonzero(X) / X.size
    assert density < entry["sampled"] < 1
    assert entry["layer"] == 0
    assert entry["learning_rate"] == 0.02
    assert entry["density"][0] == pytest.approx(0.75 * density, abs=0.1)
    assert entry["zeros"] == pytest.approx(1 - entry["density"][1])
    assert entry["union"][0] <= 1


# -- rates -------------------------------------------------------------------------------------------------------------


def test_the_rate_with_the_lowest_error_is_taken(engine, X, monkeypatch):
    errors = {0.1: 3.0, 0.01: 1.0, 0.001: 2.0, 0.0001: 4.0}
    tried = []

    def fit(task, settings, state, watch):
        tried.append(settings.learning_rate)
        state.best = training.Score(errors[settings.learning_rate], 0)
        return state

    with monkeypatch.context() as patched:
        patched.setattr("rectinet.pretraining.rates.training.fit", fit)
        state = PretrainingState()
        network = net_of(sizes=(12, 9, 3))
        source = Source.of(network, 0, PLAIN, X, engine)
        mine = autoencoder(network.layers[0], reconstruction="linear", tied=False, by_output=False,
                           rng=np.random.default_rng(0))  # fmt: skip
        task = pretraining.task.Denoising(0, mine, PLAIN, source, 1)
        settings = training.Settings(1.0, 10, 9, seed=5)
        assert pretraining.rates.choose_rate(task, settings, lambda: None) == 0.01
    assert tried == list(GRID)
    assert state.rate is None


def test_a_chosen_rate_is_the_rate_given(engine, X):
    chosen, given = net_of(), net_of()
    auto = pretrain(chosen, X, [LayerSettings(2, "auto"), PLAIN], engine=engine, seed=5)
    rate = auto.history[0]["learning_rate"]
    assert rate in GRID
    pretrain(given, X, [LayerSettings(2, rate), PLAIN], engine=engine, seed=5)
    assert bits(chosen) == bits(given)


def test_rates_that_diverge_lose(engine, X):
    with np.errstate(all="ignore"):
        state = pretrain(net_of(), 30 * X, [LayerSettings(1, "auto"), LayerSettings(0)], engine=engine, seed=5)
    assert state.history[0]["learning_rate"] < 0.1


def test_when_every_rate_diverges_it_is_said(engine, X):
    with np.errstate(all="ignore"), pytest.raises(ValueError, match=r"diverged at every rate.*scale the features"):
        pretrain(net_of(), 1e200 * X, [LayerSettings(1, "auto")] * 2, engine=engine, seed=5)


@pytest.mark.parametrize("n", [1, 2, 9])
def test_few_examples_will_do(engine, n, X):
    assert pretrain(net_of(), X[:n], [LayerSettings(1, "auto")] * 2, engine=engine, seed=5).status == "finished"


# -- what does not go together -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"epochs": -1}, "pretrain_epochs must be .* got -1"),
        ({"learning_rate": 0}, "pretrain_learning_rate must be .* got 0"),
        ({"learning_rate": "fast"}, "pretrain_learning_rate must be .* got 'fast'"),
        ({"batch_size": 0}, "pretrain_batch_size"),
        ({"activity_l1": -1.0}, "pretrain_activity_l1"),
        ({"reconstruction": "tanh"}, "reconstruction must be one of .* got 'tanh'"),
        ({"code_scaling": "max"}, "code_scaling must be one of .* got 'max'"),
        ({"target": "input"}, "reconstruction_target must be one of .* got 'input'"),
        ({"decay_from": 2.0}, "pretrain_decay_from must be .* got 2.0"),
        ({"target": "pre-activation"}, 'goes with reconstruction="linear".*got reconstruction=.softplus'),
    ],
)
def test_wrong_settings_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        LayerSettings(**{"epochs": 1, **wrong})


@pytest.mark.parametrize(
    ("unit", "first", "second", "said"),
    [
        ("rectifier", {}, {"reconstruction": "sigmoid"}, 'of hidden layer 1 .* Use code_scaling="per-unit"'),
        ("softplus", {}, {"reconstruction": "sigmoid"}, "softplus units cannot be scaled"),
        ("linear", {"code_scaling": "global"}, {"reconstruction": "sigmoid"}, "linear units cannot be scaled"),
        ("softplus", {"code_scaling": "per-unit"}, {}, r"code_scaling='per-unit' .*hidden layer 0 has softplus units"),
        ("tanh", {"code_scaling": "global"}, {}, "hidden layer 0 has tanh units"),
    ],
)
def test_units_that_cannot_serve_are_refused(unit, first, second, said, X):
    plan = [LayerSettings(1, **first), LayerSettings(1, **second)]
    with pytest.raises(ValueError, match=said):
        pretrain(net_of(unit), X, plan, engine=get_engine("reference"), seed=5)


@pytest.mark.parametrize(
    ("X", "plan", "said"),
    [
        (np.ones((3, 12)), [PLAIN], "needs settings for 2 hidden layers; got 1"),
        (np.ones((0, 12)), [PLAIN] * 2, "at least one example"),
        (np.ones((3, 11)), [PLAIN] * 2, "X has 11 features; the network takes 12"),
        (
            2 * np.ones((3, 12)),
            [LayerSettings(1, reconstruction="sigmoid"), PLAIN],
            r"X in \[0, 1\]; got values .* 2 to 2",
        ),
        (csr_array(-np.ones((3, 12))), [LayerSettings(1, reconstruction="sigmoid"), PLAIN], "got values from -1"),
        (csr_array(np.ones((3, 12))), [LayerSettings(1, corruption=Corruption("gaussian", 1.0)), PLAIN], "dense X"),
    ],
)
def test_data_that_cannot_serve_are_refused(X, plan, said):
    with pytest.raises(ValueError, match=said):
        pretrain(net_of(), X, plan, engine=get_engine("reference"), seed=5)


def test_logistic_codes_fit_cross_entropy_as_they_are(engine, X):
    state = pretrain(
        net_of("logistic"), X, [LayerSettings(2, 0.1, reconstruction="sigmoid")] * 2, engine=engine, seed=5
    )
    assert state.status == "finished"
