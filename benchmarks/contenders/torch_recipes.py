"""PyTorch trained by a recipe: optimiser, schedule, minibatch, and how the first layer takes bags of words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from torch import nn

Curve = list[tuple[float, float]]  # processor seconds so far and validation error, epoch by epoch


@dataclass(frozen=True)
class Recipe:
    """How PyTorch trains.

    `words` says how it takes bags of words: as dense rows, or by an EmbeddingBag with sparse gradients, whose updates
    are SGD's or, with Adam, SparseAdam's.
    """

    optimiser: Literal["Adam", "AdamW", "SGD", "SGD momentum"]
    rate: float
    schedule: Literal["constant", "one cycle", "linear", "cosine"]
    batch: int
    epochs: int
    words: Literal["dense", "embedding"] = "dense"

    @property
    def name(self) -> str:
        """As tables have it."""
        first = "EmbeddingBag, " if self.words == "embedding" else ""
        return f"{first}{self.optimiser} {self.rate:g}, {self.schedule}, {self.batch}, {self.epochs} epochs"


class Net(nn.Module):
    """Rectifier layers; the first one looks words up where it is asked to."""

    def __init__(self, sizes: tuple[int, ...], embedding: bool) -> None:
        super().__init__()
        linears = []
        for n_in, n_out in pairwise(sizes):
            linear = nn.Linear(n_in, n_out)
            nn.init.xavier_uniform_(linear.weight)
            nn.init.zeros_(linear.bias)
            linears.append(linear)
        self.words = self.bias = None
        if embedding:
            first = linears.pop(0)
            weights = first.weight.detach().T.contiguous()
            self.words = nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="sum", sparse=True)
            self.bias = nn.Parameter(first.bias.detach())
        layers: list[nn.Module] = [nn.ReLU()] if embedding else []
        for linear in linears:
            layers += [linear, nn.ReLU()]
        self.rest = nn.Sequential(*layers[:-1])

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        """Outputs of rows, or of words and offsets."""
        if self.words is None:
            return self.rest(*x)  # type: ignore[no-any-return]
        return self.rest(self.words(*x) + self.bias)  # type: ignore[no-any-return]


class Rows:
    """Examples as the network takes them."""

    def __init__(self, X: Any, embedding: bool) -> None:
        self.embedding = embedding
        self.X = X if issparse(X) else torch.from_numpy(np.ascontiguousarray(X))

    def __getitem__(self, rows: torch.Tensor) -> tuple[torch.Tensor, ...]:
        if not issparse(self.X):
            return (self.X[rows],)
        piece: csr_array = self.X[rows.numpy()]
        if not self.embedding:
            return (torch.from_numpy(piece.toarray()),)
        return torch.from_numpy(piece.indices.astype(np.int64)), torch.from_numpy(piece.indptr[:-1].astype(np.int64))


def optimisers(recipe: Recipe, net: Net) -> list[torch.optim.Optimizer]:
    """One for the network, and one for the looked-up words: torch's sparse gradients want their own."""
    makers: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "Adam": torch.optim.Adam,
        "AdamW": torch.optim.AdamW,
        "SGD": torch.optim.SGD,
        "SGD momentum": lambda parameters, lr: torch.optim.SGD(parameters, lr=lr, momentum=0.9, nesterov=True),
    }
    if net.words is None:
        return [makers[recipe.optimiser](net.parameters(), lr=recipe.rate)]
    others = [parameter for name, parameter in net.named_parameters() if name != "words.weight"]
    sparse = torch.optim.SparseAdam if recipe.optimiser.startswith("Adam") else torch.optim.SGD
    return [
        makers[recipe.optimiser](others, lr=recipe.rate),
        sparse([net.words.weight], lr=recipe.rate),
    ]


def torch_curve(
    recipe: Recipe, sizes: tuple[int, ...], train: tuple[Any, NDArray[Any]], valid: tuple[Any, NDArray[Any]], seed: int
) -> Curve:
    """Training on one thread, eager, gradients set to none between steps; validation is not in the seconds."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    embedding = recipe.words == "embedding"
    net = Net(sizes, embedding)
    X, X_valid = Rows(train[0], embedding), Rows(valid[0], embedding)
    y, y_valid = (torch.from_numpy(part[1].astype(np.int64)) for part in (train, valid))
    steps = -(-len(y) // recipe.batch)
    total = steps * recipe.epochs
    falls: dict[str, Callable[[int], float]] = {
        "constant": lambda step: 1.0,
        "linear": lambda step: 1 - step / total,
        "cosine": lambda step: 0.5 * (1 + float(np.cos(np.pi * step / total))),
    }
    made = optimisers(recipe, net)
    if recipe.schedule == "one cycle":
        momentum = recipe.optimiser == "SGD momentum" or recipe.optimiser.startswith("Adam")
        schedules: list[Any] = [
            torch.optim.lr_scheduler.OneCycleLR(
                each, recipe.rate, total_steps=total, cycle_momentum=momentum and not _plain(each)
            )
            for each in made
        ]
    else:
        schedules = [torch.optim.lr_scheduler.LambdaLR(each, falls[recipe.schedule]) for each in made]
    curve: Curve = []
    seconds = 0.0
    for _ in range(recipe.epochs):
        began = time.process_time()
        for rows in torch.randperm(len(y)).split(recipe.batch):
            for each in made:
                each.zero_grad(set_to_none=True)
            nn.functional.cross_entropy(net(*X[rows]), y[rows]).backward()
            for each in (*made, *schedules):
                each.step()
        seconds += time.process_time() - began
        with torch.no_grad():
            pieces = torch.arange(len(y_valid)).split(1000)
            wrong = sum(int((net(*X_valid[piece]).argmax(1) != y_valid[piece]).sum()) for piece in pieces)
        curve.append((seconds, wrong / len(y_valid)))
    return curve


def _plain(optimiser: torch.optim.Optimizer) -> bool:
    """Whether there is no momentum that a cycle could vary."""
    return isinstance(optimiser, torch.optim.SGD) and not optimiser.defaults["momentum"]
