"""The closed vocabulary: every term that crosses a boundary of phonegrade, defined once."""

from enum import StrEnum
from typing import Literal


class Surface(StrEnum):
    """The six surfaces of a device; left and right as seen facing the display."""

    FRONT = "front"
    BACK = "back"
    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"

    @property
    def view(self) -> "View":
        """The view that a photo of this surface shows."""
        match self:
            case Surface.FRONT:
                return View.FRONT
            case Surface.BACK:
                return View.BACK
            case _:
                return View.EDGE


class View(StrEnum):
    """What the locator classifies a photo as: the four edges look alike to it."""

    FRONT = "front"
    BACK = "back"
    EDGE = "edge"
    NONE = "none"


SURFACE_VIEWS = (View.FRONT, View.BACK, View.EDGE)
"""The views of a surface."""


class DefectKind(StrEnum):
    """Lasting damage."""

    CRACK = "crack"
    SCRATCH = "scratch"
    SCUFF = "scuff"
    CHIP = "chip"
    DENT = "dent"


class Contamination(StrEnum):
    """Dirt: never a defect, it leads to "clean and retake"."""

    SMUDGE = "smudge"
    OIL = "oil"
    DUST = "dust"


class Zone(StrEnum):
    """Where on the device a defect lies."""

    DISPLAY = "display"
    BEZEL = "bezel"
    CAMERA = "camera"
    BACK = "back"
    FRAME = "frame"
    CORNER = "corner"


class ScaleSource(StrEnum):
    """Where the millimetres come from."""

    CATALOGUE = "catalogue"
    ASSUMED = "assumed"
    NONE = "none"


Runtime = Literal["auto", "onnxruntime", "openvino"]
"""What runs the segmenters, the networks that take the time; the others stay with ONNX Runtime, so that outlines and
millimetres are the same. `auto`: OpenVINO where it is installed and the file's card proves that it loses nothing."""
ONNX_RUNTIME: Literal["onnxruntime"] = "onnxruntime"
SEGMENTER_CLASSES: tuple[str, ...] = (*(kind.value for kind in DefectKind), *(kind.value for kind in Contamination))
LOCATOR_REGIONS: tuple[str, ...] = ("body", "display", "camera")
LOCATOR_VIEWS: tuple[str, ...] = tuple(view.value for view in View)
