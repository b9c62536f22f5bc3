"""A network with the weights of an exported file: training continues from what is shipped."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from phonegrade.core.errors import ModelFileError

PREFIX = "network."
"""Of the network's tensors in an exported file."""
OLD_ENCODER, ENCODER = "network.trunk.", "network.encoder."
"""Prefix of the encoder's tensors in files exported before 0.3.0, and since."""
FOLDED = "_bias"
"""Suffix of what remains of a batch norm, which the exporter folds into the convolution before it."""


def load_onnx_weights(network: nn.Module, file: Path, prefix: str = PREFIX) -> None:
    """Fill `network` with the weights of its ONNX `file`. Raises ModelFileError where that holds another network's.

    `prefix` is that of the network's tensors in the file: ENCODER for an encoder alone. A file with one output for all
    views initialises each view's, and blocks that the network has gained since keep their initial weights. Each batch
    norm becomes the plain shift that folding left of it; `reestimate_batch_norm` turns it into a norm again.
    """
    try:
        initializers = onnx.load(file).graph.initializer
    except Exception as error:  # protobuf raises its own types for a file that is none
        raise ModelFileError(f"{file} is no readable ONNX file: {error}") from error
    stored = {tensor.name.replace(OLD_ENCODER, ENCODER): numpy_helper.to_array(tensor) for tensor in initializers}
    state = {
        name: _expanded(torch.from_numpy(stored[prefix + name].copy()), own)
        for name, own in network.state_dict().items()
        if prefix + name in stored
    }
    for convolution, norm, eps in _folded(network):
        shift = stored.get(f"{prefix}{convolution}.weight{FOLDED}")
        if shift is not None:
            state[f"{norm}.bias"] = torch.from_numpy(shift.copy())
            state[f"{norm}.weight"], state[f"{norm}.running_mean"] = torch.ones(len(shift)), torch.zeros(len(shift))
            state[f"{norm}.running_var"] = torch.full((len(shift),), 1.0 - eps)
    try:
        missing, _ = network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise ModelFileError(f"{file} holds no weights of a {type(network).__name__}: {error}") from error
    added = _added_blocks(network, stored, prefix)
    learnable = {name for name, _ in network.named_parameters() if not name.startswith(added)}
    if lost := sorted(learnable.intersection(missing)):
        raise ModelFileError(f"{file} holds no weights of a {type(network).__name__}: {lost[0]} is missing")


def reestimate_batch_norm(network: nn.Module, images: Tensor) -> None:
    """Set each batch norm's statistics to those of its inputs on what the network takes, keeping the outputs as is."""

    def reestimate(norm: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        mean, variance = norm.get_buffer("running_mean"), norm.get_buffer("running_var")
        scale = norm.weight / torch.sqrt(variance + norm.eps)
        batch_variance, batch_mean = torch.var_mean(inputs[0], dim=(0, 2, 3))
        norm.bias.add_(scale * (batch_mean - mean))
        norm.weight.copy_(scale * torch.sqrt(batch_variance + norm.eps))
        mean.copy_(batch_mean)
        variance.copy_(batch_variance)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(reestimate) for norm in norms]
    mode = network.training
    with torch.no_grad():
        network.eval()(images)
    network.train(mode)
    for hook in hooks:
        hook.remove()


def _expanded(stored: Tensor, own: Tensor) -> Tensor:
    """Return `stored`, repeated to the shape of `own` where it has a single output."""
    is_single = own.ndim > 0 and stored.shape == (1, *own.shape[1:])
    return stored.expand_as(own) if is_single else stored


def _added_blocks(network: nn.Module, stored: Iterable[str], prefix: str) -> tuple[str, ...]:
    """Return the prefixes of blocks at the end of a list that the file, which holds those before them, lacks."""
    added = []
    for name, part in network.named_modules():
        if isinstance(part, nn.ModuleList):
            present = [any(each.startswith(f"{prefix}{name}.{at}.") for each in stored) for at in range(len(part))]
            added += [f"{name}.{at}." for at in range(present.count(True), len(part)) if present[0]]
    return tuple(added)


def _folded(network: nn.Module) -> Iterator[tuple[str, str, float]]:
    """Yield the names of each convolution followed by a batch norm and of that norm, and the norm's epsilon."""
    for name, part in network.named_modules():
        children = list(part.named_children()) if isinstance(part, nn.Sequential) else []
        for (before, _), (after, norm) in pairwise(children):
            if isinstance(norm, nn.BatchNorm2d):
                yield f"{name}.{before}", f"{name}.{after}", norm.eps
