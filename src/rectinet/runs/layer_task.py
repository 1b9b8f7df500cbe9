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
from rectinet.problems import Denoising, Unlabelled
from rectinet.runs.layers import LayerConfiguration
from rectinet.runs.reconstruction import reconstruction_error
from rectinet.runs.source import CHUNK_VALUES, Source


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

    @property
    def block_steps(self) -> int | None:
        return self.source.engine.block_steps

    def parameters(self) -> Iterator[tuple[str, Array]]:
        for name, values in self.autoencoder.parameters():
            yield f"{self.layer}.{name}", values

    def train(self, steps: Steps, totals: Totals) -> None:
        if self.source.all_rows is not None:
            self._take(self.source.all_rows, steps, totals)
            return
        for some in steps.cut(CHUNK_VALUES, self.source.width):
            self._take(self._computed(some), replace(some, order=np.arange(len(some.order))), totals)

    def _take(self, examples: Unlabelled, steps: Steps, totals: Totals) -> None:
        settings = self.settings
        problem = Denoising(
            self.autoencoder, examples, settings.corruption, settings.activity_l1, self.seed, settings.sampling
        )
        self.source.engine.train(problem, steps, totals)

    def _computed(self, steps: Steps) -> Unlabelled:
        """Inputs and targets of the examples of some steps, one after the other: read, or codes of the layers below.

        An engine may round an example's codes by the rows beside it; a minibatch has the same rows however the run is
        cut into blocks.
        """
        if self.source.engine.row_exact or self.source.target is None:
            return self.source.rows(steps.order)
        parts = [self.source.rows(rows) for rows in steps.minibatches()]
        targets = [part.targets for part in parts if part.targets is not None]
        return Unlabelled(
            np.concatenate([np.asarray(part.X) for part in parts]),
            np.concatenate(targets) if targets else None,
            steps.order,
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
            "sampled": float(totals.reconstructed / (totals.examples * self.autoencoder.n_in)),
        }
