"""Arrays that are only read may be read-only: a model mapped from a file, or shared by workers, predicts and trains."""

import numpy as np
import pytest

from rectinet import _native

from .native_calls import ARGUMENTS, N_IN, affine_maps_arguments, call, network, outputs_arguments


def lock(arguments) -> None:
    """Make every array in a nest of tuples, lists and dictionaries read-only."""
    if isinstance(arguments, np.ndarray):
        arguments.flags.writeable = False
    elif isinstance(arguments, dict):
        lock(list(arguments.values()))
    elif isinstance(arguments, (list, tuple)):
        for part in arguments:
            lock(part)


def test_outputs_of_a_read_only_network(rng) -> None:
    arguments = outputs_arguments(rng)
    call("outputs", arguments)
    expected = arguments["out"].copy()
    out = np.zeros_like(expected)
    lock(arguments)
    call("outputs", arguments | {"out": out})
    assert out.tobytes() == expected.tobytes()


def test_affine_maps_of_a_read_only_network(rng) -> None:
    arguments = affine_maps_arguments(rng)
    call("affine_maps", arguments)
    expected = arguments["slopes"].copy()
    assert expected.any()
    room = {name: np.zeros_like(arguments[name]) for name in ("values", "slopes", "constants")}
    lock(arguments)
    call("affine_maps", arguments | room)
    assert room["slopes"].tobytes() == expected.tobytes()


def test_the_predictor_of_a_read_only_network(rng) -> None:
    layers = network(rng)
    x = rng.random(N_IN).astype(np.float32)
    expected = _native.Predictor_f32(layers=layers, softmax=True)(x)
    lock([layers, x])
    assert _native.Predictor_f32(layers=layers, softmax=True)(x).tobytes() == expected.tobytes()


@pytest.mark.parametrize("function", ["train", "train_autoencoder"])
def test_training_reads_all_but_the_parameters(rng, function) -> None:
    arguments = ARGUMENTS[function](rng)
    layers = arguments["layers"] if function == "train" else [arguments["encoder"]]
    written = [layer[:2] for layer in layers] + [arguments["decoder"][:2] if "decoder" in arguments else ()]
    lock(arguments)
    for pair in written:
        for array in pair:
            array.flags.writeable = True
    call(function, arguments)


@pytest.mark.parametrize("which", [0, 1], ids=["W", "b"])
def test_parameters_that_would_be_written_must_be_writable(rng, which) -> None:
    arguments = ARGUMENTS["train"](rng)
    lock(arguments["layers"][0][which])
    with pytest.raises(TypeError, match="incompatible function arguments"):
        call("train", arguments)
