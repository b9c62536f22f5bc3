"""The back of a phone: cover with its pattern, camera module, print, and the case over it all."""

import numpy as np

from phonegrade.rendering.device.back_print import paint_bands, paint_print, paint_sensor, paint_sticker
from phonegrade.rendering.device.camera_module import paint_camera, place_module
from phonegrade.rendering.device.case_surface import paint_case_back, paint_ring_holder
from phonegrade.rendering.device.cover_patterns import paint_pattern
from phonegrade.rendering.device.device_style import DeviceStyle
from phonegrade.rendering.device.fields import branch
from phonegrade.rendering.device.outline import body_shape, paint_outline
from phonegrade.rendering.device.sheet import Sheet
from phonegrade.rendering.texture import between


def draw_back(style: DeviceStyle, sheet: Sheet, rng: np.random.Generator) -> None:
    """Paint the back of `style` on `sheet`."""
    parts = [branch(rng) for _ in range(8)]
    cover, case = style.cover, style.case
    _, module, _ = place_module(style, sheet)
    sheet.fill(cover.finish)
    paint_pattern(style, sheet, parts[0])
    if cover.unibody:
        rim, ring = between(parts[1], 2, 7), 0.0
        paint_outline(style, sheet, ring, rim, between(parts[1], 0.6, 1.1))
    else:
        rim, ring = between(parts[1], 0.3, 2.5), style.frame_visible_mm * between(parts[1], 0.6, 1.4)
        paint_outline(style, sheet, ring, rim, between(parts[1], 0.4, 1.0))
    if cover.glass:
        sheet.glass[:] = True
        for window, distance in sheet.border(body_shape(style, sheet), ring + 0.1):
            sheet.glass[window] = distance < -(ring + 0.07)
    if cover.finish.gloss > 0.1 and style.antenna_bands:
        paint_bands(style, sheet, parts[2])
    if cover.fingerprint:
        paint_sensor(style, sheet, module, parts[3])
    paint_print(style, sheet, parts[4])
    paint_camera(style, sheet, parts[5])
    if cover.sticker:
        paint_sticker(sheet, parts[6])
    if case is not None:
        paint_case_back(style, sheet, case, module, parts[7])
    if case.ring if case is not None else cover.ring:
        paint_ring_holder(sheet, parts[7])
