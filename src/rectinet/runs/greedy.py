"""Greedy layer-wise pre-training: every hidden layer in turn is the encoder of a denoising auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rectinet.arrays import Matrix
from rectinet.autoencoder import Autoencoder, autoencoder
from rectinet.engine import Engine
from rectinet.errors import DivergenceError, PretrainingDiverged
from rectinet.layout import padded_copy
from rectinet.network import Layer, Network
from rectinet.randomness import Purpose, stream
from rectinet.runs import loop
from rectinet.runs.layer_task import LayerTask
from rectinet.runs.layers import LayerConfiguration, check_layers
from rectinet.runs.loop import Settings, State, Status
from rectinet.runs.rates import choose_rate
from rectinet.runs.reconstruction import visible_biases
from rectinet.runs.source import Source
from rectinet.stored import Stored


@dataclass
class PretrainingState:
    """Where pre-training stands. Everything a checkpoint holds beside the network itself.

    Attributes
    ----------
    layer : int
        The hidden layer being trained; the number of layers when all are.
    autoencoder : Autoencoder or None
        Of that layer, its encoder being the network's own; None before it has begun.
    rate : float or None
        Its learning rate, once chosen.
    run : State
        Of that layer's training.
    earlier : list of dict
        History of the layers below.
    finished : list of Autoencoder
        Those of the layers below, when decoders are to be kept.
    """

    layer: int = 0
    autoencoder: Autoencoder | None = None
    rate: float | None = None
    run: State = field(default_factory=State)
    earlier: list[dict[str, Any]] = field(default_factory=list)
    finished: list[Autoencoder] = field(default_factory=list)
    status: Status = "running"

    @property
    def history(self) -> list[dict[str, Any]]:
        """One entry per layer and epoch."""
        return self.earlier + self.run.history


Watch = Callable[[PretrainingState], bool]


def pretrain(
    network: Network,
    X: Matrix | Stored,
    layers: Sequence[LayerConfiguration],
    *,
    engine: Engine,
    seed: int,
    state: PretrainingState | None = None,
    watch: Watch = lambda state: False,
    X_val: Matrix | Stored | None = None,
    keep_decoders: bool = False,
    judge: Callable[[LayerTask], None] = lambda task: None,
) -> PretrainingState:
    """Train the hidden layers of a network one after the other, in place; the output layer is left alone.

    Layers above the first learn from the codes of those below, computed for the examples at hand and never held for
    all of them. Visible biases start at the data's mean.

    Parameters
    ----------
    X : ndarray of shape (n, n_inputs), C-contiguous, csr_array in canonical form, or Stored
        Of the network's dtype.
    layers : sequence of LayerConfiguration
        One for each hidden layer.
    seed : int
        Of everything drawn: decoders, order of examples, noise, sampled outputs.
    state : PretrainingState, optional
        Where to go on; the network must be that of the same moment.
    watch : callable, optional
        Called with the state after every block of steps and every epoch. When it answers True, pre-training ends as
        "interrupted".
    X_val : ndarray or csr_array, optional
        Examples whose reconstruction error is measured after every epoch; every layer keeps its best epoch.
    keep_decoders : bool
        Whether `state.finished` keeps the auto-encoders of trained layers.
    judge : callable
        Told of every layer when it has been trained.

    Returns
    -------
    PretrainingState

    Raises
    ------
    ValueError
        For settings that do not go together, or not with X.
    PretrainingDiverged
    """
    check_layers(network, X, layers)
    state = state or PretrainingState()
    state.status = "running"
    while state.layer < len(layers):
        k, settings = state.layer, layers[state.layer]
        source = Source.of(network, k, settings, X, engine)
        if state.autoencoder is None:
            if k > 0:
                _scale_codes(network.layers[k - 1], layers[k - 1], source, state.finished)
            state.autoencoder = _begin(network.layers[k], k, settings, source, seed)
        if settings.sampling is not None:
            settings = replace(settings, sampling=settings.sampling.by_frequency(source.mean()))
        task = LayerTask(
            layer=k,
            autoencoder=state.autoencoder,
            settings=settings,
            source=source,
            seed=int(stream(seed, Purpose.NOISE, part=k).integers(2**63)),
            validation=None if X_val is None else Source.of(network, k, settings, X_val, engine),
        )
        if not _train(task, state, seed, watch):
            state.status = "interrupted"
            return state
        if settings.epochs:
            judge(task)
        if keep_decoders:
            state.finished.append(state.autoencoder)
        state.earlier += state.run.history
        state.layer, state.autoencoder, state.rate, state.run = k + 1, None, None, State()
    state.status = "finished"
    return state


def _train(task: LayerTask, state: PretrainingState, seed: int, watch: Watch) -> bool:
    """Train one layer, choosing its rate first when asked; False when interrupted."""
    settings = task.settings
    run = Settings(
        settings.schedule(1.0),
        settings.batch_size,
        settings.epochs,
        seed,
        shuffling=Purpose.PRETRAINING_SHUFFLING,
        part=task.layer,
        rule=settings.rule,
    )
    if state.rate is None and settings.epochs > 0:
        rate = settings.learning_rate
        state.rate = choose_rate(task, run, lambda: watch(state)) if isinstance(rate, str) else float(rate)
        if state.rate is None:
            return False
    rate = state.rate or 1.0  # of a layer that is not trained
    task = replace(task, settings=replace(settings, learning_rate=rate))
    try:
        run = replace(run, schedule=settings.schedule(rate))
        return loop.fit(task, run, state.run, lambda _: watch(state)).status != "interrupted"
    except DivergenceError as error:
        raise PretrainingDiverged(error.epoch, error.layer, error.learning_rate, state.history) from None


def _begin(layer: Layer, k: int, settings: LayerConfiguration, source: Source, seed: int) -> Autoencoder:
    """A fresh decoder whose visible biases are at the data's mean."""
    rng = stream(seed, Purpose.PRETRAINING_INITIALISATION, part=k)
    # Sampled reconstruction reads single outputs; otherwise rows by hidden unit let units that are off be skipped.
    by_output = settings.sampling is not None
    fresh = autoencoder(layer, reconstruction=settings.reconstruction, tied=settings.tied, by_output=by_output, rng=rng)
    if settings.epochs:
        fresh.c[...] = visible_biases(settings.reconstruction, source.mean(), source.n)
    return fresh


def _scale_codes(layer: Layer, settings: LayerConfiguration, above: Source, finished: list[Autoencoder]) -> None:
    """Divide a trained layer's codes by their maximum over the clean examples, in W and b; f(c z) = c f(z).

    Units that never fire are left as they are. A kept decoder is multiplied by the same, so that it reconstructs what
    it did; a tied one is then tied no more.
    """
    if settings.code_scaling == "none":
        return
    peak = above.peak()
    if settings.code_scaling == "global":
        peak = np.full_like(peak, peak.max())
    scale = np.where(peak > 0, peak, 1.0).astype(layer.b.dtype)  # (n_hidden,)
    if finished:
        mine = finished[-1]
        V = padded_copy(mine.V)
        V *= scale if mine.by_output else scale[:, np.newaxis]
        finished[-1] = replace(mine, V=V)
    layer.W[...] /= scale
    layer.b[...] /= scale
