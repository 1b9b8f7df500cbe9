"""PyTorch training one denoising auto-encoder on dense examples: nn.Linear and autograd, eager or compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.sparse import issparse
from torch import nn

from benchmarks.contenders._denoising import Parameters, Problem, main
from benchmarks.problem import BATCH_SIZE

VARIANTS = ("foreach", "fused", "loop", "compile-fused-update", "compile-compiled-update")


def linear(weight: torch.Tensor, bias: torch.Tensor) -> nn.Linear:
    """nn.Linear with parameters given as (n_in, n_out) and (n_out,)."""
    layer = nn.utils.skip_init(nn.Linear, *weight.shape)
    with torch.no_grad():
        layer.weight.copy_(weight.T)
        layer.bias.copy_(bias)
    return layer


def dense_rows(problem: Problem, rows: slice) -> torch.Tensor:
    X = problem.X[rows]
    return torch.from_numpy(X.toarray() if issparse(X) else np.ascontiguousarray(X))


def corrupted(x: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Masking, or salt and pepper, one uniform number for every entry."""
    noise, u = problem.corruption, torch.rand_like(x)
    kept = x * (u >= noise.level)
    return kept if noise.kind == "masking" else torch.where(x == 0, (u < noise.p_one).float(), kept)


def cost(z: torch.Tensor, x: torch.Tensor, problem: Problem) -> torch.Tensor:
    """Of a reconstruction before its unit: sum over inputs, mean over examples."""
    if problem.loss == "cross_entropy":
        return nn.functional.binary_cross_entropy_with_logits(z, x, reduction="sum") / len(x)
    return nn.functional.mse_loss(nn.functional.softplus(z), x, reduction="sum") / len(x)


class TorchAutoencoder:
    """Noise eager, as torch's own generator is in compiled code no quicker; the rest as the variant says."""

    def __init__(self, problem: Problem, start: Parameters, variant: str) -> None:
        torch.set_num_threads(problem.threads)
        torch.manual_seed(problem.seed)
        self.problem = problem
        self.n_examples = problem.X.shape[0]
        W, b, V, c = map(torch.from_numpy, (start.W, start.b, start.V, start.c))
        self.model = nn.Sequential(linear(W, b), nn.ReLU(), linear(V, c))
        kind = variant.removeprefix("compile-").removesuffix("-update")
        options = {"fused": {"fused": True}, "loop": {"foreach": False, "fused": False}}.get(kind, {"foreach": True})
        optimizer = torch.optim.SGD(self.model.parameters(), lr=problem.learning_rate, **options)
        self.update = torch.compile(optimizer.step) if kind == "compiled" else optimizer.step
        self.zero_grad = optimizer.zero_grad
        self.loss = torch.compile(self._loss, dynamic=False) if variant.startswith("compile") else self._loss
        self.sum, self.steps = 0.0, 0

    def _loss(self, corrupt: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return cost(self.model(corrupt), x, self.problem)

    def prepare(self, rows: slice) -> torch.Tensor:
        return dense_rows(self.problem, rows)

    def train(self, examples: torch.Tensor) -> None:
        for x in examples.split(BATCH_SIZE):
            self.zero_grad(set_to_none=True)
            loss = self.loss(corrupted(x, self.problem), x)
            loss.backward()
            self.update()
            self.sum += loss.item()
            self.steps += 1

    def report(self) -> dict[str, Any]:
        loss, self.sum, self.steps = self.sum / self.steps, 0.0, 0
        return {"loss": loss}


if __name__ == "__main__":
    main(TorchAutoencoder, variants=VARIANTS, description=__doc__)
