"""The resolution that a photo needs to show fine defects."""

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.inspection import RESOLVED_PX
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.detail import detail_needed, px_per_mm_for
from phonegrade.grading.judge import judge
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.session import load_best
from phonegrade.tests.grading.builders import inspection, phone, report

DEEPSIGHT = load_policy("deepsight-like")


def test_the_narrowest_defect_is_two_pixels_wide() -> None:
    assert px_per_mm_for(0.15) == pytest.approx(13.33, abs=0.01)


def test_for_a_photo_of_too_few_pixels_the_needed_ones_are_named() -> None:
    front = inspection(Surface.FRONT, resolvable_mm=0.2)  # 10 px per mm, 70 x 150 mm
    assert detail_needed(front, 0.15) == (
        "that takes 13.3 px per mm instead of 10.0, or 2000 px along the 150 mm of this surface; "
        "move closer or use a camera with more pixels"
    )


def test_a_photo_finer_than_the_model_is_not_to_be_retaken() -> None:
    front = inspection(Surface.FRONT, resolvable_mm=0.25)
    assert detail_needed(front, 0.15) == (
        "the photo has 10.0 px per mm, but the model works at 8.0: only a model that works at 13.3 px per mm would do, "
        "whatever the photo"
    )


def test_for_a_photo_too_coarse_for_a_policy_the_needed_pixels_are_named() -> None:
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, resolvable_mm=0.2))), report(), DEEPSIGHT)
    assert [reason.rule for reason in decision.reasons] == ["too_coarse"]
    assert "2000 px along the 150 mm" in decision.reasons[0].text


def test_the_policys_figures_for_the_camera_and_the_shipped_model_hold() -> None:
    finest = DEEPSIGHT.cosmetic.grades[0].resolvable_mm
    assert f"Needs {px_per_mm_for(finest):.1f} px per mm" in DEEPSIGHT.description
    assert f"{150 * px_per_mm_for(finest):.0f} px along a 150 mm phone" in DEEPSIGHT.description
    card = load_best(SHIPPED, "segmenter", SegmenterCard).card
    finest_mm = RESOLVED_PX / card.px_per_mm
    assert f"works at {card.px_per_mm:g} px per mm and resolves {finest_mm:g} mm" in DEEPSIGHT.description
