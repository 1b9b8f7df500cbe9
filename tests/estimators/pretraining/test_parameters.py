"""Parameters of pre-training: defaults, one value or one per layer, refusals."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet import RectifierClassifier
from rectinet.noise import Corruption
from rectinet.problems import Sampling
from rectinet.runs import Configuration
from rectinet.runs.layers import layer_configurations
from tests.estimators.pretraining.conftest import SMALL


def planned(X, **params):
    clf = RectifierClassifier(**{"hidden_layer_sizes": (5, 4, 3), "pretrain_epochs": 1, **params})
    return layer_configurations(Configuration.of(clf, "classify").resolved(X))


def test_defaults_of_every_layer(digits):
    for settings in planned(digits[0]):
        assert settings.corruption == Corruption("masking", 0.25)
        assert (settings.learning_rate, settings.batch_size, settings.epochs) == (0.01, 10, 1)
        assert (settings.reconstruction, settings.tied, settings.sampling) == ("softplus", False, None)
        assert (settings.code_scaling, settings.target, settings.decay_from) == ("none", "code", 1.0)


def test_one_value_or_one_per_layer(digits):
    plan = planned(
        digits[0], pretrain_epochs=(3, 2, 1), pretrain_learning_rate=("auto", 0.1, 0.2), tied=[True, False, False],
        corruption=("masking", "gaussian", "none"), corruption_level=(0.1, 0.2, 0.3), batch_size=7,
        reconstruction=["sigmoid", "linear", "rectifier"], activity_l1=(0.1, 0.0, 0.2), pretrain_decay_from=0.5,
        activity_l1_normalization="mean", sampled_reconstruction=(0.5, None, "auto"),
        reconstruction_target="pre-activation",
    )  # fmt: skip
    assert [s.epochs for s in plan] == [3, 2, 1]
    assert [s.learning_rate for s in plan] == ["auto", 0.1, 0.2]
    assert [s.tied for s in plan] == [True, False, False]
    assert [s.corruption.kind for s in plan] == ["masking", "gaussian", "none"]
    assert [s.corruption.level for s in plan] == [0.1, 0.2, 0.0]
    assert [s.activity_l1 for s in plan] == [0.1 / 5, 0, 0.2 / 3]
    assert [s.sampling for s in plan] == [Sampling(0.5), None, None]
    assert [s.target for s in plan] == ["code", "pre-activation", "code"]
    assert {s.batch_size for s in plan} == {7}
    assert {s.decay_from for s in plan} == {0.5}
    assert {s.batch_size for s in planned(digits[0], pretrain_batch_size=50)} == {50}


def test_salt_and_pepper_follows_the_density_and_masks_above(digits):
    X, _ = digits
    density = np.count_nonzero(X) / X.size
    for given in (X, csr_array(X)):
        first, second, _ = planned(given, corruption="salt_and_pepper", corruption_level=0.5)
        assert first.corruption == Corruption("salt_and_pepper", 0.5, 0.5 * density)
        assert second.corruption == Corruption("masking", 0.5)
    pairs = planned(X, corruption="salt_and_pepper", corruption_level=[(0.7, 0.0041), (0.5, 0.1), 0.3])
    assert [s.corruption for s in pairs] == [
        Corruption("salt_and_pepper", 0.7, 0.0041), Corruption("salt_and_pepper", 0.5, 0.1), Corruption("masking", 0.3)
    ]  # fmt: skip


def test_sampled_reconstruction_is_for_sparse_inputs(digits):
    X, _ = digits
    assert [s.sampling for s in planned(csr_array(X))] == [Sampling(0.1), None, None]
    assert [s.sampling for s in planned(csr_array(X), sampled_reconstruction=None)] == [None] * 3
    assert [s.sampling for s in planned(X, sampled_reconstruction=0.2)] == [Sampling(0.2)] * 3


def test_codes_are_scaled_where_cross_entropy_needs_it(digits):
    def scalings(**params):
        return [s.code_scaling for s in planned(digits[0], **params)]

    assert scalings() == ["none"] * 3
    assert scalings(reconstruction="sigmoid") == ["per-unit", "per-unit", "none"]
    assert scalings(reconstruction=("softplus", "sigmoid", "softplus")) == ["per-unit", "none", "none"]
    assert scalings(reconstruction="sigmoid", activation="tanh") == ["none"] * 3
    assert scalings(code_scaling="global") == ["global", "global", "none"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pretrain_epochs": -1}, "pretrain_epochs must be an integer of at least 0.* got -1"),
        ({"pretrain_epochs": (1, 2, 3)}, r"pretrain_epochs must be one value or one per hidden layer \(2\)"),
        ({"pretrain_learning_rate": 0.0}, "pretrain_learning_rate must be .* got 0.0"),
        ({"pretrain_learning_rate": "slow"}, "pretrain_learning_rate must be .* got 'slow'"),
        ({"corruption": "dropout"}, "corruption must be .* got 'dropout'"),
        ({"corruption": ["masking"]}, "corruption must be one value or one per hidden layer"),
        ({"corruption_level": -0.5}, "corruption_level must be .* got -0.5"),
        ({"corruption_level": 1.5}, "corruption_level is a probability .* got 1.5"),
        ({"corruption_level": [(0.5, 0.1), 0.2]}, "corruption_level=.* is a pair"),
        ({"corruption_level": [(0.5, 0.1, 0.2), 0.2]}, "corruption_level must be"),
        (
            {"corruption": ["masking", "salt_and_pepper"]},
            r"hidden layer 1 needs both .*\(p_zero, p_one\)",
        ),
        ({"reconstruction": "relu"}, "reconstruction must be .* got 'relu'"),
        ({"tied": 1}, "tied must be .* got 1"),
        ({"pretrain_batch_size": 0}, "pretrain_batch_size must be .* got 0"),
        ({"pretrain_activity_l1": -1.0}, "pretrain_activity_l1 must be .* got -1.0"),
        ({"code_scaling": True}, "code_scaling must be .* got True"),
        ({"code_scaling": "global", "activation": "tanh"}, "hidden layer 0 has tanh units"),
        ({"reconstruction": "sigmoid", "code_scaling": "none"}, 'Use code_scaling="per-unit"'),
        ({"reconstruction_target": "input"}, "reconstruction_target must be .* got 'input'"),
        ({"reconstruction_target": "pre-activation"}, 'goes with reconstruction="linear".*got .*softplus'),
        ({"sampled_reconstruction": 0.0}, "sampled_reconstruction must be .* got 0.0"),
        ({"pretrain_decay_from": -0.1}, "pretrain_decay_from must be .* got -0.1"),
        ({"output_init": "ones"}, "output_init must be .* got 'ones'"),
    ],
)
def test_wrong_parameters_are_named(wrong, said, digits):
    with pytest.raises(ValueError, match=said):
        RectifierClassifier(**SMALL | wrong).fit(*digits)


def test_cross_entropy_needs_the_unit_interval(digits):
    X, y = digits
    with pytest.raises(ValueError, match=r"X in \[0, 1\]; got values from 0 to 16"):
        RectifierClassifier(**SMALL, reconstruction="sigmoid").fit(16 * X, y)


@pytest.mark.parametrize("activation", ["rectifier", "softplus", "tanh", "logistic", "linear"])
@pytest.mark.parametrize("reconstruction", ["softplus", "sigmoid", "linear", "rectifier"])
@pytest.mark.parametrize("tied", [False, True])
def test_every_unit_with_every_reconstruction(activation, reconstruction, tied, digits):
    settings = SMALL | {"max_epochs": 1, "pretrain_epochs": 1}
    clf = RectifierClassifier(
        **settings, activation=activation, reconstruction=reconstruction, tied=tied, signs="balanced"
    )
    if reconstruction == "sigmoid" and activation in ("softplus", "linear"):
        with pytest.raises(ValueError, match=f"{activation} units cannot be scaled"):
            clf.fit(*digits)
    else:
        assert np.isfinite(clf.fit(*digits).pretrain_history_[-1]["loss"])
