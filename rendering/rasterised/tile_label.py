"""The label of a part of a surface: the annotations' stencils under the visibility gate."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.arrays import FloatMap
from phonegrade.datasets.annotations.annotation import canvas_hw, mm_from_raster
from phonegrade.datasets.labels import LABEL_PX_PER_MM, contrasts, fades_out, label_of, visible_from
from phonegrade.rendering.rasterised.specimen import Specimen
from phonegrade.rendering.rasterised.window import Window, overlap, window_of, window_shift, within


def label_window(
    specimen: Specimen,
    window: Window,
    change: FloatMap,
    noise: FloatMap,
    least_levels: float,
    photo_from_mm: NDArray[np.float64],
) -> tuple[NDArray[np.uint16], Window]:
    """Return the label of the texels in `window`, and the window of the canvas that it is.

    `change` (H, W) is how much the annotations change the photo, in grey levels, and `noise` (H, W) its noise; what
    changes it by less than `least_levels` is not visible.
    """
    hw = canvas_hw(specimen.size_mm, LABEL_PX_PER_MM)
    mm_from_canvas = mm_from_raster(hw, specimen.size_mm)
    rows, cols = window
    box = np.array([[[cols.start, rows.start], [cols.stop - 1, rows.stop - 1]]], np.float64)
    low, high = cv2.perspectiveTransform(box, np.linalg.inv(mm_from_canvas) @ specimen.mm_from_texel)[0]
    on_canvas = window_of(low, high, hw)
    here = [s for s in specimen.stencils if overlap(s.window, on_canvas) is not None]
    masks = [_part(stencil.mask, stencil.window, on_canvas) for stencil in here]
    photo_from_label = photo_from_mm @ mm_from_canvas @ window_shift(on_canvas)
    near = cv2.dilate(np.abs(change), np.ones((5, 5), np.uint8)).astype(np.float32)
    change, near, noise = (_resampled(plane, photo_from_label, on_canvas) for plane in (change, near, noise))
    kinds = [stencil.kind for stencil in here]
    visible = [one.is_visible(least_levels) for one in contrasts(kinds, masks, change, noise, LABEL_PX_PER_MM)]
    return label_of(kinds, masks, visible, fades_out(near, visible_from(noise))), on_canvas


def _part(mask: NDArray[np.bool_], window: Window, whole: Window) -> NDArray[np.bool_]:
    """What of `mask`, which stands in `window`, lies in `whole`."""
    rows, cols = whole
    part = np.zeros((rows.stop - rows.start, cols.stop - cols.start), np.bool_)
    shared = overlap(window, whole)
    if shared is not None:
        part[within(shared, whole)] = mask[within(shared, window)]
    return part


def _resampled(plane: FloatMap, photo_from_label: NDArray[np.float64], on_canvas: Window) -> FloatMap:
    rows, cols = on_canvas
    size = (cols.stop - cols.start, rows.stop - rows.start)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(plane, photo_from_label, size, flags=flags), np.float32)
