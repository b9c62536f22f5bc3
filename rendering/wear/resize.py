"""Brings a drawn mark to a wanted size without taking it off its surface."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation

_LEAST_STROKES = 6


def resized(mark: Annotation, length_mm: float, size_mm: tuple[float, float]) -> Annotation:
    """`mark` scaled to `length_mm`, or as near to it as the surface of (width, height) mm has room.

    The point next to the rim stays where it is, so that what touches the rim still does. Stroke widths stay; a patch
    that shrinks loses strokes, so that it grows no denser.
    """
    shrunk = length_mm / mark.length_mm
    if mark.regions and shrunk < 1:
        mark = replace(mark, strokes=mark.strokes[: max(_LEAST_STROKES, int(np.ceil(len(mark.strokes) * shrunk)))])
    points = np.concatenate([*mark.regions, *(stroke.points for stroke in mark.strokes)])
    room = np.array(size_mm) / np.maximum(np.ptp(points, axis=0), 1e-9)
    factor = min(length_mm / mark.length_mm, float(room.min()))
    to_rim = np.minimum(points, np.array(size_mm) - points).min(axis=1)
    anchor = points[int(np.argmin(to_rim))]
    scaled = anchor + (points - anchor) * factor
    shift = np.maximum(-scaled.min(axis=0), 0) - np.maximum(scaled.max(axis=0) - size_mm, 0)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.clip(anchor + (points - anchor) * factor + shift, 0, size_mm), np.float64)

    return replace(
        mark,
        strokes=tuple(replace(stroke, points=moved(stroke.points)) for stroke in mark.strokes),
        regions=tuple(moved(region) for region in mark.regions),
        depth_mm=mark.depth_mm * float(np.clip(factor, 0.4, 1.6)),
    )


def widened(mark: Annotation, width_mm: float) -> Annotation:
    """`mark` with strokes whose mean width is `width_mm`."""
    factor = width_mm / mark.width_mm
    return replace(mark, strokes=tuple(replace(stroke, width_mm=stroke.width_mm * factor) for stroke in mark.strokes))
