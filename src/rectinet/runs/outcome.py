"""What came out of a run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from numpy.typing import NDArray

from rectinet.autoencoder import Autoencoder
from rectinet.network import Network
from rectinet.runs.plan import Plan
from rectinet.runs.targets import Targets

Ending = Literal["finished", "stopped early", "interrupted"]


@dataclass(frozen=True)
class Outcome:
    """A trained network and all that is known of how it came about.

    Attributes
    ----------
    network : Network
        With the parameters of the best epoch, where there was validation.
    seed : int
    targets : Targets or None
        None where codes alone were learned; the output layer is then a blank of one unit.
    history : list of dict
        One entry per epoch of supervised training.
    n_epochs, best_epoch : int
        Epochs run, and the one (from 1) whose parameters were kept; 0 without validation: the last.
    pretrain_history : list of dict
        One entry per layer and epoch of pre-training.
    autoencoders : tuple of Autoencoder
        Encoders (the network's own layers) and decoders, where codes alone were learned.
    ending : {"finished", "stopped early", "interrupted"}
    plan : Plan or None
        Rate and length of supervised training, and how they were chosen; None where codes alone were learned.
    predictions : dict of str to ndarray
        Of every example of "validation" and "test", in the targets' own terms, where the data have them.
    """

    network: Network
    seed: int
    targets: Targets | None = None
    history: list[dict[str, Any]] = field(default_factory=list)
    n_epochs: int = 0
    best_epoch: int = 0
    pretrain_history: list[dict[str, Any]] = field(default_factory=list)
    autoencoders: tuple[Autoencoder, ...] = ()
    ending: Ending = "finished"
    predictions: dict[str, NDArray[Any]] = field(default_factory=dict)
    plan: Plan | None = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        """A pickled network comes back in memory of its own; its auto-encoders are tied to it again."""
        network = state["network"]
        mine = tuple(
            replace(one.copy(), encoder=layer)
            if not one.tied
            else replace(one, encoder=layer, V=layer.W, c=one.c.copy())
            for one, layer in zip(state["autoencoders"], network.hidden, strict=False)
        )
        for name, value in (state | {"autoencoders": mine}).items():
            object.__setattr__(self, name, value)
