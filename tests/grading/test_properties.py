"""What must hold for every phone and every shipped policy."""

import re
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, load_policy, shipped_policies
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.bounds import worst_rank
from phonegrade.grading.decision import Decision, FunctionalState, Status
from phonegrade.grading.fixed_point import UNITS_PER_MM2, to_fixed_point, to_fixed_point_column
from phonegrade.grading.judge import judge
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.tests.grading.builders import defect, defects, inspection, phone, report, reports, sizes_mm, surfaces
from phonegrade.tests.grading.stored import ALL, devices

POLICIES = {name: load_policy(name) for name in shipped_policies()}
policies = st.sampled_from([*POLICIES.values(), *ALL])
defect_lists = st.lists(defects, max_size=8)
STATES = list(FunctionalState)
STATUSES = list(Status)


def _decide(policy: Policy, surface: Surface, defects: list[Defect]) -> Decision:
    return judge(phone((surface, inspection(surface, tuple(defects)))), report(), policy)


def _badness(decision: Decision, policy: Policy) -> tuple[int, int, int]:
    grade = decision.cosmetic.grade
    rank = len(policy.cosmetic.names) if grade is None else policy.cosmetic.names.index(grade)
    return STATUSES.index(decision.cosmetic.status), rank, STATES.index(decision.functional.state)


def _but_for_advice(decision: Decision) -> str:
    """The decision without the advice on photos, which tells the pixels that a photo has and needs."""
    return re.sub(r"; (that takes|the photo has) [^\"]*", "", decision.model_dump_json())


def _assert_no_better(after: Decision, before: Decision, policy: Policy) -> None:
    """Where both have a grade, `after` has no better cosmetic or functional grade and no higher value share."""
    if before.cosmetic_grade is None or after.cosmetic_grade is None:
        return
    names, codes = policy.cosmetic.names, policy.functional.codes
    assert before.functional.code is not None
    assert after.functional.code is not None
    assert names.index(after.cosmetic_grade) >= names.index(before.cosmetic_grade)
    assert codes.rank(after.functional.code) >= codes.rank(before.functional.code)
    assert before.value_share is not None
    assert after.value_share is not None
    assert after.value_share <= before.value_share


@given(policies, surfaces, defect_lists, defects)
def test_one_more_defect_never_improves_the_grade(
    policy: Policy, surface: Surface, defects: list[Defect], extra: Defect
) -> None:
    before, after = _decide(policy, surface, defects), _decide(policy, surface, [*defects, extra])
    assert _badness(after, policy) >= _badness(before, policy)


@given(policies, surfaces, defect_lists, defects, sizes_mm, sizes_mm, sizes_mm)
def test_a_longer_wider_or_larger_defect_never_improves_the_grade(
    policy: Policy, surface: Surface, defects: list[Defect], one: Defect, longer: float, wider: float, larger: float
) -> None:
    assert one.length_mm is not None
    assert one.width_mm is not None
    assert one.area_mm2 is not None
    sizes = {
        "length_mm": one.length_mm + longer,
        "width_mm": one.width_mm + wider,
        "area_mm2": one.area_mm2 + larger,
    }
    grown = one.model_copy(update={**sizes, "id": "grown"})
    one = one.model_copy(update={"id": "grown"})
    before, after = _decide(policy, surface, [*defects, one]), _decide(policy, surface, [*defects, grown])
    assert _badness(after, policy) >= _badness(before, policy)


@given(policies, surfaces, defect_lists, defects, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_deeper_defect_never_improves_the_grade(
    policy: Policy, surface: Surface, defects: list[Defect], one: Defect, depth: float, deeper: float
) -> None:
    felt = one.model_copy(update={"id": "felt", "depth_mm": depth})
    deep = felt.model_copy(update={"depth_mm": depth + deeper})
    before, after = _decide(policy, surface, [*defects, felt]), _decide(policy, surface, [*defects, deep])
    assert _badness(after, policy) >= _badness(before, policy)


@given(policies, devices())
def test_nothing_has_the_best_cosmetic_grade_for_want_of_evidence(policy: Policy, device: Device) -> None:
    photos, tests = device
    decision = judge(photos, tests, policy)
    if decision.cosmetic_grade != policy.cosmetic.names[0]:
        return
    assert set(photos) >= set(policy.evidence.required_surfaces)
    bad = {*policy.evidence.incomplete_on, *policy.evidence.retake_on}
    for one in photos.values():
        assert one.outline is not None
        assert one.scale.resolvable_mm is not None
        assert one.scale.resolvable_mm <= policy.cosmetic.grades[0].resolvable_mm
        assert not bad & {flag.code for flag in one.quality}
    assert tests is not None
    for name in (*functional_vocabulary().named("key"), *policy.functional.locks.required):
        assert tests.result(name) in (TestResult.PASS, TestResult.FAIL)


@given(policies, devices(), st.floats(0.1, 10.0))
def test_pixels_do_not_matter_once_there_are_millimetres(policy: Policy, device: Device, zoom: float) -> None:
    photos, tests = device
    zoomed = {
        surface: one.model_copy(
            update={
                "outline": None if one.outline is None else tuple((x * zoom, y * zoom) for x, y in one.outline),
                "scale": one.scale.model_copy(
                    update={"px_per_mm": None if one.scale.px_per_mm is None else one.scale.px_per_mm * zoom}
                ),
                "defects": tuple(
                    defect.model_copy(update={"polygon": tuple((x * zoom, y * zoom) for x, y in defect.polygon)})
                    for defect in one.defects
                ),
            }
        )
        for surface, one in photos.items()
    }
    assert _but_for_advice(judge(zoomed, tests, policy)) == _but_for_advice(judge(photos, tests, policy))


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6))
def test_areas_add_up_alike_in_any_order_and_come_back_in_square_millimetres(one: float, other: float) -> None:
    assert to_fixed_point(one) / UNITS_PER_MM2 == pytest.approx(one, abs=1e-6)
    assert (to_fixed_point(one) <= to_fixed_point(other)) or one > other
    assert to_fixed_point_column(np.array([one, other])).tolist() == [to_fixed_point(one), to_fixed_point(other)]


@given(policies, surfaces, defect_lists, st.randoms(use_true_random=False))
def test_order_and_repeated_records_do_not_matter(policy: Policy, surface: Surface, defects: list[Defect], rng) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    shuffled = [*defects, *defects[:2]]
    rng.shuffle(shuffled)
    photos = list(phone((surface, inspection(surface, tuple(shuffled)))).items())
    rng.shuffle(photos)
    assert judge(dict(photos), report(), policy) == _decide(policy, surface, defects)


@given(policies, reports, st.sampled_from(list(functional_vocabulary().tests)))
def test_a_failed_test_never_improves_the_grade(policy: Policy, tested: FunctionalReport, name: str) -> None:
    failed = tested.model_copy(update={"tests": {**tested.tests, name: TestResult.FAIL}})
    before, after = judge(phone(), tested, policy), judge(phone(), failed, policy)
    was_known = before.functional.state is not FunctionalState.UNTESTED
    assert not was_known or STATES.index(after.functional.state) >= STATES.index(before.functional.state)
    _assert_no_better(after, before, policy)


@given(policies, reports, st.sampled_from(list(functional_vocabulary().tests)))
def test_a_test_that_was_not_run_is_never_a_pass(policy: Policy, tested: FunctionalReport, name: str) -> None:
    passed = tested.model_copy(update={"tests": {**tested.tests, name: TestResult.PASS}})
    absent = tested.model_copy(update={"tests": {key: value for key, value in tested.tests.items() if key != name}})
    better, worse = judge(phone(), passed, policy), judge(phone(), absent, policy)
    if worse.grade is not None:
        assert better.grade is not None
        _assert_no_better(worse, better, policy)


@given(policies, reports, st.floats(0, 100), st.floats(0, 100))
def test_a_lower_battery_never_improves_the_grade(
    policy: Policy, tested: FunctionalReport, one: float, other: float
) -> None:
    high, low = (
        judge(phone(), tested.model_copy(update={"measures": {"battery_health_pct": health}}), policy)
        for health in (max(one, other), min(one, other))
    )
    assert STATES.index(low.functional.state) >= STATES.index(high.functional.state)
    _assert_no_better(low, high, policy)


@given(policies, st.sets(surfaces, min_size=1), reports)
def test_a_missing_surface_never_grades(policy: Policy, gone: set[Surface], tested: FunctionalReport) -> None:
    decision = judge({s: i for s, i in phone().items() if s not in gone}, tested, policy)
    assert decision.grade is None
    assert decision.cosmetic.grade is None
    assert decision.status is not Status.GRADED


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("kind", DefectKind)
def test_no_defect_falls_between_bins(name: str, kind: DefectKind) -> None:
    policy = POLICIES[name]
    for surface in Surface:
        for zone in Zone:
            for grade in policy.cosmetic.grades:
                assert sum(limit.covers(surface, zone, kind) for limit in grade.limits) == 1


@given(policies, surfaces, defect_lists, defects)
def test_a_defect_of_unknown_width_is_never_better_than_a_narrow_one_nor_worse_than_a_wide_one(
    policy: Policy, surface: Surface, defects: list[Defect], one: Defect
) -> None:
    one = one.model_copy(update={"id": "unknown", "confidence": 0.9})
    narrow, unknown, wide = (
        _decide(policy, surface, [*defects, one.model_copy(update={"width_mm": width})]) for width in (0.0, None, 1e3)
    )
    assert _badness(narrow, policy) <= _badness(unknown, policy) <= _badness(wide, policy)


@given(policies, surfaces, defect_lists, defects, sizes_mm, sizes_mm)
def test_a_longer_or_larger_defect_of_unknown_width_never_improves_the_grade(
    policy: Policy, surface: Surface, defects: list[Defect], one: Defect, longer: float, larger: float
) -> None:
    one = one.model_copy(update={"id": "unknown", "width_mm": None})
    assert one.length_mm is not None
    assert one.area_mm2 is not None
    grown = one.model_copy(update={"length_mm": one.length_mm + longer, "area_mm2": one.area_mm2 + larger})
    before, after = _decide(policy, surface, [*defects, one]), _decide(policy, surface, [*defects, grown])
    assert _badness(after, policy) >= _badness(before, policy)


@given(policies, surfaces, defects, st.sampled_from(["length_mm", "area_mm2"]))
def test_a_defect_without_millimetres_makes_no_grade_but_the_worst_that_damage_can(
    policy: Policy, surface: Surface, one: Defect, lost: str
) -> None:
    counted = one.model_copy(update={lost: None, "confidence": 0.9})
    decision = _decide(policy, surface, [counted])
    assert counted.id in decision.reasons[0].defect_ids
    if decision.status is Status.GRADED:
        assert decision.cosmetic.grade == policy.cosmetic.names[worst_rank(surface, policy)]
        return
    assert (decision.status, decision.grade) == (Status.INCOMPLETE, None)


@given(policies, surfaces, st.lists(defects, max_size=7))
@settings(max_examples=60)
def test_the_next_better_grade_is_reached_by_its_changes_and_by_no_smaller_set(
    policy: Policy, surface: Surface, defects: list[Defect]
) -> None:
    defects = [one.model_copy(update={"id": f"d{index}"}) for index, one in enumerate(defects)]
    decision = _decide(policy, surface, defects)
    steps = [step for step in decision.next_better if step.axis == "cosmetic"]
    if decision.grade is None or not steps:
        assert decision.cosmetic.grade in (None, policy.cosmetic.names[0])
        return
    gone = {name for change in steps[0].changes for name in change.defect_ids}
    names = policy.cosmetic.names
    reached = _decide(policy, surface, [one for one in defects if one.id not in gone])
    assert reached.cosmetic_grade is not None
    assert names.index(reached.cosmetic_grade) <= names.index(steps[0].cosmetic_grade)
    if any(one.zone is None for one in defects):
        return
    smaller = (set(some) for size in range(len(gone)) for some in combinations([one.id for one in defects], size))
    for fewer in smaller:
        other = _decide(policy, surface, [one for one in defects if one.id not in fewer])
        assert other.cosmetic_grade is not None
        assert names.index(other.cosmetic_grade) > names.index(steps[0].cosmetic_grade)


def test_nothing_is_graded_for_want_of_evidence() -> None:
    for policy in POLICIES.values():
        assert judge({}, None, policy).grade is None
        assert judge(phone(), None, policy).grade is None
        assert judge(phone(), FunctionalReport(), policy).grade is None
        assert judge(phone((Surface.TOP, inspection(Surface.TOP, outlined=False))), report(), policy).grade is None


def test_a_size_that_is_no_number_breaks_its_limit() -> None:
    odd = defect().model_copy(update={"length_mm": float("nan")})
    for policy in POLICIES.values():
        assert _badness(_decide(policy, Surface.FRONT, [odd]), policy) > _badness(
            judge(phone(), report(), policy), policy
        )
