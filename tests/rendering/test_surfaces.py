"""Clean device surfaces: shapes, ranges, where things lie, and the same seed giving the same bytes."""

from dataclasses import fields

import cv2
import numpy as np
import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.device.device_style import DeviceStyle, draw_style
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.device.surfaces import SurfaceMaps, draw_surface

HEIGHT_MM, WIDTH_MM, DEPTH_MM = 146.0, 71.0, 8.0
PX_PER_MM = 3.0


def style_of(seed: int, year: int = 2018, case_share: float = 0.0) -> DeviceStyle:
    return draw_style(HEIGHT_MM, WIDTH_MM, DEPTH_MM, year, case_share, 0.16, np.random.default_rng(seed))


def size_of(surface: Surface) -> tuple[float, float]:
    match surface:
        case Surface.FRONT | Surface.BACK:
            return WIDTH_MM, HEIGHT_MM
        case Surface.LEFT | Surface.RIGHT:
            return HEIGHT_MM, DEPTH_MM
        case _:
            return WIDTH_MM, DEPTH_MM


def maps_of(
    surface: Surface,
    seed: int,
    screen: Screen = Screen.OFF,
    year: int = 2018,
    case_share: float = 0.0,
    px_per_mm: float = PX_PER_MM,
) -> SurfaceMaps:
    style = style_of(seed, year, case_share)
    return draw_surface(style, surface, size_of(surface), px_per_mm, screen, np.random.default_rng(seed))


def in_cases(kinds: tuple[str, ...]) -> list[int]:
    """Seeds of phones in a case of one of `kinds`."""
    cases = {seed: style_of(seed, case_share=1).case for seed in range(40)}
    return [seed for seed, case in cases.items() if case is not None and case.kind in kinds][:4]


@pytest.mark.parametrize("surface", list(Surface))
@pytest.mark.parametrize("seed", range(6))
def test_every_map_has_the_canvas_shape_and_stays_in_range(surface: Surface, seed: int) -> None:
    maps = maps_of(surface, seed, year=2012 + 2 * seed, case_share=0.5)
    width, height = size_of(surface)
    shape = (round(height * PX_PER_MM), round(width * PX_PER_MM))
    assert maps.diffuse.shape == maps.emission.shape == (*shape, 3)
    for plane in (maps.gloss, maps.roughness, maps.height, maps.body, maps.display, maps.camera, maps.glass):
        assert plane.shape == shape
    for plane in (maps.diffuse, maps.gloss, maps.roughness, maps.body):
        assert plane.dtype == np.float32
        assert 0 <= plane.min() <= plane.max() <= 1
    assert np.isfinite(maps.height).all()
    assert 0 <= maps.emission.min() <= maps.emission.max() <= 1.5


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.BACK, Surface.BOTTOM])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(surface: Surface) -> None:
    first, again, other = maps_of(surface, 3, Screen.UI), maps_of(surface, 3, Screen.UI), maps_of(surface, 4, Screen.UI)
    for field in fields(SurfaceMaps):
        assert getattr(first, field.name).tobytes() == getattr(again, field.name).tobytes()
    assert first.diffuse.tobytes() != other.diffuse.tobytes()


def test_a_style_is_fixed_by_its_seed() -> None:
    assert style_of(5) == style_of(5)
    assert style_of(5) != style_of(6)


@pytest.mark.parametrize("seed", range(12))
def test_the_display_lies_inside_the_body_and_fills_most_of_the_front(seed: int) -> None:
    maps = maps_of(Surface.FRONT, seed, year=2012 + seed)
    assert (maps.body[maps.display] > 0.5).all()
    assert 0.4 < maps.display.sum() / (maps.body > 0.5).sum() < 0.99


@pytest.mark.parametrize("seed", range(6))
def test_the_display_is_on_the_glass_and_only_on_the_front(seed: int) -> None:
    front = maps_of(Surface.FRONT, seed)
    assert (front.glass[front.display]).mean() > 0.98
    for surface in set(Surface) - {Surface.FRONT}:
        assert not maps_of(surface, seed).display.any()


@pytest.mark.parametrize("screen", [Screen.UI, Screen.WHITE, Screen.DARK])
def test_a_lit_screen_shines_inside_the_display_alone(screen: Screen) -> None:
    maps = maps_of(Surface.FRONT, 2, screen)
    assert maps.emission[maps.display].mean() > 0
    far_outside = maps.body < 0.5
    assert maps.emission[far_outside].max() == 0


def test_a_screen_that_is_off_shines_nowhere_and_is_dark() -> None:
    for seed in range(8):
        maps = maps_of(Surface.FRONT, seed)
        assert maps.emission.max() == 0
        assert np.median(maps.diffuse[maps.display]) < 0.02


@pytest.mark.parametrize("surface", list(Surface))
def test_no_surface_gives_back_more_light_than_falls_on_it(surface: Surface) -> None:
    for seed in range(8):
        maps = maps_of(surface, seed, case_share=0.5)
        assert np.percentile(maps.diffuse.max(axis=2) + maps.gloss, 99.9) < 1.02


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.BACK, Surface.LEFT])
@pytest.mark.parametrize("seed", range(6))
def test_a_phone_looks_the_same_at_any_resolution(surface: Surface, seed: int) -> None:
    fine = maps_of(surface, seed, Screen.UI, case_share=0.4, px_per_mm=8)
    for coarse in (maps_of(surface, seed, Screen.UI, case_share=0.4, px_per_mm=scale) for scale in (3.0, 4.7)):
        for name in ("diffuse", "emission"):
            large, small = getattr(fine, name), getattr(coarse, name)
            shrunk = cv2.resize(large, small.shape[1::-1], interpolation=cv2.INTER_AREA)
            soft = [cv2.GaussianBlur(picture, (0, 0), 3) for picture in (shrunk, small)]
            assert np.abs(soft[0] - soft[1]).mean() < 0.02 * max(float(large.max()), 0.3)


def test_what_the_screen_shows_changes_nothing_else_of_the_front() -> None:
    off, lit = maps_of(Surface.FRONT, 3), maps_of(Surface.FRONT, 3, Screen.UI)
    for name in ("diffuse", "gloss", "roughness", "height", "display", "glass"):
        assert getattr(off, name).tobytes() == getattr(lit, name).tobytes()


def test_a_white_screen_is_brighter_than_a_dark_one() -> None:
    white, dark = maps_of(Surface.FRONT, 1, Screen.WHITE), maps_of(Surface.FRONT, 1, Screen.DARK)
    assert white.emission.mean() > 5 * dark.emission.mean()


@pytest.mark.parametrize("seed", range(8))
def test_every_back_has_a_camera_inside_the_body_and_no_front_or_edge_has(seed: int) -> None:
    back = maps_of(Surface.BACK, seed, year=2012 + seed)
    assert back.camera.sum() > 10 * PX_PER_MM**2
    assert (back.body[back.camera] > 0.5).all()
    assert not maps_of(Surface.FRONT, seed).camera.any()
    assert not maps_of(Surface.LEFT, seed).camera.any()


def test_a_back_has_glass_exactly_when_its_style_says_so() -> None:
    for seed in range(12):
        assert maps_of(Surface.BACK, seed).glass.any() == style_of(seed).glass_back


def test_a_solid_case_hides_the_back_but_not_its_camera() -> None:
    seeds = in_cases(("solid", "wallet"))
    assert seeds
    for seed in seeds:
        bare, cased = maps_of(Surface.BACK, seed), maps_of(Surface.BACK, seed, case_share=1)
        case = style_of(seed, case_share=1).case
        assert case is not None
        assert cased.glass.sum() < 0.35 * cased.glass.size
        assert (bare.camera == cased.camera).all()
        lens = cased.camera & (bare.diffuse.max(axis=2) < 0.01)
        assert np.abs(cased.diffuse - bare.diffuse)[lens].mean() < 0.01
        away = np.abs(np.median(cased.diffuse[~cased.camera], axis=0) - case.colour)
        assert away.max() < 0.3 * max(case.colour) + 0.01
        assert not style_of(seed, case_share=1).glass_back


def test_a_clear_case_shows_the_back_through() -> None:
    seeds = in_cases(("clear",))
    assert seeds
    for seed in seeds:
        bare, cased = maps_of(Surface.BACK, seed), maps_of(Surface.BACK, seed, case_share=1)
        assert (bare.glass == cased.glass).all()
        assert np.median(np.abs(bare.diffuse - cased.diffuse)) < 0.15


def test_a_case_laps_over_the_rim_of_the_front() -> None:
    for seed in range(4):
        bare, cased = maps_of(Surface.FRONT, seed), maps_of(Surface.FRONT, seed, case_share=1)
        assert cased.glass.sum() < bare.glass.sum()
        assert (bare.display & ~cased.glass).sum() < 0.05 * bare.display.sum()


@pytest.mark.parametrize("surface", [Surface.LEFT, Surface.RIGHT, Surface.TOP, Surface.BOTTOM])
def test_an_edge_shows_glass_in_thin_lines_only(surface: Surface) -> None:
    for seed in range(6):
        glass = maps_of(surface, seed).glass
        assert glass.any()
        assert glass.mean() < 0.5


def test_older_phones_have_larger_bezels_than_new_ones() -> None:
    old = np.mean([style_of(seed, 2013).face.top_bezel_mm for seed in range(40)])
    new = np.mean([style_of(seed, 2023).face.top_bezel_mm for seed in range(40)])
    assert old > new + 3


def test_some_phones_have_white_bezels_round_a_black_display() -> None:
    bright = [style_of(seed, 2015) for seed in range(60)]
    white = [style for style in bright if min(style.face.bezel.colour) > 0.5]
    assert 5 < len(white) < 50
    assert all(max(style.face.display.colour) < 0.05 for style in white)
