"""One network trained by all processes that torchrun started; each of them holds all parameters."""

from __future__ import annotations

import atexit
import gc
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from rectinet.arrays import Rows
from rectinet.engine.protocol import Problem, Steps
from rectinet.engine.torch import Tensor, TorchEngine

BLOCK_STEPS: Final = 100  # between two times at which the processes look up, all at the same step
LEAVING: Final = timedelta(seconds=10)  # how long one process waits for the others at the end
SET_BY_TORCHRUN: Final = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def torchrun_engine(n_threads: int = 1, skip_zeros: bool = True, device: str = "cpu") -> TorchEngine:
    """The engine `torch`, which shares every minibatch with the other processes.

    Training must be called in all of them with the same parameters and data, as torchrun does with a script. Each looks
    at its part of every minibatch and gradients are summed over the examples of all parts, so the network is that of
    one process, to rounding, also after a short last minibatch or with sample weights. Predictions are made by each
    process alone, and by any other process too.

    Parameters
    ----------
    device : str
        "cuda" is a GPU of its own for every process of a machine.
    """
    if device == "cuda":
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}"
    return TorchEngine(n_threads, skip_zeros, device, Torchrun(device))


@dataclass(frozen=True)
class Torchrun:
    """The processes of one torchrun."""

    device: str
    block_steps: int = BLOCK_STEPS

    def check(self, problem: Problem, steps: Steps) -> None:
        """Raise ValueError unless there are processes, not too many, and all are about to take the same steps."""
        self._join()
        number = self.number
        if number > steps.batch_size:
            raise ValueError(
                f"minibatches of {steps.batch_size} examples cannot be shared by {number} processes; start at most "
                f"{steps.batch_size}, or raise batch_size"
            )
        mine = torch.tensor([_digest(problem, steps)], device=self.device)
        lowest, highest = mine.clone(), mine.clone()
        distributed.all_reduce(lowest, distributed.ReduceOp.MIN)
        distributed.all_reduce(highest, distributed.ReduceOp.MAX)
        if lowest.item() != highest.item():
            raise ValueError(
                f"the {number} processes are not about to take the same steps: give all of them the same data and the "
                "same parameters, and an integer as random_state"
            )

    @property
    def number(self) -> int:
        return int(distributed.get_world_size())

    def share(self, rows: Rows) -> Rows:
        return rows[distributed.get_rank() :: self.number]

    def joined(self, model: Any) -> Any:
        return DistributedDataParallel(model, gradient_as_bucket_view=True)

    def total(self, values: Tensor) -> Tensor:
        distributed.all_reduce(values)
        return values

    def _join(self) -> None:
        """Join the processes that torchrun started, unless the script has done so."""
        if distributed.is_initialized():
            return
        missing = [name for name in SET_BY_TORCHRUN if name not in os.environ]
        if missing:
            raise ValueError(
                f'engine="torchrun" trains in processes that torchrun started, and this is none ({", ".join(missing)} '
                "not set): torchrun --nproc-per-node=2 your_script.py"
            )
        if self.device.startswith("cuda"):
            torch.cuda.set_device(self.device)
        distributed.init_process_group("nccl" if self.device.startswith("cuda") else "gloo")
        atexit.register(_leave)


def _leave() -> None:
    """At the end of the script: together, and with nothing left that refers to the group."""
    if not distributed.is_initialized():
        return
    gc.collect()
    if distributed.get_backend() == "gloo":  # one that leaves early tears down what the others still use
        with suppress(RuntimeError):  # of processes that failed
            distributed.monitored_barrier(timeout=LEAVING)
    distributed.destroy_process_group()


def _digest(problem: Problem, steps: Steps) -> int:
    """A number of everything in which the processes must agree: parameters, the steps, and their examples' shape."""
    numbers: list[NDArray[Any]] = [values for _, values in problem.parameters()]
    numbers += [steps.order, steps.rates, np.array([*problem.examples.X.shape, steps.batch_size, steps.epoch])]
    found = 0
    for values in numbers:
        found = zlib.crc32(np.ascontiguousarray(values).view(np.uint8).reshape(-1).data, found)
    return found
