"""Quality flags: each drawn fault raises its own flag, and a sound photo raises none."""

import cv2
import numpy as np
import pytest

from phonegrade.core.vocabulary import Surface, View
from phonegrade.inference.quality import (
    device_flags,
    dirt_flags,
    light_flags,
    outline_flags,
    sharpness_flags,
    view_flags,
)
from phonegrade.inference.quality_measures import blur_px
from phonegrade.tests.drawn import draw_surface

GREY = np.full((400, 300, 3), 120, np.uint8)
EVERYWHERE = np.ones(GREY.shape[:2], np.bool_)


def codes(flags: list) -> list[str]:
    return [flag.code for flag in flags]


@pytest.mark.parametrize("sigma", [2.0, 4.0, 6.0])
@pytest.mark.parametrize("contrast", [30, 200])
def test_blur_is_measured_whatever_the_contrast(sigma: float, contrast: int) -> None:
    step = np.zeros((400, 400, 3), np.float32)
    step[150:250, 100:300] = contrast
    blurred = np.round(cv2.GaussianBlur(step, (0, 0), sigma)).astype(np.uint8)
    assert blur_px(blurred) == pytest.approx(sigma, rel=0.3)


def test_a_sharp_surface_is_not_called_blurred_and_a_blurred_one_is() -> None:
    canvas = draw_surface(Surface.FRONT)[::2, ::2, :3].copy()
    assert sharpness_flags(canvas) == []
    assert codes(sharpness_flags(cv2.GaussianBlur(canvas, (0, 0), 5.0))) == ["blurred"]


def test_an_empty_canvas_has_no_blur_to_speak_of() -> None:
    assert np.isfinite(blur_px(GREY))


@pytest.mark.parametrize(("level", "code"), [(10, "dark"), (245, "bright")])
def test_wrong_exposure_is_flagged(level: int, code: str) -> None:
    wrong = np.full_like(GREY, level)
    assert code in codes(light_flags(wrong, wrong, View.FRONT, EVERYWHERE))
    assert light_flags(GREY, GREY, View.FRONT, EVERYWHERE) == []


def test_a_black_surface_in_good_light_is_not_dark_nor_a_lit_one_before_black_cloth() -> None:
    black = np.full_like(GREY, 10)
    assert light_flags(GREY, black, View.FRONT, EVERYWHERE) == light_flags(black, GREY, View.FRONT, EVERYWHERE) == []


def test_a_white_table_does_not_make_a_surface_overexposed() -> None:
    assert light_flags(np.full_like(GREY, 245), GREY, View.FRONT, EVERYWHERE) == []


def test_glare_on_the_surface_is_flagged_and_on_an_edge_only_where_more_of_it_is_lost() -> None:
    glare = GREY.copy()
    glare[:80] = 255
    (flag,) = light_flags(GREY, glare, View.FRONT, EVERYWHERE)
    assert (flag.code, flag.value) == ("clipped", 0.2)
    assert light_flags(GREY, glare, View.EDGE, EVERYWHERE) == []
    glare[:200] = 255
    assert "clipped" in codes(light_flags(GREY, glare, View.EDGE, EVERYWHERE))


def test_a_white_bezel_or_a_lit_display_that_burns_out_is_no_glare() -> None:
    white_bezel = np.full_like(GREY, 255)
    display = np.zeros(GREY.shape[:2], np.bool_)
    display[60:-60, 30:-30] = True
    white_bezel[display] = 15
    assert light_flags(GREY, white_bezel, View.FRONT, display) == []
    assert light_flags(GREY, white_bezel, View.FRONT, np.zeros_like(display)) == []
    lamp = white_bezel.copy()
    lamp[100:240, 50:-50] = 255
    (flag,) = light_flags(GREY, lamp, View.FRONT, display)
    assert flag.code == "clipped"
    assert "Glare on the display could hide marks on" in flag.message


def test_a_white_back_in_good_light_is_no_glare() -> None:
    back = np.full_like(GREY, 215)
    back[:120] = 255
    assert light_flags(GREY, back, View.BACK, EVERYWHERE) == []


def frontal(width: float = 715, height: float = 1467) -> np.ndarray:
    return np.array([[100, 100], [100 + width, 100], [100 + width, 100 + height], [100, 100 + height]], np.float64)


def test_a_frontal_sharp_photo_has_no_outline_flags() -> None:
    assert outline_flags(frontal(), (1700, 1000), (71.5, 146.7), 0.2) == []


def test_too_few_pixels_are_flagged_with_the_smallest_mark() -> None:
    (flag,) = outline_flags(frontal(), (1700, 1000), (71.5, 146.7), 0.7)
    assert (flag.code, flag.value, flag.threshold) == ("low_resolution", 0.7, 0.6)


def test_a_steep_view_is_flagged() -> None:
    quad = frontal()
    quad[:2, 0] = [300, 600]
    assert "tilted" in codes(outline_flags(quad, (1700, 1000), (71.5, 146.7), 0.2))


def test_proportions_of_another_device_are_flagged() -> None:
    assert codes(outline_flags(frontal(1100, 1467), (1700, 1300), (71.5, 146.7), 0.2)) == ["wrong_proportions"]


def test_another_view_than_promised_is_flagged() -> None:
    views = {View.FRONT: 0.1, View.BACK: 0.8, View.EDGE: 0.05, View.NONE: 0.05}
    (flag,) = view_flags(View.FRONT, views, View.BACK, outline_found=False)
    assert (flag.code, flag.value) == ("view_mismatch", 0.8)
    assert view_flags(View.BACK, views, View.BACK, outline_found=True) == []
    assert view_flags(None, views, View.BACK, outline_found=True) == []


def strip(width: float, height: float) -> np.ndarray:
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64) + 100


def test_a_short_edge_sent_as_a_long_one_is_flagged_and_a_coarse_strip_is_not() -> None:
    (flag,) = outline_flags(strip(715, 78), (900, 1000), (146.7, 7.8), 0.2)
    assert (flag.code, flag.threshold) == ("wrong_proportions", 1.7)
    assert outline_flags(strip(1467, 110), (900, 1700), (146.7, 7.8), 0.2) == []


@pytest.mark.parametrize("detected", [View.NONE, View.BACK])
def test_a_view_that_the_photo_hardly_bears_out_is_flagged_whatever_is_seen_instead(detected: View) -> None:
    views = dict.fromkeys((View.FRONT, View.BACK, View.EDGE, View.NONE), 0.18) | {detected: 0.46}
    (flag,) = view_flags(View.FRONT, views, detected, outline_found=False)
    assert (flag.code, flag.value, flag.threshold) == ("view_mismatch", 0.18, 0.25)
    assert view_flags(View.FRONT, views | {View.FRONT: 0.3, detected: 0.4}, detected, outline_found=False) == []


def test_a_photo_tells_why_it_has_no_outline() -> None:
    cases = ((False, View.NONE, "no_device"), (True, View.FRONT, "cut_off"), (False, View.FRONT, "no_outline"))
    for cut_off, shown, code in cases:
        flags = device_flags(
            cut_off=cut_off, outline_found=False, body_share=0.3, none=0.1, shown=shown, view=View.FRONT
        )
        assert codes(flags) == [code]
    assert (
        device_flags(cut_off=False, outline_found=True, body_share=0.3, none=0.1, shown=View.FRONT, view=View.FRONT)
        == []
    )


def test_a_fitting_outline_outweighs_an_unsure_locator() -> None:
    def reported(none: float) -> list[str]:
        return codes(
            device_flags(cut_off=False, outline_found=True, body_share=0.3, none=none, shown=View.NONE, view=View.FRONT)
        )

    assert reported(0.5) == []
    assert reported(0.9) == ["no_device"]


def test_dirt_asks_for_cleaning_from_its_share_on() -> None:
    assert dirt_flags(0.01) == []
    assert codes(dirt_flags(0.05)) == ["clean_and_retake"]


def test_a_face_beside_a_known_edge_is_a_tilt_and_a_short_edge_sent_as_a_long_one_is_another_edge() -> None:
    long_mm, short_mm = (146.7, 7.8), (71.5, 7.8)
    (tilt,) = outline_flags(strip(1467, 110), (900, 1700), long_mm, 0.2, short_mm)
    assert tilt.code == "tilted"
    assert "square to the camera" in tilt.message
    (other,) = outline_flags(strip(715, 78), (900, 1000), long_mm, 0.2, short_mm)
    assert other.code == "wrong_proportions"
    assert "short one" in other.message
    assert outline_flags(strip(1467, 88), (900, 1700), long_mm, 0.2, short_mm) == []


def test_one_face_taken_for_the_other_is_for_a_person_where_an_outline_fits_and_the_locator_is_not_certain() -> None:
    views = {View.FRONT: 0.15, View.BACK: 0.7, View.EDGE: 0.02, View.NONE: 0.13}
    assert codes(view_flags(View.FRONT, views, View.BACK, outline_found=True)) == ["view_unsure"]
    certain = views | {View.BACK: 0.95}
    assert codes(view_flags(View.FRONT, certain, View.BACK, outline_found=True)) == ["view_mismatch"]


def test_an_edge_without_outline_asks_for_the_edge_alone() -> None:
    (flag,) = device_flags(
        cut_off=False, outline_found=False, body_share=0.1, none=0.1, shown=View.EDGE, view=View.EDGE
    )
    assert flag.code == "no_outline"
    assert "square to the camera" in flag.message


@pytest.mark.parametrize("blur", [5.0, 8.0])
def test_blur_is_measured_though_blurred_edges_run_into_the_border(blur: float) -> None:
    surface = np.full((600, 400, 3), 200, np.uint8)
    surface[:, :9] = surface[:, -9:] = surface[:9] = surface[-9:] = 20
    surface[150:400, 100:300] = 90
    blurred = np.asarray(cv2.GaussianBlur(surface, (0, 0), blur), np.uint8)
    assert blur_px(blurred) == pytest.approx(blur, rel=0.35)
