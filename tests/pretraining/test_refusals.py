"""Settings, units and data that do not go together are named."""

import numpy as np
import pytest
from scipy.sparse import csr_array

from rectinet.engine import get_engine
from rectinet.noise import Corruption
from rectinet.runs import Configuration
from rectinet.runs.greedy import pretrain
from rectinet.runs.layers import LayerConfiguration, layer_configurations
from tests.pretraining.conftest import PLAIN, net_of


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"pretrain_epochs": -1}, "pretrain_epochs must be .* got -1"),
        ({"pretrain_learning_rate": 0}, "pretrain_learning_rate must be .* got 0"),
        ({"pretrain_learning_rate": "fast"}, "pretrain_learning_rate must be .* got 'fast'"),
        ({"pretrain_batch_size": 0}, "pretrain_batch_size must be .* got 0"),
        ({"pretrain_activity_l1": -1.0}, "pretrain_activity_l1 must be .* got -1.0"),
        ({"reconstruction": "tanh"}, "reconstruction must be one of .* got 'tanh'"),
        ({"code_scaling": "max"}, "code_scaling must be one of .* got 'max'"),
        ({"reconstruction_target": "input"}, "reconstruction_target must be one of .* got 'input'"),
        ({"pretrain_decay_from": 2.0}, "pretrain_decay_from must be .* got 2.0"),
    ],
)
def test_wrong_settings_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        Configuration(task="encode", hidden_layer_sizes=(4,), **{"pretrain_epochs": 1, **wrong})


@pytest.mark.parametrize("reconstruction", ["softplus", ("softplus", "sigmoid")])
def test_targets_before_the_nonlinearity_need_linear_outputs(reconstruction, X):
    wishes = {"task": "encode", "hidden_layer_sizes": (9, 7), "reconstruction_target": "pre-activation"}
    with pytest.raises(ValueError, match=r'goes with reconstruction="linear".*got reconstruction=.*softplus'):
        layer_configurations(Configuration(**wishes, reconstruction=reconstruction).resolved(X))
    layers = layer_configurations(Configuration(**wishes, reconstruction=("softplus", "linear")).resolved(X))
    assert [settings.target for settings in layers] == ["code", "pre-activation"]


@pytest.mark.parametrize(
    ("unit", "first", "second", "said"),
    [
        ("rectifier", {}, {"reconstruction": "sigmoid"}, 'of hidden layer 1 .* Use code_scaling="per-unit"'),
        ("softplus", {}, {"reconstruction": "sigmoid"}, "softplus units cannot be scaled"),
        ("linear", {"code_scaling": "global"}, {"reconstruction": "sigmoid"}, "linear units cannot be scaled"),
        ("softplus", {"code_scaling": "per-unit"}, {}, r'code_scaling="per-unit" .*hidden layer 0 has softplus units'),
        ("tanh", {"code_scaling": "global"}, {}, "hidden layer 0 has tanh units"),
    ],
)
def test_units_that_cannot_serve_are_refused(unit, first, second, said, X):
    plan = [LayerConfiguration(1, **first), LayerConfiguration(1, **second)]
    with pytest.raises(ValueError, match=said):
        pretrain(net_of(unit), X, plan, engine=get_engine("reference"), seed=5)


@pytest.mark.parametrize(
    ("X", "plan", "said"),
    [
        (np.ones((3, 12)), [PLAIN], "needs settings for 2 hidden layers; got 1"),
        (np.ones((0, 12)), [PLAIN] * 2, "at least one example"),
        (np.ones((3, 11)), [PLAIN] * 2, "X has 11 features; the network takes 12"),
        (
            2 * np.ones((3, 12)),
            [LayerConfiguration(1, reconstruction="sigmoid"), PLAIN],
            r"X in \[0, 1\]; got values .* 2 to 2",
        ),
        (csr_array(-np.ones((3, 12))), [LayerConfiguration(1, reconstruction="sigmoid"), PLAIN], "got values from -1"),
        (
            csr_array(np.ones((3, 12))),
            [LayerConfiguration(1, corruption=Corruption("gaussian", 1.0)), PLAIN],
            "dense X",
        ),
    ],
)
def test_data_that_cannot_serve_are_refused(X, plan, said):
    with pytest.raises(ValueError, match=said):
        pretrain(net_of(), X, plan, engine=get_engine("reference"), seed=5)


def test_logistic_codes_fit_cross_entropy_as_they_are(engine, X):
    state = pretrain(
        net_of("logistic"), X, [LayerConfiguration(2, 0.1, reconstruction="sigmoid")] * 2, engine=engine, seed=5
    )
    assert state.status == "finished"
