"""PyTorch trained on bags of words: dense rows and nn.Linear, or an EmbeddingBag with sparse gradients as first layer.

torch's SGD takes sparse gradients in its plain loop only, so "embedding-fused" has two optimisers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import nn

from benchmarks.contenders._ratings import LEARNING_RATE, Problem, main
from benchmarks.contenders.torch_autoencoder import linear
from benchmarks.problem import BATCH_SIZE

VARIANTS = ("dense-foreach", "dense-fused", "dense-loop", "dense-compile", "embedding-loop", "embedding-fused")
SGD = {"foreach": {"foreach": True}, "fused": {"fused": True}, "compile": {"fused": True}}
LOOP = {"foreach": False, "fused": False}


class TorchText:
    """Autograd; the words present are looked up, or multiplied with all the others."""

    def __init__(self, problem: Problem, variant: str) -> None:
        torch.set_num_threads(problem.threads)
        self.X, self.y = problem.X, torch.from_numpy(problem.y)
        self.n_examples = len(problem.y)
        first, update = variant.split("-")
        (W, b), *upper = [(torch.from_numpy(W), torch.from_numpy(b)) for W, b in problem.parameters]
        self.embedding = first == "embedding"
        modules: list[nn.Module] = [] if self.embedding else [linear(W, b)]
        for W_upper, b_upper in upper:
            modules += [nn.ReLU(), linear(W_upper, b_upper)]
        self.network = nn.Sequential(*modules)
        dense = list(self.network.parameters())
        self.optimizers = []
        if self.embedding:
            self.words = nn.EmbeddingBag.from_pretrained(W, freeze=False, mode="sum", sparse=True)
            self.bias = nn.Parameter(b)
            dense.append(self.bias)
            self.optimizers.append(torch.optim.SGD([self.words.weight], lr=LEARNING_RATE, **LOOP))
        self.optimizers.append(torch.optim.SGD(dense, lr=LEARNING_RATE, **SGD.get(update, LOOP)))
        self.loss = torch.compile(self._loss, dynamic=False) if update == "compile" else self._loss
        self.sum, self.steps = 0.0, 0

    def _loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(self.network(x), y)

    def prepare(self, rows: slice) -> list[tuple[Any, torch.Tensor]]:
        starts = range(rows.start, rows.stop, BATCH_SIZE)
        pieces = [slice(start, min(start + BATCH_SIZE, rows.stop)) for start in starts]
        words = bag if self.embedding else dense_rows
        return [(words(self.X[piece]), self.y[piece]) for piece in pieces]

    def train(self, examples: list[tuple[Any, torch.Tensor]]) -> None:
        for words, y in examples:
            for optimizer in self.optimizers:
                optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.words(*words) + self.bias if self.embedding else words, y)
            loss.backward()
            for optimizer in self.optimizers:
                optimizer.step()
            self.sum += loss.item()
            self.steps += 1

    def report(self) -> dict[str, Any]:
        loss, self.sum, self.steps = self.sum / self.steps, 0.0, 0
        return {"loss": loss}


def bag(X: csr_array) -> tuple[torch.Tensor, torch.Tensor]:
    """Words and offsets as nn.EmbeddingBag wants them: every entry of X is 1."""
    return torch.from_numpy(X.indices.astype(np.int64)), torch.from_numpy(X.indptr[:-1].astype(np.int64))


def dense_rows(X: csr_array) -> torch.Tensor:
    return torch.from_numpy(X.toarray())


if __name__ == "__main__":
    main(TorchText, variants=VARIANTS, description=__doc__)
