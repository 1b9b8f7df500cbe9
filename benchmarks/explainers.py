"""Explanations of a network by other libraries: the same network in PyTorch, by captum and by shap, on one thread.

All explain the difference to the outputs for a baseline of zeros, all logits; shap's DeepExplainer is given the same
baseline as its only background example.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from rectinet.network import Network

Explainer = Callable[[np.ndarray], np.ndarray]  # examples to attributions, (n, n_outputs, n_inputs)


def module_of(network: Network) -> nn.Sequential:
    """The network in PyTorch, every unit a module of its own as these libraries need it."""
    parts: list[nn.Module] = []
    for layer in network.layers:
        linear = nn.Linear(layer.n_in, layer.n_out)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.ascontiguousarray(layer.W.T)))
            linear.bias.copy_(torch.from_numpy(np.array(layer.b)))
        parts += [linear, nn.ReLU()]
    return nn.Sequential(*parts[:-1]).eval()


def explainers(module: nn.Sequential, n_outputs: int) -> dict[str, Explainer]:
    """Explainers by name, ready to be timed."""
    import shap
    from captum.attr import DeepLift, InputXGradient, IntegratedGradients

    torch.set_num_threads(1)
    n_inputs = module[0].in_features
    deep = shap.DeepExplainer(module, torch.zeros(1, n_inputs))

    def each(method: Callable[..., torch.Tensor], **settings: int) -> Explainer:
        def attributions(X: np.ndarray) -> np.ndarray:
            x = torch.from_numpy(X).requires_grad_()
            with warnings.catch_warnings():  # captum tells of the hooks that it sets and removes
                warnings.simplefilter("ignore")
                found = [method(x, target=k, **settings).detach().numpy() for k in range(n_outputs)]
            return np.stack(found, axis=1)

        return attributions

    def by_shap(X: np.ndarray) -> np.ndarray:
        return np.asarray(deep.shap_values(torch.from_numpy(X), check_additivity=False)).transpose(0, 2, 1)

    return {
        "captum InputXGradient": each(InputXGradient(module).attribute),
        "captum DeepLift": each(DeepLift(module).attribute, baselines=0),
        "captum IntegratedGradients, 50 steps": each(IntegratedGradients(module).attribute, baselines=0, n_steps=50),
        "shap DeepExplainer": by_shap,
    }
