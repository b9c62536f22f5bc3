"""A float32 ONNX file to int8: half the time, a third of the bytes, nearly the same predictions."""

import hashlib
import io
import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from phonegrade.core.errors import ExportError
from phonegrade.core.files import atomic_write
from phonegrade.inference.card import CARD, CARD_KEY, CalibrationName, Quantisation
from phonegrade.inference.session import open_session
from phonegrade.models.finalise import save_with_card
from phonegrade.models.load_onnx import ENCODER, OLD_ENCODER

METHODS = {
    "minmax": CalibrationMethod.MinMax,
    "percentile": CalibrationMethod.Percentile,
    "entropy": CalibrationMethod.Entropy,
}
QUANTISED = frozenset({"Conv", "Clip", "Add", "Resize"})
"""Operators that gain from int8; the normalisation before and the sums, sigmoids and products after stay float32."""
FLOAT_LAYERS = (
    *(f"{encoder}{layer}." for encoder in (ENCODER, OLD_ENCODER) for layer in ("stem", "stages.0", "stages.1.0")),
    "network.decoder.skip.",
    "network.decoder.out.",
    "network.decoder.steps.3.",
    "network.head.",
    "network.regions.",
)
"""Weights whose layers stay float32. The first layers and the decoder's last hold most of the error in few channels
that carry every thin line: keeping them costs a fifth of the time and saves more than half of the error. The heads are
the output itself."""
MAX_MEAN_DIFFERENCE = 0.02
"""Mean difference in probability from float32 on the calibration pictures that indicates a fault, not rounding."""
Pictures = Sequence[NDArray[np.uint8]]


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Yields the pictures one by one, so that calibration holds one picture's activations at a time."""

    def __init__(self, pictures: Pictures) -> None:
        self.pictures = pictures
        self.set_range(0, len(pictures))

    def __len__(self) -> int:
        return len(self.pictures)

    def set_range(self, start_index: int, end_index: int) -> None:
        self.remaining = iter(self.pictures[start_index:end_index])

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        picture = next(self.remaining, None)
        return None if picture is None else {"image": picture[None]}


def quantise(
    source: Path, out: Path, pictures: Pictures, data_sha256: str, method: CalibrationName = "minmax"
) -> float:
    """Write the int8 variant of the float32 file `source` to `out`, calibrated on `pictures`, each (H, W, 3) uint8.

    Weights are int8 by output channel, activations uint8, as quantise and dequantise nodes (Jacob et al., CVPR 2018;
    Krishnamoorthi, arXiv 1806.08342). The card is that of `source`, with how the file was made. Returns the mean
    difference in probability from `source` on the pictures. Raises ExportError where that is too large.
    """
    card = CARD.validate_json(_metadata(source)[CARD_KEY])
    with tempfile.TemporaryDirectory() as folder, _quiet():
        prepared, small = Path(folder) / "prepared.onnx", Path(folder) / "small.onnx"
        quant_pre_process(source, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            small,
            _Reader(pictures),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=METHODS[method],
            nodes_to_exclude=_float_nodes(onnx.load(prepared)),
            extra_options={"CalibStridedMinMax": 1},
        )
        model = onnx.load(small)
    quantisation = Quantisation(
        method=method,
        pictures=len(pictures),
        data_sha256=data_sha256,
        source_sha256=hashlib.sha256(source.read_bytes()).hexdigest(),
    )
    del model.metadata_props[:]
    with atomic_write(out) as part:
        save_with_card(model, card.model_copy(update={"quantisation": quantisation}), part)
        difference = mean_difference(source, part, pictures)
        if not difference <= MAX_MEAN_DIFFERENCE:  # refuses NaN too
            raise ExportError(f"{out.name}: int8 and float32 differ by {difference:.2g} in the mean: ship float32")
    return difference


def mean_difference(reference: Path, other: Path, pictures: Pictures) -> float:
    """Return the mean absolute difference of the first output of two ONNX files over `pictures`."""
    first, second = (open_session(file) for file in (reference, other))
    outputs = ((first.run(None, {"image": p[None]})[0], second.run(None, {"image": p[None]})[0]) for p in pictures)
    return float(np.mean([np.abs(expected - quantised).mean() for expected, quantised in outputs]))


def _float_nodes(model: onnx.ModelProto) -> list[str]:
    """Return the names of the nodes that stay float32."""
    return [
        node.name
        for node in model.graph.node
        if node.op_type not in QUANTISED or any(name.startswith(FLOAT_LAYERS) for name in node.input)
    ]


def _metadata(file: Path) -> dict[str, str]:
    return {entry.key: entry.value for entry in onnx.load(file, load_external_data=False).metadata_props}


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the quantiser, which advises on the root logger and prints its progress."""
    level = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)
    try:
        with redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.getLogger().setLevel(level)
