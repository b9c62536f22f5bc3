"""What a customer and an auditor are sentences, of any phone under any policy."""

from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, load_policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface
from phonegrade.grading.decision import Status
from phonegrade.grading.explain.audit import audit
from phonegrade.grading.explain.customer_sentence import customer_sentence
from phonegrade.grading.explain.example_phones import example_phones
from phonegrade.grading.explain.with_passed_tests import with_passed_tests
from phonegrade.grading.judge import judge
from phonegrade.grading.vectorised.to_columns import Device
from phonegrade.tests.grading.builders import defect, dirt, inspection, phone, report, reports, surfaces
from phonegrade.tests.grading.stored import ALL, devices

POLICY = load_policy("ctia-like")
any_policy = st.sampled_from(ALL)


@given(any_policy, devices())
def test_the_customer_gets_a_whole_sentence_without_internal_words(policy: Policy, device: Device) -> None:
    photos, tests = device
    decision = judge(photos, tests, policy)
    sentence = customer_sentence(decision, photos, policy)
    assert sentence.endswith((".", "!"))
    assert "_" not in sentence
    assert "  " not in sentence
    assert ("No grade yet" in sentence) is (decision.status in (Status.RETAKE, Status.INCOMPLETE))


@given(any_policy, devices())
def test_the_auditor_finds_every_binding_rule_with_its_source(policy: Policy, device: Device) -> None:
    photos, tests = device
    decision = judge(photos, tests, policy)
    rows = audit(decision, photos, tests, policy)
    if decision.cosmetic_grade is None:
        assert any(row.binding and not row.holds for row in rows)
        return
    bound = {rule for rule in decision.binding if not rule.startswith("within_")}
    assert bound == {row.rule for row in rows if row.binding}
    for row in rows:
        assert row.source is not None
        assert set(row.broken_by) <= set(row.defect_ids)
        assert row.holds or row.broken_by or row.tests or row.of in ("photo", "functions") or row.grade is None


def test_a_gate_is_lifted_though_another_key_function_was_not_tested() -> None:
    decision = judge(phone(), report(display_image="fail", power_on="not_applicable"), POLICY)
    (step,) = decision.next_better
    tests = {test for change in step.changes for test in change.tests}
    assert tests == {"display_image", "power_on"}


@given(any_policy, surfaces, st.lists(st.builds(defect, kind=st.sampled_from(DefectKind)), max_size=4), reports)
@settings(max_examples=150)
def test_every_step_to_a_better_grade_leads_where_it_says(
    policy: Policy, surface: Surface, defects: list[Defect], tests: FunctionalReport
) -> None:
    defects = [one.model_copy(update={"id": f"d{number}"}) for number, one in enumerate(defects)]
    photos = phone((surface, inspection(surface, tuple(defects), resolvable_mm=0.1)))
    decision = judge(photos, tests, policy)
    for step in decision.next_better:
        gone = {name for change in step.changes for name in change.defect_ids}
        passed = tuple(test for change in step.changes for test in change.tests)
        left = inspection(surface, tuple(one for one in defects if one.id not in gone), resolvable_mm=0.1)
        reached = judge(phone((surface, left)), with_passed_tests(tests, passed, policy.functional), policy)
        assert reached.cosmetic_grade is not None
        assert policy.cosmetic.names.index(reached.cosmetic_grade) <= policy.cosmetic.names.index(step.cosmetic_grade)
        assert step.grade != decision.grade


def test_the_sentences_for_the_five_example_phones() -> None:
    sentences = {}
    for name, example in example_phones().items():
        decision = judge(example.inspections, example.functional, POLICY)
        sentences[name] = customer_sentence(decision, example.inspections, POLICY)
    assert sentences["mint"] == "Grade A0: like new. Negligible marks, no cracks, no chipped glass."
    assert "What counts most: a 12.4 mm scratch on the front." in sentences["scratched"]
    assert sentences["dirty"] == "No grade yet: please clean the front and retake its photo."


def test_for_an_incomplete_phone_only_the_tests_that_a_grade_needs_are_requested() -> None:
    tests = report(gps="not_run", nfc="fail", activation_lock="not_run")
    for name, asked in (("ctia-like", "activation lock test"), ("marketplace", "activation lock and GPS tests")):
        policy = load_policy(name)
        sentence = customer_sentence(judge(phone(), tests, policy), phone(), policy)
        assert sentence == f"No grade yet: please run the {asked}."


def test_a_locked_phone_is_sentences_what_stands_in_its_way() -> None:
    decision = judge(phone(), report(activation_lock="fail", blacklist="fail"), POLICY)
    sentence = customer_sentence(decision, phone(), POLICY)
    assert sentence == (
        "This phone cannot be accepted: the activation lock is on; the phone is blacklisted as lost, stolen or unpaid."
    )


def test_without_a_grade_the_customer_learns_the_best_possible_one() -> None:
    crack = defect("front-1", DefectKind.CRACK, length_mm=48.2)
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, (crack,))))
    del photos[Surface.BACK], photos[Surface.TOP]
    sentence = customer_sentence(judge(photos, report(), POLICY), photos, POLICY)
    assert sentence == (
        "No grade yet, but at best D: a 48.2 mm crack on the front. For a grade, please take photos of the back "
        "and top."
    )


def test_surfaces_that_need_the_same_share_one_request() -> None:
    photos = phone(
        (Surface.FRONT, inspection(Surface.FRONT, contamination=(dirt(900.0),))),
        (Surface.BACK, inspection(Surface.BACK, contamination=(dirt(900.0),))),
        (Surface.LEFT, inspection(Surface.LEFT, flags=("blurred",))),
        (Surface.TOP, inspection(Surface.TOP, flags=("blurred",))),
    )
    sentence = customer_sentence(judge(photos, report(), POLICY), photos, POLICY)
    assert sentence == (
        "No grade yet: please clean the front and back and retake their photos, and retake the photos of the left "
        "and top, holding the camera still."
    )


def test_a_surface_that_a_graded_phone_does_not_need_decides_nothing_in_the_audit() -> None:
    crack = defect("front-1", DefectKind.CRACK, length_mm=48.2)
    photos = phone(
        (Surface.FRONT, inspection(Surface.FRONT, (crack,))),
        (Surface.LEFT, inspection(Surface.LEFT, flags=("blurred",))),
    )
    decision = judge(photos, report(), POLICY)
    assert decision.status is Status.GRADED
    (row,) = [row for row in audit(decision, photos, report(), POLICY) if row.rule == "blurred"]
    assert not row.binding
    assert row.source is not None


def test_unknown_sizes_are_called_unknown_in_the_audit() -> None:
    crack = defect("front-1", DefectKind.CRACK, length_mm=None, width_mm=None, area_mm2=None)
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, (crack,), outlined=False)))
    decision = judge(photos, report(), POLICY)
    assert decision.cosmetic_grade == "D"
    actual = {row.actual for row in audit(decision, photos, report(), POLICY) if row.rule == "C_crack"}
    assert actual == {"1 defect of unknown size"}
    assert "does not show enough detail" not in customer_sentence(decision, photos, POLICY)
