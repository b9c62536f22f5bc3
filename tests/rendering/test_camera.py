"""The camera: truth in millimetres survives the way into the photo and back, at any tilt."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.datasets.annotations.annotation import Annotation, Stroke, annotation_mask, canvas_hw, mm_from_raster
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.inference.defects.skeleton import centre_line
from phonegrade.rendering.camera import Pose

SIZE_MM = (71.5, 146.7)


def a_pose(tilt_deg: float, axis_deg: float, spin_deg: float) -> Pose:
    axis = np.deg2rad(axis_deg)
    tilt, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([np.cos(axis), np.sin(axis), 0.0]))
    spin, _ = cv2.Rodrigues(np.array([0.0, 0.0, np.deg2rad(spin_deg)]))
    return Pose((2400, 2400), SIZE_MM, tilt @ spin, 320.0, 3400.0, (1200.0, 1200.0))


@settings(max_examples=25, deadline=None)
@given(
    tilt_deg=st.floats(0, 55),
    axis_deg=st.floats(0, 360),
    spin_deg=st.floats(0, 360),
    heading_deg=st.floats(0, 180),
    bend_mm=st.floats(0, 8),
)
def test_a_stroke_keeps_its_length_through_the_camera(
    tilt_deg: float, axis_deg: float, spin_deg: float, heading_deg: float, bend_mm: float
) -> None:
    along = np.linspace(-20, 20, 40)
    heading = np.deg2rad(heading_deg)
    turn = np.array([[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]])
    curve = np.column_stack([along, bend_mm * (1 - (along / 20) ** 2)]) @ turn + np.array(SIZE_MM) / 2
    stroke = Stroke(curve, 0.5)
    hw = canvas_hw(SIZE_MM, LABEL_PX_PER_MM)
    mask = annotation_mask(Annotation("scratch", "deep", (stroke,)), hw, LABEL_PX_PER_MM).astype(np.float32)
    pose = a_pose(tilt_deg, axis_deg, spin_deg)
    photo_from_canvas = pose.photo_from_mm @ mm_from_raster(hw, SIZE_MM)
    photo = cv2.warpPerspective(mask, photo_from_canvas, pose.photo_hw[::-1])
    back = cv2.warpPerspective(photo, photo_from_canvas, hw[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP) > 0.5
    line = centre_line(back)
    assert line is not None
    assert line.length_px / LABEL_PX_PER_MM == pytest.approx(stroke.length_mm, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(tilt_deg=st.floats(0, 60), axis_deg=st.floats(0, 360), spin_deg=st.floats(0, 360))
def test_the_homography_is_the_pinhole_camera_s(tilt_deg: float, axis_deg: float, spin_deg: float) -> None:
    pose = a_pose(tilt_deg, axis_deg, spin_deg)
    mm, depth_mm = np.array([12.0, 130.0]), 7.7
    for depth, homography in ((0.0, pose.photo_from_mm), (depth_mm, pose.photo_from_plane(depth_mm))):
        x, y, z = pose.turn @ np.array([*(mm - np.array(SIZE_MM) / 2), depth]) + [0, 0, pose.distance_mm]
        wanted = np.array([x, y]) / z * pose.focal_px + pose.principal_px
        assert cv2.perspectiveTransform(mm[None, None], homography)[0, 0] == pytest.approx(wanted, abs=1e-6)
    assert pose.tilt_deg == pytest.approx(tilt_deg, abs=1e-3)
