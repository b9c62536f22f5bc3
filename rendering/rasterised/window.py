"""Windows: rectangular parts of a raster, by rows and columns."""

import numpy as np
from numpy.typing import NDArray

Window = tuple[slice, slice]
"""Rows and columns of a raster."""


def window_of(low: NDArray[np.float64], high: NDArray[np.float64], shape_hw: tuple[int, ...]) -> Window:
    """Return the window that holds the pixels (x, y) from `low` to `high`, cut to the raster; never empty."""
    h, w = shape_hw[:2]
    x0, y0 = np.clip(np.floor(low), 0, (w - 2, h - 2)).astype(int).tolist()
    x1, y1 = np.clip(np.ceil(high) + 1, (x0 + 2, y0 + 2), (w, h)).astype(int).tolist()
    return slice(y0, y1), slice(x0, x1)


def window_shift(window: Window) -> NDArray[np.float64]:
    """Return (3, 3) from a window's own pixels to those of its raster."""
    return np.array([[1.0, 0, window[1].start], [0, 1, window[0].start], [0, 0, 1]])


def overlap(one: Window, other: Window) -> Window | None:
    """Return what two windows share; None where they are apart."""
    pairs = list(zip(one, other, strict=True))
    rows, cols = (slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in pairs)
    return (rows, cols) if rows.start < rows.stop and cols.start < cols.stop else None


def within(part: Window, whole: Window) -> Window:
    """Return `part`, a window of a raster, as a window of the raster's window `whole`."""
    rows, cols = (slice(a.start - b.start, a.stop - b.start) for a, b in zip(part, whole, strict=True))
    return rows, cols


def moved(part: Window, whole: Window) -> Window:
    """Return `part`, a window of the raster's window `whole`, as a window of the raster: `within` undone."""
    rows, cols = (slice(a.start + b.start, a.stop + b.start) for a, b in zip(part, whole, strict=True))
    return rows, cols
