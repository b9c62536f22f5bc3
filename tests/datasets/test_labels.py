"""What a person can see of an annotation: its own change against the noise, whatever its neighbours do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.datasets.labels import NOISE_FLOOR_LEVELS, VISIBLE_RATIO, Contrast, contrasts

PX_PER_MM = 10.0
HW = (200, 300)
QUIET = np.full(HW, 1.0, np.float32)


def area(rows: slice, columns: slice) -> np.ndarray:
    mask = np.zeros(HW, np.bool_)
    mask[rows, columns] = True
    return mask


HAIRLINE = area(slice(100, 102), slice(20, 280))
CRACK = area(slice(10, 190), slice(150, 154))
SMUDGE = area(slice(40, 160), slice(10, 290))


def of(drawn: list[tuple[str, np.ndarray, float]], noise: np.ndarray = QUIET) -> list[Contrast]:
    """The contrasts of (kind, mask, grey levels that it adds)."""
    change = sum((level * mask for _, mask, level in drawn), np.zeros(HW, np.float32)).astype(np.float32)
    return contrasts([kind for kind, _, _ in drawn], [mask for _, mask, _ in drawn], change, noise, PX_PER_MM)


@given(st.floats(-200, 200))
def test_how_strong_a_neighbour_is_does_not_matter(level: float) -> None:
    hairline, crack = of([("scratch", HAIRLINE, 3.0), ("crack", CRACK, level)])
    assert hairline.change == pytest.approx(3.0)
    assert crack.change == pytest.approx(abs(level), rel=1e-5)


def test_what_lies_wholly_beside_another_shows_nothing_of_its_own() -> None:
    beside = area(slice(40, 160), slice(156, 157))
    inherited, crack = of([("scratch", beside, 0.0), ("crack", CRACK, 80.0)])
    assert inherited == Contrast(0.0, 1.0)
    assert not inherited.is_visible(0.0)
    assert crack.is_visible(6.0)


def test_three_tenths_of_a_millimetre_away_it_stands_alone() -> None:
    apart = area(slice(40, 160), slice(158, 159))
    near = area(slice(40, 160), slice(155, 157))
    assert of([("scratch", apart, 9.0), ("crack", CRACK, 80.0)])[0].change == pytest.approx(9.0)
    assert of([("scratch", near, 9.0), ("crack", CRACK, 80.0)])[0].change == 0.0


@pytest.mark.parametrize("film", [-25.0, 12.0])
def test_damage_wholly_within_a_film_is_measured_against_the_film(film: float) -> None:
    kept, smudge = of([("scratch", HAIRLINE, 30.0), ("smudge", SMUDGE, film)])
    assert kept.change == pytest.approx(30.0, abs=4.0)
    assert smudge.change == pytest.approx(abs(film))
    hidden, _ = of([("scratch", HAIRLINE, 0.0), ("smudge", SMUDGE, film)])
    assert hidden.change < 1.0


def test_a_few_pixels_of_dust_speak_for_themselves() -> None:
    speck = area(slice(20, 22), slice(20, 22))
    (alone,) = of([("dust", speck, 40.0)])
    assert alone.change == pytest.approx(40.0)
    assert of([("dust", area(slice(0, 0), slice(0, 0)), 40.0)]) == [Contrast(0.0, 0.0)]


@given(st.floats(0, 40), st.floats(0, 60), st.floats(0.01, 20))
def test_more_change_never_hides_and_more_noise_never_shows(noise: float, change: float, more: float) -> None:
    gate = VISIBLE_RATIO * (noise + NOISE_FLOOR_LEVELS)
    assert Contrast(gate + more, noise).is_visible(0.0)
    assert not Contrast(max(0.0, gate - more), noise).is_visible(0.0)
    if not Contrast(change, noise).is_visible(6.0):
        assert not Contrast(change, noise + more).is_visible(6.0)


def test_the_presets_least_change_holds_without_any_noise() -> None:
    assert Contrast(6.0, 0.0).is_visible(6.0)
    assert not Contrast(5.9, 0.0).is_visible(6.0)
