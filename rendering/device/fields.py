"""Noise in millimetres: the same bumps at the same places at any resolution."""

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.rendering.device.sheet import Sheet

_FINEST_PX = 1.0


def branch(rng: np.random.Generator) -> np.random.Generator:
    """A generator of its own for one part, so that what it draws moves nothing that is drawn after it."""
    return np.random.default_rng(int(rng.integers(2**63)))


def field(
    sheet: Sheet, cell_mm: float, rng: np.random.Generator, cell_y_mm: float | None = None, octaves: int = 1
) -> NDArray[np.float32]:
    """Value noise (H, W) in about -1..1 with bumps of `cell_mm`; each octave is half the size and half as strong.

    `cell_y_mm` stretches it into streaks. Octaves finer than a texel are left out.
    """
    tall = cell_mm if cell_y_mm is None else cell_y_mm
    total = _bumps(sheet, cell_mm, tall, branch(rng))
    for octave in range(1, octaves):
        part = 0.5**octave
        if min(cell_mm, tall) * part * sheet.px_per_mm < _FINEST_PX:
            break
        total += _bumps(sheet, cell_mm * part, tall * part, branch(rng)) * np.float32(part)
    return total


def ripple(sheet: Sheet, pitch_mm: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cosine waves of `pitch_mm` down (H, 1) and across (1, W) the sheet; they fade where texels cannot show them."""
    shown = np.float32(np.clip(pitch_mm * sheet.px_per_mm / 2 - 1, 0, 1))
    down, across = (
        shown * np.cos((np.arange(size, dtype=np.float32) + 0.5) * np.float32(2 * np.pi / pitch_mm / sheet.px_per_mm))
        for size in sheet.gloss.shape
    )
    return down[:, None], across[None]


def dots(sheet: Sheet, pitch_mm: float, share: float) -> NDArray[np.float32]:
    """A grid of round dots (H, W), 0..1; `share` 0..1 is how much of the pitch they fill.

    Where texels cannot show the dots, they give way to their mean.
    """
    down, across = ripple(sheet, pitch_mm)
    least = 1 - 2 * share
    grid = np.clip((down * across - np.float32(least)) * 4, 0, 1)
    wave = np.cos(np.linspace(0, 2 * np.pi, 32, endpoint=False))
    mean = np.clip((wave[:, None] * wave - least) * 4, 0, 1).mean()
    lost = np.float32(1 - np.abs(down).max() * np.abs(across).max())
    return np.asarray(grid + np.float32(mean) * lost, np.float32)


def _bumps(sheet: Sheet, cell_x_mm: float, cell_y_mm: float, rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = sheet.gloss.shape
    cell_x, cell_y = (max(cell, _FINEST_PX / sheet.px_per_mm) for cell in (cell_x_mm, cell_y_mm))
    rows, columns = int(sheet.size_mm[1] / cell_y) + 4, int(sheet.size_mm[0] / cell_x) + 4
    grid = rng.random((rows, columns), dtype=np.float32) * 2 - 1
    step_x, step_y = cell_x * sheet.px_per_mm, cell_y * sheet.px_per_mm
    if step_x < 1.5 and step_y < 1.5:
        return np.ascontiguousarray(np.resize(grid, (height, width)))
    size = (max(round(columns * step_x), width + 2), max(round(rows * step_y), height + 2))
    top, left = min(round(step_y), size[1] - height), min(round(step_x), size[0] - width)
    grown = cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC if max(step_x, step_y) > 4 else cv2.INTER_LINEAR)
    return np.ascontiguousarray(grown[top : top + height, left : left + width])
