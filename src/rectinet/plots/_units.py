"""Figures of activation functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from rectinet.activations import Activation, lif_rate
from rectinet.plots._figure import label, new_figure, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNITS: Final = ("rectifier", "softplus", "tanh", "logistic")
ALPHAS: Final = (1.0, 1.3, 2.0, 3.0, 6.0)  # of the paper, section 4.1


def units(names: Sequence[str] = UNITS, span: float = 3.0) -> Figure:
    """The firing rate of a leaky integrate-and-fire neuron beside the units of this library (Figure 1).

    Parameters
    ----------
    names : sequence of str
        Units to draw, from `rectinet.activations.NAMES`.
    span : float
        Units are drawn on [-span, span].
    """
    figure, (left, right) = new_figure(1, 2)
    current = np.linspace(0.0, 5.0, 500)
    left.plot(current, lif_rate(current))
    label(left, "Leaky integrate-and-fire neuron", "input current x resistance, threshold = 1", "spikes per second")
    z = np.linspace(-span, span, 601)
    for name, style in zip(names, styles(len(names)), strict=True):
        right.plot(z, Activation(name).value(z), style, label=name)
    label(right, "Units", "z", "f(z)")
    right.legend()
    return figure


def softplus_family(alphas: Sequence[float] = ALPHAS, span: float = 3.0) -> Figure:
    """The rescaled softplus (1/a) log(1 + e^(a z)) and its slope, from softplus (a = 1) towards the rectifier.

    Parameters
    ----------
    alphas : sequence of float
        Values of a, above 0 (section 4.1 has 1 to 6).
    span : float
        Units are drawn on [-span, span].
    """
    figure, (left, right) = new_figure(1, 2)
    z = np.linspace(-span, span, 601)
    shades = np.linspace(0.75, 0.25, len(alphas))
    for alpha, style, shade in zip(alphas, styles(len(alphas)), shades, strict=True):
        unit, colour = Activation("softplus", alpha=alpha), (0.18 * shade, 0.45 * shade + 0.2, 0.95)
        left.plot(z, unit.value(z), style, color=colour, label=f"a = {alpha:g}")
        right.plot(z, unit.derivative(z), style, color=colour)
    rectifier = Activation()
    left.plot(z, rectifier.value(z), "-", color="black", lw=1, label="rectifier")
    right.plot(z, rectifier.derivative(z), "-", color="black", lw=1)
    label(left, "Rescaled softplus", "z", "f(z)")
    label(right, "Slope", "z", "f'(z)")
    left.legend()
    return figure
