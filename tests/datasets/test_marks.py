"""Marks: what is drawn is as long and as wide as it says."""

import numpy as np
import pytest

from phonegrade.datasets.wear.cracks import draw_crack
from phonegrade.datasets.wear.defects import draw_chip, draw_dent, draw_scratch, draw_scuff
from phonegrade.datasets.wear.dirt import draw_dust, draw_oil, draw_smudge
from phonegrade.datasets.wear.marks import Mark, Stroke, mark_mask

PAINTERS = (draw_crack, draw_scratch, draw_scuff, draw_chip, draw_dent, draw_smudge, draw_oil, draw_dust)
FRONT_MM = (71.5, 146.7)


def test_a_bent_stroke_is_as_long_as_its_curve_not_its_chord() -> None:
    corner = Stroke(np.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]), 0.1)
    assert corner.length_mm == pytest.approx(7.0)


@pytest.mark.parametrize("angle_deg", [0, 17, 45, 80])
def test_a_drawn_stroke_covers_its_length_times_its_width(angle_deg: float) -> None:
    turn = np.deg2rad(angle_deg)
    along = np.array([np.cos(turn), np.sin(turn)])
    mark = Mark("scratch", "deep", (Stroke(np.array([[30.0, 60.0], [30.0, 60.0] + 20 * along]), 0.5),))
    mask = mark_mask(mark, (1174, 572), 8.0)
    assert mask.sum() / 64 == pytest.approx(20 * 0.5, rel=0.2)


@pytest.mark.parametrize("size_mm", [FRONT_MM, (146.7, 7.8)])
@pytest.mark.parametrize("painter", PAINTERS)
def test_every_mark_lies_on_its_surface_and_has_a_size(painter, size_mm: tuple[float, float]) -> None:  # noqa: ANN001
    for seed in range(25):
        mark = painter(size_mm, np.random.default_rng(seed))
        points = np.concatenate([*mark.regions, *(stroke.points for stroke in mark.strokes)])
        assert (points >= -1e-9).all()
        assert (points <= np.array(size_mm) + 1e-9).all()
        assert mark.length_mm > 0
        assert mark_mask(mark, (round(size_mm[1] * 8), round(size_mm[0] * 8)), 8.0).any()
