"""Worked phones: the expected grades under the ctia-like policy."""

import re
from pathlib import Path

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, ScaleSource, Surface, Zone
from phonegrade.grading.decision import Status
from phonegrade.grading.judge import judge
from phonegrade.tests.grading.builders import defect, dirt, inspection, phone, report

POLICY = load_policy("ctia-like")
CRACK, SCRATCH, CHIP, DENT, SCUFF = (
    DefectKind.CRACK,
    DefectKind.SCRATCH,
    DefectKind.CHIP,
    DefectKind.DENT,
    DefectKind.SCUFF,
)


def many(count: int, length_mm: float = 2.0) -> tuple[Defect, ...]:
    """Scratches of one length on the display."""
    return tuple(defect(f"front-{number}", length_mm=length_mm) for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("surface", "defects", "grade"),
    [
        pytest.param(Surface.FRONT, (), "A0", id="mint"),
        pytest.param(Surface.FRONT, many(5), "A0", id="five short scratches"),
        pytest.param(Surface.FRONT, many(6), "B0", id="six short scratches"),
        pytest.param(Surface.FRONT, many(1, 3.0), "A0", id="a scratch of exactly 3 mm"),
        pytest.param(Surface.FRONT, many(1, 3.01), "B0", id="a scratch just over 3 mm"),
        pytest.param(Surface.FRONT, many(1, 12.4), "C0", id="a long scratch on the display"),
        pytest.param(Surface.FRONT, (defect(width_mm=0.7),), "B0", id="a wide scratch"),
        pytest.param(Surface.FRONT, (defect(kind=CRACK, length_mm=1.0),), "D0", id="the smallest display crack"),
        pytest.param(
            Surface.FRONT, (defect(kind=CRACK, zone=Zone.CAMERA),), "D0", id="a crack before the selfie camera"
        ),
        pytest.param(Surface.BACK, (defect(kind=CRACK, zone=Zone.CAMERA),), "C0", id="a cracked rear lens"),
        pytest.param(Surface.BACK, (defect(kind=CRACK, zone=Zone.BACK),), "D0", id="a cracked back glass"),
        pytest.param(Surface.LEFT, (defect(kind=CHIP, length_mm=1.0, zone=Zone.FRAME),), "A0", id="a nick"),
        pytest.param(Surface.LEFT, (defect(kind=CHIP, length_mm=1.8, zone=Zone.FRAME),), "B0", id="a small edge chip"),
        pytest.param(Surface.LEFT, (defect(kind=CHIP, length_mm=4.9, zone=Zone.FRAME),), "C0", id="an edge chip"),
        pytest.param(Surface.LEFT, (defect(kind=CHIP, length_mm=5.1, zone=Zone.FRAME),), "D0", id="a large edge chip"),
        pytest.param(Surface.TOP, (defect(kind=DENT, length_mm=9.0, zone=Zone.CORNER),), "C0", id="a dented corner"),
        pytest.param(Surface.BACK, (defect(kind=SCUFF, area_mm2=50, zone=Zone.BACK),), "B0", id="a scuffed back"),
        pytest.param(Surface.FRONT, (defect(kind=CRACK, confidence=0.4),), "A0", id="an uncertain crack"),
    ],
)
def test_a_worked_phone_gets_the_grade_the_trade_gives(
    surface: Surface, defects: tuple[Defect, ...], grade: str
) -> None:
    decision = judge(phone((surface, inspection(surface, defects))), report(), POLICY)
    assert (decision.status, decision.grade) == (Status.GRADED, grade)


@pytest.mark.parametrize(("surface", "grade"), [(Surface.LEFT, "D0"), (Surface.BACK, "A0")])
def test_an_edge_may_count_defects_from_a_confidence_of_its_own(surface: Surface, grade: str) -> None:
    limits = {"min_confidence": dict.fromkeys(DefectKind, 0.5), "edge_min_confidence": {CHIP: 0.4}}
    cosmetic = POLICY.cosmetic.model_copy(update=limits)
    chip = defect(kind=CHIP, length_mm=6.0, zone=Zone.FRAME, confidence=0.45)
    policy = POLICY.model_copy(update={"cosmetic": cosmetic})
    assert judge(phone((surface, inspection(surface, (chip,)))), report(), policy).grade == grade


def test_the_rule_that_fired_names_its_defects_and_sizes() -> None:
    defects = (*many(2), defect("front-3", length_mm=12.4))
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, defects))), report(), POLICY)
    assert decision.reasons[0].rule == "B_display_scratch"
    assert decision.reasons[0].surface is Surface.FRONT
    assert decision.reasons[0].defect_ids == ("front-3",)
    assert decision.reasons[0].full_text == "front: scratch front-3 (12.4 mm long, 10 mm allowed)"


def test_the_worst_surface_binds_and_the_others_keep_their_own_grade() -> None:
    decision = judge(
        phone(
            (Surface.FRONT, inspection(Surface.FRONT, many(6))),
            (Surface.BACK, inspection(Surface.BACK, (defect("back-1", CRACK, zone=Zone.BACK),))),
        ),
        report(),
        POLICY,
    )
    assert decision.grade == "D0"
    assert {graded.surface: graded.grade for graded in decision.cosmetic.surfaces}[Surface.FRONT] == "B"
    assert {reason.surface for reason in decision.reasons if reason.defect_ids} == {Surface.BACK}


def test_the_next_better_grade_needs_the_fewest_changes() -> None:
    defects = (*many(11), defect("front-long", length_mm=12.4))
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, defects))), report(), POLICY)
    (step,) = decision.next_better
    assert (step.axis, step.grade) == ("cosmetic", "B0")
    assert [len(change.defect_ids) for change in step.changes] == [1, 1]
    assert step.changes[0].full_text == "front: without scratch front-long (12.4 mm long, 10 mm allowed)"


def test_a_photo_too_coarse_for_a_caps_the_grade_and_says_so() -> None:
    decision = judge(phone((Surface.BACK, inspection(Surface.BACK, resolvable_mm=0.61))), report(), POLICY)
    assert decision.grade == "B0"
    assert decision.reasons[0].rule == "A_resolvable"
    assert decision.next_better[0].changes[0].text == "with a photo that resolves 0.60 mm (this one resolves 0.61 mm)"


def test_a_photo_too_coarse_for_any_grade_must_be_retaken() -> None:
    decision = judge(phone((Surface.BACK, inspection(Surface.BACK, resolvable_mm=0.91))), report(), POLICY)
    assert (decision.status, decision.grade) == (Status.RETAKE, None)
    assert decision.reasons[0].rule == "too_coarse"


@pytest.mark.parametrize(
    ("area_mm2", "status"), [(209.0, Status.GRADED), (211.0, Status.RETAKE), (None, Status.RETAKE)]
)
def test_dirt_over_its_share_asks_for_a_retake(area_mm2: float | None, status: Status) -> None:
    decision = judge(
        phone((Surface.FRONT, inspection(Surface.FRONT, contamination=(dirt(area_mm2),)))), report(), POLICY
    )
    assert decision.status is status
    assert ("some_dirt" in {flag.code for flag in decision.flags}) is (status is Status.GRADED)


def test_dirt_is_never_a_defect() -> None:
    dirty = inspection(Surface.FRONT, contamination=(dirt(100.0),))
    assert judge(phone((Surface.FRONT, dirty)), report(), POLICY).grade == "A0"


def test_an_assumed_scale_makes_the_grade_provisional() -> None:
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, source=ScaleSource.ASSUMED))), report(), POLICY)
    assert decision.grade == "A0"
    assert "provisional" in {flag.code for flag in decision.flags}


def test_a_policy_may_refuse_an_assumed_scale() -> None:
    evidence = POLICY.evidence.model_copy(update={"assumed_scale": "incomplete"})
    strict = POLICY.model_copy(update={"evidence": evidence})
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, source=ScaleSource.ASSUMED)))
    assert judge(photos, report(), strict).status is Status.INCOMPLETE


def test_a_surface_without_outline_must_be_retaken() -> None:
    decision = judge(phone((Surface.LEFT, inspection(Surface.LEFT, outlined=False))), report(), POLICY)
    assert (decision.status, decision.grade) == (Status.RETAKE, None)
    assert [(reason.rule, reason.surface) for reason in decision.reasons] == [("no_scale", Surface.LEFT)]


@pytest.mark.parametrize(
    ("flag", "status"), [("view_mismatch", Status.RETAKE), ("blurred", Status.RETAKE), ("tilted", Status.RETAKE)]
)
def test_a_photo_that_is_no_evidence_withholds_the_grade(flag: str, status: Status) -> None:
    decision = judge(phone((Surface.TOP, inspection(Surface.TOP, flags=(flag,)))), report(), POLICY)
    assert (decision.status, decision.grade) == (status, None)
    assert decision.reasons[0].rule == flag


def test_every_photo_flag_of_the_policy_is_one_that_photos_get() -> None:
    quality = Path(__file__).parents[2] / "inference" / "quality.py"
    raised = set(re.findall(r'_flag\(\s*"(\w+)"', quality.read_text(encoding="utf-8")))
    assert {*POLICY.evidence.incomplete_on, *POLICY.evidence.retake_on} <= raised


def test_a_panel_fault_is_functional_and_caps_the_cosmetic_grade() -> None:
    decision = judge(phone(), report(display_lines="fail"), POLICY)
    assert (decision.cosmetic.grade, decision.grade) == ("A", "E2")
    (step,) = decision.next_better
    assert (step.grade, step.changes[0].tests) == ("A0", ("display_lines",))


@pytest.mark.parametrize(
    ("results", "changes"),
    [
        ({"display_lines": "fail"}, [("panel_fault", ("display_lines",))]),
        ({"display_lines": "fail", "wifi": "fail"}, [("not_fully_working", ("display_lines", "wifi"))]),
    ],
)
def test_two_gates_that_need_the_same_test_are_one_change(
    results: dict[str, str], changes: list[tuple[str, tuple[str, ...]]]
) -> None:
    decision = judge(phone(), report(**results), load_policy("marketplace"))
    (step,) = decision.next_better
    assert [(change.rule, change.tests) for change in step.changes] == changes


def test_each_axis_names_the_combined_grade_its_changes_lead_to() -> None:
    front = inspection(Surface.FRONT, (defect(length_mm=12.4),))
    decision = judge(phone((Surface.FRONT, front)), report(display_lines="fail", nfc="fail"), POLICY)
    assert decision.grade == "E2"
    assert {(step.axis, step.grade) for step in decision.next_better} == {("cosmetic", "C2"), ("functional", "C0")}


def test_a_locked_phone_is_not_accepted_however_it_looks() -> None:
    decision = judge(phone(), report(activation_lock="fail"), POLICY)
    assert (decision.status, decision.grade) == (Status.NOT_ACCEPTED, None)
    assert decision.reasons[0].tests == ("activation_lock",)


def test_without_functional_results_the_cosmetic_grade_stands_alone() -> None:
    decision = judge(phone(), None, POLICY)
    assert (decision.status, decision.grade, decision.cosmetic.grade) == (Status.INCOMPLETE, None, "A")
    assert [reason.rule for reason in decision.reasons] == ["no_functional_report"]


def test_a_failed_authenticity_test_is_flagged_and_costs_the_best_functional_grade_only() -> None:
    decision = judge(phone(), report(parts_original="fail"), POLICY)
    assert decision.grade == "A1"
    assert "authenticity" in {flag.code for flag in decision.flags}


def test_a_decision_names_its_policy_and_survives_json() -> None:
    decision = judge(phone(), report(), POLICY)
    assert (decision.policy.name, decision.policy.sha256) == ("ctia-like", POLICY.sha256)
    assert type(decision).model_validate_json(decision.model_dump_json()) == decision


def test_the_readmes_example_is_the_decision_of_the_judge() -> None:
    front = inspection(Surface.FRONT, (defect("front-1", length_mm=12.4),))
    decision = judge(phone((Surface.FRONT, front)), report(gps="not_run"), POLICY)
    readme = (Path(__file__).parents[2] / "grading" / "README.md").read_text(encoding="utf-8")
    example = " ".join(readme.split("## Example")[1].split())
    assert f"{decision.status} {decision.grade}" in example
    for reason in decision.reasons:
        assert f"{reason.full_text} {reason.rule}" in example
    for step in decision.next_better:
        assert f"next better {step.grade}: {step.changes[0].full_text}" in example


@pytest.mark.parametrize(("length_mm", "cosmetic_grade"), [(2.8, "A"), (9.0, "B"), (14.0, "C")])
def test_a_hairline_of_unknown_width_counts_by_its_length(length_mm: float, cosmetic_grade: str) -> None:
    hairline = defect(length_mm=length_mm, width_mm=None, area_mm2=0.2)
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, (hairline,)))), report(), POLICY)
    assert decision.status is Status.GRADED
    assert decision.cosmetic_grade == cosmetic_grade


def test_hairlines_of_unknown_width_count_by_their_number() -> None:
    hairlines = tuple(defect(f"d{n}", length_mm=2.0, width_mm=None, area_mm2=0.1) for n in range(30))
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, hairlines))), report(), POLICY)
    assert decision.cosmetic_grade not in (None, "A")
