"""PyTorch compiled: the forward and backward pass by torch.compile, the update compiled too or fused."""

from __future__ import annotations

import torch
from torch import nn

from benchmarks.contenders._worker import Options, main
from benchmarks.contenders.torch_eager import TorchModel
from benchmarks.problem import BATCH_SIZE, Array, Labels, Parameters

VARIANTS = ("fused-update", "compiled-update", "autotune")


class TorchCompile(TorchModel):
    """Model and loss as one graph. "autotune" lets Inductor also choose among its own GEMM templates."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        super().__init__(options, parameters)
        criterion = nn.CrossEntropyLoss()

        def loss(X: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return criterion(self.model(X), y)

        mode = "max-autotune" if options.variant == "autotune" else None
        self.loss = torch.compile(loss, dynamic=False, mode=mode)
        compiled_update = options.variant == "compiled-update"
        self.optimizer = torch.optim.SGD(
            self.model.parameters(),
            lr=options.learning_rate,
            fused=not compiled_update,
            foreach=compiled_update,
        )
        self.update = torch.compile(self.optimizer.step) if compiled_update else self.optimizer.step

    def train(self, X: Array, y: Labels) -> None:
        inputs, targets = torch.from_numpy(X), torch.from_numpy(y)
        for i in range(0, len(X), BATCH_SIZE):
            self.optimizer.zero_grad(set_to_none=True)
            self.loss(inputs[i : i + BATCH_SIZE], targets[i : i + BATCH_SIZE]).backward()
            self.update()


if __name__ == "__main__":
    main(TorchCompile, variants=VARIANTS, description=__doc__)
