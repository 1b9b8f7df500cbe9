"""A run that does not fit into memory says how large its network is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import numpy as np

from rectinet.runs.config import Configuration


@contextmanager
def memory_errors_sized(configuration: Configuration, n_inputs: int) -> Iterator[None]:
    """Whatever runs out of memory is a MemoryError with the size of the weights, and what to do."""
    try:
        yield
    except MemoryError as problem:
        if "is not available" in str(problem):  # said already, of one layer
            raise
        sizes = (n_inputs, *configuration.hidden_layer_sizes)
        n_bytes = sum(a * b for a, b in pairwise(sizes)) * np.dtype(configuration.dtype).itemsize
        shape = " x ".join(f"{size:,}" for size in sizes)
        raise MemoryError(
            f"training a network of {shape} units, {n_bytes / 1e9:,.1f} GB of weights, needs memory that is not "
            f"available ({problem or 'nothing more was said'}): take fewer units or features"
        ) from problem
