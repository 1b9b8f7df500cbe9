"""Networks for other programs: ONNX graphs and PyTorch modules."""
