"""The reference's auto-encoder gradients equal those PyTorch derives by itself from the same cost."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from rectinet.autoencoder import autoencoder
from rectinet.engine.reference import gradients
from rectinet.network import Layer, draw_signs
from rectinet.noise import Corruption, below, corrupt
from rectinet.problems import Denoising, Sampling, Unlabelled
from rectinet.randomness import Purpose, philox

from .test_autograd import UNITS

OUTPUTS = {"softplus": F.softplus, "linear": lambda z: z, "rectifier": torch.relu}
DECODERS = {"tied": (True, True), "by-output": (False, True), "by-hidden": (False, False)}
N, N_IN, N_HIDDEN = 12, 20, 33
SALT = Corruption("salt_and_pepper", 0.3, p_one=0.1)


def drawn_outputs(seed: int, epoch: int, example: int, zeros: float) -> np.ndarray:
    """The rule of sampling, from the generator up."""
    purpose = Purpose.SAMPLED_OUTPUTS << 24
    counter = (np.arange(N_IN // 4).astype(np.uint64), *map(np.uint64, (example, epoch, purpose)))
    return below(philox(counter, (seed, 0)).ravel(), zeros)


@pytest.mark.parametrize("targets", [False, True], ids=["inputs", "targets"])
@pytest.mark.parametrize("zeros", [None, 0.3], ids=["all", "sampled"])
@pytest.mark.parametrize("l1", [0.0, 0.1], ids=["no-l1", "l1"])
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("reconstruction", [*OUTPUTS, "sigmoid"])
@pytest.mark.parametrize("signs", ["positive", "balanced"])
@pytest.mark.parametrize("unit", UNITS)
def test_gradients_are_those_of_autograd(
    global_random_seed, unit, signs, reconstruction, decoder, l1, zeros, targets
) -> None:
    tied, by_output = DECODERS[decoder]
    if not by_output:
        zeros = None
    rng = np.random.default_rng(global_random_seed)
    activation, f = UNITS[unit]
    W = rng.normal(scale=0.3, size=(N_IN, N_HIDDEN))
    layer = Layer(W, rng.normal(size=N_HIDDEN), activation, draw_signs(signs, N_HIDDEN, rng, np.float64))
    model = autoencoder(layer, reconstruction=reconstruction, tied=tied, by_output=by_output, rng=rng)
    model.c[...] = rng.normal(size=N_IN)
    X = rng.uniform(size=(N, N_IN)) * (rng.random((N, N_IN)) < 0.3)
    T = rng.uniform(size=(N, N_IN)) if targets else X
    examples = Unlabelled(X, T if targets else None, rng.integers(2**32, size=N))
    seed, epoch = int(rng.integers(2**32)), int(rng.integers(50))
    sampling = None if zeros is None else Sampling(zeros)
    cost, found = gradients(Denoising(model, examples, SALT, l1, seed, sampling), epoch)

    noisy = corrupt(X, SALT, seed=seed, epoch=epoch, examples=examples.ids, purpose=Purpose.NOISE)
    weight = np.ones_like(X)
    if zeros is not None:
        drawn = np.array([drawn_outputs(seed, epoch, int(example), zeros) for example in examples.ids])
        weight[:] = np.where(drawn, 1 / zeros, 0)
        weight[(X != 0) | ((X == 0) & (noisy != 0))] = 1

    parameters = {name: torch.tensor(values, requires_grad=True) for name, values in model.parameters()}
    V = parameters["W"] if tied else parameters["V"]
    s = 1.0 if layer.signs is None else torch.tensor(layer.signs)

    def code(inputs: np.ndarray) -> torch.Tensor:
        return s * f(torch.tensor(inputs) @ parameters["W"] + parameters["b"])

    z = code(noisy) @ (V.T if by_output else V) + parameters["c"]
    target = torch.tensor(T)
    if reconstruction == "sigmoid":
        losses = F.binary_cross_entropy_with_logits(z, target, reduction="none")
    else:
        losses = (OUTPUTS[reconstruction](z) - target).square()
    expected = ((torch.tensor(weight) * losses).sum() + l1 * code(X).abs().sum()) / N
    expected.backward()

    assert cost == pytest.approx(expected.item(), rel=1e-12)
    assert list(found) == list(parameters)
    for name, parameter in parameters.items():
        autograd = parameter.grad.numpy()
        assert np.linalg.norm(found[name] - autograd) < 1e-10 * np.linalg.norm(autograd), name
