"""Hands and clutter: layers of the right shape, fingers over the rim only, nothing but hands over the phone."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from phonegrade.datasets.scene.clutter import draw_clutter
from phonegrade.datasets.scene.hands import draw_hand

HEIGHT, WIDTH = 300, 400
FACE = np.array([[150, 60], [250, 60], [250, 260], [150, 260]], np.float32)
EDGE = np.array([[50, 140], [350, 140], [350, 157], [50, 157]], np.float32)


def inside(quad: NDArray[np.float32]) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(mask, quad.astype(np.int32), 1)
    return mask > 0


@pytest.mark.parametrize("seed", range(15))
def test_a_hand_reaches_over_the_rim_and_leaves_the_middle_free(seed: int) -> None:
    layers = draw_hand(FACE, HEIGHT, WIDTH, np.random.default_rng(seed))
    assert layers.behind.shape == layers.over.shape == (HEIGHT, WIDTH, 4)
    assert layers.behind.dtype == layers.over.dtype == np.uint8
    covered = (layers.over[..., 3] > 128) & inside(FACE)
    assert covered.any()
    assert covered.sum() < 0.25 * inside(FACE).sum()
    assert layers.over[160, 200, 3] < 128


def test_a_hand_shows_beside_the_phone() -> None:
    for seed in range(10):
        layers = draw_hand(FACE, HEIGHT, WIDTH, np.random.default_rng(seed))
        seen = np.maximum(layers.behind[..., 3], layers.over[..., 3]) > 128
        assert (seen & ~inside(FACE)).sum() > 100


@pytest.mark.parametrize("seed", range(6))
def test_an_edge_is_held_without_being_hidden(seed: int) -> None:
    layers = draw_hand(EDGE, HEIGHT, WIDTH, np.random.default_rng(seed))
    covered = (layers.over[..., 3] > 128) & inside(EDGE)
    assert covered.sum() < 0.5 * inside(EDGE).sum()


def test_skin_tones_cover_a_wide_range() -> None:
    tones = []
    for seed in range(25):
        layers = draw_hand(FACE, HEIGHT, WIDTH, np.random.default_rng(seed))
        tones.append(np.median(layers.over[layers.over[..., 3] > 250][:, 0]))
    assert min(tones) < 110
    assert max(tones) > 180


def test_a_quad_beyond_the_picture_is_no_trouble() -> None:
    for seed in range(10):
        layers = draw_hand(FACE * 3 - 300, HEIGHT, WIDTH, np.random.default_rng(seed))
        assert layers.over.shape == (HEIGHT, WIDTH, 4)


def test_the_same_seed_gives_the_same_hand_and_clutter() -> None:
    first, again = (draw_hand(FACE, HEIGHT, WIDTH, np.random.default_rng(7)) for _ in range(2))
    assert first.over.tobytes() == again.over.tobytes()
    assert first.behind.tobytes() == again.behind.tobytes()
    things, same = (draw_clutter(FACE, 0.72, HEIGHT, WIDTH, np.random.default_rng(7)) for _ in range(2))
    assert things.tobytes() == same.tobytes()


@pytest.mark.parametrize("seed", range(12))
def test_clutter_never_lies_over_the_phone(seed: int) -> None:
    layer = draw_clutter(FACE, 0.72, HEIGHT, WIDTH, np.random.default_rng(seed))
    assert layer.shape == (HEIGHT, WIDTH, 4)
    assert layer.dtype == np.uint8
    assert layer[inside(FACE)].max() == 0


def test_clutter_is_seen_in_most_pictures() -> None:
    seen = [
        draw_clutter(FACE, 0.72, HEIGHT, WIDTH, np.random.default_rng(seed))[..., 3].max() > 200 for seed in range(20)
    ]
    assert sum(seen) > 12
