"""One layer's denoising auto-encoder as a task of the training loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rectinet.autoencoder import Autoencoder, NoiseKey, Unlabelled
from rectinet.engine import Array, Totals
from rectinet.pretraining.reconstruction import reconstruction_error
from rectinet.pretraining.settings import LayerSettings
from rectinet.pretraining.source import Source
from rectinet.randomness import Purpose
from rectinet.training import Score


@dataclass(frozen=True)
class Denoising:
    """The auto-encoder of hidden layer `layer` and what it learns from.

    Attributes
    ----------
    settings : LayerSettings
        Its learning rate is only reported: the loop gives the rate of every step.
    seed : int
        Of the noise and of sampled reconstruction, its own for every layer: equal keys give equal masks.
    validation : Source or None
    """

    layer: int
    autoencoder: Autoencoder
    settings: LayerSettings
    source: Source
    seed: int
    validation: Source | None = None

    @property
    def n_examples(self) -> int:
        return self.source.n

    def parameters(self) -> Iterator[tuple[str, Array]]:
        for name, values in self.autoencoder.parameters():
            yield f"{self.layer}.{name}", values

    def run(
        self, order: NDArray[np.int64], epoch: int, batch_size: int, rates: NDArray[np.float64], totals: Totals
    ) -> None:
        whole = self.source.whole
        if whole is not None:
            self._train(whole, order, epoch, batch_size, rates, totals)
            return
        # BLAS may round the codes of an example by the rows beside it; a minibatch has the same rows however the run
        # is cut into blocks. The native engine's codes never depend on other rows.
        steps = len(rates) if self.source.engine.name == "native" else 1
        for first in range(0, len(rates), steps):
            some = self.source.rows(order[first * batch_size : (first + steps) * batch_size])
            rows = np.arange(len(some.ids), dtype=np.int64)
            self._train(some, rows, epoch, batch_size, rates[first : first + steps], totals)

    def _train(
        self,
        examples: Unlabelled,
        order: NDArray[np.int64],
        epoch: int,
        batch_size: int,
        rates: NDArray[np.float64],
        totals: Totals,
    ) -> None:
        self.source.engine.train_autoencoder(
            self.autoencoder,
            examples,
            self.settings.corruption,
            NoiseKey(self.seed, epoch, int(Purpose.NOISE)),
            activity_l1=self.settings.activity_l1,
            order=order,
            batch_size=batch_size,
            learning_rates=rates,
            sampling=self.settings.sampling,
            totals=totals,
        )

    def validate(self) -> Score | None:
        if self.validation is None:
            return None
        error = reconstruction_error(self.validation, self.autoencoder, self.settings.corruption, self.seed)
        return Score(error, error)

    def summary(self, totals: Totals) -> dict[str, Any]:
        inputs = np.array(self.autoencoder.encoder.W.shape)
        density = totals.active / (totals.examples * inputs)
        return {
            "layer": self.layer,
            "learning_rate": self.settings.learning_rate,
            "loss": totals.loss / totals.examples,
            "penalty": totals.penalty / totals.examples,
            "density": density.tolist(),
            "zeros": float(1 - density[1]),
            "union": (totals.union / (totals.steps * inputs)).tolist(),
            "sampled": float(totals.errors / (totals.examples * self.autoencoder.n_in)),
        }
