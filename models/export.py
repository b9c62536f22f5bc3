"""PyTorch to ONNX, with the card inside and a proof that both answer alike."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.export import Dim

from phonegrade.configs.errors import ExportError
from phonegrade.inference.card import CARD_KEY, LocatorCard, SegmenterCard
from phonegrade.models.checkpoint import load_checkpoint
from phonegrade.models.locator import Locator
from phonegrade.models.network import SegmenterNetwork

OPSET = 20
MAX_DIFFERENCE = 1e-3
"""Largest difference in probability between PyTorch and ONNX Runtime that an export may show."""
MAX_BYTES = 12_000_000
"""Largest file that is shipped."""

Images = Sequence[NDArray[np.uint8]]


class SegmenterOutput(nn.Module):
    """What the segmenter's file computes: probabilities in place of logits."""

    def __init__(self, network: SegmenterNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """`probability` (N, 8, H/2, W/2) of `image` (N, H, W, 3) uint8."""
        return torch.sigmoid(self.network(image))


class LocatorOutput(nn.Module):
    """What the locator's file computes: probabilities in place of logits."""

    def __init__(self, network: Locator) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """`regions` (N, 3, S/2, S/2) and `view` (N, 4) of `image` (N, S, S, 3) uint8."""
        regions, view = self.network(image)
        return torch.sigmoid(regions), torch.softmax(view, dim=1)


def export_segmenter(network: SegmenterNetwork, card: SegmenterCard, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Write the segmenter's ONNX file with free batch, height and width; an ExportError leaves no file behind."""
    multiple = card.size_multiple
    free = {0: Dim.DYNAMIC, 1: Dim.DYNAMIC, 2: Dim.DYNAMIC}
    shapes = [(1, 4, 3), (3, 2, 5), (2, 5, 2)]
    images = _noise([(n, rows * multiple, columns * multiple, 3) for n, rows, columns in shapes])
    _export(SegmenterOutput(network), images, {"image": free}, ["probability"], out)
    _seal(out, card, SegmenterOutput(network), images, max_bytes)


def export_locator(network: Locator, card: LocatorCard, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Write the locator's ONNX file with free batch; an ExportError leaves no file behind."""
    images = _noise([(n, card.input_px, card.input_px, 3) for n in (2, 1, 3)])
    _export(LocatorOutput(network), images, {"image": {0: Dim.DYNAMIC}}, ["regions", "view"], out)
    _seal(out, card, LocatorOutput(network), images, max_bytes)


def export_checkpoint(weights: Path, out: Path, max_bytes: int = MAX_BYTES) -> None:
    """Export a checkpoint of either task to `out`. Raises ModelFileError or ExportError."""
    network, about = load_checkpoint(weights)
    match network, about.card:
        case Locator(), LocatorCard():
            export_locator(network, about.card, out, max_bytes)
        case _, SegmenterCard() if not isinstance(network, Locator):
            export_segmenter(network, about.card, out, max_bytes)


def _noise(shapes: Sequence[tuple[int, ...]]) -> Images:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def _export(
    module: nn.Module, images: Images, dynamic: dict[str, dict[int, Any]], outputs: list[str], out: Path
) -> None:
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
        raise ExportError(f"torch exported nothing for {out.name}")
    out.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(_anonymous(program.model_proto), out)


def _anonymous(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the stack traces that the exporter leaves on every node: they name the exporting machine's folders."""
    del model.metadata_props[:], model.graph.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output):
        part.doc_string = ""
        del part.metadata_props[:]
    return model


def _seal(out: Path, card: LocatorCard | SegmenterCard, module: nn.Module, images: Images, max_bytes: int) -> None:
    """Put the card in and check the file; an untrue or oversized one is deleted."""
    model = onnx.load(out)
    onnx.helper.set_model_props(model, {CARD_KEY: card.model_dump_json()})
    onnx.save(model, out)
    try:
        size = out.stat().st_size
        if size > max_bytes:
            raise ExportError(f"{out.name} has {size} bytes, more than {max_bytes}: use a smaller network")
        difference = largest_difference(out, module, images)
        if not difference <= MAX_DIFFERENCE:  # refuses NaN too
            raise ExportError(f"{out.name}: PyTorch and ONNX Runtime differ by {difference:.2g} > {MAX_DIFFERENCE:g}")
    except ExportError:
        out.unlink()
        raise


def largest_difference(file: Path, module: nn.Module, images: Images) -> float:
    """Largest absolute difference of any output over `images`; NaN when any output is not a number."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    worst = 0.0
    for image in images:
        with torch.inference_mode():
            expected = module.eval()(torch.from_numpy(image))
        expected = expected if isinstance(expected, tuple) else (expected,)
        for ours, theirs in zip(session.run(None, {"image": image}), expected, strict=True):
            worst = float(np.maximum(worst, np.abs(ours - theirs.numpy()).max()))
    return worst
