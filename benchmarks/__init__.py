"""Timings against PyTorch, scikit-learn and ONNX Runtime, in one run, with the claims asserted."""
