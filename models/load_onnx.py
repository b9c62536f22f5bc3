"""A network with the weights of its own exported file: to learn on from what is shipped."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from phonegrade.core.errors import ModelFileError

PREFIX = "network."
"""Of the network's tensors within what is exported."""
FOLDED = "_bias"
"""Ends the name of what is left of a batch norm, which the exporter folds into the convolution before it."""


def restore(network: nn.Module, file: Path) -> None:
    """Fill `network` with the weights of its ONNX `file`. Raises ModelFileError where that holds another network's.

    One answer for all views is what a network with several begins with for each, and blocks of a list that came to the
    network since stay as they are.
    Each batch norm comes back as the plain shift that is left of it; `settle` makes it a norm again.
    """
    try:
        held = {one.name: numpy_helper.to_array(one) for one in onnx.load(file).graph.initializer}
    except Exception as error:  # protobuf raises its own types for a file that is none
        raise ModelFileError(f"{file} is no readable ONNX file: {error}") from error
    state = {
        name: _shared(torch.from_numpy(held[PREFIX + name].copy()), wanted)
        for name, wanted in network.state_dict().items()
        if PREFIX + name in held
    }
    for convolution, norm, eps in _folded(network):
        shift = held.get(f"{PREFIX}{convolution}.weight{FOLDED}")
        if shift is not None:
            state[f"{norm}.bias"] = torch.from_numpy(shift.copy())
            state[f"{norm}.weight"], state[f"{norm}.running_mean"] = torch.ones(len(shift)), torch.zeros(len(shift))
            state[f"{norm}.running_var"] = torch.full((len(shift),), 1.0 - eps)
    try:
        missing, _ = network.load_state_dict(state, strict=False)
    except RuntimeError as error:
        raise ModelFileError(f"{file} holds no weights of a {type(network).__name__}: {error}") from error
    added = _added(network, held)
    learnt = {name for name, _ in network.named_parameters() if not name.startswith(added)}
    if lost := sorted(learnt.intersection(missing)):
        raise ModelFileError(f"{file} holds no weights of a {type(network).__name__}: {lost[0]} is missing")


def settle(network: nn.Module, images: Tensor) -> None:
    """Make each batch norm a norm of what reaches it on `images` (N, H, W, 3), without changing what it answers."""

    def settled(module: nn.BatchNorm2d, inputs: tuple[Tensor, ...]) -> None:
        mean, variance = module.get_buffer("running_mean"), module.get_buffer("running_var")
        scale = module.weight / torch.sqrt(variance + module.eps)
        seen_variance, seen_mean = torch.var_mean(inputs[0], dim=(0, 2, 3))
        module.bias.add_(scale * (seen_mean - mean))
        module.weight.copy_(scale * torch.sqrt(seen_variance + module.eps))
        mean.copy_(seen_mean)
        variance.copy_(seen_variance)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(settled) for norm in norms]
    mode = network.training
    with torch.no_grad():
        network.eval()(images)
    network.train(mode)
    for hook in hooks:
        hook.remove()


def _shared(held: Tensor, wanted: Tensor) -> Tensor:
    """`held`, or as many of it as are `wanted` where it is one."""
    is_one = wanted.ndim > 0 and held.shape == (1, *wanted.shape[1:])
    return held.expand_as(wanted) if is_one else held


def _added(network: nn.Module, held: Iterable[str]) -> tuple[str, ...]:
    """Prefixes of the blocks at the end of a list of which the file, which holds blocks before them, has nothing."""
    added = []
    for name, part in network.named_modules():
        if isinstance(part, nn.ModuleList):
            known = [any(one.startswith(f"{PREFIX}{name}.{index}.") for one in held) for index in range(len(part))]
            added += [f"{name}.{index}." for index in range(known.count(True), len(part)) if known[0]]
    return tuple(added)


def _folded(network: nn.Module) -> Iterator[tuple[str, str, float]]:
    """Names of each convolution that a batch norm follows and of that norm, and the norm's epsilon."""
    for name, part in network.named_modules():
        children = list(part.named_children()) if isinstance(part, nn.Sequential) else []
        for (before, _), (after, norm) in pairwise(children):
            if isinstance(norm, nn.BatchNorm2d):
                yield f"{name}.{before}", f"{name}.{after}", norm.eps
