"""PyTorch to ONNX, with the card inside and a check that both predict the same."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.export import Dim

from phonegrade.core.errors import ExportError
from phonegrade.inference.card import BoundaryRefinerCard, LocatorCard, SegmenterCard
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.checkpoint import load_checkpoint
from phonegrade.models.finalise import MAX_BYTES, Images, finalise_export
from phonegrade.models.locator import Locator
from phonegrade.models.segmenter import Segmenter

OPSET = 20


class SegmenterOutput(nn.Module):
    """What a segmenter's file computes: probabilities in place of logits."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return `probability` (N, 8, H/2, W/2) of `image` (N, H, W, 3) uint8."""
        return torch.sigmoid(self.network(image))


class LocatorOutput(nn.Module):
    """What the locator's file computes: probabilities in place of logits."""

    def __init__(self, network: Locator) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return `regions` (N, 3, S/2, S/2) and `view` (N, 4) of `image` (N, S, S, 3) uint8."""
        regions, view = self.network(image)
        return torch.sigmoid(regions), torch.softmax(view, dim=1)


class BoundaryRefinerOutput(nn.Module):
    """What the boundary refiner's file computes: probabilities in place of logits."""

    def __init__(self, network: BoundaryRefiner) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return `border` (N, V, A/4, D) of strips `image` (N, A, D, 3) uint8; its D values add up to 1."""
        return torch.softmax(self.network(image), dim=3)


def export_segmenter(network: nn.Module, card: SegmenterCard, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Write a segmenter's ONNX file with free batch, height and width; a failed export leaves `out` alone.

    `network` maps uint8 RGB (N, H, W, 3) to logits (N, 8, H/2, W/2), as `Segmenter` does.
    """
    multiple = card.size_multiple
    free = {0: Dim.DYNAMIC, 1: Dim.DYNAMIC, 2: Dim.DYNAMIC}
    shapes = [(1, 4, 3), (3, 2, 5), (2, 5, 2)]
    images = _noise([(n, rows * multiple, columns * multiple, 3) for n, rows, columns in shapes])
    module = SegmenterOutput(network)
    model = _exported(module, images, {"image": free}, ["probability"])
    finalise_export(model, card, module, images, out, max_bytes)


def export_locator(network: Locator, card: LocatorCard, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Write the locator's ONNX file with free batch; a failed export leaves `out` alone."""
    images = _noise([(n, card.input_px, card.input_px, 3) for n in (2, 1, 3)])
    module = LocatorOutput(network)
    model = _exported(module, images, {"image": {0: Dim.DYNAMIC}}, ["regions", "view"])
    finalise_export(model, card, module, images, out, max_bytes)


def export_boundary_refiner(
    network: BoundaryRefiner, card: BoundaryRefinerCard, out: Path, max_bytes: int = MAX_BYTES
) -> None:
    """Write the boundary refiner's ONNX file with free batch; a failed export leaves `out` alone."""
    images = _noise([(n, card.along, card.across, 3) for n in (4, 1, 3)])
    module = BoundaryRefinerOutput(network)
    model = _exported(module, images, {"image": {0: Dim.DYNAMIC}}, ["border"])
    finalise_export(model, card, module, images, out, max_bytes)


def export_checkpoint(weights: Path, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Export a checkpoint of any task to `out`. Raises ModelFileError or ExportError."""
    network, about = load_checkpoint(weights)
    match network, about.card:
        case Locator(), LocatorCard():
            export_locator(network, about.card, out, max_bytes)
        case BoundaryRefiner(), BoundaryRefinerCard():
            export_boundary_refiner(network, about.card, out, max_bytes)
        case Segmenter(), SegmenterCard():
            export_segmenter(network, about.card, out, max_bytes)


def _noise(shapes: Sequence[tuple[int, ...]]) -> Images:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def _exported(
    module: nn.Module, images: Images, dynamic: dict[str, dict[int, Any]], outputs: list[str]
) -> onnx.ModelProto:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec", category=FutureWarning)  # torch 2.13 warns of itself
        program = torch.onnx.export(
            module.eval(),
            (torch.from_numpy(images[0]),),
            dynamo=True,
            opset_version=OPSET,
            input_names=["image"],
            output_names=outputs,
            dynamic_shapes=dynamic,
            verbose=False,
        )
    if program is None:
        raise ExportError(f"torch exported nothing for {' and '.join(outputs)}")
    return _anonymous(program.model_proto)


def _anonymous(model: onnx.ModelProto) -> onnx.ModelProto:
    """Remove the stack traces that the exporter leaves on every node: they name the exporting machine's folders."""
    del model.metadata_props[:], model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        part.doc_string = ""
        del part.metadata_props[:]
    return model
