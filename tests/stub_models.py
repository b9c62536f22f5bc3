"""Three tiny ONNX models that answer by colour, so that all behind the networks can be tested against drawn truth.

How a picture must be drawn (`tests/drawn.py` draws so):

* background: grey 100 of 255 (below 130 in every channel);
* body: its brightest channel above 170. The view is marked by a tint of the body: a front shows a display in
  (160, 190, 190), an edge is (190, 190, 160), anything else, such as neutral 200, is a back; a camera island on it is
  (190, 160, 190);
* marks: the pure colours of `PAINT`, antialiased against the body; a pixel covered by half has probability 0.5.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, SURFACE_VIEWS
from phonegrade.inference.card import CARD_KEY, AnyCard, BoundaryRefinerCard, LocatorCard, Provenance, SegmenterCard
from phonegrade.inference.locating.strips import ACROSS, ALONG, STRIDE

BACKGROUND = (100, 100, 100)
BODY = (200, 200, 200)
EDGE_BODY = (190, 190, 160)
DISPLAY = (160, 190, 190)
CAMERA = (190, 160, 190)
PAINT: dict[str, tuple[int, int, int]] = {
    "crack": (255, 0, 0),
    "scratch": (0, 255, 0),
    "scuff": (0, 0, 255),
    "chip": (255, 255, 0),
    "dent": (255, 0, 255),
    "smudge": (0, 255, 255),
    "oil": (0, 0, 0),
    "dust": (255, 255, 255),
}

OPSET = 17
PROVENANCE = Provenance(
    version="stub-1", encoder="none", training_data_sha256="0" * 64, commit="0" * 40, config="stub", metrics={}
)


class _Graph:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def const(self, value: float | list[float] | list[int]) -> str:
        array = np.asarray(value)
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.float32)
        name = f"const_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def kernel(self, weights: list[list[list[list[float]]]]) -> str:
        name = f"const_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(weights, np.float32), name))
        return name

    def channels(self) -> tuple[str, str, str]:
        """(N, 1, H/2, W/2) red, green and blue in 0..1."""
        nchw = self.op("Transpose", self.op("Cast", "image", to=TensorProto.FLOAT), perm=[0, 3, 1, 2])
        half = self.op("AveragePool", nchw, kernel_shape=[2, 2], strides=[2, 2])
        unit = self.op("Div", half, self.const(255.0))
        picked = [self.op("Gather", unit, self.const([i]), axis=1) for i in range(3)]
        return picked[0], picked[1], picked[2]

    def step(self, value: str, at: float, steepness: float) -> str:
        """Sigmoid that is one half where `value` equals `at`."""
        centred = self.op("Sub", value, self.const(float(at)))
        return self.op("Sigmoid", self.op("Mul", centred, self.const(float(steepness))))

    def mean(self, value: str) -> str:
        return self.op("ReduceMean", value, axes=[1, 2, 3], keepdims=0)


def _tint(graph: _Graph, on: tuple[str, str], off: str) -> str:
    """1 where the two `on` channels exceed `off` by a faint tint, 0 for grey and for saturated paint."""
    excess = graph.op("Sub", graph.op("Min", *on), off)
    faint = graph.step(excess, 0.06, 200.0)
    return graph.op("Mul", faint, graph.op("Sub", graph.const(1.0), graph.step(excess, 0.3, 100.0)))


def _locator() -> onnx.ModelProto:
    g = _Graph()
    red, green, blue = g.channels()
    body = g.step(g.op("Max", red, green, blue), 150 / 255, 60.0)
    display = _tint(g, (green, blue), red)
    camera = _tint(g, (red, blue), green)
    edge = _tint(g, (red, green), blue)
    regions = g.op("Concat", body, display, camera, axis=1)
    some = g.mean(body)
    front_score = g.op("Mul", g.step(g.mean(display), 0.02, 2000.0), g.const(8.0))
    edge_score = g.op("Mul", g.step(g.mean(edge), 0.01, 2000.0), g.const(9.0))
    back_score = g.op("Mul", g.step(some, 0.01, 2000.0), g.const(4.0))
    flat = g.const([-1, 1])
    scores = [g.op("Reshape", s, flat) for s in (front_score, back_score, edge_score)]
    none_column = g.op("Add", g.op("Mul", scores[0], g.const(0.0)), g.const(2.0))
    view = g.op("Softmax", g.op("Concat", *scores, none_column, axis=1), axis=1)
    card = LocatorCard(input_px=320, output_stride=2, provenance=PROVENANCE)
    return _model(g, {"regions": (regions, ["n", 3, 160, 160]), "view": (view, ["n", 4])}, [320, 320], card)


def _sides() -> onnx.ModelProto:
    """The border lies where the body's brightness ends, seen from the inside, whatever the photo shows."""
    g = _Graph()
    unit = g.op(
        "Div", g.op("Transpose", g.op("Cast", "image", to=TensorProto.FLOAT), perm=[0, 3, 1, 2]), g.const(255.0)
    )
    body = g.step(g.op("ReduceMax", unit, axes=[1], keepdims=1), 150 / 255, 60.0)
    mean = g.op("AveragePool", body, kernel_shape=[STRIDE, 1], strides=[STRIDE, 1])
    padded = g.op("Pad", mean, g.const([0, 0, 0, 1, 0, 0, 0, 1]), mode="edge")
    fall = g.op("Conv", padded, g.kernel([[[[1.0, 0.0, -1.0]]]]))
    sharp = g.op("Mul", g.op("Concat", *[fall] * len(SURFACE_VIEWS), axis=1), g.const(20.0))
    border = g.op("Softmax", sharp, axis=3)
    card = BoundaryRefinerCard(along=ALONG, across=ACROSS, stride=STRIDE, views=SURFACE_VIEWS, provenance=PROVENANCE)
    return _model(g, {"border": (border, ["n", len(SURFACE_VIEWS), ALONG // STRIDE, ACROSS])}, [ALONG, ACROSS], card)


def _segmenter() -> onnx.ModelProto:
    g = _Graph()
    channel = dict(zip("rgb", g.channels(), strict=True))
    lit = {kind: [c for c, v in zip("rgb", PAINT[kind], strict=True) if v] for kind in SEGMENTER_CLASSES}
    coverage: dict[str, str] = {}
    for kind in SEGMENTER_CLASSES:
        on = [channel[c] for c in lit[kind]]
        off = [channel[c] for c in "rgb" if c not in lit[kind]]
        if not on:
            coverage[kind] = g.op("Sub", g.const(1.0), g.op("Mul", g.op("Max", *off), g.const(255 / 160)))
        elif not off:
            bright = g.op("Sub", g.op("Min", *on), g.const(200 / 255))
            coverage[kind] = g.op("Mul", bright, g.const(255 / 55))
        else:
            coverage[kind] = g.op("Sub", g.op("Min", *on), g.op("Max", *off))
    probability = g.op("Concat", *(g.step(coverage[k], 0.5, 12.0) for k in SEGMENTER_CLASSES), axis=1)
    card = SegmenterCard(
        px_per_mm=8.0,
        output_stride=2,
        size_multiple=32,
        mask_threshold=dict.fromkeys(SEGMENTER_CLASSES, 0.5),
        min_confidence=dict.fromkeys(SEGMENTER_CLASSES, 0.3),
        provenance=PROVENANCE,
    )
    return _model(g, {"probability": (probability, ["n", 8, "h2", "w2"])}, ["h", "w"], card)


def _model(
    g: _Graph,
    outputs: dict[str, tuple[str, list[int | str]]],
    size: list[int] | list[str],
    card: AnyCard,
) -> onnx.ModelProto:
    for name, (source, _) in outputs.items():
        g.nodes.append(helper.make_node("Identity", [source], [name]))
    graph = helper.make_graph(
        g.nodes,
        card.task,
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["n", *size, 3])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, (_, shape) in outputs.items()],
        g.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    helper.set_model_props(model, {CARD_KEY: card.model_dump_json()})
    onnx.checker.check_model(model, full_check=True)
    return model


def write_stub_models(folder: Path) -> None:
    """Write `locator.onnx`, `boundary_refiner.onnx` and `segmenter.onnx` with their cards into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save_model(_locator(), folder / "locator.onnx")
    onnx.save_model(_sides(), folder / "boundary_refiner.onnx")
    onnx.save_model(_segmenter(), folder / "segmenter.onnx")


def paint_pixels(rgb: NDArray[np.uint8], kind: str) -> NDArray[np.bool_]:
    """Where `rgb` (H, W, 3) shows the paint of `kind` by more than half: the drawn truth of one class."""
    return np.asarray(np.abs(rgb.astype(np.int16) - np.asarray(PAINT[kind])).max(axis=-1) < 60)
