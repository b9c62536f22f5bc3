"""Rendered photos: the truth lies on the picture, and a seed gives the same truth."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import simplejpeg

from phonegrade.configs.render_settings import WearLevel, load_preset
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.vocabulary import LOCATOR_VIEWS, Surface, View
from phonegrade.datasets.annotations.annotation import CLASS_BIT, Annotation, Stroke
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.datasets.manifest import read_manifest
from phonegrade.datasets.placement import TileFormat
from phonegrade.datasets.scenes import LocatorScenes
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.rendering.camera import draw_pose, to_linear, to_srgb
from phonegrade.rendering.device.device_style import draw_style
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.photo import Route, render_photo
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set

SIZE_MM = (71.5, 146.7)


def a_phone(*annotations: Annotation) -> Phone:
    """A dark slab whose front carries `annotations` alone."""
    device = find_device("iPhone 13")
    style = draw_style(146.7, 71.5, 7.7, 2021, 0.0, 0.0, np.random.default_rng(0))
    return Phone(device, style, WearLevel.MINT, dict.fromkeys(Surface, ()) | {Surface.FRONT: annotations}, (0,))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("set")
    plan = plan_set("wild", 1, 3, route=Route.RASTERISED)
    camera = plan.scenarios["wild"].camera.model_copy(update={"long_side_px": (640, 900)})
    scenarios = {"wild": plan.scenarios["wild"].model_copy(update={"camera": camera})}
    render_set(root, 5, plan.model_copy(update={"scenarios": scenarios}), workers=1)
    return root


@pytest.mark.parametrize("seed", range(4))
def test_the_label_lies_on_the_annotation_in_the_picture(seed: int) -> None:
    """A broad white bar on a black display stands in the photo where truth and homography say."""
    settings = load_preset("kiosk")
    bar = Annotation("scratch", "deep", (Stroke(np.array([[20.0, 40.0], [50.0, 100.0]]), 2.0, 1.0),))
    rng = np.random.default_rng(seed)
    pose = draw_pose(SIZE_MM, settings.camera, rng)
    photos = []
    for phone in (a_phone(bar), a_phone()):
        photos.append(
            render_photo(
                phone, Surface.FRONT, Screen.OFF, pose, settings, Route.RASTERISED, np.random.default_rng(seed)
            )
        )
    worn, clean = photos
    assert worn.grey_levels[0] > settings.wear.visible_grey_levels
    canvas = pose.photo_from_mm @ np.diag([1 / LABEL_PX_PER_MM, 1 / LABEL_PX_PER_MM, 1.0])
    size = worn.label.shape[::-1]
    rectified = (
        cv2.warpPerspective(worn.rgb, canvas, size, flags=cv2.INTER_AREA | cv2.WARP_INVERSE_MAP)
        .astype(float)
        .mean(axis=2)
    )
    on = worn.label & CLASS_BIT["scratch"] > 0
    beside = cv2.dilate(on.astype(np.uint8), np.ones((41, 41))).astype(bool) & ~cv2.dilate(
        on.astype(np.uint8), np.ones((9, 9))
    ).astype(bool)
    assert on.sum() / LABEL_PX_PER_MM**2 == pytest.approx(2 * np.hypot(30, 60), rel=0.1)
    assert np.median(rectified[on]) > np.median(rectified[beside]) + 10
    assert not (clean.label & CLASS_BIT["scratch"]).any()


def test_tiles_and_scenes_are_the_same_for_one_epoch_and_new_in_the_next(rendered: Path) -> None:
    tiles = SegmenterTiles(rendered, "train", TileFormat(128), seed=0, augment=True)
    scenes = LocatorScenes([rendered], "train", 160, seed=0, augment=True)
    for draw in (lambda epoch: tiles.sample(0, epoch)[0], lambda epoch: scenes.sample(0, epoch)[0]):
        assert (draw(1) == draw(1)).all()
        assert (draw(1) != draw(2)).any()
    tile, label = tiles.sample(0, 0)
    assert tile.shape == (128, 128, 3)
    assert label.shape == (64, 64)


def test_a_scene_shows_the_body_where_its_mask_says(rendered: Path) -> None:
    scenes = LocatorScenes([rendered], "train", 320, seed=0, augment=False)
    checked = 0
    for index, record in enumerate(read_manifest(rendered, "train")):
        if record.corners_px is None or record.cropped:
            continue
        _, bits, _ = scenes.sample(index, 0)
        width, height = record.photo_wh
        corners = (np.array(record.corners_px) - (width / 2, height / 2)) * 160 / max(width, height) + 80
        drawn = cv2.fillPoly(np.zeros((160, 160), np.uint8), [np.int32(np.round(corners))], 1)
        if drawn.sum() > 400:
            body, ring = bits & 1, np.ones((3, 3), np.uint8)
            assert not (body & ~cv2.dilate(drawn, ring) & 1).any()
            assert (cv2.erode(drawn, ring) & ~body & 1).sum() < 0.05 * drawn.sum()
            checked += 1
    assert checked > 2


def test_parts_of_photos_show_enough_of_a_device_or_none_and_are_labelled_so(rendered: Path) -> None:
    scenes = LocatorScenes([rendered], "train", 160, seed=0, augment=True)
    with_device = [i for i, record in enumerate(read_manifest(rendered, "train")) if record.view is not View.NONE]
    drawn = [scenes.sample(index, epoch) for index in with_device for epoch in range(12)]
    without = [not bits.any() for _, bits, _ in drawn]
    assert [LOCATOR_VIEWS[view] == View.NONE for _, _, view in drawn] == without
    assert 0.01 < np.mean(without) < 0.2


def test_annotations_that_overlap_keep_both_labels() -> None:
    settings = load_preset("kiosk")
    line = Annotation("scratch", "deep", (Stroke(np.array([[20.0, 60.0], [50.0, 60.0]]), 1.0, 1.0),))
    corners = np.array([[28.0, 52.0], [42.0, 52.0], [42.0, 68.0], [28.0, 68.0]])
    patch = Annotation("chip", "glass", (), (corners,), depth_mm=0.3)
    rng = np.random.default_rng(0)
    pose = draw_pose(SIZE_MM, settings.camera, rng)
    photo = render_photo(a_phone(line, patch), Surface.FRONT, Screen.OFF, pose, settings, Route.RASTERISED, rng)
    assert min(photo.grey_levels) > settings.wear.visible_grey_levels
    both = CLASS_BIT["scratch"] | CLASS_BIT["chip"]
    assert photo.label[480, 280] == both


def test_srgb_and_back_is_the_identity() -> None:
    codes = np.arange(256, dtype=np.uint8)
    assert np.abs(to_srgb(to_linear(codes)) * 255 - codes).max() < 0.6


def test_photos_are_jpeg_of_the_recorded_size(rendered: Path) -> None:
    for record in read_manifest(rendered):
        height, width, _, _ = simplejpeg.decode_jpeg_header((rendered / record.photo).read_bytes())
        assert (width, height) == record.photo_wh
