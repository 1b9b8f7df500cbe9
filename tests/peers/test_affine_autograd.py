"""The slopes of every output in every input, of both engines, are those PyTorch's autograd finds."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array

from rectinet.engine import get_engine
from rectinet.network import initialise

from .test_autograd import UNITS


@pytest.mark.parametrize("csr", [False, True], ids=["dense", "csr"])
@pytest.mark.parametrize("n_outputs", [1, 5, 20])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("engine", ["native", "reference"])
def test_slopes_are_those_of_autograd(global_random_seed, engine, unit, signs, n_outputs, csr) -> None:
    rng = np.random.default_rng(global_random_seed)
    activation, f = UNITS[unit]
    network = initialise((20, 33, 17, 5), activation, signs=signs, rng=rng, dtype=np.float64)
    for layer in network.layers:
        layer.b[...] = rng.normal(scale=0.3, size=layer.n_out)
    X, readout = rng.normal(size=(12, 20)) * (rng.random((12, 20)) < 0.7), rng.normal(size=(5, n_outputs))
    given = csr_array(X) if csr else X
    found = get_engine(engine).affine_maps(network.layers, readout, given)

    def outputs(x: torch.Tensor) -> torch.Tensor:
        for layer in network.hidden:
            h = f(x @ torch.tensor(layer.W) + torch.tensor(layer.b))
            x = h if layer.signs is None else h * torch.tensor(layer.signs)
        return (x @ torch.tensor(network.layers[-1].W) + torch.tensor(network.layers[-1].b)) @ torch.tensor(readout)

    for row, x in enumerate(X):
        expected = torch.autograd.functional.jacobian(outputs, torch.tensor(x)).numpy()
        if isinstance(given, csr_array):
            stored = slice(*given.indptr[row : row + 2])
            mine, expected = found.slopes[:, stored], expected[:, given.indices[stored]]
        else:
            mine = found.slopes[row]
        assert np.linalg.norm(mine - expected) <= 1e-10 * np.linalg.norm(expected)
