"""What is wrong with a network though every number is finite: layers that are silent, losses that exploded.

Both end in a warning that says what to do, after training and after every layer's pre-training. Some of the training
examples are enough to see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from rectinet.arrays import Matrix, Rows
from rectinet.engine import Engine
from rectinet.inside import sparsity
from rectinet.network import Layer, Network
from rectinet.noise import Corruption
from rectinet.problems import Examples
from rectinet.runs.data import Part
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.reconstruction import costs, reconstruction_error, visible_biases
from rectinet.runs.source import Source
from rectinet.runs.targets import Targets, Values
from rectinet.stored import Stored, facts_of
from rectinet.warning import warn
from rectinet.wording import setting

JUDGED_EXAMPLES: Final = 1000
FEWEST_ACTIVE: Final = 0.1  # units per example on average; below, nine of ten examples reach no unit at all
FAR_ABOVE: Final = 3  # times the loss of an answer that looks at no input
FAR_ABOVE_MEAN: Final = (
    10  # of reconstructions: a fresh decoder is several times worse than the mean, and learns slowly
)
STILL_FALLING: Final = 0.9  # of the loss halfway; after an explosion it hardly moves
LARGE: Final = 10.0  # features beyond are not scaled


def judge(
    engine: Engine,
    network: Network,
    training: Part,
    targets: Targets,
    activity_l1: tuple[float, ...],
    losses: Sequence[float],
) -> None:
    """Say when a trained network is silent in a layer, or far worse than an answer that looks at no input.

    `losses` are those of its epochs: where they were still falling it did not explode, it was ended too early.
    """
    some = _some_of(training)
    if not _judge_silence(engine, network, some.matrix, activity_l1):
        _judge_loss(engine, network, some, targets, losses)


def judge_loss(engine: Engine, network: Network, training: Part, targets: Targets) -> None:
    """The latter alone, of one part of a stream: it may well leave a layer silent."""
    if not (isinstance(targets, Values) and targets.seen is not None):  # or the scale of the targets is not known yet
        _judge_loss(engine, network, _some_of(training), targets)


def _judge_silence(engine: Engine, network: Network, X: Matrix, activity_l1: tuple[float, ...]) -> bool:
    for k, (layer, zeros) in enumerate(zip(network.hidden, sparsity.zeros(engine, network, X), strict=True)):
        if _is_silent(layer, zeros):
            less = f", or lower {setting('activity_l1')}" if activity_l1[k] else ""
            warn(f"{_silence(k, layer, zeros)}, so the outputs hardly depend on X. {_remedy(X, 'learning_rate')}{less}")
            return True
    return False


def _judge_loss(engine: Engine, network: Network, part: Part, targets: Targets, losses: Sequence[float] = ()) -> None:
    weight = targets.weigh(part)  # by classes, too
    if weight is not None and not weight.any():
        return
    examples = Examples(part.matrix, targets.encode(part.targets), weight)
    outputs = engine.outputs(network, part.matrix)
    with np.errstate(over="ignore", invalid="ignore"):
        mine, constant = (targets.score(z, examples).loss for z in (outputs, np.zeros_like(outputs)))
    if isinstance(targets, Values):
        constant = max(constant, 1.0)  # the variance, of standardised targets; some examples may have less
    if not mine > FAR_ABOVE * constant:  # nor where either is not finite
        return
    than = f"far above the {constant:.3g} of a constant answer, which looks at no input"
    if len(losses) > 1 and losses[-1] < STILL_FALLING * (halfway := losses[len(losses) // 2]):
        scale = f", and scale the features ({setting('scaling', 'standard')})" if _is_unscaled(part.X) else ""
        warn(
            f"training ended too early: its loss, {mine:.3g}, is still {than}, and was falling, from {halfway:.3g} "
            f"halfway to {losses[-1]:.3g} in the last epoch. Train longer ({setting('max_epochs')}){scale}"
        )
    else:
        warn(f"training exploded: its loss, {mine:.3g}, is {than}. {_remedy(part.X, 'learning_rate')}")


def judge_layer(task: LayerTask) -> bool:
    """Say, and answer True, when a pre-trained layer is silent or reconstructs far worse than the mean would."""
    source = task.source.take(_some(task.source.n))
    encoder = task.autoencoder.encoder
    active = sum(np.count_nonzero(source.engine.codes((encoder,), part.X)[-1]) for part in source.chunks())
    zeros = 1 - active / (source.n * encoder.n_out)
    if _is_silent(encoder, zeros):
        less = f", or lower {setting('pretrain_activity_l1')}" if task.settings.activity_l1 else ""
        warn(
            f"{_silence(task.layer, encoder, zeros)} after pre-training, so its codes hardly depend on X. "
            f"{_remedy(source.X, 'pretrain_learning_rate')}{less}"
        )
        return True
    mine = reconstruction_error(source, task.autoencoder, Corruption(), task.seed)
    constant = _constant_error(source, task)
    if mine <= FAR_ABOVE_MEAN * constant or constant == 0:
        return False
    warn(
        f"pre-training of hidden layer {task.layer} exploded: its reconstruction error, {mine:.3g}, is far above the "
        f"{constant:.3g} of the mean. {_remedy(source.X, 'pretrain_learning_rate')}"
    )
    return True


def _constant_error(source: Source, task: LayerTask) -> float:
    """Of the mean, whatever the input."""
    autoencoder = task.autoencoder
    z = visible_biases(autoencoder.reconstruction, source.mean(), source.n).astype(autoencoder.c.dtype)
    total = 0.0
    for part in source.chunks():
        targets = part.X if part.targets is None else part.targets
        total += float(costs(autoencoder, np.broadcast_to(z, (targets.shape[0], len(z))), targets).sum())
    return total / source.n


def _some_of(part: Part) -> Part:
    rows = _some(len(part))
    return Part(part.X[rows], part.targets[rows], None if part.weight is None else part.weight[rows])


def _some(n: int) -> Rows:
    return np.unique(np.linspace(0, n - 1, min(n, JUDGED_EXAMPLES)).astype(np.int64))


def _is_silent(layer: Layer, zeros: float) -> bool:
    return (1 - zeros) * layer.n_out < FEWEST_ACTIVE


def _silence(k: int, layer: Layer, zeros: float) -> str:
    active = (1 - zeros) * layer.n_out
    return f"hidden layer {k} is silent: of its {layer.n_out} units {active:.2g} fire per example"


def _remedy(X: Matrix | Stored, rate: str) -> str:
    """Features that are scaled need no advice to scale them."""
    lower = f"ower {setting(rate)}, by a factor of 10 at a time"
    return f"Scale the features ({setting('scaling', 'standard')}) or l{lower}" if _is_unscaled(X) else f"L{lower}"


def _is_unscaled(X: Matrix | Stored) -> bool:
    facts = facts_of(X)
    return bool(max(-facts.lowest, facts.highest) > LARGE)
