"""ONNX Runtime: prediction only, the network as a chain of Gemm and Relu nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.contenders._worker import Options, main
from benchmarks.problem import Array, Labels, Parameters

VARIANTS = ("in-out", "out-in")  # orientation of the stored weights
UNITS = {"relu": "Relu", "tanh": "Tanh", "softplus": "Softplus"}


def serialise(parameters: Parameters, options: Options) -> bytes:
    """The network in the ONNX format, opset 17."""
    by_output = options.variant == "out-in"
    nodes, tensors, below = [], [], "X"
    for k, (W, b) in enumerate(parameters):
        tensors += [
            numpy_helper.from_array(np.ascontiguousarray(W.T if by_output else W), f"W{k}"),
            numpy_helper.from_array(b, f"b{k}"),
        ]
        nodes.append(helper.make_node("Gemm", [below, f"W{k}", f"b{k}"], [f"z{k}"], transB=int(by_output)))
        below = f"z{k}"
        if k < len(parameters) - 1:
            nodes.append(helper.make_node(UNITS[options.activation], [below], [f"h{k}"]))
            below = f"h{k}"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["n", options.sizes[0]])],
        [helper.make_tensor_value_info(below, TensorProto.FLOAT, ["n", options.sizes[-1]])],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


class OnnxRuntime:
    """An inference session with its threads pinned."""

    def __init__(self, options: Options, parameters: Parameters) -> None:
        self.options = options
        self.settings = onnxruntime.SessionOptions()
        self.settings.intra_op_num_threads = options.threads
        self.settings.inter_op_num_threads = 1
        self.load(parameters)

    def predict(self, X: Array) -> Array:
        return self.session.run(None, {"X": X})[0]

    def load(self, parameters: Parameters) -> None:
        self.kept = parameters
        self.session = onnxruntime.InferenceSession(
            serialise(parameters, self.options), self.settings, providers=["CPUExecutionProvider"]
        )

    def parameters(self) -> Parameters:
        return self.kept

    def train(self, X: Array, y: Labels) -> None:
        raise NotImplementedError("the onnxruntime contender only predicts")

    def report(self) -> dict[str, Any]:
        return {}


if __name__ == "__main__":
    main(OnnxRuntime, variants=VARIANTS, description=__doc__, trains=False)
