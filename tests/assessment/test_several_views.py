"""Several photos of one surface, from the file to the answer."""

import pytest

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import DuplicatePhotoError
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Status
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn import Mark, jpeg, photograph
from phonegrade.tests.drawn_device import MARKS, SCRATCH_MM, device_photos, empty_table, second_shots


def _front(name: str, data: bytes) -> PhotoFile:
    return PhotoFile(name, data, Surface.FRONT)


FRONT = _front("front.jpg", device_photos()[Surface.FRONT])
SECOND = _front("front-2.jpg", second_shots()[Surface.FRONT])
CRACK = Mark("crack", ((30, 100), (50, 110)), 0.7)
BACK = jpeg(photograph(Surface.BACK, photo_hw=(1400, 1000)))
COARSE = jpeg(photograph(Surface.FRONT, photo_hw=(300, 220)))
"""So small that no mark that counts can be seen."""


def _assess(inspector: Inspector, tests: FunctionalReport | None, *fronts: PhotoFile) -> Assessment:
    """The whole drawn device, with these shots of its front."""
    photos = {surface: [PhotoFile(f"{surface}.jpg", data, surface)] for surface, data in device_photos().items()}
    photos[Surface.FRONT] = list(fronts)
    return assess_photos(photos, tests, find_device("iphone 13"), shipped_policy("ctia-like"), inspector)


def test_two_shots_of_one_scratch_are_one_scratch_and_get_the_grade_of_one_shot(
    inspector: Inspector, tests: FunctionalReport
) -> None:
    alone, both = (_assess(inspector, tests, *fronts) for fronts in ((FRONT,), (FRONT, SECOND)))
    assert both.decision.grade == alone.decision.grade
    (scratch,) = both.inspections[Surface.FRONT].defects
    assert scratch.length_mm == pytest.approx(SCRATCH_MM, rel=0.06)
    views = both.views[Surface.FRONT]
    assert (views.used, views.disagree_on) == (2, ())
    assert {shot.file for shot in views.photos} == {"front.jpg", "front-2.jpg"}
    shown = [both.inspection_of(Surface.FRONT, shot) for shot in views.photos]
    names = [[defect.id for defect in one.defects] for one in shown if one is not None]
    assert names == [[scratch.id], [scratch.id]]
    assert both.photos[Surface.FRONT].file == views.photos[0].file == both.inspections[Surface.FRONT].photo


def test_one_view_is_reported_as_a_list_of_one(inspector: Inspector, tests: FunctionalReport) -> None:
    assessment = _assess(inspector, tests, FRONT)
    for surface, views in assessment.views.items():
        (only,) = views.photos
        assert only.used is (views.used == 1)
        assert only.inspection is None
        assert assessment.inspection_of(surface, only) == assessment.inspections[surface]
        assert only.sha256 == assessment.photos[surface].sha256


def test_a_crack_in_one_shot_alone_counts_and_the_answer_says_where_the_shots_disagree(
    inspector: Inspector, tests: FunctionalReport
) -> None:
    cracked = jpeg(photograph(Surface.FRONT, (*MARKS[Surface.FRONT], CRACK), photo_hw=(1500, 1100)))
    assessment = _assess(inspector, tests, SECOND, _front("cracked.jpg", cracked))
    assert {defect.kind for defect in assessment.inspections[Surface.FRONT].defects} == {"scratch", "crack"}
    (name,) = assessment.views[Surface.FRONT].disagree_on
    assert name in {defect.id for defect in assessment.inspections[Surface.FRONT].defects if defect.kind == "crack"}
    assert any(flag.code == "views_disagree" and "cracked.jpg" in flag.text for flag in assessment.decision.flags)
    assert assessment.decision.needs_review
    assert "views_disagree" in {reason.rule for reason in assessment.decision.review}


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (COARSE, "too_coarse"),
        (empty_table(), "no_device"),
        (device_photos()[Surface.BACK][:-5000], "truncated_photo"),
        (BACK, "wrong_view"),
    ],
    ids=["too coarse", "no device", "truncated", "wrong view"],
)
def test_a_view_that_cannot_be_used_is_named_with_its_reason_and_the_other_carries_the_grade(
    bad: bytes, rule: str, inspector: Inspector, tests: FunctionalReport
) -> None:
    assessment = _assess(inspector, tests, _front("bad.jpg", bad), FRONT)
    alone = _assess(inspector, tests, FRONT)
    assert assessment.decision.grade == alone.decision.grade
    good, left = assessment.views[Surface.FRONT].photos
    assert (good.file, good.used, good.why_not) == ("front.jpg", True, ())
    assert (left.file, left.used, [reason.rule for reason in left.why_not]) == ("bad.jpg", False, [rule])
    (flag,) = assessment.flags
    assert (flag.code, flag.surface) == ("photo_not_used", Surface.FRONT)
    assert flag.text.startswith("bad.jpg was not used: ")


@pytest.mark.parametrize(
    ("first", "second", "rule"),
    [((BACK), empty_table(), "wrong_view"), (b"", b"text", "empty_photo")],
)
def test_where_no_shot_of_a_surface_can_be_used_the_first_one_s_error_says_why(
    inspector: Inspector, tests: FunctionalReport, first: bytes, second: bytes, rule: str
) -> None:
    assessment = _assess(inspector, tests, _front("a.jpg", first), _front("b.jpg", second))
    (front,) = (s for s in assessment.decision.cosmetic.surfaces if s.surface is Surface.FRONT)
    assert (front.status, [reason.rule for reason in front.reasons]) == (Status.RETAKE, [rule])
    assert Surface.FRONT not in assessment.inspections
    assert [shot.used for shot in assessment.views[Surface.FRONT].photos] == [False, False]


def test_where_no_shot_can_carry_a_grade_the_best_one_stands_for_the_surface(
    inspector: Inspector, tests: FunctionalReport
) -> None:
    smaller = jpeg(photograph(Surface.FRONT, photo_hw=(290, 215)))
    assessment = _assess(inspector, tests, _front("smaller.jpg", smaller), _front("coarse.jpg", COARSE))
    assert assessment.decision.status is Status.RETAKE
    assert assessment.views[Surface.FRONT].used == 0
    assert [flag.text.split()[0] for flag in assessment.flags] == ["smaller.jpg"]


def test_one_photo_sent_twice_is_no_second_shot(inspector: Inspector) -> None:
    with pytest.raises(DuplicatePhotoError, match=r"front \(front\.jpg\) and front \(again\.jpg\).*send it once"):
        _assess(inspector, None, FRONT, _front("again.jpg", FRONT.data))


def test_the_order_of_the_shots_changes_nothing(inspector: Inspector, tests: FunctionalReport) -> None:
    assert _assess(inspector, tests, SECOND, FRONT) == _assess(inspector, tests, FRONT, SECOND)


def test_an_answer_from_before_several_shots_can_still_be_read(inspector: Inspector, tests: FunctionalReport) -> None:
    stored = _assess(inspector, tests, FRONT).model_dump(mode="json")
    del stored["views"]
    assert Assessment.model_validate(stored).views == {}


def test_an_answer_holds_each_inspection_and_the_models_once(inspector: Inspector, tests: FunctionalReport) -> None:
    alone, both = (_assess(inspector, tests, *fronts) for fronts in ((FRONT,), (FRONT, SECOND)))
    assert alone.model_dump_json().count('"polygon":[[') == sum(
        len(one.defects) + len(one.contamination) for one in alone.inspections.values()
    )
    assert alone.model_dump_json().count(alone.versions.models.segmenter_sha256) == 1
    assert alone.versions.models == inspector.model_ref
    _, other = both.views[Surface.FRONT].photos
    assert other.inspection is not None
    assert other.inspection.photo_sha256 == other.sha256
    assert Assessment.model_validate_json(both.model_dump_json()) == both
