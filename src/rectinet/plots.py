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

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS: Final = ("rectifier", "softplus", "tanh", "logistic")
STYLES: Final = ("-", "--", ":", "-.")  # lines are told apart without colours too
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
