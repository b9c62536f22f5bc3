"""Walls and shadows of the rasterised route stand where geometry puts them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from phonegrade.configs.render_settings import Light
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.rasterised.shadow import light_on_ground
from phonegrade.rendering.rasterised.side_walls import BodyOutline, outline_of
from phonegrade.rendering.scene.lighting import ENVIRONMENT_PX, Environment, draw_environment

SIZE_MM = (70.0, 140.0)
HEIGHT, WIDTH = 400, 300


def a_pose(tilt_deg: float = 0.0, axis: tuple[float, float] = (1.0, 0.0)) -> Pose:
    turn, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([*axis, 0]))
    return Pose((HEIGHT, WIDTH), SIZE_MM, turn, 400.0, 600.0, (WIDTH / 2, HEIGHT / 2))


def an_outline() -> BodyOutline:
    return outline_of(np.ones((560, 280), np.float32), SIZE_MM)


def under_a_lamp(at: tuple[float, float]) -> Environment:
    environment = draw_environment({Light.ROOM: 1.0}, np.random.default_rng(0))
    return replace(environment, lamp=at, lamp_share=0.6)


def test_the_outline_of_a_full_map_is_the_surface() -> None:
    outline = an_outline()
    assert np.abs(outline.points).max(axis=0) == pytest.approx(np.array(SIZE_MM) / 2, abs=0.3)
    assert (outline.normals * outline.points).sum(axis=1).min() > 0


def test_the_back_comes_out_on_the_side_that_leans_towards_the_camera() -> None:
    """Tilted about x, one end of the device is near: there its wall is seen, at the other end it is hidden."""
    outline, pose = an_outline(), a_pose(30)
    front, back = (outline.at(depth, pose) for depth in (0.0, 8.0))
    near = pose.turn[2, 1] * outline.points[:, 1] < -30
    outward = np.sign(front[near, 1].mean() - HEIGHT / 2)
    assert (outward * (back[near, 1] - front[near, 1])).min() > 0


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_shadows_fall_away_from_the_lamp(side: float) -> None:
    environment = under_a_lamp((side * ENVIRONMENT_PX / 3, 0.0))
    light = light_on_ground(environment, an_outline(), a_pose(), 8.0, 0.0, np.random.default_rng(0))
    half = SIZE_MM[0] / 2 / 400 * 600
    row, reach = HEIGHT // 2, 10
    left = light[row, int(WIDTH / 2 - half - reach)]
    right = light[row, int(WIDTH / 2 + half + reach)]
    assert (left - right) * side < -0.05


def test_the_ground_is_dark_at_the_rim_and_light_far_away() -> None:
    light = light_on_ground(under_a_lamp((0.0, 0.0)), an_outline(), a_pose(), 8.0, 0.0, np.random.default_rng(0))
    half = SIZE_MM[0] / 2 / 400 * 600
    at_rim, far = light[HEIGHT // 2, int(WIDTH / 2 + half + 1)], light[5, 5]
    assert at_rim < 0.75
    assert far > 0.95
