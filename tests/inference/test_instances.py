"""Marks from probability maps: thresholds, specks, confidence, one kind for one mark, joined scratches."""

import numpy as np
import pytest

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, Contamination, DefectKind
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.defects.instances import Instance, find_instances
from phonegrade.inference.defects.measure import measure_px
from phonegrade.inference.defects.merge import single_scratches
from phonegrade.inference.defects.rescoring import Rescoring
from phonegrade.tests.drawn import convex_mask
from phonegrade.tests.stub_models import PROVENANCE

HW = (300, 200)
PX_PER_MM = 8.0
CARD = SegmenterCard(
    px_per_mm=PX_PER_MM,
    output_stride=2,
    size_multiple=32,
    mask_threshold=dict.fromkeys(SEGMENTER_CLASSES, 0.4),
    min_confidence=dict.fromkeys(SEGMENTER_CLASSES, 0.3),
    provenance=PROVENANCE,
)


def maps(**bars: tuple[float, tuple[int, int, int, int]]) -> np.ndarray:
    """Probability (8, 300, 200), zero but for one box (x0, y0, x1, y1) a kind."""
    probability = np.zeros((len(SEGMENTER_CLASSES), *HW), np.float32)
    for name, (value, (x0, y0, x1, y1)) in bars.items():
        probability[SEGMENTER_CLASSES.index(name), y0:y1, x0:x1] = value
    return probability


def instances_of(
    probability: np.ndarray, min_confidence: float | None = None, inside: np.ndarray | None = None
) -> list[Instance]:
    everywhere = np.ones(HW, np.bool_) if inside is None else inside
    return find_instances(probability, everywhere, CARD, PX_PER_MM, min_confidence)


def test_a_bar_is_one_mark_in_its_place() -> None:
    (mark,) = instances_of(maps(scratch=(0.9, (50, 100, 150, 103))))
    assert mark.kind is DefectKind.SCRATCH
    y, x = np.argwhere(mark.mask).mean(axis=0)
    assert (x + mark.origin[0], y + mark.origin[1]) == (pytest.approx(199.5, abs=0.6), pytest.approx(202.5, abs=0.6))


def test_below_its_kinds_threshold_nothing_is_found() -> None:
    assert instances_of(maps(crack=(0.39, (50, 100, 150, 103))), 0.0) == []


def test_a_faint_defect_without_a_seed_is_reported_only_when_everything_is_asked_for() -> None:
    faint = maps(crack=(0.5, (50, 100, 150, 103)))
    assert instances_of(faint) == []
    assert len(instances_of(faint, 0.0)) == 1


def test_specks_are_dropped() -> None:
    assert instances_of(maps(scratch=(1.0, (50, 100, 51, 103))), 0.0) == []


def test_nothing_is_believed_outside_the_body() -> None:
    inside = np.ones(HW, np.bool_)
    inside[:, :100] = False
    (mark,) = instances_of(maps(scratch=(0.9, (50, 100, 150, 103))), inside=inside)
    assert np.argwhere(mark.mask)[:, 1].min() + mark.origin[0] >= 200
    assert instances_of(maps(scratch=(0.9, (50, 100, 99, 103))), 0.0, inside) == []


def test_chips_alone_are_believed_on_the_rim() -> None:
    inside, chipped = np.zeros((2, *HW), np.bool_)
    inside[20:-20, 20:-20], chipped[5:-5, 5:-5] = True, True
    on_rim = maps(chip=(0.9, (0, 100, 15, 110)), dent=(0.9, (0, 200, 15, 210)), scratch=(0.9, (5, 10, 100, 13)))
    (mark,) = find_instances(on_rim, inside, CARD, PX_PER_MM, None, chipped)
    assert mark.kind is DefectKind.CHIP
    assert np.argwhere(mark.mask)[:, 1].min() + mark.origin[0] >= 2 * 5
    assert find_instances(on_rim, inside, CARD, PX_PER_MM, None) == []


@pytest.mark.parametrize("kind", ["crack", "scratch"])
def test_the_longer_of_two_equally_probable_marks_is_surer(kind: str) -> None:
    (short,) = instances_of(maps(**{kind: (0.9, (50, 100, 70, 103))}))
    (long,) = instances_of(maps(**{kind: (0.9, (50, 100, 190, 103))}))
    assert 0 < short.confidence < long.confidence < 1


def test_the_more_probable_of_two_equal_marks_is_surer() -> None:
    bar = (50, 100, 150, 103)
    (weak,) = instances_of(maps(crack=(0.6, bar)))
    (strong,) = instances_of(maps(crack=(0.95, bar)))
    assert weak.confidence < strong.confidence


@pytest.mark.parametrize(("strong", "weak"), [("crack", "scratch"), ("scratch", "crack"), ("scratch", "smudge")])
def test_one_mark_has_one_kind(strong: str, weak: str) -> None:
    bar = (50, 100, 150, 103)
    (mark,) = instances_of(maps(**{strong: (0.9, bar), weak: (0.7, bar)}))
    assert mark.kind.value == strong


def test_a_lower_threshold_does_not_make_a_kind_weaker_than_its_rival() -> None:
    line, halo = (50, 100, 150, 103), (50, 98, 150, 105)
    probability = maps(crack=(0.8, line), scratch=(0.5, halo))
    probability[SEGMENTER_CLASSES.index("scratch"), 100:103, 50:150] = 0.9
    card = CARD.model_copy(update={"mask_threshold": CARD.mask_threshold | {"crack": 0.65}})
    (mark,) = find_instances(probability, np.ones(HW, np.bool_), card, PX_PER_MM, None)
    assert mark.kind is DefectKind.SCRATCH


@pytest.mark.parametrize(("kind", "to_x"), [("scratch", 180), ("crack", 150)])
def test_a_scratch_is_followed_to_where_it_has_faded_and_no_less_sure_for_it(kind: str, to_x: int) -> None:
    sure = maps(**{kind: (0.9, (50, 100, 150, 103))})
    fading = sure.copy()
    fading[SEGMENTER_CLASSES.index(kind), 100:103, 150:180] = 0.2
    (mark,) = instances_of(fading)
    assert np.argwhere(mark.mask)[:, 1].max() + mark.origin[0] == pytest.approx(2 * to_x, abs=4)
    assert mark.confidence >= instances_of(sure)[0].confidence
    assert instances_of(maps(**{kind: (0.2, (50, 100, 150, 103))}), 0.0) == []


def test_a_kind_that_training_showed_too_often_gives_way_and_is_no_less_sure_by_itself() -> None:
    bar = (50, 100, 150, 103)
    both = maps(crack=(0.9, bar), scratch=(0.8, bar))
    card = CARD.model_copy(update={"label_shift": {"crack": -1.5}})
    (mark,) = find_instances(both, np.ones(HW, np.bool_), card, PX_PER_MM, None)
    (crack,) = find_instances(maps(crack=(0.9, bar)), np.ones(HW, np.bool_), card, PX_PER_MM, 0.0)
    (surer,) = instances_of(maps(crack=(0.9, bar)))
    assert mark.kind is DefectKind.SCRATCH
    assert crack.confidence == surer.confidence


@pytest.mark.parametrize("kind", ["crack", "scratch"])
@pytest.mark.parametrize("oil", [0.75, 0.95])
def test_dirt_over_a_mark_drops_an_unsure_one_and_keeps_a_sure_one(kind: str, oil: float) -> None:
    def kinds(x1: int) -> set[str]:
        probability = maps(**{kind: (0.75, (10, 100, x1, 103)), "oil": (oil, (5, 80, 195, 120))})
        return {mark.kind.value for mark in instances_of(probability)}

    assert kinds(17) == {"oil"}
    assert kinds(190) == {kind, "oil"}


def test_a_scratch_across_a_scuff_is_reported_beside_it() -> None:
    instances = instances_of(maps(scratch=(0.7, (60, 100, 140, 103)), scuff=(0.9, (50, 80, 150, 130))))
    assert {m.kind for m in instances} == {DefectKind.SCRATCH, DefectKind.SCUFF}


def test_a_crack_that_only_crosses_a_smudge_stays() -> None:
    instances = instances_of(maps(crack=(0.7, (10, 100, 190, 103)), smudge=(0.9, (80, 50, 120, 150))))
    assert {m.kind for m in instances} == {DefectKind.CRACK, Contamination.SMUDGE}


def test_a_thousand_marks_are_bounded_to_the_largest() -> None:
    probability = np.zeros((8, 600, 600), np.float32)
    probability[0, ::8, :] = 0.9
    for x in range(0, 600, 12):
        probability[0, :, x : x + 2] = 0.0
    instances = find_instances(probability, np.ones((600, 600), np.bool_), CARD, PX_PER_MM, 0.0)
    assert 0 < len(instances) <= 150


def strokes(*bands: tuple[float, float, float, float]) -> list[Instance]:
    """One scratch 4 px wide for each (x, y, length, degrees) of its start."""
    made = []
    for x, y, length, degrees in bands:
        d = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
        n = np.array([-d[1], d[0]]) * 2
        a, b = np.array([x, y]), np.array([x, y]) + d * length
        mask = convex_mask(np.array([a + n, b + n, b - n, a - n]), (600, 600))
        made.append(Instance(DefectKind.SCRATCH, 0.5, mask, (0, 0)))
    return made


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_pieces_in_one_line_are_one_scratch_as_long_as_the_whole(degrees: float) -> None:
    d = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])
    start = np.array([300.0, 300.0]) - d * 100
    second = start + d * 120
    pieces = strokes((*start, 100, degrees), (*second, 80, degrees))
    (whole,) = single_scratches(pieces, PX_PER_MM)
    assert measure_px("scratch", whole.mask).length == pytest.approx(200, rel=0.04)
    assert whole.bridges is not None
    assert (whole.mask & ~whole.bridges).sum() == sum(p.mask.sum() for p in pieces)


@pytest.mark.parametrize(
    "second",
    [(330.0, 300.0, 80.0, 0.0), (225.0, 300.0, 80.0, 40.0), (100.0, 312.0, 100.0, 0.0), (215.0, 318.0, 80.0, 0.0)],
    ids=["too far", "turned", "beside", "shifted"],
)
def test_other_scratches_stay_apart(second: tuple[float, float, float, float]) -> None:
    assert len(single_scratches(strokes((100, 300, 100, 0), second), PX_PER_MM)) == 2


def test_three_pieces_in_a_chain_become_one() -> None:
    pieces = strokes((100, 300, 100, 0), (215, 300, 80, 3), (310, 304, 100, 6))
    (whole,) = single_scratches(pieces, PX_PER_MM)
    assert measure_px("scratch", whole.mask).length == pytest.approx(310, rel=0.04)


DUSTY = CARD.model_copy(update={"rescoring": {"scratch": Rescoring(0.0, {"dust": -1.0})}})


def test_beside_dust_a_scratch_is_less_sure_and_a_crack_is_not() -> None:
    lines = {"scratch": (0.9, (50, 100, 150, 103)), "crack": (0.9, (50, 200, 150, 203))}
    everywhere = np.ones(HW, np.bool_)

    def sure(card: SegmenterCard, probability: np.ndarray) -> dict[str, float]:
        instances = find_instances(probability, everywhere, card, PX_PER_MM, 0.0)
        return {mark.kind.value: mark.confidence for mark in instances}

    clean, dirty = maps(**lines), maps(**lines, dust=(0.9, (20, 20, 60, 60)))
    assert sure(DUSTY, dirty)["scratch"] < sure(DUSTY, clean)["scratch"]
    assert sure(DUSTY, dirty)["crack"] == sure(DUSTY, clean)["crack"]
    assert sure(CARD, dirty)["scratch"] == sure(CARD, clean)["scratch"] == sure(DUSTY, clean)["scratch"]


def test_a_mark_is_as_sure_whatever_it_is_asked_for_with() -> None:
    faint_dust = maps(scratch=(0.9, (50, 100, 150, 103)), dust=(0.5, (20, 20, 60, 60)))
    asked = [find_instances(faint_dust, np.ones(HW, np.bool_), DUSTY, PX_PER_MM, at) for at in (None, 0.0, 0.2)]
    assert len({mark.confidence for instances in asked for mark in instances if mark.kind is DefectKind.SCRATCH}) == 1
