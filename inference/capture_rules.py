"""What the capture page judges live frames by: the limits of `quality`, from where alone they come, and its own aims.

The page's gates are `quality.check_quality` over the guide's coarser outline: the same codes in the same order, as far
as a frame shows them. Its aims are stricter, so that what passes in the page passes here.
"""

from phonegrade.core.devices.catalogue import ASSUMED_DEVICE
from phonegrade.core.geometry import FOCAL_SHARE
from phonegrade.core.inspection import RESOLVED_PX
from phonegrade.core.strict import Strict
from phonegrade.inference import quality, quality_measures
from phonegrade.inference.locating import coarse, outline, surface

CODES = (
    "no_device",
    "cut_off",
    "no_outline",
    "view_unsure",
    "view_mismatch",
    "low_resolution",
    "tilted",
    "dark",
    "bright",
    "clipped",
    "blurred",
)
"""In the order in which `check_quality` flags them; the others need the exact outline or the segmenter."""


class CaptureAims(Strict):
    """What a frame must reach before the shutter goes by itself."""

    fill: tuple[float, float] = (0.55, 0.985)
    """How much of the frame's height or width, whichever is more, the device takes up."""
    min_luminance: float = 27.0
    max_luminance: float = 225.0
    max_clipped_share: float = 0.05
    max_clipped_edge_share: float = 0.20
    max_scale_spread: float = 1.25
    """Of a face: a tilt of about 12 degrees where the phone fills the frame."""
    min_view_confidence: float = 0.6
    max_blur_ratio: float = 1.8
    """Against the sharpest frame of this session."""
    good_frames: int = 5
    slow_ms: float = 120.0
    """A locator slower than this gets smaller pictures."""
    help_after_s: float = 8.0
    tries: int = 2
    held_s: float = 1.5
    """A message stays for so long."""


class CaptureRules(Strict):
    """One table for both languages; `service/web_files.py` gives it to the page."""

    codes: tuple[str, ...] = CODES
    aims: CaptureAims = CaptureAims()
    limits: dict[str, float]
    measures: dict[str, float]
    """Constants of the measures themselves."""
    device_mm: tuple[float, float, float]
    """Height, width and depth of the body that stands in for an unknown device."""


def capture_rules() -> CaptureRules:
    """Return the table."""
    limits = {
        "certain_none": quality.CERTAIN_NONE,
        "min_body_share": quality.MIN_BODY_SHARE,
        "min_area_share": outline.MIN_AREA_SHARE,
        "min_edge_area_share": outline.MIN_EDGE_AREA_SHARE,
        "cut_off_share": outline.CUT_OFF_SHARE,
        "near_rim": outline.NEAR_RIM,
        "min_phone_aspect": outline.PHONE_ASPECT[0],
        "max_phone_aspect": outline.PHONE_ASPECT[1],
        "focal_share": FOCAL_SHARE,
        "min_iou": coarse.MIN_IOU,
        "min_edge_iou": coarse.MIN_EDGE_IOU,
        "certain_face": quality.CERTAIN_FACE,
        "min_view_confidence": quality.MIN_VIEW_CONFIDENCE,
        "min_promised_confidence": quality.MIN_PROMISED_CONFIDENCE,
        "max_resolvable_mm": quality.MAX_RESOLVABLE_MM,
        "max_scale_spread": quality.MAX_SCALE_SPREAD,
        "max_aspect_error": quality.MAX_ASPECT_ERROR,
        "min_luminance": quality.MIN_LUMINANCE,
        "max_luminance": quality.MAX_LUMINANCE,
        "max_clipped_share": quality.MAX_CLIPPED_SHARE,
        "max_clipped_edge_share": quality.MAX_CLIPPED_EDGE_SHARE,
        "max_blur_px": quality.MAX_BLUR_PX,
    }
    measures = {
        "px_per_mm": surface.JUDGED_PX_PER_MM,
        "face_px_per_mm": 8.0,  # of the shipped segmenters' canvases: finer photos show no finer marks
        "edge_px_per_mm": 16.0,
        "resolved_px": RESOLVED_PX,
        "lit_chroma": float(surface.LIT_CHROMA),
        "clipped_level": float(quality_measures.CLIPPED_LEVEL),
        "bright_by_itself": quality_measures.BRIGHT_BY_ITSELF,
        "darker_percent": quality_measures.DARKER_PERCENT,
        "smoothing_px": quality_measures.SMOOTHING_PX,
        "smoothing_taps": float(quality_measures.SMOOTHING_TAPS),
        "own_spread_px": quality_measures.OWN_SPREAD_PX,
        "strongest_share": quality_measures.STRONGEST_SHARE,
        "sampled_px": float(quality_measures.SAMPLED_PX),
    }
    device = ASSUMED_DEVICE
    return CaptureRules(
        limits=limits, measures=measures, device_mm=(device.height_mm, device.width_mm, device.depth_mm)
    )
