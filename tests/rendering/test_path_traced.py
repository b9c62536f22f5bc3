"""The path-traced route: the camera, the shape and the paint stand where the truth says."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.configs.render_settings import WearLevel, load_preset
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import SetupError
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import Annotation, Stroke, annotation_mask
from phonegrade.rendering.camera import Pose
from phonegrade.rendering.device.device_style import draw_style
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.lit import Scene
from phonegrade.rendering.path_traced.slab import face, outline_of, walls
from phonegrade.rendering.path_traced.trace import path_traced_light
from phonegrade.rendering.path_traced.variant import find_llvm, mitsuba
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.rasterise import rasterise_surface
from phonegrade.rendering.scene.lighting import draw_environment
from phonegrade.rendering.wear.layers import Layers

TEXELS_PER_MM = 4.0
BAR = Annotation("scratch", "deep", (Stroke(np.array([[20.0, 40.0], [50.0, 100.0]]), 3.0, 1.0),))


def a_scene(tilt_deg: float, axis_deg: float, surface: Surface = Surface.FRONT) -> Scene:
    device = find_device("iPhone 13")
    style = draw_style(146.7, 71.5, 7.7, 2021, 0.0, 0.0, np.random.default_rng(0))
    phone = Phone(device, style, WearLevel.MINT, dict.fromkeys(Surface, ()) | {Surface.FRONT: (BAR,)}, (0,))
    maps, _ = rasterise_surface(phone, surface, Screen.OFF, TEXELS_PER_MM)
    layers = Layers.empty(maps.gloss.shape)
    layers.white[annotation_mask(BAR, maps.gloss.shape, TEXELS_PER_MM)] = 1.0
    axis = np.deg2rad(axis_deg)
    turn, _ = cv2.Rodrigues(np.deg2rad(tilt_deg) * np.array([np.cos(axis), np.sin(axis), 0.3]))
    pose = Pose((300, 260), phone.size_mm(surface), turn, 300.0, 500.0, (140.0, 135.0))
    environment = draw_environment(load_preset("kiosk").lights, np.random.default_rng(1))
    ground = np.full((300, 260, 3), 0.3, np.float32)
    return Scene(phone, surface, maps, layers, pose, environment, ground, lies_on_ground=True)


@pytest.mark.parametrize(("tilt_deg", "axis_deg"), [(0, 0), (25, 10), (45, 80), (45, 200)])
def test_an_annotation_is_traced_where_the_truth_says(tilt_deg: float, axis_deg: float) -> None:
    scene = a_scene(tilt_deg, axis_deg)
    lit = path_traced_light(scene, 8, np.random.default_rng(0))
    change = scene.on_texels(np.abs(lit.photo - lit.clean()).mean(axis=2))
    truth = annotation_mask(BAR, change.shape, TEXELS_PER_MM)
    visible = change > 0.3 * np.median(change[truth])
    assert (visible & truth).sum() / (visible | truth).sum() > 0.75
    for axis in (0, 1):
        assert np.nonzero(visible)[axis].mean() == pytest.approx(
            np.nonzero(truth)[axis].mean(), abs=2.0
        )  # under a photo pixel


def test_the_device_covers_its_outline_in_the_photo() -> None:
    scene = a_scene(20, 40)
    dark = replace(scene, ground=np.ones_like(scene.ground), layers=None, lies_on_ground=False)
    light = path_traced_light(dark, 4, np.random.default_rng(0)).photo
    outside = np.abs(light - dark.environment.ambient).max(axis=2) < 1e-3
    drawn = cv2.fillPoly(np.zeros(outside.shape, np.uint8), [np.int32(np.round(scene.pose.corners_px))], 1)
    assert (outside & (cv2.erode(drawn, np.ones((25, 25))) > 0)).mean() < 1e-3
    assert (~outside & (cv2.dilate(drawn, np.ones((25, 25))) == 0)).mean() < 1e-3


def test_the_same_seed_traces_the_same_picture() -> None:
    one, other = (path_traced_light(a_scene(20, 40), 4, np.random.default_rng(5)).surface for _ in range(2))
    assert (one == other).all()


def test_the_shape_is_the_surface_with_walls_that_face_outwards() -> None:
    scene = a_scene(0, 0)
    outline = outline_of(scene.maps.body, scene.size_mm)
    assert cv2.contourArea(outline) == pytest.approx(scene.maps.body.sum() / TEXELS_PER_MM**2, rel=0.005)
    assert np.abs(outline.max(axis=0) - np.array(scene.size_mm) / 2).max() < 0.15
    assert face(outline, scene.size_mm).points[:, 2].max() == 0
    for part in walls(outline, 7.7):
        rim = part.points[part.faces[:, 0]]
        away = part.normals[part.faces[:, 0]]
        assert ((rim[:, :2] * away[:, :2]).sum(axis=1) > -1e-3).all()
        assert part.points[:, 2].max() == pytest.approx(7.7)


def test_the_newest_llvm_that_works_is_found(tmp_path: Path) -> None:
    for name in ("libLLVM-15.so", "libLLVM-14.so.1", "libLLVM.so.18.1", "libLLVM-19.so", "libLLVMSupport.a"):
        (tmp_path / name).touch()
    assert find_llvm((str(tmp_path),)) == tmp_path / "libLLVM-19.so"
    for name in ("libLLVM.so.18.1", "libLLVM-19.so"):
        (tmp_path / name).unlink()
    assert find_llvm((str(tmp_path),)) is None


def test_without_mitsuba_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    with pytest.raises(SetupError, match=r"phonegrade\[render\]"):
        mitsuba()
