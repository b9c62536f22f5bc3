"""What a photo must have to show fine marks."""

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.inspection import RESOLVED_PX
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.detail import px_per_mm_for, what_it_takes
from phonegrade.grading.judge import judge
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.session import load_best
from phonegrade.tests.grading.builders import inspection, phone, report

DEEPSIGHT = load_policy("deepsight-like")


def test_the_narrowest_mark_is_two_pixels_wide() -> None:
    assert px_per_mm_for(0.15) == pytest.approx(13.33, abs=0.01)


def test_a_photo_of_too_few_pixels_is_told_how_many_it_takes() -> None:
    front = inspection(Surface.FRONT, resolvable_mm=0.2)  # 10 px per mm, 70 x 150 mm
    assert what_it_takes(front, 0.15) == (
        "it takes 13.3 px per mm, not 10.0: 2000 px along the 150 mm of this surface; "
        "come nearer or use a camera with more pixels"
    )


def test_a_photo_that_is_finer_than_what_the_model_looks_at_is_not_asked_for_again() -> None:
    front = inspection(Surface.FRONT, resolvable_mm=0.25)
    assert what_it_takes(front, 0.15) == (
        "the photo has 10.0 px per mm, but the model looks at 8.0: it takes a model of 13.3 px per mm, "
        "no other photo helps"
    )


def test_a_photo_too_coarse_for_a_policy_says_what_would_do() -> None:
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, resolvable_mm=0.2))), report(), DEEPSIGHT)
    assert [reason.rule for reason in decision.reasons] == ["too_coarse"]
    assert "2000 px along the 150 mm" in decision.reasons[0].text


def test_what_the_policy_says_of_the_camera_and_of_the_shipped_model_holds() -> None:
    finest = DEEPSIGHT.cosmetic.grades[0].resolvable_mm
    assert f"Needs {px_per_mm_for(finest):.1f} px per mm" in DEEPSIGHT.description
    assert f"{150 * px_per_mm_for(finest):.0f} px along a phone of 150 mm" in DEEPSIGHT.description
    card = load_best(SHIPPED, "segmenter", SegmenterCard).card
    assert (
        f"looks at {card.px_per_mm:g} px per mm and shows {RESOLVED_PX / card.px_per_mm:g} mm" in DEEPSIGHT.description
    )
