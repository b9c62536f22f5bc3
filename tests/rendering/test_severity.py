"""The severity dial: more wear, more and larger defects; sizes near the limits of grading."""

from functools import cache

import numpy as np
import pytest

from phonegrade.configs.render_settings import WearLevel, load_preset
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.datasets.annotations.annotation import Annotation
from phonegrade.rendering.phone import Phone, draw_phone
from phonegrade.rendering.set_plan import worn
from phonegrade.rendering.wear.defects import draw_chip, draw_scratch, draw_scuff
from phonegrade.rendering.wear.resize import resized, widened
from phonegrade.rendering.wear.severity import LIMITS_MM, NEAR

FRONT_MM = (71.5, 146.7)


@cache
def phones(level: WearLevel, near_limit_share: float = 0.0) -> tuple[Phone, ...]:
    """Some phones of one level."""
    settings = worn(load_preset("kiosk"), level)
    wear = settings.wear.model_copy(update={"near_limit_share": near_limit_share})
    device = find_device("iPhone 13")
    return tuple(draw_phone(device, settings.model_copy(update={"wear": wear}), (9, index)) for index in range(24))


def defects(phone: Phone, surface: Surface | None = None) -> list[Annotation]:
    """Annotations that are no dirt."""
    surfaces = Surface if surface is None else (surface,)
    return [
        annotation for one in surfaces for annotation in phone.annotations[one] if annotation.kind in set(DefectKind)
    ]


def test_more_wear_means_more_and_larger_defects() -> None:
    counts = [np.mean([len(defects(phone)) for phone in phones(level)]) for level in WearLevel]
    lengths = [
        np.mean([annotation.length_mm for phone in phones(level) for annotation in defects(phone)])
        for level in WearLevel
    ]
    assert counts == sorted(counts)
    assert lengths == sorted(lengths)
    assert counts[0] < 3
    assert counts[-1] > 12


def test_a_mint_phone_has_hairlines_at_most_one_a_surface() -> None:
    for phone in phones(WearLevel.MINT):
        for surface in Surface:
            annotations = defects(phone, surface)
            assert len(annotations) <= 1
            assert all(annotation.style == "hairline" and annotation.length_mm < 3.5 for annotation in annotations)


def test_a_wrecked_phone_may_have_a_sound_face_but_never_two() -> None:
    faces = [
        [len(defects(phone, face)) for face in (Surface.FRONT, Surface.BACK)] for phone in phones(WearLevel.WRECKED)
    ]
    assert any(min(pair) <= 1 for pair in faces)
    assert all(max(pair) >= 1 for pair in faces)
    cracked = [any(annotation.kind == "crack" for annotation in defects(phone)) for phone in phones(WearLevel.WRECKED)]
    assert np.mean(cracked) > 0.5


@pytest.mark.parametrize("level", WearLevel)
def test_glass_cracks_and_metal_dents(level: WearLevel) -> None:
    for phone in phones(level):
        for surface in Surface:
            glass = surface is Surface.FRONT or (surface is Surface.BACK and phone.style.cover.glass)
            kinds = {annotation.kind for annotation in defects(phone, surface)}
            assert "crack" not in kinds or glass
            assert "dent" not in kinds or not glass


def test_the_same_seed_gives_the_same_wear_and_other_wear_the_same_design() -> None:
    settings, device = load_preset("kiosk"), find_device("iPhone 13")
    one, other = (draw_phone(device, settings, (1, 2)) for _ in range(2))
    assert [annotation.length_mm for annotation in defects(one)] == [
        annotation.length_mm for annotation in defects(other)
    ]
    styles = [draw_phone(device, worn(settings, level), (1, 2)).style for level in WearLevel]
    assert all(style == styles[0] for style in styles)


def test_a_share_of_the_sizes_lies_near_a_grading_limit() -> None:
    def near(phone_set: tuple[Phone, ...]) -> float:
        scratches = [annotation for phone in phone_set for annotation in defects(phone) if annotation.kind == "scratch"]
        return float(
            np.mean(
                [
                    any(abs(annotation.length_mm / limit - 1) <= NEAR for limit in LIMITS_MM["scratch"])
                    for annotation in scratches
                ]
            )
        )

    assert near(phones(WearLevel.USED, 1.0)) > 0.9
    assert near(phones(WearLevel.USED, 0.0)) < 0.6


@pytest.mark.parametrize("draw", [draw_scratch, draw_scuff, draw_chip])
@pytest.mark.parametrize("length_mm", [0.8, 3.0, 9.5])
def test_a_resized_annotation_has_its_length_and_stays_on_the_surface(draw, length_mm: float) -> None:  # noqa: ANN001
    for seed in range(20):
        annotation = resized(draw(FRONT_MM, np.random.default_rng(seed)), length_mm, FRONT_MM)
        points = np.concatenate([*annotation.regions, *(stroke.points for stroke in annotation.strokes)])
        assert (points >= 0).all()
        assert (points <= np.array(FRONT_MM)).all()
        assert annotation.length_mm == pytest.approx(length_mm, rel=0.01)


def test_a_widened_scratch_has_its_mean_width() -> None:
    annotation = widened(draw_scratch(FRONT_MM, np.random.default_rng(1)), 0.15)
    assert annotation.width_mm == pytest.approx(0.15)


def test_no_annotation_is_longer_than_an_edge_has_room_for() -> None:
    annotation = resized(draw_chip((146.7, 7.8), np.random.default_rng(0)), 30.0, (146.7, 7.8))
    low, high = annotation.regions[0].min(axis=0), annotation.regions[0].max(axis=0)
    assert (low >= 0).all()
    assert (high <= (146.7, 7.8)).all()
