"""Every instruction set the processor has, each in a process of its own (the choice is made once per process)."""

import os
import subprocess
import sys

import numpy as np
import pytest

from rectinet import _native
from rectinet.activations import Activation
from rectinet.engine import Steps, get_engine
from rectinet.network import initialise
from rectinet.problems import Examples, Supervised

LEVELS = ["baseline", "x86-64-v3", "x86-64-v4"]


def train_a_little(dtype: str, unit: str) -> np.ndarray:
    """All parameters, outputs and affine maps after 40 steps, flattened."""
    rng = np.random.default_rng(0)
    network = initialise((37, 50, 33, 4), Activation(unit), signs="balanced", rng=rng, dtype=dtype)
    X = (rng.normal(size=(40, 37)) * (rng.random((40, 37)) < 0.3)).astype(dtype)
    examples = Examples(X, rng.integers(4, size=40).astype(np.int32))
    engine, steps = get_engine("native"), Steps(np.tile(np.arange(40), 4), 4, np.full(40, 0.05))
    engine.train(Supervised(network, examples, "softmax", (1e-3, 1e-3)), steps)
    parts = [values for _, values in network.parameters()]
    readouts = [np.eye(4)[:, :1], rng.normal(size=(4, 20))]  # a row of weights at a time, and a weight at a time
    maps = [engine.affine_maps(network.layers, readout.astype(dtype), X) for readout in readouts]
    mapped = [values for found in maps for values in (found.slopes, found.constants)]
    return np.concatenate([part.ravel() for part in [*parts, engine.outputs(network, X), *mapped]])


def trained_under(isa: str, dtype: str, unit: str, tmp_path) -> np.ndarray:
    """The same in a fresh process that was told which instructions to use."""
    out = tmp_path / f"{isa}.npy"
    here = os.path.dirname(__file__)
    code = (
        f"import sys, numpy; sys.path.insert(0, {here!r}); import test_instruction_sets as t\n"
        f"assert t._native.isa() == {isa!r}\n"
        f"numpy.save({str(out)!r}, t.train_a_little({dtype!r}, {unit!r}))"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "RECTINET_ISA": isa}, check=True)
    return np.load(out)


@pytest.mark.parametrize("unit", ["rectifier", "softplus", "tanh", "logistic"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_instruction_set_trains_the_same_network(dtype, unit, tmp_path) -> None:
    """AVX2 and AVX-512 to the bit (explicit FMA, own exp and log); the baseline has no FMA and promises tolerance."""
    here = train_a_little(dtype, unit)
    for isa in LEVELS[: LEVELS.index(_native.isa()) + 1]:
        there = trained_under(isa, dtype, unit, tmp_path)
        if isa == "baseline":
            np.testing.assert_allclose(there, here, rtol=0, atol=5e-4 if dtype == "float32" else 1e-11)
        else:
            assert there.tobytes() == here.tobytes()


def test_an_unknown_instruction_set_is_refused_by_name() -> None:
    code = "from rectinet import _native; _native.isa()"
    env = {**os.environ, "RECTINET_ISA": "sse9"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "RECTINET_ISA=sse9 is not known: use baseline, x86-64-v3 or x86-64-v4" in done.stderr
