"""Figures with matplotlib (`pip install "rectinet[report]"`): units, learning, sparsity.

Every function returns a `matplotlib.figure.Figure` that belongs to no window and to no global state: save it with
``figure.savefig("name.svg")`` or let a notebook show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from rectinet.activations import Activation, lif_rate
from rectinet.inside.paths import active_path as path_of
from rectinet.network import Network

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS: Final = ("rectifier", "softplus", "tanh", "logistic")
STYLES: Final = ("-", "--", ":", "-.")  # lines are told apart without colours too
OFF: Final = 4  # of a layer's units that are off are drawn
T = TypeVar("T")
History = Sequence[Mapping[str, Any]]


def units(names: Sequence[str] = UNITS, span: float = 3.0) -> Figure:
    """The firing rate of a leaky integrate-and-fire neuron, and the units of this library beside it (Figure 1).

    Parameters
    ----------
    names : sequence of str
        Units to draw, as `rectinet.activations.NAMES`.
    span : float
        Units are drawn on [-span, span].
    """
    figure, (left, right) = _figure(1, 2)
    current = np.linspace(0.0, 5.0, 500)
    left.plot(current, lif_rate(current))
    _label(left, "Leaky integrate-and-fire neuron", "input current x resistance, threshold = 1", "spikes per second")
    z = np.linspace(-span, span, 601)
    for name, style in zip(names, _styles(len(names)), strict=True):
        right.plot(z, Activation(name).value(z), style, label=name)
    _label(right, "Units", "z", "f(z)")
    right.legend()
    return figure


def learning_curves(histories: Mapping[str, History]) -> Figure:
    """Loss and error by epoch, one colour for each run; dashed on the training examples, solid on validation.

    Parameters
    ----------
    histories : mapping of str to list of dict
        Names of runs, and their `history_`.
    """
    figure, axes = _figure(1, 2)
    for k, (name, history) in enumerate(_some(histories).items()):
        epochs = [entry["epoch"] for entry in history]
        for ax, what in zip(axes, ("loss", "error"), strict=True):
            training = "loss" if what == "loss" else "training_error"
            ax.plot(epochs, [entry[training] for entry in history], "--", color=f"C{k}", alpha=0.6)
            validated = all(f"validation_{what}" in entry for entry in history)
            held_out = [entry[f"validation_{what}"] for entry in history] if validated else []
            ax.plot(epochs[: len(held_out)], held_out, "-", color=f"C{k}", label=name)
    for ax, what in zip(axes, ("loss", "error"), strict=True):
        _label(ax, f"{what.capitalize()} (dashed: while training)", "epochs", what)
    axes[1].legend()
    return figure


def zeros_by_epoch(history: History) -> Figure:
    """Exact zeros of every hidden layer while training, and the rows of weights that minibatches touched.

    Parameters
    ----------
    history : list of dict
        The `history_` of a fitted estimator.
    """
    figure, (left, right) = _figure(1, 2)
    epochs = [entry["epoch"] for entry in history]
    zeros = np.array([entry["zeros"] for entry in history])  # (n_epochs, n_hidden_layers)
    union = np.array([entry["union"] for entry in history])[:, 1:]
    for k, style in enumerate(_styles(zeros.shape[1])):
        left.plot(epochs, 100 * zeros[:, k], style, label=f"layer {k + 1}")
        right.plot(epochs, 100 * union[:, k], style, label=f"layer {k + 1}")
    for ax, title in ((left, "Hidden units that are exactly 0"), (right, "Units on somewhere in a minibatch")):
        _label(ax, title, "epochs", "%")
        ax.set_ylim(0, 100)
        ax.legend()
    return figure


def zeros_by_layer(zeros: Mapping[str, ArrayLike]) -> Figure:
    """Bars of exact zeros per hidden layer, for one or several networks.

    Parameters
    ----------
    zeros : mapping of str to array-like of shape (n_hidden_layers,)
        Names of networks, and what their `sparsity(X)` says.
    """
    figure, (ax,) = _figure(1, 1)
    width = 0.8 / len(_some(zeros))
    for k, (name, fractions) in enumerate(zeros.items()):
        heights = 100 * np.asarray(fractions, dtype=float)
        places = np.arange(1, len(heights) + 1) + width * (k - (len(zeros) - 1) / 2)
        ax.bar(places, heights, width, label=name)
    deepest = max(len(np.asarray(fractions)) for fractions in zeros.values())
    ax.set_xticks(range(1, deepest + 1))
    ax.set_ylim(0, 100)
    _label(ax, "Hidden units that are exactly 0", "hidden layer", "%")
    ax.legend()
    return figure


def error_by_sparsity(zeros: ArrayLike, errors: ArrayLike, coefficients: ArrayLike | None = None) -> Figure:
    """Test error against the share of exact zeros, one point for each network (Figure 3).

    Parameters
    ----------
    zeros, errors : array-like of shape (n_networks,)
        Mean fraction of zeros over the hidden layers, and the error rate, both in [0, 1].
    coefficients : array-like of shape (n_networks,), optional
        Coefficients of the activity L1: the colour of the points.
    """
    zeros, errors = np.asarray(zeros, dtype=float), np.asarray(errors, dtype=float)
    if zeros.shape != errors.shape or zeros.ndim != 1:
        raise ValueError(f"zeros and errors must be of one shape (n_networks,); got {zeros.shape} and {errors.shape}")
    figure, (ax,) = _figure(1, 1)
    colours = None if coefficients is None else np.asarray(coefficients, dtype=float)
    points = ax.scatter(100 * zeros, 100 * errors, c=colours, cmap=None if colours is None else "viridis")
    if colours is not None:
        figure.colorbar(points, ax=ax, label="activity L1")
    _label(ax, "Error against sparsity", "hidden units that are exactly 0, %", "test error, %")
    return figure


def active_path(
    network: Network, x: ArrayLike, output: int | None = None, *, names: Sequence[str] | None = None, most: int = 12
) -> Figure:
    """What one input goes through: the units that matter most for one output, and what flows between them (Figure 2).

    A filled dot is a unit that is on, larger the more it adds to the output or takes from it; hollow ones are off.
    Lines are the contributions between them: solid and blue what adds, dashed and red what takes away.

    Parameters
    ----------
    network : Network
        Of an estimator: its `network_`.
    x : array-like of shape (n_inputs,)
    output : int, optional
        Default: the one with the highest value.
    names : sequence of str, optional
        Of the inputs.
    most : int
        Inputs and units that are on, of each layer, that are drawn.

    Raises
    ------
    ValueError
        See `rectinet.inside.paths.active_path`.
    """
    path = path_of(network, x, output)
    figure, (ax,) = _figure(1, 1)
    figure.set_size_inches(2.6 * (len(path.codes) + 1), 5.4)
    shown = [
        np.concatenate([on[np.argsort(-np.abs(found[on]), kind="stable")][:most], np.flatnonzero(h == 0)[:OFF]])
        for on, found, h in zip(path.active, path.contributions, path.codes, strict=True)
    ]
    places = [np.linspace(1, 0, len(units) + 2)[1:-1] for units in shown] + [np.array([0.5])]
    for level, units in enumerate(shown):
        above = [*shown[1:], np.array([0])][level]
        flows = path.edges(level)[np.ix_(units, above)]
        largest = np.abs(flows).max() or 1.0
        for i, j in np.argwhere(np.abs(flows) > largest / 20):
            share, adds = abs(flows[i, j]) / largest, flows[i, j] > 0
            ends = [places[level][i], places[level + 1][j]]
            colour, style = ("tab:blue", "-") if adds else ("tab:red", "--")
            ax.plot([level, level + 1], ends, style, color=colour, alpha=0.15 + 0.85 * share, lw=0.4 + 2.4 * share)
    for level, units in enumerate(shown):
        on, sizes = path.codes[level][units] != 0, np.abs(path.contributions[level][units])
        area = 30 + 150 * sizes / (sizes.max() or 1.0)
        faces = ["black" if active else "white" for active in on]
        ax.scatter(np.full(len(units), level), places[level], s=area, c=faces, edgecolors="black", zorder=3)
        if level == 0 and names is not None:
            for unit, place in zip(units, places[0], strict=True):
                ax.annotate(names[unit], (0, place), (-8, 0), textcoords="offset points", ha="right", va="center")
    ax.scatter([len(shown)], [0.5], s=180, c="black", zorder=3)
    ax.annotate(f"{path.value:.3g}", (len(shown), 0.5), (0, 12), textcoords="offset points", ha="center")
    counts = [f"{len(on):,} of {len(h):,} on" for on, h in zip(path.active, path.codes, strict=True)]
    levels = ["inputs", *(f"layer {k + 1}" for k in range(len(counts) - 1))]
    labels = [*(f"{level}\n{count}" for level, count in zip(levels, counts, strict=True)), f"output {path.output}"]
    ax.set_xticks(range(len(labels)), labels)
    ax.set(title="The active path of one input", yticks=[], xlim=(-0.6, len(shown) + 0.4), ylim=(-0.02, 1.02))
    for side in ("top", "left", "right"):
        ax.spines[side].set_visible(False)
    return figure


def _figure(n_rows: int, n_columns: int) -> tuple[Figure, Sequence[Axes]]:
    """A figure outside pyplot, which would keep it for ever."""
    try:
        from matplotlib.figure import Figure
    except ImportError as missing:
        raise ImportError('figures need matplotlib: pip install "rectinet[report]"') from missing
    figure = Figure(figsize=(5.2 * n_columns, 3.8 * n_rows), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    return figure, list(axes.ravel())


def _label(ax: Axes, title: str, x: str, y: str) -> None:
    ax.set(title=title, xlabel=x, ylabel=y)
    ax.grid(alpha=0.3)


def _styles(n: int) -> list[str]:
    return [STYLES[k % len(STYLES)] for k in range(n)]


def _some(named: Mapping[str, T]) -> Mapping[str, T]:
    if not named:
        raise ValueError("there is nothing to draw: give at least one named entry")
    return named
