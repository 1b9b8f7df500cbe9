"""An ONNX graph that grows node by node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import DTypeLike, NDArray
from onnx import helper, numpy_helper

OPSET: Final = 19  # the first in which texts can be compared
IR_VERSION: Final = 9
MOST_BYTES: Final = 2_000_000_000  # of a protocol buffer, less some room for the nodes


@dataclass
class Graph:
    """Nodes, constants, inputs and outputs, by the names of the values that pass between them.

    Names that the graph makes up begin with "/", so that no column of a table has one of them.
    """

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    inputs: list[Any] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    domains: set[str] = field(default_factory=set)
    n_bytes: int = 0

    def input(self, name: str, dtype: DTypeLike, *shape: int | str) -> str:
        """A value that the caller gives; dtype object for texts."""
        self.inputs.append(helper.make_tensor_value_info(name, _element(dtype), shape))
        return name

    def output(self, value: str, name: str, dtype: DTypeLike, *shape: int | str) -> None:
        """A value that the caller gets, under this name."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, _element(dtype), shape))

    def constant(self, values: NDArray[Any]) -> str:
        """A value that is always the same; texts as an array of objects."""
        name = f"/constant{len(self.constants)}"
        self.n_bytes += values.nbytes
        if self.n_bytes > MOST_BYTES:
            raise ValueError(
                f"an ONNX file holds at most 2 GB, and this model has more ({self.n_bytes / 1e9:.1f} GB and further "
                "parameters)"
            )
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """What an operator makes of some values."""
        name = f"/{operator}{len(self.nodes)}"
        self.domains |= {domain} - {""}
        self.nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def cast(self, value: str, dtype: DTypeLike) -> str:
        """A value in another dtype."""
        return self.node("Cast", value, to=_element(dtype))

    def model(self, about: dict[str, str]) -> Any:
        """The whole, checked; `about` becomes its metadata."""
        graph = helper.make_graph(self.nodes, "rectinet", self.inputs, self.outputs, self.constants)
        opsets = [helper.make_opsetid("", OPSET), *(helper.make_opsetid(domain, 1) for domain in sorted(self.domains))]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="rectinet")
        helper.set_model_props(model, about)
        onnx.checker.check_model(model)
        return model


def _element(dtype: DTypeLike) -> int:
    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
