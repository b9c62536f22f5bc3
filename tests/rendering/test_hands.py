"""Hands and clutter: layers of the right shape, fingers over the rim only, nothing but hands over the phone."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from phonegrade.rendering.camera import Pose
from phonegrade.rendering.scene.clutter import draw_clutter
from phonegrade.rendering.scene.hands import draw_hand

HEIGHT, WIDTH = 300, 400
FACE = np.array([[150, 60], [250, 60], [250, 260], [150, 260]], np.float32)
CLUTTER_MM_PER_PX = 0.72


def a_pose(size_mm: tuple[float, float], tilt_deg: float = 0.0, scale: float = 1.0) -> Pose:
    """Straight over the middle of a surface that spans about half of the frame."""
    turn, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([0.8, 0.6, 0]))
    return Pose((HEIGHT, WIDTH), size_mm, turn, 300.0, 300 * 1.36 * scale, (WIDTH / 2, HEIGHT / 2))


PHONE, EDGE = a_pose((71.5, 146.7)), a_pose((146.7, 7.7))


def inside(pose: Pose) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillConvexPoly(mask, np.round(pose.corners_px).astype(np.int32), 1)
    return mask > 0


@pytest.mark.parametrize("seed", range(15))
def test_a_hand_reaches_over_the_rim_and_leaves_most_free(seed: int) -> None:
    layers = draw_hand(PHONE, 8.0, np.random.default_rng(seed))
    assert layers.behind.shape == layers.over.shape == (HEIGHT, WIDTH, 4)
    assert layers.behind.dtype == layers.over.dtype == np.uint8
    covered = (layers.over[..., 3] > 128) & inside(PHONE)
    assert covered.any()
    assert covered.sum() < 0.4 * inside(PHONE).sum()


def test_shade_alone_never_counts_as_cover() -> None:
    """Labels are taken away under an alpha over a half: where a hand only throws shade they stay."""
    for seed in range(8):
        layers = draw_hand(PHONE, 8.0, np.random.default_rng(seed))
        black = layers.over[..., :3].max(axis=2) == 0
        assert layers.over[black & inside(PHONE)][:, 3].max() < 128


def test_a_hand_shows_beside_the_phone() -> None:
    for seed in range(10):
        layers = draw_hand(PHONE, 8.0, np.random.default_rng(seed))
        shown = np.maximum(layers.behind[..., 3], layers.over[..., 3]) > 128
        assert (shown & ~inside(PHONE)).sum() > 100


def test_what_lies_behind_the_phone_is_not_laid_over_it() -> None:
    """Palms and forearms are in the layer behind, wherever the camera stands."""
    behind = over = 0
    for seed in range(10):
        layers = draw_hand(a_pose((71.5, 146.7), tilt_deg=30), 8.0, np.random.default_rng(seed))
        behind += (layers.behind[..., 3] > 128).sum()
        over += (layers.over[..., 3] > 128).sum()
    assert behind > 1.5 * over


@pytest.mark.parametrize("seed", range(6))
def test_an_edge_is_held_without_being_hidden(seed: int) -> None:
    layers = draw_hand(EDGE, 72.0, np.random.default_rng(seed))
    covered = (layers.over[..., 3] > 128) & inside(EDGE)
    assert covered.sum() < 0.5 * inside(EDGE).sum()


def test_skin_tones_cover_a_wide_range() -> None:
    tones = []
    for seed in range(25):
        layers = draw_hand(PHONE, 8.0, np.random.default_rng(seed))
        tones.append(np.median(layers.behind[layers.behind[..., 3] > 250][:, 0]))
    assert min(tones) < 110
    assert max(tones) > 180


def test_a_phone_larger_than_the_picture_is_no_trouble() -> None:
    for seed in range(10):
        layers = draw_hand(a_pose((71.5, 146.7), scale=6.0), 8.0, np.random.default_rng(seed))
        assert layers.over.shape == (HEIGHT, WIDTH, 4)


def test_the_same_seed_gives_the_same_hand_and_clutter() -> None:
    first, again = (draw_hand(PHONE, 8.0, np.random.default_rng(7)) for _ in range(2))
    assert first.over.tobytes() == again.over.tobytes()
    assert first.behind.tobytes() == again.behind.tobytes()
    things, same = (draw_clutter(FACE, CLUTTER_MM_PER_PX, HEIGHT, WIDTH, np.random.default_rng(7)) for _ in range(2))
    assert things.tobytes() == same.tobytes()


@pytest.mark.parametrize("seed", range(12))
def test_clutter_never_lies_over_the_phone(seed: int) -> None:
    layer = draw_clutter(FACE, CLUTTER_MM_PER_PX, HEIGHT, WIDTH, np.random.default_rng(seed))
    assert layer.shape == (HEIGHT, WIDTH, 4)
    assert layer.dtype == np.uint8
    mask = cv2.fillConvexPoly(np.zeros((HEIGHT, WIDTH), np.uint8), FACE.astype(np.int32), 1)
    assert layer[mask > 0].max() == 0


def test_clutter_is_seen_in_most_pictures() -> None:
    layers = [draw_clutter(FACE, CLUTTER_MM_PER_PX, HEIGHT, WIDTH, np.random.default_rng(seed)) for seed in range(20)]
    shown = [layer[..., 3].max() > 200 for layer in layers]
    assert sum(shown) > 12
