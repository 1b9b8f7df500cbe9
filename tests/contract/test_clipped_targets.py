"""Cross-entropy targets are probabilities: training clips others to [0, 1], as measuring the reconstruction does."""

from dataclasses import replace

import numpy as np
import pytest

from rectinet.engine import get_engine

from .autoencoder_problems import DECODERS, assert_same_bytes, assert_same_totals, draw

every_decoder = pytest.mark.parametrize("decoder", DECODERS)


def with_targets(problem, targets):
    return replace(problem, examples=replace(problem.examples, targets=targets))


def beyond_the_interval(rng, problem):
    """Targets of the problem's shape, a third of them below 0 and a third above 1."""
    n_in = problem.autoencoder.n_in
    return rng.uniform(-1, 2, size=(problem.n, n_in)).astype(problem.dtype)


@every_decoder
@pytest.mark.parametrize("n_threads", [1, 2])
def test_targets_beyond_0_and_1_train_as_their_nearest_ends(rng, dtype, decoder, n_threads) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, targets=True, l1=1e-3, dtype=dtype)
    targets = beyond_the_interval(rng, problem)
    engine = get_engine("native", n_threads=n_threads)
    trained, totals = with_targets(problem, targets).train(engine, batch_size=4, rate=0.1)
    expected, expected_totals = with_targets(problem, np.clip(targets, 0, 1)).train(engine, batch_size=4, rate=0.1)
    assert_same_bytes(trained, expected)
    assert_same_totals(totals, expected_totals)


@every_decoder
@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
def test_inputs_beyond_1_are_clipped_where_they_are_the_targets(rng, dtype, decoder, csr) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, csr=csr, corruption="none", dtype=dtype)
    X = 3 * problem.examples.X
    problem = replace(problem, examples=replace(problem.examples, X=X))
    clipped = np.clip(X.toarray() if csr else X, 0, 1)
    engine = get_engine("native")
    trained, totals = problem.train(engine, batch_size=4, rate=0.1)
    expected, expected_totals = with_targets(problem, clipped).train(engine, batch_size=4, rate=0.1)
    assert_same_bytes(trained, expected)
    assert_same_totals(totals, expected_totals)


@every_decoder
def test_a_target_that_is_no_number_surfaces(rng, dtype, decoder) -> None:
    problem = draw(rng, reconstruction="sigmoid", decoder=decoder, targets=True, dtype=dtype)
    problem.examples.targets[0, 0] = np.nan
    trained, totals = problem.train(get_engine("native"), batch_size=4, rate=0.1)
    assert np.isnan(totals.loss)
    assert np.isnan(trained.c[0])


@every_decoder
def test_the_squared_loss_takes_targets_as_they_are(rng, dtype, decoder) -> None:
    problem = draw(rng, reconstruction="linear", decoder=decoder, targets=True, dtype=dtype)
    targets = beyond_the_interval(rng, problem)
    engine = get_engine("native")
    _, totals = with_targets(problem, targets).train(engine, batch_size=4, rate=0.1)
    _, clipped_totals = with_targets(problem, np.clip(targets, 0, 1)).train(engine, batch_size=4, rate=0.1)
    assert totals.loss != clipped_totals.loss
