"""The guide: the locator as the capture page runs it, at any size and a quarter of the bytes.

Weights are int8 by output channel (Jacob et al., CVPR 2018) and are made float32 again when the session is opened: so
it runs as fast as the locator and predicts nearly the same. Arithmetic in int8 is slower in WebAssembly.
"""

import hashlib
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from phonegrade.core.errors import ExportError
from phonegrade.core.files import atomic_write, write_text
from phonegrade.core.strict import Strict
from phonegrade.inference.card import CARD, CARD_KEY, LocatorCard
from phonegrade.inference.session import open_session

SIZES_PX = (192, 160)
"""Long side of the picture of a face that the page gives it; the smaller where the phone is slow."""
EDGE_SIZES_PX = (320, 224)
"""And of an edge, which is a few pixels thin: at 192 pixels one sample of four is lost."""
MULTIPLE_PX = 32
"""Both sides are padded to a multiple of this: the network halves them five times."""
LEAST_WEIGHTS = 512
"""A tensor of fewer stays float32: its scales would be as large."""
MAX_FLIPPED = 0.01
"""Share of the body's pixels that may change sides; rounding changes a fraction of that."""
_IMAGE_DIMS = ("batch", "height", "width")


class GuideCard(Strict):
    """How the page uses the guide, and where it comes from."""

    sizes_px: tuple[int, ...]
    edge_sizes_px: tuple[int, ...]
    multiple_px: int
    output_stride: int
    regions: tuple[str, ...]
    views: tuple[str, ...]
    body_threshold: float
    licence: str
    version: str
    source_sha256: str
    """Of the locator that it was made from."""
    sha256: str


def export_guide(locator: Path, out: Path) -> GuideCard:
    """Write the guide of a locator's ONNX file to `out`, and its card beside it as JSON.

    Raises ExportError for a file that is no locator, and where the guide sees another body than the locator does.
    """
    model = onnx.load(locator)
    card = CARD.validate_json({one.key: one.value for one in model.metadata_props}[CARD_KEY])
    if not isinstance(card, LocatorCard):
        raise ExportError(f"{locator.name} is a {card.task}, not a locator")
    _free_shapes(model)
    _shorten(model.graph)
    with atomic_write(out) as part:
        onnx.save(model, part)
        _check(locator, part, card)
    made = GuideCard(
        sizes_px=SIZES_PX,
        edge_sizes_px=EDGE_SIZES_PX,
        multiple_px=MULTIPLE_PX,
        output_stride=card.output_stride,
        regions=card.regions,
        views=card.views,
        body_threshold=card.body_threshold,
        licence=card.provenance.licence,
        version=card.provenance.version,
        source_sha256=hashlib.sha256(locator.read_bytes()).hexdigest(),
        sha256=hashlib.sha256(out.read_bytes()).hexdigest(),
    )
    write_text(out.with_suffix(".json"), made.model_dump_json(indent=1) + "\n")
    return made


def _free_shapes(model: ModelProto) -> None:
    """Let height and width be any: nothing inside depends on them."""
    for dim, name in zip(model.graph.input[0].type.tensor_type.shape.dim, _IMAGE_DIMS, strict=False):
        dim.dim_param = name
    del model.graph.value_info[:]
    for output in model.graph.output:
        for index, dim in enumerate(output.type.tensor_type.shape.dim):
            if index == 0 or index > 1:
                dim.dim_param = f"{output.name}_{index}"


def _shorten(graph: GraphProto) -> None:
    """Replace each large tensor of weights by int8, its scales, and the node that multiplies them."""
    kept: list[TensorProto] = []
    nodes: list[NodeProto] = []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype != np.float32 or weights.ndim < 2 or weights.size < LEAST_WEIGHTS:
            kept.append(tensor)
            continue
        rounded, scale = quantised(weights)
        names = [f"{tensor.name}.int8", f"{tensor.name}.scale"]
        kept += [numpy_helper.from_array(rounded, names[0]), numpy_helper.from_array(scale, names[1])]
        nodes.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=0))
    others = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend([*nodes, *others])


def quantised(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights (O, ...) as int8 and one scale (O,) for each output channel."""
    largest = np.abs(weights).reshape(len(weights), -1).max(axis=1)
    scale = np.maximum(largest / 127.0, np.finfo(np.float32).tiny).astype(np.float32)
    spread = scale.reshape(-1, *(1,) * (weights.ndim - 1))
    return np.clip(np.rint(weights / spread), -127, 127).astype(np.int8), scale


def _check(locator: Path, guide: Path, card: LocatorCard) -> None:
    """Compare both on drawn noise at the locator's own size, and open the guide at each of its sizes."""
    first, second = open_session(locator), open_session(guide)
    drawn = np.random.default_rng(0).integers(0, 256, (1, card.input_px, card.input_px, 3), np.uint8)
    bodies = [one.run(["regions"], {"image": drawn})[0][0, 0] >= card.body_threshold for one in (first, second)]
    flipped = float((bodies[0] != bodies[1]).mean())
    if flipped > MAX_FLIPPED:
        raise ExportError(f"{guide.name}: {flipped:.1%} of the body's pixels differ from the locator's")
    for side in (*SIZES_PX, *EDGE_SIZES_PX):
        short = side - MULTIPLE_PX
        regions = second.run(["regions"], {"image": np.ascontiguousarray(drawn[:, :side, :short])})[0]
        if regions.shape[2:] != (side // card.output_stride, short // card.output_stride):
            raise ExportError(f"{guide.name} does not answer a picture of {side} pixels")
