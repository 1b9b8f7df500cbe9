"""Trained networks as ONNX files: what they are told before, the network, and what its outputs mean, in one graph."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rectinet.arrays import Array
from rectinet.network import Layer, Network
from rectinet.runs.targets import Classes, Ratings, Targets, Values
from rectinet.storage.atomic import write_atomically

if TYPE_CHECKING:
    from rectinet.export._graph import Graph


class Before(Protocol):
    """What makes the network's inputs of what people have."""

    def add(self, graph: Graph) -> str:
        """Add the graph's inputs, and give the value that the network takes, of shape (n, n_inputs)."""
        ...

    @property
    def about(self) -> dict[str, str]:
        """Metadata of the inputs."""
        ...


def write_onnx(
    path: str | os.PathLike[str], network: Network, targets: Targets, before: Before, about: dict[str, str]
) -> None:
    """Write a graph, whole or not at all.

    Its outputs, for n examples:

    - classes: "label" (n,), "probabilities" (n, n_classes) in float64, "logits" (n, n_classes);
    - ratings: "prediction" (n,) and "probabilities" in float64, "logits";
    - values: "prediction", (n,) or (n, n_targets), in float64 and the targets' own units.

    Parameters
    ----------
    before : Before
    about : dict of str to str
        Metadata.

    Raises
    ------
    ImportError
        Without the package onnx.
    ValueError
        For labels that ONNX has no type for, and models of more than 2 GB.
    OSError
        When the file cannot be written; what stood at `path` is untouched.
    """
    graph = new_graph()
    outputs = add_network(graph, network.layers, before.add(graph))
    add_targets(graph, outputs, targets, network)
    model = graph.model(about | before.about)
    write_atomically(path, [model.SerializeToString()])


def new_graph() -> Graph:
    """An empty graph.

    Raises
    ------
    ImportError
        Without the package onnx.
    """
    try:
        made: Graph = import_module("rectinet.export._graph").Graph()
    except ModuleNotFoundError as problem:
        if problem.name != "onnx":
            raise
        raise ImportError('writing ONNX files needs the package onnx: pip install "rectinet[onnx]"') from problem
    return made


def add_network(graph: Graph, layers: Sequence[Layer], value: str) -> str:
    """The last layer's outputs.

    Signs are multiplied into the weights above, which changes no product but its sign.
    """
    signs: Array | None = None
    for layer in layers:
        W = layer.W if signs is None else layer.W * signs[:, np.newaxis]
        value = graph.node("Gemm", value, graph.constant(W), graph.constant(layer.b))
        value, signs = _unit(graph, layer, value), layer.signs
    return value if signs is None else graph.node("Mul", value, graph.constant(signs))


def _unit(graph: Graph, layer: Layer, z: str) -> str:
    unit, dtype = layer.activation, layer.W.dtype
    if unit.name == "linear":
        return z
    if unit.name != "softplus":
        return graph.node({"rectifier": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}[unit.name], z)
    alpha = graph.constant(np.array(unit.alpha, dtype))
    if dtype == np.float32:
        scaled = z if unit.alpha == 1 else graph.node("Mul", z, alpha)
        h = graph.node("Softplus", scaled)
        return h if unit.alpha == 1 else graph.node("Div", h, alpha)
    # onnxruntime has no Softplus in float64: max(z, 0) + log(1 + e^-|alpha z|) / alpha.
    below = graph.node("Exp", graph.node("Neg", graph.node("Abs", graph.node("Mul", z, alpha))))
    logarithm = graph.node("Log", graph.node("Add", below, graph.constant(np.array(1, dtype))))
    return graph.node("Add", graph.node("Relu", z), graph.node("Div", logarithm, alpha))


def add_targets(graph: Graph, value: str, targets: Targets, network: Network) -> None:
    """What the outputs mean, as named outputs of the graph."""
    n_outputs = network.n_outputs
    if isinstance(targets, Values):
        scaled = graph.node("Mul", graph.cast(value, np.float64), graph.constant(targets.scale))
        values = graph.node("Add", scaled, graph.constant(targets.mean))
        if targets.flat:
            values = graph.node("Squeeze", values, graph.constant(np.array([1])))
        graph.output(values, "prediction", np.float64, "n", *(() if targets.flat else (n_outputs,)))
        return
    probabilities = graph.node("Softmax", graph.cast(value, np.float64), axis=1)
    if isinstance(targets, Ratings):
        expected = graph.node("MatMul", probabilities, graph.constant(targets.classes.labels.astype(np.float64)))
        graph.output(expected, "prediction", np.float64, "n")
    else:
        assert isinstance(targets, Classes)
        labels = onnx_labels(targets.labels)
        best = graph.node("ArgMax", value, axis=1, keepdims=0)
        graph.output(graph.node("Gather", graph.constant(labels), best), "label", labels.dtype, "n")
    graph.output(probabilities, "probabilities", np.float64, "n", n_outputs)
    graph.output(value, "logits", network.dtype, "n", n_outputs)


def onnx_labels(labels: Any) -> Any:
    """Classes in a type that ONNX has: int64, float64, bool, or texts as objects."""
    kind = labels.dtype.kind
    if kind in "iufb":
        return labels.astype({"i": np.int64, "u": np.int64, "f": np.float64, "b": np.bool_}[kind])
    texts = labels.astype(object)
    if not all(isinstance(label, str) for label in texts):
        raise ValueError(f"ONNX has no type for the classes {labels.tolist()!r:.100}; make them texts or numbers")
    return texts
