"""Arrays that are not what they should be are refused by a sentence, before anything is read or written."""

import re

import numpy as np
import pytest

from .native_calls import ARGUMENTS, N_HIDDEN, N_IN, N_OUT, N, call, examples, train_arguments

every_function = pytest.mark.parametrize("function", ARGUMENTS)
every_trainer = pytest.mark.parametrize("function", ["train", "train_autoencoder"])


def refused(function, arguments, message, kind=ValueError) -> None:
    """The call fails with this message, and no parameter has changed."""
    parameters = [a for layer in [*arguments.get("layers", ()), *[arguments.get("encoder", ())]] for a in layer[:2]]
    before = [a.tobytes() for a in parameters]
    with pytest.raises(kind, match=message):
        call(function, arguments)
    assert [a.tobytes() for a in parameters] == before


@every_function
def test_the_arguments_as_they_are_drawn_are_accepted(rng, function) -> None:
    call(function, ARGUMENTS[function](rng))


# Where the rows of a matrix begin: a way to be wrong, and what is said about it.
INDPTR = {
    "starts above 0": (lambda p: p.__setitem__(0, 1), "indptr of X must start at 0; it starts at 1"),
    "starts below 0": (lambda p: p.__setitem__(0, -1), "indptr of X must start at 0; it starts at -1"),
    "falls": (lambda p: p.__setitem__(3, p[2] - 1), r"indptr of X must not fall; row 2 would go from \d+ to \d+"),
    "is negative": (lambda p: p.__setitem__(2, -(2**62)), "indptr of X must not fall; row 1"),
    "jumps ahead": (lambda p: p.__setitem__(2, 2**62), f"must not fall; row 2 would go from {2**62}"),
    "ends early": (lambda p: p.__setitem__(-1, p[-1] - 1), r"must end at the number of its entries, \d+; it ends at"),
    "ends late": (lambda p: p.__setitem__(-1, 2**62), f"it ends at {2**62}"),
}


@every_function
@pytest.mark.parametrize("wrong", INDPTR)
def test_indptr_that_does_not_fit_the_entries(rng, function, wrong) -> None:
    spoil, message = INDPTR[wrong]
    arguments = ARGUMENTS[function](rng)
    spoil(arguments["csr"][0])
    refused(function, arguments, message)


@every_function
@pytest.mark.parametrize("column", [N_IN, N_IN + 60, 100_000_000, 2**31 - 1, -1, -5, -(2**31)])
@pytest.mark.parametrize("place", ["first", "inside", "last"])
def test_a_column_outside_of_the_matrix(rng, function, column, place) -> None:
    arguments = ARGUMENTS[function](rng)
    indptr, indices, *_ = arguments["csr"]
    row = 2
    at = {"first": indptr[row], "inside": indptr[row] + 1, "last": indptr[row + 1] - 1}[place]
    indices[at] = column
    refused(function, arguments, f"row {row} of X has ")


@every_function
def test_a_column_outside_of_the_matrix_is_named(rng, function) -> None:
    arguments = ARGUMENTS[function](rng)
    indptr, indices, *_ = arguments["csr"]
    indices[indptr[4] - 1] = 25
    refused(function, arguments, f"row 3 of X has an entry in column 25, but its columns are 0 .. {N_IN - 1}")


@every_function
@pytest.mark.parametrize("change", ["twice", "descending"])
def test_columns_twice_or_out_of_order(rng, function, change) -> None:
    arguments = ARGUMENTS[function](rng)
    indptr, indices, *_ = arguments["csr"]
    at = indptr[1]
    indices[at : at + 2] = indices[at] if change == "twice" else indices[at : at + 2][::-1].copy()
    refused(function, arguments, r"row 1 of X has column \d after column \d: columns must ascend within a row")


@every_function
def test_fewer_columns_or_entries_than_said(rng, function) -> None:
    arguments = ARGUMENTS[function](rng)
    indptr, indices, data, _ = arguments["csr"]
    arguments["csr"] = (indptr, indices, data, N_IN - 1)
    refused(function, arguments, f"X must have {N_IN} columns; got {N_IN - 1}")
    arguments["csr"] = (indptr, indices, data[:-1], N_IN)
    refused(function, arguments, "data of X must have one entry per index")
    arguments["csr"] = (indptr[:0], indices, data, N_IN)
    refused(function, arguments, "indptr of X must have one entry more than X has rows")


def replaced(arguments, path, change):
    """The arguments with the array at this path, keys and places, changed."""
    first, *rest = path
    inner = replaced(arguments[first], rest, change) if rest else change(arguments[first])
    if isinstance(arguments, dict):
        return arguments | {first: inner}
    return type(arguments)([inner if i == first else a for i, a in enumerate(arguments)])


INPUTS = [("csr", 0), ("csr", 1), ("csr", 2)]
STEPS = [("order",), ("learning_rates",)]
ARRAYS = {
    "train": [*INPUTS, *STEPS, ("classes",), ("layers", 1, 0), ("layers", 1, 1), ("layers", 0, 2)],
    "train_autoencoder": [
        *[*INPUTS, *STEPS, ("ids",), ("sampling", 0)],
        *[("encoder", 0), ("encoder", 1), ("encoder", 2), ("decoder", 0), ("decoder", 1)],
    ],
    "outputs": [*INPUTS, ("layers", 0, 0), ("layers", 0, 1), ("layers", 0, 2), ("out",)],
    "affine_maps": [
        *INPUTS,
        ("layers", 0, 0),
        ("layers", 0, 1),
        ("readout",),
        ("values",),
        ("slopes",),
        ("constants",),
    ],
}
TYPES = {
    "int16": lambda a: a.astype(np.int16),
    "int64 or float32": lambda a: a.astype(np.int64 if a.dtype != np.int64 else np.float32),
    "swapped bytes": lambda a: a.astype(a.dtype.newbyteorder()),
    "one dimension more": lambda a: a[None],
    "every second entry": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "list": lambda a: a.tolist(),
}


@pytest.mark.parametrize("change", TYPES)
@pytest.mark.parametrize(("function", "path"), [(f, path) for f in ARRAYS for path in ARRAYS[f]])
def test_another_type_or_order(rng, function, path, change) -> None:
    """Nothing is converted on the way: what is written to a copy would be lost."""
    arguments = replaced(ARGUMENTS[function](rng), path, TYPES[change])
    with pytest.raises((TypeError, ValueError), match=r"incompatible function arguments|must be laid out"):
        call(function, arguments)


@every_function
def test_X_twice_or_not_at_all(rng, function) -> None:
    arguments = ARGUMENTS[function](rng)
    refused(function, arguments | {"X": examples(rng)}, "X must be either dense or CSR")
    refused(function, arguments | {"csr": None}, "X must be either dense or CSR")
    refused(
        function, arguments | {"csr": None, "X": examples(rng)[:, 1:].copy()}, rf"X must have shape \({N}, {N_IN}\)"
    )


@every_trainer
@pytest.mark.parametrize("example", [-1, N, 2**40, -(2**63)])
def test_an_order_outside_of_the_examples(rng, function, example) -> None:
    arguments = ARGUMENTS[function](rng)
    arguments["order"][3] = example
    refused(function, arguments, rf"order must lie in 0 .. {N - 1}; entry 3 is {example}")


@every_trainer
def test_steps_that_do_not_add_up(rng, function) -> None:
    arguments = ARGUMENTS[function](rng)
    refused(
        function, arguments | {"learning_rates": np.ones(3)}, "learning_rates must have one entry per step, 2; got 3"
    )
    refused(function, arguments | {"batch_size": 0}, "batch_size must be at least 1; got 0")
    refused(function, arguments | {"rule": (0.9,)}, "the update rule has no constants; got 1")
    call(function, arguments | {"batch_size": 2**63 - 1, "learning_rates": np.full(1, 0.1)})


@every_function
@pytest.mark.parametrize("n_threads", [0, -1, 257, 2**31 - 1])
def test_a_number_of_threads_out_of_range(rng, function, n_threads) -> None:
    arguments = ARGUMENTS[function](rng) | {"n_threads": n_threads}
    refused(function, arguments, f"n_threads must lie in 1 .. 256; got {n_threads}")


@pytest.mark.parametrize("id_", [-1, 2**56])
def test_ids_of_the_noise_out_of_range(rng, id_) -> None:
    arguments = ARGUMENTS["train_autoencoder"](rng)
    arguments["ids"][2] = id_
    refused("train_autoencoder", arguments, f"ids must lie in 0 .. {2**56 - 1}; entry 2 is {re.escape(str(id_))}")


@pytest.mark.parametrize("p", [0.0, -0.5, 1.5, np.nan, np.inf])
def test_a_probability_that_is_none(rng, p) -> None:
    arguments = ARGUMENTS["train_autoencoder"](rng)
    arguments["sampling"][0][5] = p
    refused("train_autoencoder", arguments, r"probability must lie in \(0, 1\]; that of input 5 is")


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        ((4, 0.3, 0.1, 1, 2, 3), "there is no corruption 4"),
        ((-1, 0.3, 0.1, 1, 2, 3), "there is no corruption -1"),
        ((1, 1.5, 0.1, 1, 2, 3), r"the corruption level must lie in \[0, 1\]"),
        ((1, np.nan, 0.1, 1, 2, 3), r"the corruption level must lie in \[0, 1\]"),
        ((2, 0.3, -0.1, 1, 2, 3), r"p_one must lie in \[0, 1\]"),
        ((2, 0.3, 0.1, 1, 256, 3), r"purposes must lie below 2\^8 and the epoch below 2\^32"),
        ((2, 0.3, 0.1, 1, 2, 2**32), r"purposes must lie below 2\^8 and the epoch below 2\^32"),
        ((3, 0.3, 0.1, 1, 2, 3), "Gaussian noise needs a dense X"),
    ],
)
def test_noise_that_is_none(rng, noise, message) -> None:
    refused("train_autoencoder", ARGUMENTS["train_autoencoder"](rng) | {"noise": noise}, message)


@pytest.mark.parametrize("y", [-1, N_OUT, 2**31 - 1])
def test_a_class_that_is_no_output(rng, y) -> None:
    arguments = train_arguments(rng)
    arguments["classes"][4] = y
    refused("train", arguments, rf"classes must lie in 0 .. {N_OUT - 1}; that of example 4 is {y}")


def test_targets_of_another_number_of_examples(rng) -> None:
    arguments = train_arguments(rng)
    refused(
        "train", arguments | {"classes": arguments["classes"][1:]}, "classes must have one entry per example, 6; got 5"
    )
    refused("train", arguments | {"weight": np.ones(N + 1, np.float32)}, "weight must have one entry per example")
    refused("train", arguments | {"classes": None}, "either classes or values must be given")
    values = np.zeros((N, N_OUT + 1), np.float32)
    refused("train", arguments | {"classes": None, "values": values}, rf"values must have shape \({N}, {N_OUT}\)")
    refused("train", arguments | {"l1": []}, "l1 must have one entry per hidden layer, 1; got 0")
    arguments = ARGUMENTS["train_autoencoder"](rng)
    targets = np.zeros((N, N_IN - 1), np.float32)
    refused("train_autoencoder", arguments | {"targets": targets}, rf"targets must have shape \({N}, {N_IN}\)")
    refused("train_autoencoder", arguments | {"ids": np.arange(N - 1)}, "ids must have one entry per example")


def test_layers_that_do_not_fit(rng) -> None:
    arguments = train_arguments(rng)
    (W, b, signs, *rest), last = arguments["layers"]
    refused(
        "train", arguments | {"layers": [last, last]}, "layer 1 must have as many inputs as the layer before has units"
    )
    refused("train", arguments | {"layers": []}, "a network needs a layer")
    refused(
        "train", arguments | {"layers": [(W, b[1:], signs, *rest), last]}, "b must have one entry per unit, 5; got 4"
    )
    refused("train", arguments | {"layers": [(W, b, signs[1:], *rest), last]}, "signs must have one entry per unit")
    refused("train", arguments | {"layers": [(W, b, signs, 5, 1.0), last]}, "there is no unit 5")
    plain = np.zeros((N_IN, N_HIDDEN), np.float32)
    refused("train", arguments | {"layers": [(plain, b, signs, *rest), last]}, "W must be laid out as")
    refused(
        "train", arguments | {"layers": [(W[:, :0], b[:0], signs[:0], *rest), last]}, "W must have 1 .. 2147483647 rows"
    )
    arguments = ARGUMENTS["train_autoencoder"](rng)
    V, c, by_output, *rest = arguments["decoder"]
    refused(
        "train_autoencoder", arguments | {"decoder": (V, c, False, *rest)}, rf"V must have shape \({N_HIDDEN}, {N_IN}\)"
    )
    refused("train_autoencoder", arguments | {"decoder": (V, c[1:], True, *rest)}, "c must have one entry per input")
    refused("train_autoencoder", arguments | {"decoder": (V, c, True, 9, False)}, "there is no unit 9")
    assert by_output


def test_room_for_other_outputs(rng) -> None:
    arguments = ARGUMENTS["outputs"](rng)
    refused("outputs", arguments | {"n_layers": 3}, "n_layers must lie in 1 .. 2; got 3")
    refused("outputs", arguments | {"n_layers": 1}, rf"out must have shape \({N}, {N_HIDDEN}\)")


def test_room_for_other_maps(rng) -> None:
    arguments = ARGUMENTS["affine_maps"](rng)
    for name in ("readout", "values", "constants"):
        refused("affine_maps", arguments | {name: arguments[name][1:].copy()}, f"{name} must have shape")
    refused("affine_maps", arguments | {"readout": np.zeros((N_OUT, 0), np.float32)}, "readout must have a column")
    entries = len(arguments["csr"][1])
    fewer = {"slopes": arguments["slopes"][1:]}
    refused(
        "affine_maps", arguments | fewer, f"slopes must have {N_OUT} x {entries} entries; got {N_OUT * entries - 1}"
    )
    dense = {"csr": None, "X": examples(rng)}
    refused("affine_maps", arguments | dense, f"slopes must have {N_OUT} x {N * N_IN} entries")
    call("affine_maps", arguments | dense | {"slopes": np.zeros(N_OUT * N * N_IN, np.float32)})


@every_function
def test_nothing_to_do_is_done(rng, function) -> None:
    """No examples, no entries, no steps."""
    arguments = ARGUMENTS[function](rng)
    nothing = np.zeros(0, np.int32), np.zeros(0, np.float32), N_IN
    entries = {"csr": (np.zeros(N + 1, np.int64), *nothing)}
    rows = {"csr": (np.zeros(1, np.int64), *nothing)}
    if function == "affine_maps":
        room = {"slopes": np.zeros(0, np.float32)}
        call(function, arguments | entries | room)
        none = {name: np.zeros((0, N_OUT), np.float32) for name in ("values", "constants")}
        call(function, arguments | rows | room | none)
        return
    call(function, arguments | entries)
    if function == "outputs":
        call(function, arguments | rows | {"out": np.zeros((0, N_OUT), np.float32)})
        return
    steps = {"order": np.zeros(0, np.int64), "learning_rates": np.zeros(0)}
    call(function, arguments | steps)
    empty = {"classes": np.zeros(0, np.int32)} if function == "train" else {"ids": np.zeros(0, np.int64)}
    call(function, arguments | steps | rows | empty)
