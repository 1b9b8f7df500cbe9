"""Cross-entropy targets are probabilities: others count as the nearest one, where it is trained and where measured."""

from dataclasses import replace

import numpy as np
import pytest

from rectinet.autoencoder import Autoencoder
from rectinet.network import Layer
from rectinet.noise import Corruption
from rectinet.problems import Unlabelled
from rectinet.runs.reconstruction import reconstruction_error
from rectinet.runs.source import Source

from .autoencoder_problems import DECODERS, DenoisingProblem, draw
from .problems import UNITS, assert_same_bytes, assert_same_totals, dense
from .test_contract import check_step

every_decoder = pytest.mark.parametrize("decoder", DECODERS)


def with_targets(problem, targets):
    return replace(problem, examples=replace(problem.examples, targets=targets))


def beyond_the_interval(rng, problem):
    """Targets of the problem's shape, a third of them below 0 and a third above 1."""
    n_in = problem.autoencoder.n_in
    return rng.uniform(-1, 2, size=(problem.n, n_in)).astype(problem.dtype)


def test_a_target_of_1_25_counts_as_1(engine, dtype) -> None:
    """At z = 0.5: what 0.1.0 minimised was not what it measured, and pulled z up without end."""
    z, t = 0.5, 1.25
    encoder = Layer(np.zeros((1, 1), dtype), np.zeros(1, dtype), UNITS["rectifier"])
    model = Autoencoder(encoder, np.zeros((1, 1), dtype), np.array([z], dtype), "sigmoid", by_output=True)
    X, ids = np.array([[t]], dtype), np.arange(1)
    trained, totals = DenoisingProblem(model, Unlabelled(X, None, ids), Corruption(), 0.0, seed=0).train(engine)
    measured = reconstruction_error(Source(X, ids, (), None, engine), model, Corruption(), seed=0)

    softplus, logistic = np.log1p(np.exp(z)), 1 / (1 + np.exp(-z))
    formerly = {"trained": softplus - t * z, "gradient": logistic - t, "measured": softplus - z}
    now = {"trained": softplus - z, "gradient": logistic - 1, "measured": softplus - z}
    found = {"trained": totals.loss, "gradient": z - float(trained.c[0]), "measured": measured}
    assert found == pytest.approx(now, rel=1e-6)
    assert [name for name in now if now[name] != formerly[name]] == ["trained", "gradient"]


@every_decoder
@pytest.mark.parametrize("n_threads", [1, 2])
def test_targets_beyond_0_and_1_train_as_their_nearest_ends(engine, rng, dtype, decoder, n_threads) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, targets=True, l1=1e-3, dtype=dtype)
    targets, engine = beyond_the_interval(rng, problem), replace(engine, n_threads=n_threads)
    beyond, clipped = with_targets(problem, targets), with_targets(problem, np.clip(targets, 0, 1))
    trained, totals = beyond.train(engine, batch_size=4, rate=0.1)
    expected, expected_totals = clipped.train(engine, batch_size=4, rate=0.1)
    assert_same_bytes(trained, expected)
    assert_same_totals(totals, expected_totals)
    check_step(engine, beyond)


@every_decoder
@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_inputs_beyond_1_are_clipped_where_they_are_the_targets(engine, rng, dtype, decoder, csr) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, csr=csr, corruption="none", dtype=dtype)
    X = 3 * problem.examples.X
    problem = replace(problem, examples=replace(problem.examples, X=X))
    trained, totals = problem.train(engine, batch_size=4, rate=0.1)
    expected, expected_totals = with_targets(problem, np.clip(dense(X), 0, 1)).train(engine, batch_size=4, rate=0.1)
    assert_same_bytes(trained, expected)
    assert_same_totals(totals, expected_totals)


@every_decoder
def test_a_target_that_is_no_number_surfaces(engine, rng, dtype, decoder) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, targets=True, dtype=dtype)
    problem.examples.targets[0, 0] = np.nan
    trained, totals = problem.train(engine, batch_size=4, rate=0.1)
    assert np.isnan(totals.loss)
    assert np.isnan(trained.c[0])


@every_decoder
def test_the_squared_loss_takes_targets_as_they_are(engine, rng, dtype, decoder) -> None:
    problem = draw(rng, reconstruction="linear", decoder=decoder, targets=True, dtype=dtype)
    targets = beyond_the_interval(rng, problem)
    _, totals = with_targets(problem, targets).train(engine, batch_size=4, rate=0.1)
    _, clipped_totals = with_targets(problem, np.clip(targets, 0, 1)).train(engine, batch_size=4, rate=0.1)
    assert totals.loss != clipped_totals.loss
