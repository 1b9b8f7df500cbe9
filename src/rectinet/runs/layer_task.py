"""Pre-training of one hidden layer as a task of the loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rectinet.arrays import Array
from rectinet.autoencoder import Autoencoder
from rectinet.engine import Steps, Totals
from rectinet.losses import Score
from rectinet.problems import Denoising
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.reconstruction import reconstruction_error
from rectinet.runs.source import Source


@dataclass(frozen=True)
class LayerTask:
    """The auto-encoder of hidden layer `layer` and what it learns from.

    Attributes
    ----------
    settings : LayerConfiguration
        Its learning rate is only reported: the loop gives the rate of every step.
    seed : int
        Of the noise and of sampled reconstruction, its own for every layer: equal keys give equal masks.
    validation : Source or None
    """

    layer: int
    autoencoder: Autoencoder
    settings: LayerConfiguration
    source: Source
    seed: int
    validation: Source | None = None

    @property
    def n_examples(self) -> int:
        return self.source.n

    def parameters(self) -> Iterator[tuple[str, Array]]:
        for name, values in self.autoencoder.parameters():
            yield f"{self.layer}.{name}", values

    def train(self, steps: Steps, totals: Totals) -> None:
        source, settings = self.source, self.settings
        for rows, some in self._blocks(steps):
            examples = source.all_rows or source.rows(rows)
            problem = Denoising(
                self.autoencoder, examples, settings.corruption, settings.activity_l1, self.seed, settings.sampling
            )
            order = rows if source.all_rows else np.arange(len(rows), dtype=np.int64)
            source.engine.train(problem, replace(some, order=order), totals)

    def _blocks(self, steps: Steps) -> Iterator[tuple[np.ndarray, Steps]]:
        """The steps for which codes of the layers below are computed at once.

        An engine may round an example's codes by the rows beside it; a minibatch has the same rows however the run is
        cut into blocks.
        """
        if self.source.all_rows or self.source.engine.row_exact:
            yield steps.order, steps
            return
        for k, rows in enumerate(steps.minibatches()):
            yield rows, replace(steps, order=rows, rates=steps.rates[k : k + 1])

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
            "sampled": float(totals.reconstructed / (totals.examples * self.autoencoder.n_in)),
        }
