"""Planes before the camera and what is painted on them."""

import cv2
import numpy as np
import pytest

from phonegrade.rendering.camera import Pose
from phonegrade.rendering.scene.backdrop import draw_backdrop, draw_empty
from phonegrade.rendering.scene.plane import behind, leant, turned, underneath

HEIGHT, WIDTH = 240, 320
STATION = ("foam", "tray")


def a_pose(tilt_deg: float, axis_deg: float = 20.0, spin_deg: float = 0.0) -> Pose:
    axis = np.deg2rad(axis_deg)
    lean, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([np.cos(axis), np.sin(axis), 0]))
    spin, _ = cv2.Rodrigues(np.deg2rad(spin_deg) * np.array([0.0, 0, 1]))
    return Pose((HEIGHT, WIDTH), (71.5, 146.7), lean @ spin, 320.0, 420.0, (WIDTH / 2 + 9, HEIGHT / 2 - 5))


def in_camera(pose: Pose, point: np.ndarray) -> np.ndarray:
    return pose.turn @ point + [0, 0, pose.distance_mm]


@pytest.mark.parametrize("tilt_deg", [0, 15, 50])
def test_points_of_a_plane_are_seen_where_the_pose_sees_them(tilt_deg: float) -> None:
    pose = a_pose(tilt_deg)
    plane = leant(turned(behind(pose, 30.0), 0.4), 0.3, 1)
    for u, v in ((0.0, 0.0), (40.0, -25.0), (-60.0, 10.0)):
        point = in_camera(pose, plane.origin + u * plane.across + v * plane.away)
        pixel = cv2.perspectiveTransform(np.array([[[u, v]]]), plane.photo_from_plane(pose))[0, 0]
        assert pixel == pytest.approx(pose.focal_px * point[:2] / point[2] + pose.principal_px)
        assert plane.nearness(pose) @ [*pixel, 1] == pytest.approx(1 / point[2])


def test_the_plane_behind_a_device_is_the_one_that_the_pose_knows() -> None:
    pose = a_pose(25)
    plane = behind(pose, 8.0)
    on_surface = np.array([[[0.0, 0.0]], [[71.5, 146.7]], [[30.0, 90.0]]])
    centred = on_surface - np.array(pose.size_mm) / 2
    own = centred @ np.column_stack([plane.across[:2], plane.away[:2]])
    by_plane = cv2.perspectiveTransform(own, plane.photo_from_plane(pose))
    assert by_plane == pytest.approx(cv2.perspectiveTransform(on_surface, pose.photo_from_plane(8.0)))


def test_what_the_frame_shows_of_a_plane_lies_within_its_reach() -> None:
    pose = a_pose(40)
    plane = behind(pose, 8.0)
    low, high = plane.visible_mm(pose, 3000.0)
    corners = np.array([[[0.0, 0.0], [WIDTH, 0.0], [WIDTH, HEIGHT], [0.0, HEIGHT]]])
    on_plane = cv2.perspectiveTransform(corners, np.linalg.inv(plane.photo_from_plane(pose)))[0]
    assert (on_plane > low - 1).all()
    assert (on_plane < high + 1).all()


def test_a_surface_stands_on_a_table_only_where_a_side_is_level_and_the_table_is_seen_from_above() -> None:
    from_above = a_pose(12, axis_deg=0)
    table = underneath(from_above)
    assert table is not None
    assert table.origin == pytest.approx([0, 146.7 / 2, 0])
    assert underneath(a_pose(12, axis_deg=0, spin_deg=45)) is None


@pytest.mark.parametrize("seed", range(10))
def test_a_backdrop_fills_the_photo(seed: int) -> None:
    pose = a_pose((0, 10, 35, 58)[seed % 4], spin_deg=90 * (seed % 2))
    held = seed % 3 == 0
    first, again = (
        draw_backdrop(pose, 8.0, None, held=held, cluttered=True, rng=np.random.default_rng(seed)) for _ in range(2)
    )
    assert first.picture.shape == (HEIGHT, WIDTH, 3)
    assert first.picture.dtype == np.uint8
    assert first.picture.tobytes() == again.picture.tobytes()
    assert not (held and first.lies)


def test_in_a_station_devices_always_lie() -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        assert draw_backdrop(a_pose(12, axis_deg=0), 8.0, STATION, held=False, cluttered=False, rng=rng).lies


def test_an_empty_scene_fills_the_photo_too() -> None:
    for seed in range(4):
        assert draw_empty(a_pose(20), None, np.random.default_rng(seed)).shape == (HEIGHT, WIDTH, 3)
