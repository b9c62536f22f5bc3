"""Drawn backgrounds: shape, type, variety, and the same seed giving the same bytes."""

import numpy as np
import pytest

from phonegrade.rendering.scene.backgrounds import draw_background


@pytest.mark.parametrize("seed", range(24))
def test_a_background_fills_the_picture_asked_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mm_per_px = (0.05, 0.2, 0.6)[seed % 3]
    picture = draw_background(120, 170, mm_per_px, rng)
    assert picture.shape == (120, 170, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("size", [(1, 1), (7, 300), (300, 7)])
def test_odd_sizes_are_drawn_too(size: tuple[int, int]) -> None:
    for seed in range(30):
        assert draw_background(*size, 0.3, np.random.default_rng(seed)).shape == (*size, 3)


def test_the_same_seed_gives_the_same_bytes() -> None:
    for seed in range(5):
        first, again = (draw_background(90, 120, 0.3, np.random.default_rng(seed)) for _ in range(2))
        assert first.tobytes() == again.tobytes()


def test_backgrounds_differ_in_brightness_and_texture() -> None:
    pictures = [draw_background(90, 120, 0.3, np.random.default_rng(seed)).astype(np.float32) for seed in range(60)]
    means = np.array([picture.mean() for picture in pictures])
    textures = np.array([np.abs(np.diff(picture, axis=1)).mean() for picture in pictures])
    assert means.min() < 60
    assert means.max() > 150
    assert textures.min() < 2
    assert textures.max() > 8
