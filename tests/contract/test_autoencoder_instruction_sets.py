"""Auto-encoders under every instruction set the processor has, each in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rectinet import _native
from rectinet.activations import Activation
from rectinet.autoencoder import autoencoder
from rectinet.engine import Steps, get_engine
from rectinet.network import Layer, draw_signs
from rectinet.noise import Corruption
from rectinet.problems import Denoising, Sampling, Unlabelled

LEVELS = ["baseline", "x86-64-v3", "x86-64-v4"]
DECODERS = {"tied": (True, True, None), "sampled": (False, True, 0.3), "by-hidden": (False, False, None)}
NOISES = {"salt_and_pepper": Corruption("salt_and_pepper", 0.3, p_one=0.1), "gaussian": Corruption("gaussian", 0.3)}


def train_a_little(dtype: str, reconstruction: str, decoder: str, noise: str) -> np.ndarray:
    """All parameters after 40 steps, flattened."""
    tied, by_output, zeros = DECODERS[decoder]
    rng = np.random.default_rng(0)
    W = rng.uniform(-0.25, 0.25, size=(37, 50)).astype(dtype)
    layer = Layer(W, np.zeros(50, dtype), Activation("rectifier"), draw_signs("balanced", 50, rng, dtype))
    model = autoencoder(layer, reconstruction=reconstruction, tied=tied, by_output=by_output, rng=rng)
    X = (rng.uniform(0.1, 1, size=(40, 37)) * (rng.random((40, 37)) < 0.3)).astype(dtype)
    sampling = None if zeros is None else Sampling(zeros)
    problem = Denoising(model, Unlabelled(X, None, np.arange(40)), NOISES[noise], 1e-3, seed=1, sampling=sampling)
    steps = Steps(np.tile(np.arange(40), 4), 4, np.full(40, 0.02), epoch=2)
    get_engine("native").train(problem, steps)
    return np.concatenate([values.ravel() for _, values in model.parameters()])


def trained_under(isa: str, kind: tuple[str, ...], tmp_path: Path) -> np.ndarray:
    """The same in a fresh process that was told which instructions to use."""
    out = tmp_path / f"{isa}.npy"
    code = (
        f"import sys, numpy; sys.path.insert(0, {os.path.dirname(__file__)!r})\n"
        "import test_autoencoder_instruction_sets as t\n"
        f"assert t._native.isa() == {isa!r}\n"
        f"numpy.save({str(out)!r}, t.train_a_little(*{kind!r}))"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "RECTINET_ISA": isa}, check=True)
    return np.load(out)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize(
    ("reconstruction", "decoder"), [("softplus", "tied"), ("sigmoid", "sampled"), ("softplus", "by-hidden")]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_instruction_set_trains_the_same_autoencoder(dtype, reconstruction, decoder, noise, tmp_path) -> None:
    """AVX2 and AVX-512 to the bit; the baseline has no FMA and promises tolerance."""
    kind = (dtype, reconstruction, decoder, noise)
    here = train_a_little(*kind)
    assert np.isfinite(here).all()
    for isa in LEVELS[: LEVELS.index(_native.isa()) + 1]:
        there = trained_under(isa, kind, tmp_path)
        if isa == "baseline":
            np.testing.assert_allclose(there, here, rtol=0, atol=5e-4 if dtype == "float32" else 1e-11)
        else:
            assert there.tobytes() == here.tobytes()
