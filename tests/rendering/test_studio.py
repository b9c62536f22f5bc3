"""The tile studio: truth lies on the picture, hidden annotations are ignored, a seed gives the same tiles."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.configs.render_settings import RenderSettings, WearLevel, load_preset, load_scenarios
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.annotations.annotation import CLASS_BIT, IGNORE_BIT, Annotation, Stroke
from phonegrade.datasets.labels import noise_map
from phonegrade.datasets.placement import PAD_GREY, TileFormat
from phonegrade.rendering.device.device_style import draw_style
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.phone import Phone
from phonegrade.rendering.rasterised import tile_shot
from phonegrade.rendering.rasterised.shading import Mirror
from phonegrade.rendering.rasterised.specimen import Specimen, prepare
from phonegrade.rendering.rasterised.tile_shot import shoot
from phonegrade.rendering.rasterised.window import moved, overlap, window_of, within
from phonegrade.rendering.scene.lighting import draw_environment
from phonegrade.rendering.set_plan import worn
from phonegrade.rendering.tile_studio import TileStudio

BAR = Annotation("scratch", "deep", (Stroke(np.array([[20.0, 40.0], [50.0, 100.0]]), 2.0, 1.0),))
CROP_PX = 192


def a_specimen(settings: RenderSettings) -> Specimen:
    """The front of a dark slab that carries BAR alone, on a desk."""
    device = find_device("iPhone 13")
    style = draw_style(146.7, 71.5, 7.7, 2021, 0.0, 0.0, np.random.default_rng(0))
    phone = Phone(device, style, WearLevel.MINT, dict.fromkeys(Surface, ()) | {Surface.FRONT: (BAR,)}, (0,))
    return prepare(phone, Surface.FRONT, Screen.OFF, 8.0, settings, np.random.default_rng(0))


@pytest.fixture(scope="module")
def settings() -> RenderSettings:
    return load_preset("kiosk").model_copy(update={"hand_share": 0.0, "clutter_share": 0.0})


@pytest.fixture(scope="module")
def specimen(settings: RenderSettings) -> Specimen:
    return a_specimen(settings)


def grey(rgb: np.ndarray) -> np.ndarray:
    """At half the size, as the bits are."""
    return cv2.resize(rgb.astype(np.float32).mean(axis=2), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def test_the_label_lies_where_the_annotation_changes_the_tile(
    specimen: Specimen, settings: RenderSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over any pose, scale and turn: shot twice alike, with the bar's paint and without."""
    monkeypatch.setattr(tile_shot, "_ATTEMPTS", 1)
    checked = 0
    for seed in range(16):
        light = draw_environment(settings.lights, np.random.default_rng(seed))
        tile, bits = shoot(specimen, light, TileFormat(CROP_PX), settings, np.random.default_rng(seed))
        clean, _ = shoot(
            replace(specimen, layers=None), light, TileFormat(CROP_PX), settings, np.random.default_rng(seed)
        )
        on = (bits & CLASS_BIT["scratch"]) > 0
        if on.sum() < 100:
            continue
        change = np.abs(cv2.GaussianBlur(grey(tile) - grey(clean), (0, 0), 1.0))
        beside = ~cv2.dilate(on.astype(np.uint8), np.ones((13, 13))).astype(bool)
        assert np.median(change[on]) > 2 * np.median(change[beside]) + 2  # tone mapping moves all of it a little
        covered = {(x, y): change[np.roll(on, (y, x), (0, 1))].mean() for x in range(-3, 4) for y in range(-3, 4)}
        assert covered[0, 0] > 0.93 * max(covered.values())
        checked += 1
    assert checked > 8


def test_invisible_annotations_are_ignored(specimen: Specimen, settings: RenderSettings) -> None:
    light = draw_environment(settings.lights, np.random.default_rng(0))
    ignored = 0
    for seed in range(6):
        _, bits = shoot(
            replace(specimen, layers=None), light, TileFormat(CROP_PX), settings, np.random.default_rng(seed)
        )
        assert not (bits & (IGNORE_BIT - 1)).any()
        ignored += int((bits & IGNORE_BIT).any())
    assert ignored > 2


def test_a_window_shows_what_the_whole_surface_shows_there(specimen: Specimen, settings: RenderSettings) -> None:
    rng = np.random.default_rng(0)
    light, mirror = draw_environment(settings.lights, rng), Mirror.draw(rng)
    h, w = specimen.maps.gloss.shape
    whole = specimen.light((slice(0, h), slice(0, w)), light, mirror)
    window = (slice(310, 820), slice(130, 470))
    for part, full in zip(specimen.light(window, light, mirror), whole, strict=True):
        assert np.abs(part - full[window])[2:-2, 2:-2].max() < 1e-3
    clean, worn = specimen.light((slice(0, 100), slice(0, 100)), light, mirror)
    assert clean is worn


def test_a_tile_off_the_surface_is_grey_and_without_label(settings: RenderSettings) -> None:
    """Pads are as the canvas has them: one flat grey, which has no label."""
    scenarios = load_scenarios("mixed")
    studio, padded = TileStudio(scenarios, TileFormat(128), seed=5), 0
    for index in range(6):
        for tile, bits in studio.tiles(index, 2):
            assert tile.shape == (128, 128, 3)
            assert tile.dtype == np.uint8
            assert bits.shape == (64, 64)
            assert bits.dtype == np.uint16
            pad = (tile == PAD_GREY).all(axis=2)
            pad = cv2.erode(pad.astype(np.uint8), np.ones((7, 7)))[::2, ::2] > 0
            padded += int(pad.sum())
            assert not bits[pad].any()
    assert padded > 500


def test_the_same_seed_and_number_give_the_same_tiles_and_others_others() -> None:
    studio = TileStudio(load_scenarios("mixed"), TileFormat(96), seed=1)
    first, again = list(studio.tiles(3, 3)), list(studio.tiles(3, 3))
    for (tile, bits), (same, same_bits) in zip(first, again, strict=True):
        assert (tile == same).all()
        assert (bits == same_bits).all()
    assert (first[0][0] != first[1][0]).any()
    assert (first[0][0] != next(studio.tiles(4, 1))[0]).any()
    assert (first[0][0] != next(TileStudio(load_scenarios("mixed"), TileFormat(96), seed=2).tiles(3, 1))[0]).any()


def test_fewer_tiles_of_a_surface_are_the_first_of_more() -> None:
    studio = TileStudio(load_scenarios("mixed"), TileFormat(96), seed=1)
    for (tile, _), (same, _) in zip(studio.tiles(0, 1), studio.tiles(0, 2), strict=False):
        assert (tile == same).all()


@pytest.mark.parametrize("sigma", [2.0, 6.0, 15.0])
def test_noise_is_measured_beside_edges(sigma: float) -> None:
    picture = np.full((200, 200), 60.0)
    picture[:, 100:] = 180
    picture[40:44] = 250
    noisy = picture + np.random.default_rng(0).normal(0, sigma, picture.shape)
    rgb = np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    beside_one_edge = noise_map(rgb)[100:]
    assert np.median(beside_one_edge) == pytest.approx(sigma, rel=0.15)
    assert np.percentile(beside_one_edge, 99) < 2.0 * max(sigma, 5.0)


sides = st.tuples(st.integers(0, 40), st.integers(1, 40)).map(lambda pair: slice(pair[0], pair[0] + pair[1]))
windows = st.tuples(sides, sides)


@given(windows, windows)
def test_what_windows_share_is_the_same_pixels_of_both(one: tuple[slice, slice], other: tuple[slice, slice]) -> None:
    raster = np.arange(80 * 80).reshape(80, 80)
    shared = overlap(one, other)
    assert shared == overlap(other, one)
    if shared is None:
        assert not np.isin(raster[one], raster[other]).any()
        return
    assert (raster[one][within(shared, one)] == raster[other][within(shared, other)]).all()
    assert moved(within(shared, one), one) == shared


@given(st.floats(-30, 120), st.floats(-30, 120), st.floats(0, 60), st.floats(0, 60))
def test_a_window_lies_on_its_raster_and_is_never_empty(x: float, y: float, w: float, h: float) -> None:
    rows, cols = window_of(np.array([x, y]), np.array([x + w, y + h]), (70, 90))
    assert 0 <= rows.start <= rows.stop - 2 <= 68
    assert 0 <= cols.start <= cols.stop - 2 <= 88


def test_phones_without_a_wanted_defect_still_give_tiles() -> None:
    preset = load_scenarios("kiosk")
    scenario = worn(preset.scenarios["kiosk"], WearLevel.MINT)
    studio = TileStudio(preset.model_copy(update={"scenarios": {"kiosk": scenario}}), TileFormat(96), seed=0)
    cracks = [bits & CLASS_BIT["crack"] for index in range(4) for _, bits in studio.tiles(index, 1)]
    assert len(cracks) == 4
    assert not np.any(cracks)
