"""The rim that front and back share: seam, frame ring and the rounded edge of the panel."""

import numpy as np

from phonegrade.core.arrays import FloatMap
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.materials import SEAM
from phonegrade.rendering.device.sheet import Finish, Shape, Sheet

_SEAM_MM = 0.07


def body_shape(style: DeviceStyle, sheet: Sheet) -> Shape:
    """The device's outline on its front or back."""
    width, height = sheet.size_mm
    return Shape(width / 2, height / 2, width, height, style.corner_mm, style.corner_exponent)


def paint_outline(style: DeviceStyle, sheet: Sheet, ring_mm: float, rim_mm: float, steepness: float) -> None:
    """Lay seam and frame ring round the panel that fills the sheet, and bend the panel down towards them.

    The panel falls over its last `rim_mm` to a slope of `steepness`; `ring_mm` 0 has neither ring nor seam.
    """
    body, scale = body_shape(style, sheet), sheet.px_per_mm
    sheet.body[:] = 1
    for window, distance in sheet.border(body, ring_mm + rim_mm):
        sheet.body[window] = np.clip(0.5 - distance * scale, 0, 1)
        bend = np.clip((distance + ring_mm + rim_mm) / rim_mm, 0, 1)
        # a parabola that tightens towards the end: the thin bright line of a ground glass edge
        sheet.height[window] -= np.float32(steepness * rim_mm) * (0.25 * bend**2 + 0.125 * bend**4)
        if ring_mm > 0:
            _paint_ring(style, sheet, (window, distance), ring_mm)


def _paint_ring(style: DeviceStyle, sheet: Sheet, border: tuple[tuple[slice, slice], FloatMap], ring_mm: float) -> None:
    window, distance = border
    scale = sheet.px_per_mm
    sheet.blend(window, np.clip(0.5 + (distance + ring_mm + _SEAM_MM) * scale, 0, 1), SEAM)
    across = np.clip((distance + ring_mm) / ring_mm, 0, 1)
    if style.chamfer_mm > 0:
        # a polished facet cut between face and frame
        facet = Finish(style.frame.colour, min(1.0, style.frame.gloss * 1.15), 0.03)
        sheet.blend(window, np.clip(0.5 + (distance + ring_mm) * scale, 0, 1), facet)
        sheet.blend(window, np.clip(0.5 + (distance + ring_mm - style.chamfer_mm) * scale, 0, 1), style.frame)
        sheet.height[window] -= np.float32(0.6 * ring_mm) * across
    else:
        sheet.blend(window, np.clip(0.5 + (distance + ring_mm) * scale, 0, 1), style.frame)
        sheet.height[window] -= np.float32(0.5 * ring_mm) * across**2
