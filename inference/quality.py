"""Checks what limits a photo as evidence: each flag holds the measured value, the limit and what to do."""

from phonegrade.core.arrays import RGB, Mask, Quad
from phonegrade.core.devices.catalogue import ASSUMED_DEVICE, Device, surface_size_mm
from phonegrade.core.geometry import aspect, scale_spread
from phonegrade.core.inspection import QualityFlag, Scale
from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.locating.surface import RectifiedSurface
from phonegrade.inference.quality_measures import blur_px, glare_share, luminance

MAX_BLUR_PX = 2.5
"""Edge spread on the canvas: at 8 px/mm a third of a millimetre, twice a deep scratch."""
MIN_LUMINANCE = 25.0
MAX_LUMINANCE = 235.0
MAX_CLIPPED_SHARE = 0.10
MAX_CLIPPED_EDGE_SHARE = 0.30
"""A lamp in a rounded frame burns out a stripe and leaves the rest to be seen. How much of the damage rendered photos
still show beyond these four limits: `python -m phonegrade.evaluation.visibility`."""
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
"""No surer than a guess among four views: the promise is not confirmed, whatever is shown instead."""
CERTAIN_NONE = 0.8
"""An outline that fits outweighs a locator less sure than this that there is no device."""
MIN_BODY_SHARE = 0.001


def check_quality(
    surface: RectifiedSurface, scale: Scale, promised: View | None, sent_as: Surface | None, device: Device | None
) -> list[QualityFlag]:
    """Return every flag that the photo earns before its defects are known.

    `promised` is the view, and `sent_as` the surface, that the photo was sent as; `device` is None where it is unknown.
    """
    located, outline = surface.device, surface.device.outline
    location = located.location
    flags = device_flags(
        cut_off=located.cut_off,
        outline_found=outline is not None,
        body_share=located.body_share,
        none=location.views[View.NONE],
        shown=location.view,
        view=located.view,
    )
    flags += view_flags(promised, location.views, location.view, outline_found=outline is not None)
    if outline is not None and located.size_mm is not None and scale.resolvable_mm is not None:
        other_edge_mm = None if device is None or sent_as is None else _other_edge_mm(device, sent_as)
        flags += outline_flags(outline.quad, located.photo_hw, located.size_mm, scale.resolvable_mm, other_edge_mm)
        if device is None:
            flags.append(assumed_scale_flag(ASSUMED_DEVICE.model))
    flags += light_flags(surface.photo.rgb, surface.judged_rgb, located.view, surface.glare_zone)
    return flags + sharpness_flags(surface.judged_rgb)


def _other_edge_mm(device: Device, surface: Surface) -> tuple[float, float] | None:
    """Return the size of an edge at right angles to `surface`; None where that is a face."""
    if surface.view is not View.EDGE:
        return None
    return surface_size_mm(device, Surface.TOP if surface in (Surface.LEFT, Surface.RIGHT) else Surface.LEFT)


def light_flags(photo: RGB, canvas: RGB, view: View, zone: Mask | None) -> list[QualityFlag]:
    """Flag a surface that is too dark, too bright or partly hidden by glare, which is judged in `zone` (H, W) alone.

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


def sharpness_flags(canvas: RGB) -> list[QualityFlag]:
    """Flag blur."""
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
    """Flag resolution, perspective and proportions of a photo whose outline was found.

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
    """Flag an edge that appears `proportions` times as slender as it is: another edge or device, or some of a face."""
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
        sent, shown = ("long", "short") if size_mm[0] > other_edge_mm[0] else ("short", "long")
        message = f"The photo was sent as a {sent} edge but has the proportions of a {shown} one; check which it is."
        return [_flag("wrong_proportions", message, error, MAX_KNOWN_EDGE_ERROR)]
    if proportions > 1.0:
        message = "The edge is more slender than the device's; check the device's name and retake."
        return [_flag("wrong_proportions", message, error, MAX_KNOWN_EDGE_ERROR)]
    return [] if tilted else [_flag("tilted", SQUARE, error, MAX_KNOWN_EDGE_ERROR)]


def view_flags(
    promised: View | None, views: dict[View, float], shown: View, *, outline_found: bool
) -> list[QualityFlag]:
    """Flag a surface other than the promised one, or none that could be it.

    A lit front may look like a back: where an outline fits, one face taken for the other is `view_unsure`, which is
    for a person, unless the locator is certain.
    """
    if promised is None or shown is promised:
        return []
    faces = View.EDGE not in (promised, shown) and View.NONE not in (promised, shown)
    if faces and outline_found and views[shown] < CERTAIN_FACE:
        message = f"The photo was sent as {promised} and may show the {shown}; check it."
        return [_flag("view_unsure", message, views[shown], CERTAIN_FACE)]
    if shown is not View.NONE and views[shown] >= MIN_VIEW_CONFIDENCE:
        message = f"The photo was sent as {promised} but looks like {shown}."
        return [_flag("view_mismatch", message, views[shown], MIN_VIEW_CONFIDENCE)]
    if views[promised] < MIN_PROMISED_CONFIDENCE:
        message = f"The photo was sent as {promised} but does not look like it; photograph that surface from above."
        return [_flag("view_mismatch", message, views[promised], MIN_PROMISED_CONFIDENCE)]
    return []


def device_flags(
    *, cut_off: bool, outline_found: bool, body_share: float, none: float, shown: View, view: View
) -> list[QualityFlag]:
    """Flag a photo of no device, or of only part of one. `none` is the locator's probability that there is no device.

    `view` is what the outline was sought for.
    """
    nothing = body_share < MIN_BODY_SHARE or (shown is View.NONE and not outline_found) or none >= CERTAIN_NONE
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
    """Flag contamination that could hide or fake damage."""
    if share <= MAX_DIRT_SHARE:
        return []
    return [_flag("clean_and_retake", "The surface is dirty; clean it and photograph it again.", share, MAX_DIRT_SHARE)]


def assumed_scale_flag(device_name: str) -> QualityFlag:
    """Flag millimetres that rest on an assumption."""
    return _flag(
        "assumed_scale", f"No device was named; sizes assume a {device_name.removeprefix('assumed ')}.", None, None
    )


def _flag(code: str, message: str, value: float | None, threshold: float | None) -> QualityFlag:
    rounded = None if value is None else round(value, 3)
    return QualityFlag(code=code, message=message, value=rounded, threshold=threshold)
