"""What limits a photo as evidence: each flag says the measured value, the limit and what to do."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.geometry import Quad, aspect, scale_spread
from phonegrade.core.inspection import QualityFlag
from phonegrade.core.vocabulary import View
from phonegrade.inference.photo.downscale import downscaled

RGB = NDArray[np.uint8]
JUDGED_PX_PER_MM = 8.0
"""Scale of the canvas that the limits of light and sharpness hold for."""
MAX_BLUR_PX = 2.5
"""Edge spread on the canvas: at 8 px/mm a third of a millimetre, twice a deep scratch."""
SMOOTHING_PX, SMOOTHING_TAPS = 1.0, 9
"""Smoothed away on the halved canvas before edges are judged: noise and grey steps would pass for sharp edges."""
OWN_SPREAD_PX = 1.25**0.5
"""What smoothing and differences make of a perfect step there."""
LUMA = (0.299, 0.587, 0.114)
"""Weights of red, green and blue (ITU-R BT.601)."""
MIN_LUMINANCE = 25.0
MAX_LUMINANCE = 235.0
MAX_CLIPPED_SHARE = 0.10
MAX_CLIPPED_EDGE_SHARE = 0.30
"""A lamp in a rounded frame burns out a stripe and leaves the rest to be seen. How much of the damage rendered photos
still show beyond these four limits: `phonegrade dev visibility`."""
CLIPPED_LEVEL = 250
BRIGHT_BY_ITSELF, DARKER_PERCENT = 180.0, 20.0
"""A zone whose darker fifth is so light is bright itself, white or lit."""
MAX_RESOLVABLE_MM = 0.6
MAX_SCALE_SPREAD = 1.5
MAX_ASPECT_ERROR = 1.35
MAX_EDGE_ASPECT_ERROR = 1.7
"""A strip's few millimetres of depth are seen less exactly; a long edge for a short one is still wrong by about 2."""
MAX_KNOWN_EDGE_ERROR = 1.22
"""Where the device is known: real edges with the right outline are off by 1.08 to 1.18 in a hand, and those that take
in some of a face, or miss an end, by 1.25 and more."""
TILTED_SPREAD = 1.15
"""From here on a face of other proportions is more likely tilted than another device's."""
SQUARE = "The edge is not seen alone; hold the edge square to the camera, so that only the edge is seen."
CERTAIN_FACE = 0.75
"""A face is another than promised although an outline fits: on 140 real photos the wrong one has .35 at most."""
EDGE_ASPECT = 4.0
"""Longer over shorter side from which on a surface is an edge."""
MAX_DIRT_SHARE = 0.02
MIN_VIEW_CONFIDENCE = 0.5
MIN_PROMISED_CONFIDENCE = 0.25
"""No surer than a guess among four views: the promise is not borne out, whatever is seen instead."""
CERTAIN_NONE = 0.8
"""An outline that fits outweighs a locator less sure than this that there is no device."""
MIN_BODY_SHARE = 0.001
STRONGEST_SHARE = 0.003
"""Share of the gradients that stands for the sharpest edges."""
SAMPLED_PX = 40_000
"""About how many gradients are looked at, evenly over the surface."""


def luminance(picture: RGB) -> float:
    """Mean of a picture (H, W, 3), 0 to 255."""
    return float(np.dot(cv2.mean(picture)[:3], LUMA))


def clipped_share(canvas: RGB) -> float:
    """Share of the pixels (H, W, 3) that are burnt out."""
    burnt = cv2.inRange(canvas, np.full(3, CLIPPED_LEVEL), np.full(3, 255))
    return cv2.countNonZero(burnt) / burnt.size


def glare_share(canvas: RGB, zone: NDArray[np.bool_]) -> float:
    """Share of the surface (H, W, 3) that glare hides: burnt out pixels of a `zone` (H, W) that is darker itself.

    A white bezel, a white back or a lit display is bright by itself, and burns out without hiding what a lamp hides.
    """
    inside = canvas[zone]
    if len(inside) == 0:
        return 0.0
    darker = float(np.percentile(inside @ np.asarray(LUMA, np.float32), DARKER_PERCENT))
    if darker >= BRIGHT_BY_ITSELF:
        return 0.0
    return float((inside >= CLIPPED_LEVEL).all(axis=1).sum() / zone.size)


def light_flags(photo: RGB, canvas: RGB, view: View, zone: NDArray[np.bool_] | None) -> list[QualityFlag]:
    """A surface that is too dark, too bright or partly hidden by glare, which is judged in `zone` (H, W) alone.

    Dark is a surface that is dark in a dark photo: a black one in good light is not, nor a lit one before black cloth.
    """
    flags = []
    surface, limit = luminance(canvas), MAX_CLIPPED_EDGE_SHARE if view is View.EDGE else MAX_CLIPPED_SHARE
    brighter = max(surface, luminance(photo))
    if brighter < MIN_LUMINANCE:
        flags.append(_flag("dark", "The photo is too dark; add even light.", brighter, MIN_LUMINANCE))
    if surface > MAX_LUMINANCE:
        flags.append(_flag("bright", "The surface is overexposed; use less light.", surface, MAX_LUMINANCE))
    hidden = 0.0 if zone is None else glare_share(canvas, zone)
    if hidden > limit:
        where = "display" if view is View.FRONT else "back" if view is View.BACK else "edge"
        message = (
            f"Glare on the {where} could hide marks on {hidden:.0%} of the surface; move the lamp or tilt the device."
        )
        flags.append(_flag("clipped", message, hidden, limit))
    return flags


def blur_px(canvas: RGB) -> float:
    """Spread (standard deviation, pixels) of the sharpest edges of an RGB picture.

    A step blurred by s has its largest gradient A / (s sqrt(2 pi)) and its largest Laplacian that over s sqrt(e): their
    ratio tells s whatever the contrast. The usual variance of the Laplacian calls every plain screen blurred. Judged at
    half the canvas' resolution, which still holds every blur worth a flag, at a seventh of the cost.
    """
    kernel = cv2.getGaussianKernel(SMOOTHING_TAPS, SMOOTHING_PX)
    plain = np.asarray(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY), np.uint8)
    half, factor = downscaled(plain, max(plain.shape) // 2)
    grey = cv2.sepFilter2D(half, cv2.CV_32F, kernel, kernel)
    sideways, down = (cv2.Scharr(grey, -1, *axis, scale=1 / 32) for axis in ((1, 0), (0, 1)))
    gradient = np.asarray(cv2.magnitude(sideways, down), np.float32)
    laplacian = np.asarray(np.abs(cv2.Laplacian(grey, cv2.CV_32F, ksize=1)), np.float32)
    spread = _strongest(gradient) / max(_strongest(laplacian) * float(np.sqrt(np.e)), 1e-6)
    return factor * float(np.sqrt(max(0.0, spread**2 - OWN_SPREAD_PX**2)))


def _strongest(values: NDArray[np.float32]) -> float:
    """The value that `STRONGEST_SHARE` of some pixels (H, W) exceed; `np.percentile` would take five times as long."""
    step = max(1, math.isqrt(values.size // SAMPLED_PX))
    some = values[::step, ::step].ravel()
    at = len(some) - 1 - int(STRONGEST_SHARE * len(some))
    return float(np.partition(some, at)[at])


def sharpness_flags(canvas: RGB) -> list[QualityFlag]:
    """Blur."""
    spread = blur_px(canvas)
    if spread <= MAX_BLUR_PX:
        return []
    return [_flag("blurred", "The photo is blurred; hold still and focus on the device.", spread, MAX_BLUR_PX)]


def outline_flags(
    quad: Quad,
    photo_hw: tuple[int, int],
    size_mm: tuple[float, float],
    resolvable_mm: float,
    other_edge_mm: tuple[float, float] | None = None,
) -> list[QualityFlag]:
    """Resolution, perspective and proportions of a photo whose outline was found.

    `other_edge_mm` is the size of the edge that stands at right angles to a named edge of a known device.
    """
    flags = []
    if resolvable_mm > MAX_RESOLVABLE_MM:
        message = "The device is too small in the photo for fine marks; go nearer or use the full resolution."
        flags.append(_flag("low_resolution", message, resolvable_mm, MAX_RESOLVABLE_MM))
    spread, is_edge = scale_spread(quad), max(size_mm) / min(size_mm) >= EDGE_ASPECT
    if spread > MAX_SCALE_SPREAD:
        message = SQUARE if is_edge else "The device is seen at a steep angle; photograph it from straight above."
        flags.append(_flag("tilted", message, spread, MAX_SCALE_SPREAD))
    proportions = aspect(quad, photo_hw) / (size_mm[0] / size_mm[1])
    if is_edge:
        return flags + _edge_proportions(proportions, size_mm, other_edge_mm, tilted=spread > MAX_SCALE_SPREAD)
    error = max(proportions, 1.0 / proportions)
    if error > MAX_ASPECT_ERROR:
        cause = (
            "The device is seen at an angle or its outline was mistaken; retake from straight above."
            if spread > TILTED_SPREAD
            else "The outline does not have the device's proportions; check the device's name and retake from above."
        )
        flags.append(_flag("wrong_proportions", cause, error, MAX_ASPECT_ERROR))
    return flags


def _edge_proportions(
    proportions: float, size_mm: tuple[float, float], other_edge_mm: tuple[float, float] | None, *, tilted: bool
) -> list[QualityFlag]:
    """An edge seen `proportions` times as slender as it is: another edge, a face beside it, or another device."""
    error = max(proportions, 1.0 / proportions)
    if error <= (MAX_EDGE_ASPECT_ERROR if other_edge_mm is None else MAX_KNOWN_EDGE_ERROR):
        return []
    if other_edge_mm is None:
        message = (
            "The outline does not have an edge's proportions; check that it is the edge it was sent as, and hold it "
            "square to the camera."
        )
        return [_flag("wrong_proportions", message, error, MAX_EDGE_ASPECT_ERROR)]
    other = proportions * (size_mm[0] / size_mm[1]) / (other_edge_mm[0] / other_edge_mm[1])
    if max(other, 1.0 / other) <= MAX_KNOWN_EDGE_ERROR:
        sent, seen = ("long", "short") if size_mm[0] > other_edge_mm[0] else ("short", "long")
        message = f"The photo was sent as a {sent} edge but has the proportions of a {seen} one; check which it is."
        return [_flag("wrong_proportions", message, error, MAX_KNOWN_EDGE_ERROR)]
    if proportions > 1.0:
        message = "The edge is more slender than the device's; check the device's name and retake."
        return [_flag("wrong_proportions", message, error, MAX_KNOWN_EDGE_ERROR)]
    return [] if tilted else [_flag("tilted", SQUARE, error, MAX_KNOWN_EDGE_ERROR)]


def view_flags(
    promised: View | None, views: dict[View, float], seen: View, *, outline_found: bool
) -> list[QualityFlag]:
    """A surface other than the promised one, or none that could be it.

    A lit front may look like a back: where an outline fits, one face taken for the other is `view_unsure`, which is
    for a person, unless the locator is certain.
    """
    if promised is None or seen is promised:
        return []
    faces = View.EDGE not in (promised, seen) and View.NONE not in (promised, seen)
    if faces and outline_found and views[seen] < CERTAIN_FACE:
        message = f"The photo was sent as {promised} and may show the {seen}; check it."
        return [_flag("view_unsure", message, views[seen], CERTAIN_FACE)]
    if seen is not View.NONE and views[seen] >= MIN_VIEW_CONFIDENCE:
        message = f"The photo was sent as {promised} but looks like {seen}."
        return [_flag("view_mismatch", message, views[seen], MIN_VIEW_CONFIDENCE)]
    if views[promised] < MIN_PROMISED_CONFIDENCE:
        message = f"The photo was sent as {promised} but does not look like it; photograph that surface from above."
        return [_flag("view_mismatch", message, views[promised], MIN_PROMISED_CONFIDENCE)]
    return []


def device_flags(
    *, cut_off: bool, outline_found: bool, body_share: float, none: float, seen: View, view: View
) -> list[QualityFlag]:
    """No device, or only part of one. `none` is the locator's probability that there is no device.

    `view` is what the outline was sought for.
    """
    nothing = body_share < MIN_BODY_SHARE or (seen is View.NONE and not outline_found) or none >= CERTAIN_NONE
    if nothing:
        return [_flag("no_device", "No device was found in the photo.", none, CERTAIN_NONE)]
    if cut_off:
        message = "The device runs out of the photo; step back so that the whole surface is seen."
        return [_flag("cut_off", message, body_share, None)]
    if not outline_found:
        message = (
            "The edge's outline could not be fitted; hold the edge square to the camera, so that only the edge is "
            "seen, before a plain background."
            if view is View.EDGE
            else "The device's outline could not be fitted; use a plain background and show the whole surface."
        )
        return [_flag("no_outline", message, body_share, None)]
    return []


def dirt_flags(share: float) -> list[QualityFlag]:
    """Contamination that could hide or fake damage."""
    if share <= MAX_DIRT_SHARE:
        return []
    return [_flag("clean_and_retake", "The surface is dirty; clean it and photograph it again.", share, MAX_DIRT_SHARE)]


def assumed_scale_flag(device_name: str) -> QualityFlag:
    """Millimetres that rest on an assumption."""
    return _flag(
        "assumed_scale", f"No device was named; sizes assume a {device_name.removeprefix('assumed ')}.", None, None
    )


def _flag(code: str, message: str, value: float | None, threshold: float | None) -> QualityFlag:
    rounded = None if value is None else round(value, 3)
    return QualityFlag(code=code, message=message, value=rounded, threshold=threshold)
