"""One set of models in the place of another: a real loss is refused, chance is not, and too little shows nothing."""

from dataclasses import replace

import pytest

from phonegrade.core.errors import UsageError
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, View
from phonegrade.evaluation.acceptance import Acceptance, Bounds, Observed, judge, markdown
from phonegrade.evaluation.real_photos import RealPhoto, RealPrediction
from phonegrade.tests.evaluation.outcomes import detection, outcome, visible_defect

DEVICES = 60
CRACK = Defect.model_construct(kind=DefectKind.CRACK, confidence=0.9)


def observed(
    missed: int = 0, false_alarms: int = 0, real_missed: int = 0, real_false: int = 0, confidence: float = 0.9
) -> Observed:
    """Two defects and a defect-free surface on each of sixty phones, fifty real photos; so many answered wrongly."""
    outcomes = []
    for number in range(DEVICES):
        device = f"phone {number}"
        wrong = number < missed
        defects = (visible_defect("scratch", detected_from=0.0 if wrong else confidence), visible_defect("crack"))
        right = (detection("crack"),) if wrong else (detection("scratch", confidence), detection("crack"))
        false = (detection("chip", 0.95, is_true=False),) if number < false_alarms else ()
        outcomes.append(outcome(device, detections=right, visible=defects, photo=f"{device} front"))
        outcomes.append(outcome(device, detections=false, surface="back", photo=f"{device} back"))
    cracked = [prediction(f"cracked {at}", "crack", is_reported=at >= real_missed) for at in range(25)]
    clean = [prediction(f"clean {at}", "clean", is_reported=at < real_false) for at in range(25)]
    return Observed(tuple(outcomes), (*cracked, *clean))


def prediction(name: str, label: str, *, is_reported: bool) -> RealPrediction:
    defects = (CRACK,) if is_reported else ()
    return RealPrediction(RealPhoto(name, View.FRONT, frozenset({label}), None, None, name), defects, defects, None)


def p_of(verdict: Acceptance, name: str) -> float:
    return next(one.p for one in verdict.tests if one.name == name)


def test_the_same_answers_are_taken_and_gain_nothing() -> None:
    verdict = judge(observed(), observed())
    assert verdict.taken
    assert verdict.gains == ()
    assert all(one.p == 1.0 for one in verdict.tests)
    assert all(one.difference.value == 0.0 for one in verdict.precisions)


def test_what_has_to_gain_is_refused_for_nothing_gained_and_taken_for_more_found() -> None:
    assert not judge(observed(), observed(), Bounds(must_gain=True)).taken
    better = judge(observed(missed=30), observed(), Bounds(must_gain=True))
    assert better.taken
    assert any(gain.startswith("defects detected as their kind: 30 gained") for gain in better.gains)


@pytest.mark.parametrize(
    ("after", "name"),
    [
        (observed(missed=12), "defects detected as their kind"),
        (observed(false_alarms=12), "defect-free surfaces without a false defect"),
        (observed(real_missed=12), "damaged photos reported damaged"),
        (observed(real_false=12), "photos without damage left alone"),
    ],
    ids=["missed", "false_alarms", "real missed", "real false_alarms"],
)
def test_a_loss_beyond_chance_is_refused_by_its_name(after: Observed, name: str) -> None:
    verdict = judge(observed(), after)
    assert not verdict.taken
    assert any(reason.startswith(f"{name}: 12 lost, 0 gained") for reason in verdict.reasons)
    assert p_of(verdict, name) < 0.05


def test_a_single_mark_and_a_single_photo_decide_nothing() -> None:
    assert judge(observed(), observed(missed=1, false_alarms=1, real_missed=1, real_false=1)).taken


def test_true_defects_that_sink_below_false_ones_lose_precision_and_are_refused() -> None:
    before = observed()
    noisy = tuple(
        replace(one, all_detections=(*one.all_detections, detection("scratch", 0.5, is_true=False)))
        for one in before.outcomes
    )
    sunk = tuple(
        replace(
            one,
            all_detections=tuple(
                replace(hit, confidence=0.3) if hit.kind == "scratch" and hit.is_true else hit
                for hit in one.all_detections
            ),
            visible_defects=tuple(
                replace(mark, detected_from=0.3) if mark.kind == "scratch" else mark for mark in one.visible_defects
            ),
        )
        for one in noisy
    )
    verdict = judge(replace(before, outcomes=noisy), replace(before, outcomes=sunk))
    assert not verdict.taken
    assert any(reason.startswith("scratch: average precision: -") for reason in verdict.reasons)
    assert not any("lost" in reason for reason in verdict.reasons)


def test_too_few_photos_are_refused_however_alike_the_answers() -> None:
    few = Observed(observed().outcomes[:10])
    verdict = judge(few, few)
    assert not verdict.taken
    assert verdict.reasons == (
        "too few rendered defects to tell a loss: 10, at least 100 are needed",
        "too few rendered defect-free surfaces to tell a loss: 5, at least 20 are needed",
        "too few real photos with damage to tell a loss: 0, at least 20 are needed",
        "too few real photos without damage to tell a loss: 0, at least 20 are needed",
    )
    assert judge(few, few, Bounds(least_defects=10, least_surfaces=5, least_photos=0)).taken


def test_a_photo_that_is_no_longer_answered_is_not_left_alone() -> None:
    before = observed()
    refused = tuple(replace(one, shipped=None, unfiltered=None) for one in before.predictions)
    verdict = judge(before, replace(before, predictions=refused))
    assert p_of(verdict, "photos without damage left alone") < 0.05
    assert not verdict.taken


def test_corruptions_of_one_photo_flip_together() -> None:
    before, after = observed(), observed(real_missed=2)
    names = [str(at) for at in range(13)]
    verdict = judge(
        replace(before, corrupted=dict.fromkeys(names, before.predictions)),
        replace(after, corrupted=dict.fromkeys(names, after.predictions)),
    )
    corrupted = next(one for one in verdict.tests if one.name == "damaged photos reported damaged, corrupted")
    assert (corrupted.lost, corrupted.p) == (26, 0.5)
    assert verdict.taken


def test_answers_for_other_photos_are_not_compared() -> None:
    some = observed()
    with pytest.raises(UsageError, match="rendered photos"):
        judge(some, replace(some, outcomes=some.outcomes[1:]))
    with pytest.raises(UsageError, match="real photos"):
        judge(some, replace(some, predictions=some.predictions[::-1]))
    with pytest.raises(UsageError, match="real photos"):
        judge(some, replace(some, predictions=some.predictions[1:]))
    with pytest.raises(UsageError, match="corruptions"):
        judge(some, replace(some, corrupted={"mirrored": some.predictions}))


def test_the_record_names_what_flipped() -> None:
    page = markdown(judge(observed(), observed(missed=12)), "candidate")
    assert page.startswith("# candidate: refused\n")
    assert "- lost: phone 3 front: scratch of 5.0 mm, 0" in page
