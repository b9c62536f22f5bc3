"""Annotations: what is drawn is as long and as wide as it says, and cracks are cracks."""

from itertools import pairwise

import numpy as np
import pytest

from phonegrade.datasets.annotations.annotation import LABEL_MIN_WIDTH_MM, Annotation, Stroke, annotation_mask
from phonegrade.rendering.wear.cracks import draw_crack
from phonegrade.rendering.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.rendering.wear.dirt import draw_dust, draw_oil, draw_smudge

PAINTERS = (draw_crack, draw_scratch, draw_scuff, draw_chip, draw_dent, draw_smudge, draw_oil, draw_dust)
FRONT_MM = (71.5, 146.7)
CANVAS = (1174, 572)
PX_PER_MM = 8.0


def a_line(start: np.ndarray, angle_rad: float, length_mm: float, width_mm: float) -> Annotation:
    end = start + length_mm * np.array([np.cos(angle_rad), np.sin(angle_rad)])
    return Annotation("scratch", "deep", (Stroke(np.array([start, end]), width_mm),))


def test_a_bent_stroke_is_as_long_as_its_curve_not_its_chord() -> None:
    corner = Stroke(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]), 0.1)
    assert corner.length_mm == pytest.approx(7.0)


@pytest.mark.parametrize("width_mm", [0.03, 0.25, 0.5, 2.0])
def test_a_mask_covers_the_length_times_the_width_of_its_stroke(width_mm: float) -> None:
    rng = np.random.default_rng(0)
    lines = [a_line(rng.uniform(25, 45, 2), rng.uniform(0, 7), 20.0, width_mm) for _ in range(40)]
    areas = [annotation_mask(line, CANVAS, PX_PER_MM).sum() / PX_PER_MM**2 for line in lines]
    assert np.mean(areas) == pytest.approx(20.0 * max(width_mm, LABEL_MIN_WIDTH_MM), rel=0.02)


@pytest.mark.parametrize("px_per_mm", [4.0, 8.0, 11.3])
@pytest.mark.parametrize("angle_deg", [0, 17, 45, 80])
def test_a_mask_is_as_long_as_its_stroke_and_lies_on_it(px_per_mm: float, angle_deg: float) -> None:
    angle, aside = np.deg2rad(angle_deg), []
    along = np.array([np.cos(angle), np.sin(angle)])
    for start in np.random.default_rng(0).uniform(20, 28, (30, 2)):
        line = a_line(start, float(angle), 40.0, 0.5)
        mask = annotation_mask(line, (round(146.7 * px_per_mm), round(71.5 * px_per_mm)), px_per_mm)
        rows, columns = np.nonzero(mask)
        at = (np.stack([columns, rows], axis=1) + 0.5) / px_per_mm - start
        assert np.ptp(at @ along) + abs(along).max() / px_per_mm == pytest.approx(40.0, rel=0.02)
        aside.append((at @ np.array([-along[1], along[0]])).mean() * px_per_mm)
    assert np.abs(aside).max() <= 0.51  # whole pixels cannot do better
    assert abs(np.mean(aside)) < 0.1


@pytest.mark.parametrize("size_mm", [FRONT_MM, (146.7, 7.8)])
@pytest.mark.parametrize("painter", PAINTERS)
def test_every_annotation_lies_on_its_surface_and_has_a_size(painter, size_mm: tuple[float, float]) -> None:  # noqa: ANN001
    for seed in range(25):
        annotation = painter(size_mm, np.random.default_rng(seed))
        points = np.concatenate([*annotation.regions, *(stroke.points for stroke in annotation.strokes)])
        assert (points >= -1e-9).all()
        assert (points <= np.array(size_mm) + 1e-9).all()
        assert annotation.length_mm > 0
        assert annotation_mask(annotation, (round(size_mm[1] * 8), round(size_mm[0] * 8)), 8.0).any()


def test_a_lone_crack_starts_at_the_rim_and_a_scratch_need_not() -> None:
    cracks = [draw_crack(FRONT_MM, np.random.default_rng(seed)) for seed in range(60)]
    lone = [crack for crack in cracks if crack.style == "lone"]
    assert len(lone) > 5
    for crack in lone:
        start = crack.strokes[0].points[0]
        assert min(*start, *(np.array(FRONT_MM) - start)) < 0.01


def test_cracks_end_where_they_meet_another_crack() -> None:
    """No branch runs through an earlier crack: past its own start it touches one at its very end alone."""
    for seed in range(12):
        crack = draw_crack(FRONT_MM, np.random.default_rng(seed))
        main = crack.strokes[0].points
        dense = np.concatenate([a + (b - a) * np.linspace(0, 1, 20)[:, None] for a, b in pairwise(main)])
        for branch in crack.strokes[1:]:
            middle = branch.points[(len(branch.points) + 1) // 3 : -1]
            inner = middle[np.hypot(*(middle - branch.points[-1]).T) > 1.5]
            for point in inner[np.hypot(*(inner - branch.points[0]).T) > 2.5]:
                assert np.hypot(*(dense - point).T).min() > 0.05


def test_all_of_a_crushed_zone_is_crack() -> None:
    crack = next(
        annotation
        for seed in range(60)
        if (annotation := draw_crack(FRONT_MM, np.random.default_rng(seed))).style == "shatter"
    )
    zone = crack.regions[0]
    alone = annotation_mask(Annotation("crack", "shatter", (), (zone,)), CANVAS, PX_PER_MM)
    assert alone.sum() > 50
    assert annotation_mask(crack, CANVAS, PX_PER_MM)[alone].all()
