"""The reference's gradients equal those PyTorch derives by itself from the same cost."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rectinet.activations import Activation
from rectinet.engine.reference import gradients
from rectinet.network import initialise
from rectinet.problems import Examples, Supervised

UNITS = {
    "rectifier": (Activation("rectifier"), torch.relu),
    "softplus": (Activation("softplus"), F.softplus),
    "softplus3": (Activation("softplus", alpha=3.0), lambda z: F.softplus(z, beta=3.0)),
    "tanh": (Activation("tanh"), torch.tanh),
    "logistic": (Activation("logistic"), torch.sigmoid),
    "linear": (Activation("linear"), lambda z: z),
}


@pytest.mark.parametrize("weighted", [False, True], ids=["unweighted", "weighted"])
@pytest.mark.parametrize("l1", [0.0, 0.1], ids=["no-l1", "l1"])
@pytest.mark.parametrize("loss", ["softmax", "squared"])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_gradients_are_those_of_autograd(global_random_seed, unit, signs, loss, l1, weighted) -> None:
    rng = np.random.default_rng(global_random_seed)
    activation, f = UNITS[unit]
    n, sizes = 12, (20, 33, 17, 5)
    network = initialise(sizes, activation, signs=signs, rng=rng, dtype=np.float64)
    for layer in network.layers:
        layer.b[...] = rng.normal(scale=0.3, size=layer.n_out)
    X = rng.normal(size=(n, sizes[0]))
    Y = rng.integers(sizes[-1], size=n).astype(np.int32) if loss == "softmax" else rng.normal(size=(n, sizes[-1]))
    weight = rng.uniform(0.2, 2.0, size=n) if weighted else None
    cost, found = gradients(Supervised(network, Examples(X, Y, weight), loss, (l1, 2 * l1)))

    parameters = {name: torch.tensor(values, requires_grad=True) for name, values in network.parameters()}
    h, penalty = torch.tensor(X), torch.zeros(n, dtype=torch.float64)
    for k, (layer, l1_layer) in enumerate(zip(network.hidden, (l1, 2 * l1), strict=True)):
        h = f(h @ parameters[f"{k}.W"] + parameters[f"{k}.b"])
        if layer.signs is not None:
            h = h * torch.tensor(layer.signs)
        penalty = penalty + l1_layer * h.abs().sum(dim=1)
    outputs = h @ parameters["2.W"] + parameters["2.b"]
    if loss == "softmax":
        losses = F.cross_entropy(outputs, torch.tensor(Y, dtype=torch.int64), reduction="none")
    else:
        losses = (outputs - torch.tensor(Y)).square().sum(dim=1)
    weights = torch.ones(n, dtype=torch.float64) if weight is None else torch.tensor(weight)
    expected = (weights * (losses + penalty)).mean()
    expected.backward()

    assert cost == pytest.approx(expected.item(), rel=1e-12)
    for name, parameter in parameters.items():
        autograd = parameter.grad.numpy()
        assert np.linalg.norm(found[name] - autograd) < 1e-10 * np.linalg.norm(autograd), name
