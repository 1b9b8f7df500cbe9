"""Figures of training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rectinet.plots._figure import label, new_figure, some, styles

if TYPE_CHECKING:
    from matplotlib.figure import Figure

History = Sequence[Mapping[str, Any]]


def learning_curves(histories: Mapping[str, History]) -> Figure:
    """Loss and error by epoch, one colour per run; dashed for the training examples, solid for validation.

    Parameters
    ----------
    histories : mapping of str to list of dict
        Names of runs, and their `history_`.
    """
    figure, axes = new_figure(1, 2)
    for k, (name, history) in enumerate(some(histories).items()):
        epochs = [entry["epoch"] for entry in history]
        for ax, what in zip(axes, ("loss", "error"), strict=True):
            training = "loss" if what == "loss" else "training_error"
            ax.plot(epochs, [entry[training] for entry in history], "--", color=f"C{k}", alpha=0.6)
            validated = all(f"validation_{what}" in entry for entry in history)
            held_out = [entry[f"validation_{what}"] for entry in history] if validated else []
            ax.plot(epochs[: len(held_out)], held_out, "-", color=f"C{k}", label=name)
    for ax, what in zip(axes, ("loss", "error"), strict=True):
        label(ax, f"{what.capitalize()} (dashed: while training)", "epochs", what)
    axes[1].legend()
    return figure


def zeros_by_epoch(history: History) -> Figure:
    """Exact zeros of every hidden layer during training, and the rows of weights that minibatches touched.

    Parameters
    ----------
    history : list of dict
        The `history_` of a fitted estimator.
    """
    figure, (left, right) = new_figure(1, 2)
    epochs = [entry["epoch"] for entry in history]
    zeros = np.array([entry["zeros"] for entry in history])  # (n_epochs, n_hidden_layers)
    union = np.array([entry["union"] for entry in history])[:, 1:]
    for k, style in enumerate(styles(zeros.shape[1])):
        left.plot(epochs, 100 * zeros[:, k], style, label=f"layer {k + 1}")
        right.plot(epochs, 100 * union[:, k], style, label=f"layer {k + 1}")
    for ax, title in ((left, "Hidden units that are exactly 0"), (right, "Units on somewhere in a minibatch")):
        label(ax, title, "epochs", "%")
        ax.set_ylim(0, 100)
        ax.legend()
    return figure
