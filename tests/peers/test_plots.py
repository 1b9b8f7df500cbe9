"""Figures draw what they were given."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

from rectinet import plots
from rectinet.activations import Activation, lif_rate
from rectinet.engine import get_engine
from rectinet.inside.paths import active_path
from rectinet.inside.sparsity import report
from rectinet.network import initialise

HISTORY: list[dict[str, Any]] = [
    {
        "epoch": epoch,
        "loss": 1 / epoch,
        "training_error": 0.2 / epoch,
        "validation_loss": 1.1 / epoch,
        "validation_error": 0.3 / epoch,
        "zeros": [0.1 * epoch, 0.2 * epoch],
        "union": [0.5, 1 - 0.1 * epoch, 1.0],
    }
    for epoch in (1, 2, 3)
]


def drawn(line: Any) -> np.ndarray:
    return np.asarray(line.get_ydata(), dtype=float)


def test_units_are_those_of_the_library() -> None:
    left, right = plots.units(("rectifier", "tanh"), span=2).axes
    np.testing.assert_array_equal(drawn(left.lines[0]), lif_rate(left.lines[0].get_xdata()))
    for line in right.lines:
        z = line.get_xdata()
        assert (z[0], z[-1]) == (-2, 2)
        np.testing.assert_array_equal(drawn(line), Activation(line.get_label()).value(z))
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["rectifier", "tanh"]


def test_learning_curves() -> None:
    unvalidated = [{k: v for k, v in entry.items() if not k.startswith("validation")} for entry in HISTORY]
    losses, errors = plots.learning_curves({"one": HISTORY, "two": unvalidated}).axes
    training, validation, alone, none = (drawn(line) for line in errors.lines)
    np.testing.assert_allclose(training, [0.2, 0.1, 0.2 / 3])
    np.testing.assert_allclose(validation, [0.3, 0.15, 0.1])
    np.testing.assert_array_equal(alone, training)
    assert none.size == 0
    np.testing.assert_allclose(drawn(losses.lines[1]), [1.1, 0.55, 1.1 / 3])


def test_zeros_by_epoch() -> None:
    zeros, union = plots.zeros_by_epoch(HISTORY).axes
    np.testing.assert_allclose([drawn(line) for line in zeros.lines], [[10, 20, 30], [20, 40, 60]])
    np.testing.assert_allclose([drawn(line) for line in union.lines], [[90, 80, 70], [100, 100, 100]])
    assert zeros.get_ylim() == union.get_ylim() == (0, 100)


def test_zeros_by_layer() -> None:
    (ax,) = plots.zeros_by_layer({"rectifier": [0.8, 0.7], "tanh": [0, 0]}).axes
    heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
    np.testing.assert_allclose(heights, [[80, 70], [0, 0]])
    places = sorted(bar.get_x() for bars in ax.containers for bar in bars)
    assert np.diff(places).min() > 0.3  # bars stand side by side


@pytest.mark.parametrize("coefficients", [None, [0, 1e-4, 1e-3]])
def test_error_by_sparsity(coefficients: list[float] | None) -> None:
    figure = plots.error_by_sparsity([0.5, 0.8, 0.9], [0.015, 0.014, 0.02], coefficients)
    offsets = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(offsets, [[50, 1.5], [80, 1.4], [90, 2.0]])
    assert len(figure.axes) == (1 if coefficients is None else 2)


def test_figures_can_be_saved() -> None:
    file = io.BytesIO()
    plots.zeros_by_epoch(HISTORY).savefig(file, format="svg")
    assert b"</svg>" in file.getvalue()


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="there is nothing to draw"):
        plots.learning_curves({})
    with pytest.raises(ValueError, match="there is nothing to draw"):
        plots.zeros_by_layer({})
    with pytest.raises(ValueError, match=r"of one shape \(n_networks,\); got \(2,\) and \(3,\)"):
        plots.error_by_sparsity([0.1, 0.2], [0.1, 0.2, 0.3])
    with pytest.raises(ValueError, match="activation must be one of"):
        plots.units(("relu",))


def test_the_active_path_says_how_many_are_on_and_names_inputs() -> None:
    network = initialise((6, 9, 7, 2), Activation(), signs="balanced", rng=np.random.default_rng(1))
    x = np.array([0.0, 1.0, 0.5, 0.0, 2.0, 1.0])
    (ax,) = plots.active_path(network, x, 1, names=[*"abcdef"]).axes
    counts = [len(on) for on in active_path(network, x, 1).active]
    ticks = [tick.get_text() for tick in ax.get_xticklabels()]
    assert ticks == [
        f"inputs\n{counts[0]} of 6 on", f"layer 1\n{counts[1]} of 9 on", f"layer 2\n{counts[2]} of 7 on", "output 1"
    ]  # fmt: skip
    assert {text.get_text() for text in ax.texts} >= {"b", "c", "e", "f"}


def test_the_softplus_family_comes_closer_to_the_rectifier() -> None:
    left, right = plots.softplus_family((1, 3), span=2).axes
    soft, sharp, rectifier = left.lines
    for line, alpha in ((soft, 1), (sharp, 3)):
        np.testing.assert_array_equal(drawn(line), Activation("softplus", alpha).value(line.get_xdata()))
    np.testing.assert_array_equal(drawn(rectifier), np.maximum(rectifier.get_xdata(), 0))
    np.testing.assert_array_equal(drawn(right.lines[1]), Activation("softplus", 3).derivative(sharp.get_xdata()))


def test_histograms_hold_every_unit_and_every_example() -> None:
    network = initialise((6, 9, 7, 2), Activation(), rng=np.random.default_rng(1))
    X = np.random.default_rng(2).normal(size=(50, 6)).astype(np.float32)
    found = report(get_engine("reference"), network, X)
    axes = plots.sparsity_histograms(found, bins=10).axes
    heights = [[bar.get_height() for bar in ax.patches] for ax in axes]
    assert [sum(each) for each in heights] == [9, 50, 7, 50]
    np.testing.assert_array_equal(heights[0], np.histogram(found.times_on[0] / 50, 10, (0, 1))[0])
    assert axes[0].get_title() == f"Layer 1: {len(found.dead[0])} of 9 units never on, {len(found.always_on[0])} always"
    linear = report(get_engine("reference"), initialise((6, 2), Activation(), rng=np.random.default_rng(1)), X)
    with pytest.raises(ValueError, match="there is nothing to draw: the network has no hidden layer"):
        plots.sparsity_histograms(linear)


def test_filters_are_the_weights_into_units() -> None:
    network = initialise((12, 5, 2), Activation(), rng=np.random.default_rng(1))
    axes = plots.first_layer_filters(network, (3, 4)).axes
    order = np.argsort(-np.linalg.norm(network.layers[0].W, axis=0))
    assert [ax.get_title() for ax in axes[:5]] == [str(unit) for unit in order]
    np.testing.assert_allclose(axes[0].images[0].get_array(), network.layers[0].W[:, order[0]].reshape(3, 4))
    (first, *_) = plots.first_layer_filters(network, (3, 2, 2), units=[4]).axes
    weights = network.layers[0].W[:, 4].astype(np.float64)
    colours = 0.5 + 0.5 * weights / np.abs(weights).max()
    np.testing.assert_allclose(first.images[0].get_array(), np.moveaxis(colours.reshape(3, 2, 2), 0, -1))
    with pytest.raises(ValueError, match=r"images of shape \(3, 3\) have 9 values; the network takes 12"):
        plots.first_layer_filters(network, (3, 3))


def test_the_tradeoff_of_pruning() -> None:
    disagreement = {"validation": [0, 0.001], "test": [0, 0.002]}
    size, speed, changed = plots.pruning_tradeoff([0, 0.05], [1, 0.5], [1, 1.8], disagreement).axes
    np.testing.assert_allclose(size.lines[0].get_xdata(), [0, 5])
    np.testing.assert_allclose(drawn(size.lines[0]), [100, 50])
    np.testing.assert_allclose(drawn(speed.lines[0]), [1, 1.8])
    np.testing.assert_allclose([drawn(line) for line in changed.lines[:2]], [[0, 0.1], [0, 0.2]])
    with pytest.raises(ValueError, match=r"speed must have one value for each of the tolerances, shape \(2,\)"):
        plots.pruning_tradeoff([0, 0.05], [1, 0.5], [1], disagreement)


def test_heat_maps_share_a_scale_and_name_outputs() -> None:
    image, amounts = np.arange(6.0), {"7: +1": np.array([0, 1, -2, 0, 0, 0.5]), "9: -1": np.array([0.5, 0, 0, 0, 0, 0])}
    axes = plots.heat_maps(image, amounts, (2, 3)).axes
    assert [ax.get_title() for ax in axes] == ["the image", "7: +1", "9: -1"]
    for ax, found in zip(axes[1:], amounts.values(), strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), found.reshape(2, 3))
        assert ax.images[0].get_clim() == (-2, 2)
    (_, summed) = plots.heat_maps(image, {"a": np.arange(6.0)}, (3, 1, 2)).axes
    np.testing.assert_array_equal(summed.images[0].get_array(), [[0 + 2 + 4, 1 + 3 + 5]])


def test_contribution_bars_are_sorted_and_the_others_summed() -> None:
    (ax,) = plots.contribution_bars([*"abcd"], [0.1, -3, 2, 0.2], most=2).axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["b", "c", "2 more"]
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], [-3, 2, 0.3])
    with pytest.raises(ValueError, match=r"amounts must have one value for each of 4 names; got shape \(2,\)"):
        plots.contribution_bars([*"abcd"], [1, 2])
