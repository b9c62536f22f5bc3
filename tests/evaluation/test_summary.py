"""From single photos to figures."""

from dataclasses import replace

import pytest

from phonegrade.evaluation.bootstrap import Bootstrap, Estimate
from phonegrade.evaluation.key_metrics import key_metrics
from phonegrade.evaluation.metrics import LENGTH_ERROR, METRICS, REAL, RENDERED, Metric, points_lost
from phonegrade.evaluation.outcome import PhotoOutcome
from phonegrade.evaluation.summary import size_name, summarise
from phonegrade.tests.evaluation.outcomes import detection, located, outcome, visible_defect

PHOTOS = (
    outcome(
        "a", detections=(detection(),), visible=(visible_defect(), visible_defect(length_mm=4.0, detected_from=0.0))
    ),
    outcome("b", detections=(detection(is_true=False),), surface="back", route="traced", preset="app"),
    outcome(
        "c",
        visible=(visible_defect("dust", style="lint", detected_from=0.0, predicted_kind="scratch", false_defects=2),),
        dirty=True,
    ),
    outcome("d", place=located("none", "front", iou=None), surface="none"),
    outcome("e", place=located("edge", "edge", cropped=True, predicted_cut_off=True, iou=None), surface="left"),
)


def value(name: str, photos: tuple[PhotoOutcome, ...] = PHOTOS) -> float | None:
    return key_metrics(photos, Bootstrap([o.device_id for o in photos]))[name].value


def test_recall_is_of_defects_from_the_least_size_on() -> None:
    name = "scratch recall, 3 mm and longer, from 4 px/mm"
    assert value(name) == 0.5
    short = (outcome(visible=(visible_defect(length_mm=2.5, detected_from=0.0),)),)
    assert value(name, short) is None
    assert value("damage recall, of any kind", short) == 0.0


def test_nobody_is_asked_for_what_a_photo_is_too_coarse_or_a_defect_too_small_to_show() -> None:
    speck, spot = visible_defect(length_mm=1.9, detected_from=0.0), visible_defect("scuff", 4.9, detected_from=0.0)
    small = (outcome(visible=(speck, spot, visible_defect("crack", 1.0))),)
    assert value("damage recall, of any kind", small) == 1.0
    chip = (visible_defect("chip", 2.5, detected_from=0.0),)
    name = "chip recall, 2 mm and longer, from 4 px/mm"
    coarse, fine = ((outcome(visible=chip, px_per_mm=px),) for px in (3.9, 4.0))
    assert (value(name, coarse), value("damage recall, of any kind", coarse)) == (None, None)
    assert (value(name, fine), value("damage recall, of any kind", fine)) == (0.0, 0.0)
    scratch = (outcome(visible=(visible_defect(detected_from=0.0),), px_per_mm=3.9),)
    assert value("scratch recall, 3 mm and longer, from 4 px/mm", scratch) is None
    assert value("damage recall, of any kind", scratch) == 0.0


def test_a_dent_that_is_told_as_a_scratch_is_told_as_damage() -> None:
    dent = replace(visible_defect("dent", 3.0, detected_from=0.0), detected_any=True)
    photos = (outcome(visible=(dent,)),)
    assert value("dent recall, 2 mm and longer, as any damage", photos) == 1.0
    figures = summarise(photos, "0" * 64).kinds["dent"]
    assert (figures.recall.value, figures.recall_any and figures.recall_any.value) == (0.0, 1.0)


def test_false_defects_are_counted_on_surfaces_without_any_defect() -> None:
    assert value("false defects per defect-free surface") == pytest.approx(1 / 3)
    assert value("false defects per defect-free clean surface") == pytest.approx(1 / 2)
    assert value("false defects per defect-free dirty surface") == 0.0


def test_the_locator_is_evaluated_on_what_each_photo_can_show() -> None:
    assert value("outline IoU of 0.97 and more") == 1.0
    assert value("view accuracy") == pytest.approx(4 / 5)
    assert value("none accuracy") == pytest.approx(4 / 5)
    assert value("cut off accuracy") == 1.0


def test_errors_are_those_of_detected_defects() -> None:
    assert value("length error, median") == 0.02
    assert value("width error from 12 px/mm, median mm") == 0.03
    coarse = (outcome(visible=(visible_defect(),), px_per_mm=5.0),)
    assert value("width error from 12 px/mm, median mm", coarse) is None


def test_every_figure_of_rendered_photos_is_a_known_metric() -> None:
    names = set(key_metrics(PHOTOS, Bootstrap([o.device_id for o in PHOTOS])))
    assert names == {metric.name for metric in RENDERED}
    assert len(METRICS) == len(RENDERED) + len(REAL)


def test_a_target_is_a_bound_in_the_direction_of_its_metric() -> None:
    assert LENGTH_ERROR.is_met(0.03)
    assert LENGTH_ERROR.target_text(0.05) == "≤ 0.04, not met"
    assert not METRICS["crack recall"].is_met(0.9)
    assert METRICS["crack recall"].target_text(0.98) == "≥ 0.93, met"
    assert METRICS["crack recall"].target_text(None) == "≥ 0.93"
    assert Metric(name="view accuracy").target_text(0.5) == ""


def test_points_are_lost_where_a_share_with_a_target_gets_worse() -> None:
    def estimates(values: dict[str, float]) -> dict[str, Estimate]:
        return {name: Estimate(value=x, low=x, high=x, count=9) for name, x in values.items()}

    before = estimates({"crack recall": 0.9, "false defects per defect-free surface": 0.1, "view accuracy": 0.9})
    after = estimates({"crack recall": 0.8, "false defects per defect-free surface": 0.0, "view accuracy": 0.7})
    width = {"width error from 12 px/mm, median mm": before["crack recall"]}
    lost = points_lost(before | width, after | width)
    assert lost == {"crack recall": pytest.approx(10), "false defects per defect-free surface": pytest.approx(-10)}


def test_a_length_on_the_limit_belongs_to_the_longer_bin() -> None:
    assert [size_name("scratch", length) for length in (2.9, 3.0, 30.0, None)] == [
        "< 3 mm",
        "3-7 mm",
        ">= 20 mm",
        "no scale",
    ]


def test_the_confusion_holds_what_dirt_is_taken_for() -> None:
    rows = {row.true: row for row in summarise(PHOTOS, "0" * 64).confusion}
    assert rows["dust: lint"].predicted == {"scratch": 1}
    assert rows["dust: lint"].false_defects_each == 2.0
    assert rows["scratch"].predicted == {"scratch": 1, "nothing": 1}


def test_groups_hold_every_photo_once() -> None:
    figures = summarise(PHOTOS, "0" * 64)
    for by in ("route", "preset", "surface"):
        assert sum(group.photos for group in figures.groups if group.by == by) == len(PHOTOS)
    traced = next(group for group in figures.groups if group.name == "traced")
    assert traced.figures["false defects per defect-free surface"].value == 1.0


def test_cells_part_recall_by_surface_and_size() -> None:
    cells = {(cell.kind, cell.surface, cell.size): cell for cell in summarise(PHOTOS, "0" * 64).cells}
    assert cells["scratch", "front", "3-7 mm"].recall.value == 0.5
    assert cells["scratch", "back", "3-7 mm"].precision.value == 0.0
    assert cells["scratch", "back", "3-7 mm"].recall.value is None


def test_the_bins_of_confidence_hold_every_defect() -> None:
    calibration = summarise(PHOTOS, "0" * 64).calibration
    assert sum(one.count for one in calibration.bins) == 2
    assert calibration.bins[9].share_true == 0.5
    assert calibration.error.value == pytest.approx(0.4)


def test_recall_by_contrast_separates_faint_defects_from_plain_ones() -> None:
    photos = (outcome(visible=(visible_defect(grey_levels=8.0, detected_from=0.0), visible_defect(grey_levels=40.0))),)
    faint, plain = summarise(photos, "0" * 64).contrasts
    assert (faint.kind, faint.bin, faint.recall.value) == ("scratch", "< 10", 0.0)
    assert (plain.bin, plain.recall.value) == (">= 40", 1.0)


def test_errors_cover_as_many_true_sizes_as_lie_within_them() -> None:
    defects = [visible_defect(length_z=z, width_z=None if z > 2 else z) for z in (-0.4, 0.9, -1.5, 2.5)]
    photos = (outcome(visible=(*defects, visible_defect(length_z=9.0, width_z=9.0, alone=False))),)
    coverage = {(one.size, one.kind, one.alone): one for one in summarise(photos, "0" * 64).error_coverage}
    assert coverage["length", "scratch", True].within_one.value == 0.5
    assert coverage["length", "scratch", True].within_two.value == 0.75
    assert coverage["length", "all", False].within_two.value == pytest.approx(3 / 5)
    # an unknown width is no width
    assert coverage["width", "scratch", True].within_one.count == 3
    assert ("width", "crack", True) not in coverage
