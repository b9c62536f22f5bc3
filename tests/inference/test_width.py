"""Widths of drawn lines, most of them thinner than a pixel: covered in light, blurred, encoded, noisy."""

import cv2
import numpy as np
import pytest

from phonegrade.inference.defects.measure import Measures, measure_px
from phonegrade.inference.defects.width import Source

SIZE, OVER = 150, 6
WIDTHS_MM = (0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.6)
LENGTH_PX = 96.0
MASK_MARGIN_PX = 1.5
"""How far a network's mask reaches beyond the line."""


def encoded(light: np.ndarray) -> np.ndarray:
    """sRGB values 0..255 of linear light."""
    curve = 1.055 * np.clip(light, 1e-9, None) ** (1 / 2.4) - 0.055
    return 255 * np.where(light <= 0.0031308, 12.92 * light, curve)


def decoded(value: float) -> float:
    """Linear light of an sRGB value 0..255."""
    return float(((value / 255 + 0.055) / 1.055) ** 2.4)


def drawn(
    rng: np.random.Generator,
    width_px: float,
    blur_px: float,
    ground: float,
    paint: float,
    noise: float = 2.0,
    length_px: float = LENGTH_PX,
    margin_px: float = MASK_MARGIN_PX,
) -> tuple[np.ndarray, np.ndarray]:
    """A canvas (H, W, 3) with one straight line at any angle, and a mask that is wider all round."""
    angle, middle = rng.uniform(0, np.pi), SIZE / 2 + rng.uniform(-0.5, 0.5, 2)
    x, y = (np.mgrid[: SIZE * OVER, : SIZE * OVER][::-1] + 0.5) / OVER - 0.5 - middle[:, None, None]
    along = np.abs(np.cos(angle) * x + np.sin(angle) * y)
    across = np.abs(np.cos(angle) * y - np.sin(angle) * x)

    def cover(beyond: float) -> np.ndarray:
        on = (along < length_px / 2 + beyond) & (across < width_px / 2 + beyond)
        return cv2.resize(on.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_AREA)

    share = cv2.GaussianBlur(cover(0.0), (0, 0), blur_px)
    grey = encoded(decoded(ground) * (1 - share) + decoded(paint) * share) + rng.normal(0, noise, share.shape)
    return np.dstack([np.clip(np.round(grey), 0, 255).astype(np.uint8)] * 3), cover(margin_px) >= 0.5


def measured(rgb: np.ndarray, mask: np.ndarray, px_per_mm: float) -> Measures:
    source = Source(rgb, np.eye(3), blur_px=1.0)
    return measure_px("scratch", mask, source=source).scaled(1 / px_per_mm)


@pytest.mark.parametrize("px_per_mm", [8.0, 14.0])
def test_lines_of_known_width_come_back(px_per_mm: float) -> None:
    off, reported, stretched = [], [], []
    for number, width_mm in enumerate(WIDTHS_MM * 6):
        rng = np.random.default_rng(number)
        ground, paint = ((45, 150), (30, 240), (190, 80), (60, 110))[number % 4]
        rgb, mask = drawn(rng, width_mm * px_per_mm, float(rng.uniform(0.7, 1.3)), ground, paint)
        sizes = measured(rgb, mask, px_per_mm)
        off.append(abs(sizes.width - width_mm))
        reported.append(sizes.width_error)
        stretched.append(abs(sizes.length * px_per_mm / LENGTH_PX - 1))
    assert np.median(off) < 0.06
    assert np.median(stretched) < 0.02
    assert max(stretched) < 0.05
    # a normal error is within its own standard deviation two times in three
    assert 0.5 < np.mean(np.array(off) < np.array(reported)) < 0.95


def test_a_line_below_a_pixel_is_measured_as_such_and_less_surely_than_a_wide_one() -> None:
    thin, wide = (
        measured(*drawn(np.random.default_rng(4), width_px, 1.0, 45, 150), px_per_mm=8.0) for width_px in (0.5, 5.0)
    )
    assert thin.width < 1.5 / 8 < 4.0 / 8 < wide.width
    assert thin.width_error / thin.width > 3 * wide.width_error / wide.width


def test_where_nothing_is_visible_no_width_is_measured_but_a_length_and_an_area_are() -> None:
    rng = np.random.default_rng(9)
    rgb, mask = drawn(rng, 3.0, 1.0, 100, 100)
    unseen = measured(rgb, mask, 8.0)
    assert unseen.width is None
    assert unseen.width_error is None
    assert unseen.length * 8 == pytest.approx(LENGTH_PX, rel=0.05)
    assert unseen.area * 64 == pytest.approx(mask.sum())


@pytest.mark.parametrize("length_px", [9.0, 14.0, 20.0])
def test_a_short_hairline_is_as_wide_as_the_photo_shows_and_not_as_its_mask(length_px: float) -> None:
    for seed in range(4):
        rgb, mask = drawn(np.random.default_rng(seed), 0.4, 1.0, 45, 200, length_px=length_px, margin_px=length_px / 4)
        sizes = measured(rgb, mask, 8.0)
        assert sizes.width < measure_px("scratch", mask).width / 8 / 3
        assert abs(sizes.width - 0.4 / 8) < 2 * sizes.width_error
        assert abs(sizes.length * 8 - length_px) < 2 * sizes.length_error * 8


def test_a_round_speck_lies_in_no_direction_and_has_no_width() -> None:
    rgb, _ = drawn(np.random.default_rng(5), 2.0, 1.0, 45, 200)
    assert measured(rgb, np.ones((5, 5), np.bool_), 8.0).width is None


def test_another_line_across_it_does_not_widen_a_line() -> None:
    rgb, mask = drawn(np.random.default_rng(2), 2.0, 1.0, 45, 150)
    crossed = rgb.copy()
    cv2.line(crossed, (10, 60), (140, 95), (150, 150, 150), 4, cv2.LINE_AA)
    cv2.line(crossed, (60, 10), (85, 140), (150, 150, 150), 4, cv2.LINE_AA)
    assert measured(crossed, mask, 8.0).width == pytest.approx(measured(rgb, mask, 8.0).width, abs=0.06)


@pytest.mark.parametrize("colour", [(200, 40, 40), (40, 160, 60), (20, 20, 20)])
def test_a_coloured_line_is_measured_by_its_colour(colour: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(6)
    grey, mask = drawn(rng, 4.0, 1.0, 0.0, 255.0, noise=0.0)
    share = (((grey / 255 + 0.055) / 1.055) ** 2.4)[..., :1]
    light = np.array([decoded(90)] * 3) * (1 - share) + np.array([decoded(c) for c in colour]) * share
    rgb = np.clip(np.round(encoded(light) + rng.normal(0, 2, light.shape)), 0, 255).astype(np.uint8)
    assert measured(rgb, mask, 8.0).width == pytest.approx(0.5, abs=0.1)


def test_a_finer_photo_than_the_canvas_tells_a_finer_width() -> None:
    rgb, mask = drawn(np.random.default_rng(3), 2.0, 1.0, 45, 150)
    small = cv2.resize(mask.astype(np.uint8), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_NEAREST) > 0
    twice = np.array([[2, 0, 0.5], [0, 2, 0.5], [0, 0, 1.0]])
    sizes = measure_px("scratch", small, source=Source(rgb, twice, blur_px=1.0))
    assert abs(sizes.width - 1.0) < 2 * sizes.width_error
    assert sizes.width < measure_px("scratch", small).width / 2
