"""What reads a picture: barcodes by zxing-cpp, print by rapidocr; each text with where it stands and its reader."""

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.core.extras import needs_extra
from phonegrade.recognition.identification import Box, Reader
from phonegrade.recognition.numbers import rules

if TYPE_CHECKING:
    pass

_ROW_OVERLAP = 0.5
"""Share of the lower height that two texts share where they stand on one row."""
_SAME_COLUMN = 0.5
"""How far, in heights, a value may begin beside its label above it."""
_BELOW = 3.0


class Text(NamedTuple):
    """One text as it was read."""

    text: str
    reader: Reader
    box: Box
    symbology: str | None = None
    """Format of a barcode, by zxing's name; None for print."""


def barcodes_available() -> bool:
    """Return whether the extra `platform`'s reader of barcodes is installed."""
    return find_spec("zxingcpp") is not None


def print_available() -> bool:
    """Return whether the extra `ocr` is installed."""
    return find_spec("rapidocr") is not None


def read_barcodes(rgb: RGB) -> tuple[Text, ...]:
    """Return every barcode of a picture (H, W, 3). Raises SetupError where the extra `platform` is not installed."""
    with needs_extra("platform", "identify"):
        import zxingcpp

    grey = np.ascontiguousarray(rgb[..., 1])
    formats = [
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.EANUPC,
        zxingcpp.BarcodeFormat.ITF14,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.QRCode,
    ]
    found_here = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(formats))
    return tuple(Text(one.text, "barcode", _box_of(one.position), one.format.name) for one in found_here if one.valid)


class PrintReader:
    """Reads print with the networks in rapidocr's wheel; nothing is loaded from elsewhere."""

    def __init__(self, threads: int = 1) -> None:
        """Raises SetupError where the extra `ocr` is not installed."""
        with needs_extra("ocr", "identify, for print"), _no_socket():
            from rapidocr import RapidOCR

        engine = "EngineConfig.onnxruntime"
        self._engine: RapidOCR = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                # the picture comes at the size that it is to be read at
                "Det.limit_type": "max",
                "Det.limit_side_len": 2000,
                f"{engine}.intra_op_num_threads": threads,
                f"{engine}.inter_op_num_threads": 1,
            }
        )

    def read(self, rgb: RGB) -> tuple[Text, ...]:
        """Return the rows of print in a picture (H, W, 3), from the top; a label above its value is one row with it."""
        output = self._engine(np.ascontiguousarray(rgb[..., ::-1]))
        boxes, texts = getattr(output, "boxes", None), getattr(output, "txts", None)
        if boxes is None or not texts:
            return ()
        lines = [Text(text, "ocr", _bounds(np.asarray(box))) for text, box in zip(texts, boxes, strict=True)]
        return _with_labels_above(_rows(lines))


@contextmanager
def _no_socket() -> Iterator[None]:
    """Keep what rapidocr imports from binding a socket to learn whether there is IPv6: nothing is to be fetched."""
    has_ipv6, socket.has_ipv6 = socket.has_ipv6, False
    try:
        yield
    finally:
        socket.has_ipv6 = has_ipv6


def _rows(lines: Sequence[Text]) -> list[Text]:
    """Return lines that stand side by side as one, from the top."""
    rows: list[list[Text]] = []
    for line in sorted(lines, key=lambda one: one.box[1]):
        row = next((row for row in rows if _beside(row[-1].box, line.box)), None)
        if row is None:
            rows.append([line])
        else:
            row.append(line)
    return [_joined(sorted(row, key=lambda one: one.box[0])) for row in rows]


def _beside(one: Box, other: Box) -> bool:
    shared = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    apart = one[0] + one[2] <= other[0] + other[3] or other[0] + other[2] <= one[0] + one[3]
    return apart and shared >= _ROW_OVERLAP * min(one[3], other[3])


def _with_labels_above(rows: Sequence[Text]) -> tuple[Text, ...]:
    joined: list[Text] = []
    for row in rows:
        above = joined[-1] if joined else None
        if above is not None and re.match(rules()["label_alone"], above.text.upper()) and _is_below(above.box, row.box):
            joined[-1] = _joined((above, row))
        else:
            joined.append(row)
    return tuple(joined)


def _is_below(above: Box, below: Box) -> bool:
    near = below[1] - (above[1] + above[3]) <= _BELOW * above[3]
    return near and abs(below[0] - above[0]) <= max(_SAME_COLUMN * above[2], above[3])


def _joined(texts: Sequence[Text]) -> Text:
    left, top = min(one.box[0] for one in texts), min(one.box[1] for one in texts)
    right = max(one.box[0] + one.box[2] for one in texts)
    bottom = max(one.box[1] + one.box[3] for one in texts)
    return Text(" ".join(one.text for one in texts), "ocr", (left, top, right - left, bottom - top))


def _box_of(position: object) -> Box:
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    corners = [getattr(position, name) for name in names]
    return _bounds(np.array([(corner.x, corner.y) for corner in corners]))


def _bounds(corners: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]") -> Box:
    left, top = (float(value) for value in corners.min(axis=0))
    right, bottom = (float(value) for value in corners.max(axis=0))
    return left, top, right - left, bottom - top
