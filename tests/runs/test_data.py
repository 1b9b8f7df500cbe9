"""The data of a run are known by all that decides its outcome."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from rectinet.runs import Data, Part, run
from rectinet.runs.data import canonical

from .small import MORE, WEIGHT, X_TEST, X_VAL, Y_TEST, Y_VAL, X, Y, classify


def test_data_are_known_by_all_that_decides_the_outcome() -> None:
    validation, start = Part(X_VAL, Y_VAL), run(classify(task="encode"), Data(Part(X))).network
    base = Data(Part(X, Y, WEIGHT), validation, unlabeled=MORE, start=start)
    changed_X, changed_Y = X.copy(), Y.copy()
    changed_X[3, 3] += 1
    changed_Y[3] += 1
    other_start = start.copy()
    other_start.layers[0].b[0] += 1
    others = {
        "inputs": replace(base, train=Part(changed_X, Y, WEIGHT)),
        "sparse inputs": replace(base, train=Part(canonical(csr_array(X)), Y, WEIGHT)),
        "targets": replace(base, train=Part(X, changed_Y, WEIGHT)),
        "weights": replace(base, train=Part(X, Y, WEIGHT[::-1])),
        "no weights": replace(base, train=Part(X, Y)),
        "validation inputs": replace(base, validation=Part(X_VAL[::-1], Y_VAL)),
        "validation targets": replace(base, validation=Part(X_VAL, Y_VAL[::-1])),
        "no validation": replace(base, validation=None),
        "unlabelled": replace(base, unlabeled=MORE[::-1]),
        "no unlabelled": replace(base, unlabeled=None),
        "start": replace(base, start=other_start),
        "no start": replace(base, start=None),
    }
    checksums = {name: data.checksum() for name, data in others.items()} | {"base": base.checksum()}
    assert len(set(checksums.values())) == len(checksums), checksums
    same = Data(Part(X.copy(), Y.copy(), WEIGHT.copy()), validation, unlabeled=MORE.copy(), start=start.copy())
    assert same.checksum() == base.checksum()
    assert replace(base, test=Part(X_TEST, Y_TEST)).checksum() == base.checksum()  # looked at when all is over


def test_weights_of_validation_examples_decide_too() -> None:
    """Whether an epoch is better may hang on them."""
    plain, weighted = (Data(Part(X, Y), Part(X_VAL, Y_VAL, weight)) for weight in (None, np.linspace(0.1, 9, 30)))
    errors = [run(classify(), data).history[0]["validation_error"] for data in (plain, weighted)]
    assert errors[0] != errors[1]
    assert plain.checksum() != weighted.checksum()


def test_unlabelled_data_are_known_by_their_further_examples_too() -> None:
    parts = {"train": Part(X), "validation": Part(X_VAL)}
    checksums = [
        data.checksum()
        for data in (Data(**parts), Data(**parts, unlabeled=MORE), Data(**parts, unlabeled=MORE[::-1]), Data(Part(X)))
    ]
    assert len(set(checksums)) == 4
