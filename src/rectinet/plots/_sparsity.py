"""Figures of exact zeros in hidden layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from rectinet.inside.sparsity import SparsityReport
from rectinet.plots._figure import label, new_figure, some

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def zeros_by_layer(zeros: Mapping[str, ArrayLike]) -> Figure:
    """A bar chart of the share of exact zeros per hidden layer, for one or several networks.

    Parameters
    ----------
    zeros : mapping of str to array-like of shape (n_hidden_layers,)
        Names of networks, and the result of their `sparsity(X)`.
    """
    figure, (ax,) = new_figure(1, 1)
    width = 0.8 / len(some(zeros))
    for k, (name, fractions) in enumerate(zeros.items()):
        heights = 100 * np.asarray(fractions, dtype=float)
        places = np.arange(1, len(heights) + 1) + width * (k - (len(zeros) - 1) / 2)
        ax.bar(places, heights, width, label=name)
    deepest = max(len(np.asarray(fractions)) for fractions in zeros.values())
    ax.set_xticks(range(1, deepest + 1))
    ax.set_ylim(0, 100)
    label(ax, "Hidden units that are exactly 0", "hidden layer", "%")
    ax.legend()
    return figure


def error_by_sparsity(zeros: ArrayLike, errors: ArrayLike, coefficients: ArrayLike | None = None) -> Figure:
    """Test error against the share of exact zeros, one point for each network (Figure 3).

    Parameters
    ----------
    zeros, errors : array-like of shape (n_networks,)
        Mean fraction of zeros over the hidden layers, and the error rate, both in [0, 1].
    coefficients : array-like of shape (n_networks,), optional
        Coefficients of the L1 penalty on activations, shown as the colour of the points.
    """
    zeros, errors = np.asarray(zeros, dtype=float), np.asarray(errors, dtype=float)
    if zeros.shape != errors.shape or zeros.ndim != 1:
        raise ValueError(f"zeros and errors must be of one shape (n_networks,); got {zeros.shape} and {errors.shape}")
    figure, (ax,) = new_figure(1, 1)
    colours = None if coefficients is None else np.asarray(coefficients, dtype=float)
    points = ax.scatter(100 * zeros, 100 * errors, c=colours, cmap=None if colours is None else "viridis")
    if colours is not None:
        figure.colorbar(points, ax=ax, label="activity L1")
    label(ax, "Error against sparsity", "hidden units that are exactly 0, %", "test error, %")
    return figure


def sparsity_histograms(report: SparsityReport, bins: int = 40) -> Figure:
    """Histograms of how often units are active and how many are active per example, one row per hidden layer.

    Parameters
    ----------
    report : SparsityReport
        The result of an estimator's `sparsity_report(X)`.
    bins : int
    """
    if not report.n_units:
        raise ValueError("there is nothing to draw: the network has no hidden layer")
    figure, axes = new_figure(len(report.n_units), 2)
    figure.set_size_inches(10.4, 2.6 * len(report.n_units))
    for k, (n, times) in enumerate(zip(report.n_units, report.times_on, strict=True)):
        by_unit, by_example = axes[2 * k : 2 * k + 2]
        by_unit.hist(100 * times / report.n_examples, bins, range=(0, 100), color="tab:blue")
        idle = f"{len(report.dead[k]):,} of {n:,} units never on, {len(report.always_on[k]):,} always"
        label(by_unit, f"Layer {k + 1}: {idle}", f"on for % of the {report.n_examples:,} examples", "units")
        by_example.hist(100 * report.units_on[:, k] / n, bins, range=(0, 100), color="tab:gray")
        median = f"Layer {k + 1}: median {np.median(report.units_on[:, k]):,.0f} units on"
        label(by_example, median, f"% of the {n:,} units on", "examples")
    return figure
