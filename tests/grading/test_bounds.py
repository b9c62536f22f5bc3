"""What damage proves however poor its photo: the bound, and the grade where nothing worse is possible."""

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.cosmetic import NOTHING_WORSE
from phonegrade.grading.decision import Reason, Status
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.tests.grading.builders import defect, dirt, inspection, phone, report

POLICY = load_policy("ctia-like")
CRACK = defect("front-1", DefectKind.CRACK, length_mm=60.0, width_mm=0.1)
UNMEASURED = defect("front-1", DefectKind.CRACK, None, None, None, zone=None)


@pytest.mark.parametrize("flags", [("clipped",), ("blurred", "tilted"), ("clean_and_retake",)])
def test_a_cracked_display_is_a_d_however_poor_its_photo(flags: tuple[str, ...]) -> None:
    front = inspection(Surface.FRONT, (CRACK,), flags=flags, contamination=(dirt(4000.0),))
    decision = judge(phone((Surface.FRONT, front)), report(), POLICY)
    assert (decision.status, decision.cosmetic_grade) == (Status.GRADED, "D")
    assert "C_crack" in decision.binding
    assert NOTHING_WORSE not in decision.binding
    assert NOTHING_WORSE in {reason.rule for reason in decision.reasons}


def test_a_crack_without_outline_is_a_d_with_its_odds() -> None:
    front = inspection(Surface.FRONT, (UNMEASURED,), flags=("cut_off",), outlined=False)
    photos = phone((Surface.FRONT, front))
    decision = assess(judge(photos, report(), POLICY), photos, report(), POLICY, None, 1)
    assert decision.cosmetic_grade == "D"
    assert decision.certainty is not None
    assert decision.certainty.probability["D"] == pytest.approx(UNMEASURED.confidence, abs=0.05)


def test_a_missing_surface_is_still_required_and_the_bound_is_reported() -> None:
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, (CRACK,))))
    del photos[Surface.BACK]
    decision = judge(photos, report(), POLICY)
    assert (decision.status, decision.grade, decision.cosmetic_at_best) == (Status.INCOMPLETE, None, "D")


def test_an_unusable_photo_of_one_surface_leaves_the_others_their_grades() -> None:
    photos = phone()
    del photos[Surface.LEFT]
    reason = Reason(rule="truncated_photo", text="the file ends early", surface=Surface.LEFT)
    decision = judge(photos, report(), POLICY, {Surface.LEFT: reason})
    assert decision.status is Status.RETAKE
    assert decision.reasons == (reason,)
    assert [s.grade for s in decision.cosmetic.surfaces if s.surface is not Surface.LEFT] == ["A"] * 5
    assert decision.cosmetic_at_best is None


def test_a_poor_photo_of_a_worn_phone_is_retaken_and_its_bound_reported() -> None:
    worn = defect("back-1", length_mm=40.0, zone=Zone.BACK)
    photos = phone((Surface.BACK, inspection(Surface.BACK, (worn,), flags=("blurred",))))
    decision = judge(photos, report(), POLICY)
    assert (decision.status, decision.cosmetic_at_best) == (Status.RETAKE, "C")
    back = next(surface for surface in decision.cosmetic.surfaces if surface.surface is Surface.BACK)
    assert (back.at_best, [reason.rule for reason in back.bounded_by]) == ("C", ["B_body_scratch"])


@pytest.mark.parametrize("flag", ["no_device", "view_mismatch"])
def test_a_photo_of_something_else_proves_nothing(flag: str) -> None:
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, (CRACK,), flags=(flag,))))
    decision = judge(photos, report(), POLICY)
    assert (decision.status, decision.cosmetic_at_best) == (Status.RETAKE, None)


def small(measured: Defect) -> Defect:
    return measured.model_copy(update={"length_mm": None, "width_mm": None, "area_mm2": None, "zone": None})


def test_an_unmeasured_defect_of_unknown_zone_counts_as_the_least_it_may_be() -> None:
    scratch, lens = small(defect("back-1")), small(defect("back-2", DefectKind.CRACK))
    for one in (scratch, lens):
        photos = phone((Surface.BACK, inspection(Surface.BACK, (one,), flags=("cut_off",), outlined=False)))
        decision = judge(photos, report(), POLICY)
        # a crack may be one of the camera's lens, which C allows
        assert decision.cosmetic_at_best == (None if one is scratch else "C")


def test_a_cracked_phone_with_other_poor_photos_has_odds_too() -> None:
    """Surfaces without a grade once counted as missing in the draws, which then had no grade at all."""
    photos = phone(
        (Surface.FRONT, inspection(Surface.FRONT, (CRACK,))),
        (Surface.LEFT, inspection(Surface.LEFT, flags=("no_outline",), outlined=False)),
    )
    del photos[Surface.TOP]
    reason = Reason(rule="no_device", text="no device to be seen", surface=Surface.TOP)
    decision = judge(photos, report(), POLICY, {Surface.TOP: reason})
    decision = assess(decision, photos, report(), POLICY, None, 1)
    assert decision.cosmetic_grade == "D"
    assert decision.certainty is not None
    assert decision.certainty.probability["D"] == pytest.approx(CRACK.confidence, abs=0.05)
    assert {(flag.code, flag.surface) for flag in decision.flags} >= {
        ("no_outline", Surface.LEFT),
        ("surface_not_graded", Surface.TOP),
    }
