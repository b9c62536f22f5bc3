"""Smaller photos: averaged, never aliased, and where they belong."""

import numpy as np
import pytest

from phonegrade.inference.locating.locate import letterbox
from phonegrade.inference.photo.downscale import downscaled


@pytest.mark.parametrize(
    ("hw", "least", "result", "factor"),
    [
        ((2016, 1512), 750, (1008, 756), 2),
        ((4032, 3024), 256, (504, 378), 8),
        ((999, 10), 500, (999, 10), 1),
        ((1001, 7), 500, (500, 3), 2),
        ((9, 1), 2, (9, 1), 1),
    ],
)
def test_halving_stops_before_the_long_side_falls_below_what_is_asked(
    hw: tuple[int, int], least: int, result: tuple[int, int], factor: int
) -> None:
    small, power = downscaled(np.zeros((*hw, 3), np.uint8), least)
    assert (small.shape[:2], power) == (result, factor)


def test_halving_averages_so_that_a_fine_grid_becomes_even_grey() -> None:
    grid = np.zeros((800, 640, 3), np.uint8)
    grid[::2, ::2] = grid[1::2, 1::2] = 200
    small, _ = downscaled(grid, 100)
    assert small.shape[0] == 100
    assert np.abs(small.astype(int) - 100).max() <= 1


@pytest.mark.parametrize("hw", [(1511, 2015), (2016, 1512), (700, 300), (90, 120)])
def test_a_letterboxed_photo_says_where_each_pixel_went(hw: tuple[int, int]) -> None:
    rgb = np.zeros((*hw, 3), np.uint8)
    y, x = hw[0] * 3 // 4, hw[1] * 2 // 3
    spot = max(2, max(hw) // 60)
    rgb[y - spot : y + spot, x - spot : x + spot] = 255
    square, offset, scale = letterbox(rgb, 256)
    bright = square[..., 0].astype(np.float64) * (square[..., 0] > 120)
    rows, columns = np.mgrid[:256, :256] + 0.5
    assert (columns * bright).sum() / bright.sum() == pytest.approx(x * scale[0] + offset[0], abs=0.3)
    assert (rows * bright).sum() / bright.sum() == pytest.approx(y * scale[1] + offset[1], abs=0.3)
