"""Photos in, one assessment out."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import DuplicatePhotoError, NoDeviceError, PhotoError, UsageError, WrongViewError, full_text
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Inspection, QualityFlag
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.decision import Status
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.photo.photo import Photo
from phonegrade.tests.bad_photos import BAD_PHOTOS
from phonegrade.tests.drawn import jpeg, png
from phonegrade.tests.drawn_device import SCRATCH_MM, device_photos, empty_table

Photos = dict[Surface, list[PhotoFile]]


def _photos() -> Photos:
    return {surface: [PhotoFile(f"{surface}.jpg", data, surface)] for surface, data in device_photos().items()}


def _sent(files: dict[Surface, tuple[str, bytes]]) -> Photos:
    return {surface: [PhotoFile(name, data, surface)] for surface, (name, data) in files.items()}


def _assess(photos: Photos, inspector: Inspector, tests: FunctionalReport | None) -> Assessment:
    return assess_photos(photos, tests, find_device("iphone 13"), shipped_policy("ctia-like"), inspector)


def test_six_photos_and_passed_tests_are_graded_with_the_drawn_scratch(
    inspector: Inspector, tests: FunctionalReport
) -> None:
    assessment = _assess(_photos(), inspector, tests)
    assert assessment.decision.status is Status.GRADED
    (scratch,) = assessment.inspections[Surface.FRONT].defects
    assert scratch.kind == "scratch"
    assert scratch.length_mm == pytest.approx(SCRATCH_MM, rel=0.06)
    assert not assessment.device.assumed
    assert set(assessment.photos) == set(Surface)
    assert assessment.flags == ()


def test_an_appraisal_says_how_sure_its_look_is(inspector: Inspector, tests: FunctionalReport) -> None:
    decision = _assess(_photos(), inspector, tests).decision
    assert decision.certainty is not None
    assert sum(decision.certainty.probability.values()) == pytest.approx(1.0)
    assert decision.needs_review is bool(decision.review)


def test_the_catalogue_says_which_parts_need_no_test(inspector: Inspector, tests: FunctionalReport) -> None:
    untested = {name: result for name, result in tests.tests.items() if name != "button_home"}
    without = tests.model_copy(update={"tests": untested})
    assert _assess(_photos(), inspector, without).decision.grade == _assess(_photos(), inspector, tests).decision.grade


def test_the_order_of_the_photos_changes_nothing(inspector: Inspector, tests: FunctionalReport) -> None:
    turned = dict(reversed(_photos().items()))
    assert _assess(turned, inspector, tests) == _assess(_photos(), inspector, tests)


def test_a_missing_surface_is_incomplete_and_never_a_grade(inspector: Inspector, tests: FunctionalReport) -> None:
    photos = _photos()
    del photos[Surface.TOP]
    decision = _assess(photos, inspector, tests).decision
    assert decision.status is Status.INCOMPLETE
    assert decision.grade is None


def test_without_a_device_the_sizes_are_said_to_be_assumed(inspector: Inspector, tests: FunctionalReport) -> None:
    front = {Surface.FRONT: _photos()[Surface.FRONT]}
    assessment = assess_photos(front, tests, None, shipped_policy("ctia-like"), inspector)
    assert assessment.device.assumed
    assert assessment.inspections[Surface.FRONT].scale.source == "assumed"


def test_no_photo_at_all_is_refused(inspector: Inspector) -> None:
    with pytest.raises(UsageError, match="no photo"):
        _assess({}, inspector, None)


def test_a_photo_without_a_device_is_refused_by_surface_and_file(inspector: Inspector) -> None:
    with pytest.raises(NoDeviceError) as refused:
        _assess({Surface.BACK: [PhotoFile("desk.jpg", empty_table(), Surface.BACK)]}, inspector, None)
    assert full_text(refused.value).startswith("back (desk.jpg): no device to be seen")


class _SeesNothing(Inspector):
    def inspect_decoded(self, file: PhotoFile, **options: Any) -> tuple[Inspection, Photo]:  # noqa: ANN401 - as given
        flag = QualityFlag(code="no_device", message="No device was found in the photo.", value=1.0, threshold=0.9)
        inspection, photo = super().inspect_decoded(file, **options)
        return inspection.model_copy(update={"quality": (flag,)}), photo


def test_a_photo_flagged_as_without_a_device_is_refused_though_it_has_an_outline(inspector: Inspector) -> None:
    blind = _SeesNothing(inspector.locator, inspector.boundary_refiner, inspector.segmenter, inspector.limits)
    with pytest.raises(NoDeviceError) as refused:
        _assess({Surface.FRONT: _photos()[Surface.FRONT]}, blind, None)
    assert full_text(refused.value).startswith("front (front.jpg): ")


@pytest.mark.parametrize(("needed", "counted"), [(0.5, 1), (1.0, 0)])
def test_the_policy_and_not_the_models_card_says_which_listed_defect_counts(
    needed: float, counted: int, inspector: Inspector
) -> None:
    card = inspector.segmenter.card
    strict = card.model_copy(update={"min_confidence": dict.fromkeys(card.classes, 1.0)})
    doubting = replace(inspector, segmenter=replace(inspector.segmenter, card=strict))
    policy = shipped_policy("ctia-like")
    cosmetic = policy.cosmetic.model_copy(update={"min_confidence": dict.fromkeys(DefectKind, needed)})
    front = {Surface.FRONT: _photos()[Surface.FRONT]}
    assessment = assess_photos(
        front, None, find_device("iphone 13"), policy.model_copy(update={"cosmetic": cosmetic}), doubting
    )
    assert [defect.kind for defect in assessment.inspections[Surface.FRONT].defects] == ["scratch"]
    (outcome,) = (s for s in assessment.decision.cosmetic.surfaces if s.surface is Surface.FRONT)
    assert outcome.counted_defects == counted


def test_a_policy_may_leave_it_to_the_model_which_listed_defect_counts(inspector: Inspector) -> None:
    card = inspector.segmenter.card
    strict = card.model_copy(update={"min_confidence": dict.fromkeys(card.classes, 1.0)})
    doubting = replace(inspector, segmenter=replace(inspector.segmenter, card=strict))
    front = {Surface.FRONT: _photos()[Surface.FRONT]}
    assessment = assess_photos(front, None, find_device("iphone 13"), shipped_policy("ctia-like"), doubting)
    (scratch,) = assessment.inspections[Surface.FRONT].defects
    assert scratch.counts_from == 1.0
    (outcome,) = (s for s in assessment.decision.cosmetic.surfaces if s.surface is Surface.FRONT)
    assert outcome.counted_defects == 0


def test_an_unusable_photo_of_one_surface_loses_none_of_the_others(inspector: Inspector) -> None:
    photos = {**_photos(), Surface.LEFT: [PhotoFile("left.jpg", b"no picture", Surface.LEFT)]}
    assessment = _assess(photos, inspector, None)
    assert set(assessment.inspections) == set(Surface) - {Surface.LEFT}
    (left,) = (s for s in assessment.decision.cosmetic.surfaces if s.surface is Surface.LEFT)
    assert (left.status, [reason.rule for reason in left.reasons]) == (Status.RETAKE, ["not_an_image"])
    (shot,) = assessment.views[Surface.LEFT].photos
    assert (shot.used, shot.why_not[0].rule) == (False, "not_an_image")


def test_the_back_where_the_front_was_promised_is_refused_by_surface_and_file(inspector: Inspector) -> None:
    back = PhotoFile("a.jpg", device_photos()[Surface.BACK], Surface.FRONT)
    with pytest.raises(WrongViewError, match="back") as refused:
        _assess({Surface.FRONT: [back]}, inspector, None)
    assert full_text(refused.value).startswith("front (a.jpg): ")


def test_one_photo_for_two_surfaces_is_refused_naming_both(inspector: Inspector) -> None:
    left = device_photos()[Surface.LEFT]
    with pytest.raises(DuplicatePhotoError, match=r"left \(l\.jpg\) and right \(r\.jpg\)"):
        _assess(_sent({Surface.LEFT: ("l.jpg", left), Surface.RIGHT: ("r.jpg", left)}), inspector, None)


def test_equal_pixels_in_another_file_are_the_same_photo(inspector: Inspector) -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (300, 200, 3), dtype=np.uint8)
    other = cv2.imencode(".png", rgb[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()
    assert other != png(rgb)
    with pytest.raises(DuplicatePhotoError):
        _assess(_sent({Surface.LEFT: ("l.png", png(rgb)), Surface.TOP: ("t.png", other)}), inspector, None)


def test_a_photo_saved_again_is_flagged_and_not_refused(inspector: Inspector, tests: FunctionalReport) -> None:
    photos = _photos()
    rgb = cv2.imdecode(np.frombuffer(photos[Surface.LEFT][0].data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    photos[Surface.RIGHT] = [PhotoFile("again.jpg", jpeg(rgb, 80), Surface.RIGHT)]
    (flag,) = _assess(photos, inspector, tests).flags
    assert flag.code == "near_duplicate"
    assert "left.jpg" in flag.text
    assert "again.jpg" in flag.text


@pytest.mark.parametrize("name", BAD_PHOTOS)
def test_an_unusable_file_is_refused_by_surface_and_file(name: str, inspector: Inspector) -> None:
    data, code, _ = BAD_PHOTOS[name]
    with pytest.raises(PhotoError) as caught:
        _assess(_sent({Surface.BOTTOM: ("x.jpg", data)}), inspector, None)
    assert caught.value.code == code
    assert full_text(caught.value).startswith("bottom (x.jpg): ")
