"""One drawn photo against its truth, through the whole pipeline."""

from pathlib import Path

import numpy as np
import pytest

from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import read_manifest
from phonegrade.evaluation.matching import MaskPatch
from phonegrade.evaluation.outcome import PhotoOutcome
from phonegrade.evaluation.photo_outcome import Bench
from phonegrade.evaluation.truth import TrueDefect
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn import Mark
from phonegrade.tests.evaluation.drawn_set import LINE, LINE_MM, Drawn, true_line, true_patch, write_drawn_set

PATCH = ((30.0, 80.0), (50.0, 80.0), (50.0, 95.0), (30.0, 95.0))
OVER_PATCH = ((36.0, 86.0), (46.0, 90.0))
FAR = ((10.0, 120.0), (25.0, 130.0))
PHOTOS = (
    Drawn("found", Surface.FRONT, (Mark("scratch", LINE),), (true_line(),)),
    Drawn("misnamed", Surface.FRONT, (Mark("crack", LINE),), (true_line(),)),
    Drawn(
        "broken",
        Surface.FRONT,
        (Mark("scratch", ((20, 40), (26, 44))), Mark("scratch", ((32, 48), (38, 52)))),
        (true_line(),),
    ),
    Drawn("false", Surface.BACK, (Mark("scratch", ((20, 60), (40, 70))),)),
    Drawn("dirty", Surface.FRONT, (Mark("scratch", OVER_PATCH),), (true_patch("smudge", "fingerprint", PATCH),)),
    Drawn("unseen", Surface.FRONT, (), (true_line(visible=False),)),
    Drawn("edge", Surface.BOTTOM),
    Drawn("table", None),
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory, stub_models: Path) -> dict[str, PhotoOutcome]:
    root = tmp_path_factory.mktemp("drawn")
    write_drawn_set(root, PHOTOS)
    bench = Bench(Inspector.load(stub_models))
    return {Path(record.photo).stem: bench.measure(root, record) for record in read_manifest(root)}


def test_a_drawn_scratch_is_found_and_measured(outcomes: dict[str, PhotoOutcome]) -> None:
    one = outcomes["found"]
    (detection,), (mark,) = one.detections, one.visible_defects
    assert detection.is_true
    assert detection.is_damage
    assert mark.detected
    assert mark.predicted_kind == "scratch"
    assert mark.pieces == 1
    assert mark.detected_from == pytest.approx(detection.confidence, abs=0.02)
    assert mark.length_error == pytest.approx(0, abs=0.03)
    assert mark.width_error_mm == pytest.approx(0, abs=0.1)
    assert mark.alone
    assert mark.length_z is not None
    assert abs(mark.length_z) < 2
    assert mark.width_z is not None
    assert abs(mark.width_z) < 2
    assert mark.length_mm == pytest.approx(LINE_MM)
    assert not one.is_defect_free


def test_the_box_of_a_mark_is_where_the_photo_shows_it(outcomes: dict[str, PhotoOutcome]) -> None:
    detection, mark = outcomes["found"].detections[0], outcomes["found"].visible_defects[0]
    assert mark.box == pytest.approx(detection.box, abs=8)


def test_a_scratch_taken_for_a_crack_is_damage_but_a_wrong_name(outcomes: dict[str, PhotoOutcome]) -> None:
    one = outcomes["misnamed"]
    assert [(detection.kind, detection.is_true, detection.is_damage) for detection in one.detections] == [
        ("crack", False, True)
    ]
    mark = one.visible_defects[0]
    assert (mark.detected, mark.detected_any, mark.predicted_kind) == (False, True, "crack")


def test_a_scratch_in_two_pieces_is_found_in_pieces(outcomes: dict[str, PhotoOutcome]) -> None:
    mark = outcomes["broken"].visible_defects[0]
    assert mark.detected
    assert mark.pieces == 2
    assert not mark.alone
    assert mark.length_error == pytest.approx(-2 / 3, abs=0.1)


def test_a_detection_on_a_defect_free_surface_is_a_false_defect(outcomes: dict[str, PhotoOutcome]) -> None:
    one = outcomes["false"]
    assert one.is_defect_free
    assert [(detection.is_true, detection.on_dirt) for detection in one.detections] == [(False, None)]


def test_a_false_defect_on_dirt_names_the_dirt(outcomes: dict[str, PhotoOutcome]) -> None:
    one = outcomes["dirty"]
    assert one.is_defect_free
    assert one.is_dirty
    assert one.detections[0].on_dirt == "smudge fingerprint"
    assert one.visible_defects[0].false_defects == 1
    assert one.visible_defects[0].predicted_kind == "nothing"


def test_a_mark_that_the_photo_cannot_show_is_not_evaluated(outcomes: dict[str, PhotoOutcome]) -> None:
    assert outcomes["unseen"].visible_defects == ()
    assert not outcomes["unseen"].is_defect_free


def test_outlines_of_drawn_phones_are_found(outcomes: dict[str, PhotoOutcome]) -> None:
    for name in ("found", "false"):
        located = outcomes[name].located
        assert located.iou is not None
        assert located.corner_error is not None
        assert located.iou > 0.98
        assert located.corner_error < 0.01
        assert located.view == located.predicted_view
        assert not located.predicted_cut_off


def test_an_empty_table_has_a_view_and_nothing_else(outcomes: dict[str, PhotoOutcome]) -> None:
    one = outcomes["table"]
    assert (one.located.view, one.located.predicted_view, one.located.iou) == ("none", "none", None)
    assert one.surface == "none"
    assert one.detections == one.visible_defects == ()


def test_masks_are_counted_by_pixel(outcomes: dict[str, PhotoOutcome]) -> None:
    tally = outcomes["found"].pixels["scratch"]
    assert tally.f1() == pytest.approx(1.0, abs=0.02)
    assert tally.both / tally.either > 0.6
    assert outcomes["false"].pixels["scratch"].predicted > 0


def test_scratches_side_by_side_are_as_long_as_the_longest_of_them() -> None:
    beside = true_line().model_copy(
        update={
            "strokes": (LINE, ((20.0, 40.0), (22.0, 40.0))),
            "stroke_widths_mm": (0.6, 0.6),
            "length_mm": LINE_MM + 2.0,
        }
    )
    mark = TrueDefect(beside, MaskPatch(np.ones((1, 1), np.bool_), (0, 0)))
    assert mark.length_mm == pytest.approx(LINE_MM)
    assert not mark.has_length
