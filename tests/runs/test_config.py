"""The configuration of a run: frozen, known by what changes a number, and written out where it was left open."""

from __future__ import annotations

import json
import pickle
import sys
from dataclasses import FrozenInstanceError, replace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import RatingRegressor, RectifierClassifier, SemiSupervisedClassifier, StackedDenoisingAutoencoder
from rectinet.runs import Configuration, Data, Part, run
from rectinet.runs.layers import layer_configurations
from rectinet.runs.parameters import CHANGES_NUMBERS, HELP, NEUTRAL, RULE, SoftmaxParameters, StackParameters, table

BASE: dict[str, Any] = {"hidden_layer_sizes": (4, 3), "engine": "reference"}
OTHER: dict[str, Any] = {  # another value of everything that changes a number
    "hidden_layer_sizes": (4, 2),
    "activation": "tanh",
    "softplus_alpha": 2.0,
    "signs": "balanced",
    "derivative_at_zero": 1.0,
    "activity_l1": (0.0, 1e-3),
    "activity_l1_normalization": "mean",
    "learning_rate": 0.02,
    "batch_size": 11,
    "decay_from": 0.5,
    "max_epochs": 7,
    "shuffle": False,
    "early_stopping": False,
    "validation_fraction": 0.2,
    "patience": 3,
    "output_init": "zeros",
    "warm_start": True,
    "pretrain_epochs": (0, 1),
    "pretrain_learning_rate": "auto",
    "pretrain_batch_size": 100,
    "pretrain_activity_l1": 0.0,
    "pretrain_decay_from": 0.5,
    "corruption": "gaussian",
    "corruption_level": 0.5,
    "reconstruction": ("softplus", "linear"),
    "tied": True,
    "code_scaling": "global",
    "reconstruction_target": "pre-activation",
    "sampled_reconstruction": 0.5,
    "engine": "native",
    "dtype": "float64",
    "random_state": 5,
    "class_weight": {0: 1.0, 1: 2.0},
    "task": "rate",
    "classes": [1, 2, 3],
}
FREE: dict[str, Any] = {
    "n_threads": 2,
    "verbose": 1,
    "checkpoint": "here",
    "scaling": "rank",
    "transform_layer": 0,
}
PARAMETERS = table(Configuration)


def configuration(**wishes: Any) -> Configuration:
    return Configuration(**BASE | wishes)


def key(**wishes: Any) -> str:
    return configuration(**wishes).key("data")


# -- frozen ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PARAMETERS, "task", "classes", "momentum"])
def test_nothing_of_a_configuration_can_be_set(name: str) -> None:
    mine = configuration()
    before = dict(vars(mine))
    with pytest.raises(FrozenInstanceError, match=f"use dataclasses.replace to set {name}"):
        setattr(mine, name, 1)
    assert vars(mine) == before


def test_replace_gives_another_one_that_is_frozen_too() -> None:
    mine = configuration(batch_size=3)
    other = replace(mine, batch_size=4)
    assert (mine.batch_size, other.batch_size) == (3, 4)
    with pytest.raises(FrozenInstanceError):
        other.batch_size = 5
    assert replace(other, batch_size=3).key("data") == mine.key("data")


def test_a_pickled_configuration_is_the_same_and_frozen() -> None:
    mine = configuration(**OTHER | {"engine": "reference"})
    again = pickle.loads(pickle.dumps(mine))
    assert again.document() == mine.document()
    with pytest.raises(FrozenInstanceError):
        again.batch_size = 5


# -- what it is known by -----------------------------------------------------------------------------------------------

EQUAL = [
    ({"hidden_layer_sizes": 5}, {"hidden_layer_sizes": [5]}, {"hidden_layer_sizes": (5,)}),
    ({"hidden_layer_sizes": (5,)}, {"hidden_layer_sizes": np.array([5])}, {"hidden_layer_sizes": np.int64(5)}),
    ({"hidden_layer_sizes": ()}, {"hidden_layer_sizes": []}),
    ({"batch_size": 10}, {"batch_size": np.int32(10)}),
    ({"learning_rate": 0.25}, {"learning_rate": np.float64(0.25)}, {"learning_rate": np.float32(0.25)}),
    ({"shuffle": True}, {"shuffle": np.True_}),
    ({"random_state": 3}, {"random_state": np.int64(3)}),
    ({"activity_l1": 0.5}, {"activity_l1": (0.5, 0.5)}, {"activity_l1": [0.5, 0.5]}, {"activity_l1": np.full(2, 0.5)}),
    ({"pretrain_epochs": 2}, {"pretrain_epochs": [2, 2]}, {"pretrain_epochs": np.array([2, 2])}),
    ({"pretrain_learning_rate": "auto"}, {"pretrain_learning_rate": ["auto", "auto"]}),
    ({"tied": True}, {"tied": (True, True)}, {"tied": np.array([True, True])}),
    ({"reconstruction": "linear"}, {"reconstruction": ["linear", "linear"]}),
    ({"code_scaling": "auto"}, {"code_scaling": ("auto", "auto")}),
    ({"sampled_reconstruction": None}, {"sampled_reconstruction": [None, None]}),
    ({"corruption": ("masking", "none")}, {"corruption": ["masking", "none"]}),
    ({"corruption_level": (0.5, 0.25)}, {"corruption_level": [0.5, 0.25]}, {"corruption_level": np.array([0.5, 0.25])}),
    ({"corruption_level": [[0.5, 0.25], 0.5]}, {"corruption_level": ((0.5, 0.25), np.float64(0.5))}),
    ({"class_weight": {0: 1.0}}, {"class_weight": {np.int64(0): np.float64(1.0)}}),
    ({"engine": "auto"}, {"engine": "native"}),
    ({"classes": [1, 2]}, {"classes": (1.0, 2.0)}, {"classes": np.array([1, 2])}),
]  # fmt: skip


@pytest.mark.parametrize("wishes", EQUAL, ids=lambda wishes: repr(wishes[0]))
def test_equal_wishes_have_equal_documents_and_keys(wishes: tuple[dict[str, Any], ...]) -> None:
    documents = [json.dumps(configuration(**wish).document()) for wish in wishes]
    assert documents == [documents[0]] * len(wishes)
    assert {key(**wish) for wish in wishes} == {key(**wishes[0])}


@pytest.mark.parametrize(
    ("whole", "real"),
    [
        ({"activity_l1": 0}, {"activity_l1": 0.0}),
        ({"derivative_at_zero": 1}, {"derivative_at_zero": 1.0}),
        ({"learning_rate": 1}, {"learning_rate": 1.0}),
        ({"pretrain_decay_from": 1}, {"pretrain_decay_from": 1.0}),
        ({"decay_from": 0}, {"decay_from": 0.0}),
        ({"corruption_level": (0, 1)}, {"corruption_level": (0.0, 1.0)}),
        ({"sampled_reconstruction": 1}, {"sampled_reconstruction": 1.0}),
    ],
    ids=repr,
)
def test_a_whole_number_is_the_real_one_where_real_ones_are_meant(whole: dict[str, Any], real: dict[str, Any]) -> None:
    assert key(**whole) == key(**real)


def test_every_field_that_changes_a_number_changes_the_key() -> None:
    changing = {name for name, entry in PARAMETERS.items() if entry.metadata[CHANGES_NUMBERS]}
    assert set(OTHER) == changing | {"task", "classes"}  # a new parameter needs a line above
    keys = {name: key(**{name: value}) for name, value in OTHER.items()}
    assert key() not in keys.values()
    assert len(set(keys.values())) == len(OTHER)
    later = {name for name, entry in PARAMETERS.items() if entry.metadata[NEUTRAL] is not None}
    assert set(configuration().document()) == set(OTHER) - later
    assert set(configuration(**{name: OTHER[name] for name in later}).document()) == set(OTHER)


def test_what_changes_no_number_changes_no_key() -> None:
    assert set(FREE) == {name for name, entry in PARAMETERS.items() if not entry.metadata[CHANGES_NUMBERS]}
    for name, value in FREE.items():
        assert key(**{name: value}) == key(), name


def test_other_data_are_another_run() -> None:
    assert configuration().key("some data") != configuration().key("other data")
    assert len(key()) == 64


@pytest.mark.parametrize("name", OTHER)
def test_documents_come_back(name: str) -> None:
    mine = configuration(**{name: OTHER[name]})
    again = Configuration.from_document(json.loads(json.dumps(mine.document())))
    assert again.document() == mine.document()
    assert again.key("data") == mine.key("data")
    for each in OTHER:
        was, now = getattr(mine, each), getattr(again, each)
        assert now == (tuple(was) if isinstance(was, list) else was), each


def test_a_document_from_before_a_parameter_was_there_has_its_default() -> None:
    document = configuration(pretrain_decay_from=0.5).document()
    del document["pretrain_decay_from"]
    assert Configuration.from_document(document).document() == configuration().document()


def test_a_parameter_that_is_not_known_is_named() -> None:
    with pytest.raises(TypeError, match="momentum"):
        Configuration(momentum=0.9)
    with pytest.raises(TypeError, match="momentum"):
        Configuration.from_document(configuration().document() | {"momentum": 0.9})


def test_estimators_ask_for_what_their_parameters_say() -> None:
    clf = RectifierClassifier((4, 3), learning_rate=0.5, pretrain_epochs=2, tied=[True, False], n_threads=2)
    mine = Configuration.of(clf, "classify")
    by_trials = {"max_epochs": "auto", "early_stopping": "auto"}  # what estimators decide so where nothing is said
    same = configuration(engine="auto", learning_rate=0.5, pretrain_epochs=2, tied=(True, False), **by_trials)
    assert mine.document() == same.document()
    assert mine.n_threads == 2
    more = Configuration.of(RatingRegressor((4, 3), engine="reference", classes=[1, 2]), "rate")
    by_trials |= {"learning_rate": "auto"}
    assert more.document() == configuration(task="rate", classes=(1.0, 2.0), **by_trials).document()
    assert Configuration.of(SemiSupervisedClassifier(4), "classify").pretrain_epochs == (10,)


def test_a_stack_asks_for_pre_training_alone() -> None:
    stack = StackedDenoisingAutoencoder(
        (4, 3), epochs=(3, 2), learning_rate=(0.5, "auto"), batch_size=7, decay_from=0.5, activity_l1=0.1
    )
    mine = Configuration.of(stack, "encode")
    same = configuration(
        task="encode", pretrain_epochs=(3, 2), pretrain_learning_rate=(0.5, "auto"), batch_size=7, activity_l1=0.1,
        pretrain_decay_from=0.5, engine="auto",
    )  # fmt: skip
    assert mine.document() == same.document()
    layers = layer_configurations(mine.resolved(np.ones((2, 5))))
    assert [layer.epochs for layer in layers] == [3, 2]
    assert {layer.batch_size for layer in layers} == {7}
    assert {layer.activity_l1 for layer in layers} == {0.1}


# -- what it comes to --------------------------------------------------------------------------------------------------

DENSE = np.array([[0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 0.25, 0.0]])  # 3 of 8 are not 0
PRETRAINING = {"task": "encode", "hidden_layer_sizes": (5, 4, 3)}


def resolved(X: Any = DENSE, **wishes: Any) -> Configuration:
    return Configuration(**PRETRAINING | wishes).resolved(X)


def test_resolved_writes_out_sampled_reconstruction() -> None:
    assert resolved().sampled_reconstruction == (None, None, None)
    assert resolved(csr_array(DENSE)).sampled_reconstruction == (0.1, None, None)
    assert resolved(csr_array(DENSE), sampled_reconstruction=None).sampled_reconstruction == (None, None, None)
    assert resolved(sampled_reconstruction=("auto", 0.5, "auto")).sampled_reconstruction == (None, 0.5, None)


def test_resolved_writes_out_code_scaling() -> None:
    assert resolved().code_scaling == ("none", "none", "none")
    assert resolved(reconstruction="sigmoid").code_scaling == ("per-unit", "per-unit", "none")
    assert resolved(reconstruction="sigmoid", activation="tanh").code_scaling == ("none", "none", "none")
    assert resolved(reconstruction=("sigmoid", "softplus", "sigmoid")).code_scaling == ("none", "per-unit", "none")
    assert resolved(code_scaling="global").code_scaling == ("global", "global", "none")


def test_resolved_writes_out_the_batch_size_and_the_penalty_of_pre_training() -> None:
    assert resolved(batch_size=7).pretrain_batch_size == 7
    assert resolved(batch_size=7, pretrain_batch_size=50).pretrain_batch_size == 50
    assert resolved(activity_l1=(0.1, 0.2, 0.3)).pretrain_activity_l1 == (0.1, 0.2, 0.3)
    assert resolved(activity_l1=0.1, pretrain_activity_l1=0.0).pretrain_activity_l1 == (0.0, 0.0, 0.0)


@pytest.mark.parametrize("sparse", [False, True])
def test_resolved_writes_out_noise(sparse: bool) -> None:
    X = csr_array(DENSE) if sparse else DENSE
    plain = resolved(X)
    assert plain.corruption == ("masking", "masking", "masking")
    assert plain.corruption_level == (0.25, 0.25, 0.25)
    salted = resolved(X, corruption="salt_and_pepper", corruption_level=0.5)
    assert salted.corruption == ("salt_and_pepper", "masking", "masking")
    assert salted.corruption_level == ((0.5, 0.5 * 3 / 8), 0.5, 0.5)
    told = resolved(X, corruption="salt_and_pepper", corruption_level=[(0.7, 0.1), 0.2, [0.3, 0.4]])
    assert told.corruption == ("salt_and_pepper", "masking", "salt_and_pepper")
    assert told.corruption_level == ((0.7, 0.1), 0.2, (0.3, 0.4))


@pytest.mark.parametrize(
    "wishes", [{}, {"corruption": "salt_and_pepper", "reconstruction": "sigmoid"}, {"hidden_layer_sizes": ()}], ids=repr
)
def test_what_is_resolved_is_frozen_stays_so_and_leaves_the_wish_alone(wishes: dict[str, Any]) -> None:
    wish = Configuration(**PRETRAINING | wishes)
    before = wish.document()
    found = wish.resolved(csr_array(DENSE))
    assert wish.document() == before
    assert found.resolved(csr_array(DENSE)).document() == found.document()
    assert Configuration.from_document(found.document()).document() == found.document()
    with pytest.raises(FrozenInstanceError):
        found.batch_size = 3


def test_without_pre_training_its_wishes_are_not_looked_at() -> None:
    mine = configuration(corruption=("masking", "salt_and_pepper"), activity_l1=0.1)
    assert not mine.pretrains
    assert mine.resolved(DENSE).sampled_reconstruction == ("auto", "auto")
    with pytest.raises(ValueError, match="hidden layer 1 needs both probabilities"):
        replace(mine, pretrain_epochs=1).resolved(DENSE)


def test_penalties_may_be_of_the_mean_over_units() -> None:
    assert configuration().l1(0.5) == (0.5, 0.5)
    assert configuration(activity_l1_normalization="mean").l1((0.5, 0.3)) == (0.5 / 4, 0.3 / 3)


# -- the table ---------------------------------------------------------------------------------------------------------

TABLES = (SoftmaxParameters, StackParameters, Configuration, RatingRegressor, SemiSupervisedClassifier)
ROWS = [pytest.param(t, name, id=f"{t.__name__}-{name}") for t in TABLES for name in table(t)]


@pytest.mark.parametrize(("of", "name"), ROWS)
def test_every_row_has_a_help_of_one_sentence_and_a_default_that_is_allowed(of: type, name: str) -> None:
    entry = table(of)[name]
    text, rule = entry.metadata[HELP], entry.metadata[RULE]
    assert text.endswith(".")
    assert ". " not in text
    assert "\n" not in text
    rule.check(name, entry.default)
    for word in rule.choices:
        rule.check(name, word)
    assert not rule.allowed.endswith(".")  # completes "must be ...; got ..."


NOWHERE = object()  # allowed by no rule
REFUSED = [
    pytest.param(name, value, id=f"{name}-{value if value != NOWHERE else 'object'}")
    for name in PARAMETERS
    for value in ("nonsense", -1.5, NOWHERE)
    if name != "random_state" and (name, value) != ("checkpoint", "nonsense")
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_values_that_are_not_known_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be ") as caught:
        configuration(**{name: value})
    assert str(caught.value).endswith(f"; got {value!r}")


def test_a_task_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="task"):
        Configuration(task="sort")


@pytest.mark.parametrize("value", [-1, "nonsense", 1.5, True])
def test_a_seed_that_is_none_is_refused_by_name(value: Any) -> None:
    part = Part(np.ones((4, 2), np.float32), np.array([0, 1, 0, 1]))
    with pytest.raises(ValueError, match=f"random_state.*{value}"):
        run(configuration(random_state=value, max_epochs=1), Data(part))


@pytest.mark.parametrize("name", [name for name, entry in PARAMETERS.items() if entry.metadata[RULE].per_layer])
def test_one_value_per_layer_means_as_many_as_there_are(name: str) -> None:
    value = PARAMETERS[name].default
    if value is None:
        value = 0.0
    configuration(**{name: (value,) * 2})
    with pytest.raises(ValueError, match=rf"^{name} must be one value or one per hidden layer \(2\)"):
        configuration(**{name: (value,) * 3})


def test_derivative_one_at_zero_needs_the_reference_engine() -> None:
    with pytest.raises(ValueError, match='derivative_at_zero=1 needs engine="reference"'):
        configuration(derivative_at_zero=1, engine="auto")
    assert configuration(derivative_at_zero=1, engine="native", activation="tanh").engine == "native"


@pytest.mark.parametrize("engine", ["torch:cuda", "torch:cuda:1", "torchrun", "torchrun:cuda"])
def test_an_engine_may_be_named_with_a_device(engine: str) -> None:
    assert configuration(engine=engine).engine == engine


@pytest.mark.parametrize("engine", ["cuda", "torch:", "torch:CUDA", "native:cuda", "torch:cuda:x", ["torch"], None])
def test_an_engine_that_is_none_is_refused_by_name(engine: Any) -> None:
    with pytest.raises(ValueError, match=r'engine must be one of .*"torchrun", or one of the last two with a device'):
        configuration(engine=engine)


def test_processes_that_train_together_keep_no_checkpoint() -> None:
    with pytest.raises(ValueError, match='engine="torchrun" keeps no checkpoint'):
        configuration(engine="torchrun", checkpoint="run")


def test_an_engine_without_its_library_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for module in ("rectinet.engine.torch", "rectinet.engine.torchrun"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for engine in ("torch", "torchrun"):
        with pytest.raises(ImportError, match=rf"engine='{engine}' needs PyTorch.*pip install \"rectinet\[torch\]\""):
            configuration(engine=engine).computed_by()
