"""Files that are signed correctly and wrong inside: one named error with the file's name, whatever is wrong."""

import copy
from pathlib import Path

import numpy as np
import pytest

import rectinet
from rectinet.storage import ModelFileError
from rectinet.storage.container import Contents, read_container, write_container

FILES = Path(__file__).parents[1] / "golden" / "files-0.1.0"
MODELS = sorted(FILES.glob("*.rectinet"))
WRONG = [None, -1, 7.5, "text", [], {"dict": []}, {"tuple": [1, 2]}, float("nan"), 10**30, True]


def contents(name: str) -> Contents:
    return copy.deepcopy(read_container(FILES / f"{name}.rectinet"))


def places(document, path=()):
    """Every place in a JSON document, as the keys that lead there."""
    for key, value in document.items() if isinstance(document, dict) else enumerate(document):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places(value, (*path, key))


def put(document, path, value):
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def remove(document, path):
    for key in path[:-1]:
        document = document[key]
    del document[path[-1]]


def outcome(found: Contents, tmp_path: Path) -> str:
    """What comes of loading it and asking it something: "refused" by name, or "answers"."""
    path = tmp_path / "hostile.rectinet"
    write_container(path, found)
    try:
        model = rectinet.load(path)
    except ModelFileError as error:
        return "refused" if str(path) in str(error) else f"refused without its name: {error}"
    if hasattr(model, "network_"):
        n = model.network_.n_inputs
        asked = ["a fine film"] if type(model).__name__ == "TextModel" else np.zeros((2, n))
        predict = model.transform if type(model).__name__.startswith("Stacked") else model.predict
        predict(asked)
    return "answers"


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_anything_missing_or_of_another_type_is_named_or_harmless(path, tmp_path):
    """Every place of the document but the histories, removed and spoilt: no other error, at load or in use."""
    whole = read_container(path)
    document = {key: value for key, value in whole.document.items() if key != "history"}
    document["facts"] = {key: value for key, value in document["facts"].items() if key != "pretrain_history"}
    rng = np.random.default_rng(len(path.stem))
    chosen = list(places(document))
    refused = 0
    for k in rng.permutation(len(chosen))[:120]:
        for wrong in ("remove", WRONG[rng.integers(len(WRONG))]):
            found = copy.deepcopy(whole)
            remove(found.document, chosen[k]) if wrong == "remove" else put(found.document, chosen[k], wrong)
            refused += outcome(found, tmp_path) == "refused"
    assert refused > 30


ARRAYS = {
    "a parameter that is not finite": lambda a: a["network.0.W"].__setitem__((0, 0), np.nan),
    "signs of another size": lambda a: a.__setitem__("network.0.signs", np.ones(3, np.float32)),
    "signs that are no signs": lambda a: a["network.0.signs"].__setitem__(0, 7.5),
    "layers of two dtypes": lambda a: a.__setitem__("network.1.W", a["network.1.W"].astype(np.float64)),
    "whole numbers for weights": lambda a: [a.__setitem__(k, v.astype(np.int64)) for k, v in list(a.items())],
    "layers that do not meet": lambda a: a.__setitem__("network.1.W", a["network.1.W"][:-1]),
    "a bias too few": lambda a: a.__setitem__("network.0.b", a["network.0.b"][:-1]),
    "a matrix that is none": lambda a: a.__setitem__("network.0.W", a["network.0.W"].ravel()),
    "a layer that is gone": lambda a: a.pop("network.1.W"),
    "rows without columns": lambda a: a.__setitem__("network.0.W", np.empty((10**9, 0), np.float32)),
    "too few classes' weights": lambda a: a.__setitem__("class_weight_", np.ones(2)),
}


@pytest.mark.parametrize("what", ARRAYS)
def test_arrays_that_do_not_fit_are_refused(what, tmp_path):
    found = contents("classifier-balanced")
    found.arrays.update({name: np.array(values) for name, values in found.arrays.items()})
    ARRAYS[what](found.arrays)
    assert outcome(found, tmp_path) == "refused"


FACTS = {
    "classes too many": ("classifier-names", ("facts", "classes_", "array", "values"), ["a", "b", "c", "d"]),
    "classes twice": ("classifier-names", ("facts", "classes_", "array", "values"), ["a", "a", "c"]),
    "classes out of order": ("classifier-names", ("facts", "classes_", "array", "values"), ["c", "b", "a"]),
    "other features": ("regressor", ("facts", "n_features_in_"), 19),
    "one flat target of two": ("regressor", ("facts", "flat_targets_"), True),
    "no such unit": ("classifier-signs", ("network", 0, "activation"), "relu"),
    "an unknown parameter": ("classifier-signs", ("params", "momentum"), 0.9),
    "a parameter out of range": ("classifier-signs", ("params", "n_threads"), 10**9),
    "a history that is a number": ("classifier-signs", ("history",), 7),
    "no bag of words": ("texts", ("facts", "text_model"), {"dict": []}),
}


@pytest.mark.parametrize("what", FACTS)
def test_facts_that_do_not_fit_are_refused(what, tmp_path):
    name, path, value = FACTS[what]
    found = contents(name)
    put(found.document, path, value)
    assert outcome(found, tmp_path) == "refused"


def test_brackets_a_thousand_deep_are_refused(tmp_path):
    found, deep = contents("classifier-signs"), 0
    for _ in range(900):
        deep = [deep]
    found.document["params"]["hidden_layer_sizes"] = deep
    assert outcome(found, tmp_path) == "refused"


@pytest.mark.parametrize(
    ("setting", "value"), [("input", "filename"), ("token_pattern", "(a+)+$"), ("analyzer", "char"), ("binary", False)]
)
def test_a_file_does_not_choose_what_the_vectoriser_does(setting, value, tmp_path):
    """`input="filename"` would open files, a hostile pattern would never end."""
    found = contents("texts")
    entries = dict(found.document["facts"]["text_model"]["dict"])["bag"]["dict"]
    settings = dict(entries)["settings"]["dict"]
    settings[:] = [pair for pair in settings if pair[0] != setting] + [[setting, value]]
    assert outcome(found, tmp_path) == "refused"
