"""Brings an annotation to a wanted size and keeps it on its surface."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phonegrade.datasets.annotations.annotation import Annotation

_LEAST_STROKES = 6


def resized(annotation: Annotation, length_mm: float, size_mm: tuple[float, float]) -> Annotation:
    """Return `annotation` scaled to `length_mm`, or as near to it as the surface of (width, height) mm has room.

    The point next to the rim stays where it is, so that what touches the rim still does. Stroke widths stay; a patch
    that shrinks loses strokes, so that it grows no denser.
    """
    shrunk = length_mm / annotation.length_mm
    if annotation.regions and shrunk < 1:
        annotation = replace(
            annotation,
            strokes=annotation.strokes[: max(_LEAST_STROKES, int(np.ceil(len(annotation.strokes) * shrunk)))],
        )
    points = np.concatenate([*annotation.regions, *(stroke.points for stroke in annotation.strokes)])
    room = np.array(size_mm) / np.maximum(np.ptp(points, axis=0), 1e-9)
    factor = min(length_mm / annotation.length_mm, float(room.min()))
    to_rim = np.minimum(points, np.array(size_mm) - points).min(axis=1)
    anchor = points[int(np.argmin(to_rim))]
    scaled = anchor + (points - anchor) * factor
    shift = np.maximum(-scaled.min(axis=0), 0) - np.maximum(scaled.max(axis=0) - size_mm, 0)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.clip(anchor + (points - anchor) * factor + shift, 0, size_mm), np.float64)

    return replace(
        annotation,
        strokes=tuple(replace(stroke, points=moved(stroke.points)) for stroke in annotation.strokes),
        regions=tuple(moved(region) for region in annotation.regions),
        depth_mm=annotation.depth_mm * float(np.clip(factor, 0.4, 1.6)),
    )


def widened(annotation: Annotation, width_mm: float) -> Annotation:
    """Return `annotation` with strokes whose mean width is `width_mm`."""
    factor = width_mm / annotation.width_mm
    return replace(
        annotation, strokes=tuple(replace(stroke, width_mm=stroke.width_mm * factor) for stroke in annotation.strokes)
    )
