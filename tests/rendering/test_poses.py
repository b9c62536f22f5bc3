"""Poses: what is whole, what is cut off, how near the camera stands."""

import numpy as np
import pytest

from phonegrade.configs.render_settings import load_preset
from phonegrade.rendering.camera import NEAREST_MM, Pose, draw_pose

FACE, LONG_EDGE, SHORT_EDGE = (71.5, 146.7), (146.7, 7.7), (71.5, 7.7)
SURFACES = pytest.mark.parametrize("size_mm", [FACE, LONG_EDGE, SHORT_EDGE])


def poses(preset: str, size_mm: tuple[float, float], count: int = 200, **overrides: object) -> list[Pose]:
    settings = load_preset(preset).camera.model_copy(update=overrides)
    return [draw_pose(size_mm, settings, np.random.default_rng(seed)) for seed in range(count)]


def is_whole(pose: Pose) -> bool:
    return bool(((pose.corners_px > 0) & (pose.corners_px < pose.photo_hw[::-1])).all())


@SURFACES
def test_a_fixed_camera_shows_the_whole_surface(size_mm: tuple[float, float]) -> None:
    assert all(is_whole(pose) for pose in poses("kiosk", size_mm))


@SURFACES
def test_the_surface_spans_what_the_settings_ask(size_mm: tuple[float, float]) -> None:
    for pose in poses("app", size_mm, 60, fill=(0.8, 0.8), cropped_share=0.0):
        span = pose.corners_px.max(axis=0) - pose.corners_px.min(axis=0)
        assert (span / pose.photo_hw[::-1]).max() == pytest.approx(0.8, abs=1e-6)


def test_people_shoot_long_edges_in_part_more_often_than_faces() -> None:
    cut = {size: np.mean([not is_whole(pose) for pose in poses("app", size)]) for size in (FACE, LONG_EDGE)}
    assert cut[FACE] < 0.25
    assert 0.3 < cut[LONG_EDGE] < 0.55


@SURFACES
def test_no_camera_stands_nearer_than_it_can_focus(size_mm: tuple[float, float]) -> None:
    for pose in poses("app", size_mm):
        corners = np.array([[x, y, 0] for x in (-0.5, 0.5) for y in (-0.5, 0.5)]) * [*size_mm, 0]
        depth = (corners @ pose.turn.T)[:, 2] + pose.distance_mm
        assert depth.min() > NEAREST_MM - 1


def test_most_frames_stand_as_the_phone_does() -> None:
    along = []
    for pose in poses("app", FACE):
        span = pose.corners_px.max(axis=0) - pose.corners_px.min(axis=0)
        if abs(np.log(span[1] / span[0])) > 0.3:
            along.append((span[1] > span[0]) == (pose.photo_hw[0] > pose.photo_hw[1]))
    assert 0.65 < np.mean(along) < 0.95
