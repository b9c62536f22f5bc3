"""Certainty: probabilities that mean something, and promises that are kept."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.configs.calibration import Calibration, load_calibration, rules_sha256, shipped_calibration
from phonegrade.configs.policy import load_policy, parse_policy, shipped_policies, shipped_policy_text
from phonegrade.core.errors import PolicyError
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, ScaleSource, Surface, Zone
from phonegrade.grading.decision import Decision
from phonegrade.grading.judge import judge
from phonegrade.grading.uncertainty.agreement import Pair, agreement, calibrate, quadratic_kappa
from phonegrade.grading.uncertainty.certainty import assess
from phonegrade.grading.uncertainty.conformal import inclusion_order, prediction_set, score
from phonegrade.tests.grading.builders import MODEL, defect, inspection, phone, report

POLICY = load_policy("ctia-like")
COSMETIC_GRADES = POLICY.cosmetic.names


def assessed(*defects: Defect, source: ScaleSource = ScaleSource.CATALOGUE, seed: int = 1, **tests: str) -> Decision:
    """Return the assessed decision on a phone whose front shows these defects."""
    photos = phone((Surface.FRONT, inspection(Surface.FRONT, defects, source=source)))
    tested = report(**tests)
    return assess(judge(photos, tested, POLICY), photos, tested, POLICY, None, seed)


def probability(decision: Decision, cosmetic_grade: str) -> float:
    assert decision.certainty is not None
    return decision.certainty.probability[cosmetic_grade]


def test_a_defect_free_phone_is_certain() -> None:
    decision = assessed()
    assert probability(decision, "A") == 1.0
    assert decision.certainty is not None
    assert decision.certainty.prediction_set == ("A",)
    assert decision.certainty.expected_cost["A"] == 0.0
    assert not decision.needs_review


@pytest.mark.parametrize(("length_mm", "chance"), [(10.0, 0.5), (10.3, 0.1587), (9.7, 0.8413)])
def test_a_length_near_its_bound_splits_the_probability_by_its_error(length_mm: float, chance: float) -> None:
    scratch = defect(length_mm=length_mm, confidence=1.0).model_copy(
        update={"length_error_mm": 0.3, "width_error_mm": 0.0}
    )
    decision = assessed(scratch)
    assert probability(decision, "B") == pytest.approx(chance, abs=0.05)
    assert probability(decision, "B") + probability(decision, "C") == pytest.approx(1.0)
    assert decision.certainty is not None
    assert decision.cosmetic_grade in decision.certainty.prediction_set


def test_a_crack_is_real_as_often_as_its_confidence() -> None:
    crack = defect(kind=DefectKind.CRACK, length_mm=20.0, confidence=0.6)
    decision = assessed(crack)
    assert decision.cosmetic_grade == "D"
    assert probability(decision, "D") == pytest.approx(crack.confidence, abs=0.05)
    assert {reason.rule for reason in decision.review} == {"expected_cost"}
    assert decision.certainty is not None
    assert decision.certainty.prediction_set == ("A", "B", "C", "D")


def test_a_detection_too_uncertain_to_count_still_makes_the_cosmetic_grade_uncertain() -> None:
    crack = defect(kind=DefectKind.CRACK, length_mm=20.0, confidence=0.45)
    decision = assessed(crack)
    assert decision.cosmetic_grade == "A"
    assert 0.3 < probability(decision, "D") < 0.6
    assert decision.needs_review


def test_a_scratch_of_unknown_width_is_drawn_by_its_length() -> None:
    unknown = defect(length_mm=10.3, width_mm=None, confidence=1.0).model_copy(update={"length_error_mm": 0.3})
    decision = assessed(unknown)
    assert decision.cosmetic_grade == "C"
    assert probability(decision, "B") == pytest.approx(0.16, abs=0.05)
    assert probability(decision, "B") + probability(decision, "C") == pytest.approx(1.0)
    # left out it would leave the phone an A
    assert probability(decision, "A") == 0.0


def test_an_assumed_phone_makes_all_sizes_uncertain_together() -> None:
    scratch = defect(length_mm=10.5, confidence=1.0).model_copy(update={"length_error_mm": 0.0, "width_error_mm": 0.0})
    assert probability(assessed(scratch), "C") == 1.0
    assert 0.1 < probability(assessed(scratch, source=ScaleSource.ASSUMED), "B") < 0.4


def test_a_gate_caps_every_drawn_grade() -> None:
    assert probability(assessed(display_lines="fail"), "E") == 1.0


def test_the_same_seed_gives_the_same_certainty_for_any_order_of_defects() -> None:
    defects = [defect(f"d{n}", length_mm=2.9 + n / 10, confidence=0.5 + n / 20) for n in range(5)]
    assert assessed(*defects).certainty == assessed(*reversed(defects)).certainty
    assert assessed(*defects, seed=1).certainty != assessed(*defects, seed=2).certainty


def test_without_a_grade_there_is_no_certainty() -> None:
    assert assessed(blacklist="fail").certainty is None


def test_the_cheapest_grade_weighs_a_costly_mistake_over_a_likely_one() -> None:
    crack = defect(kind=DefectKind.CRACK, length_mm=20.0, confidence=0.49)
    decision = assessed(crack)
    assert decision.certainty is not None
    assert decision.certainty.probability["A"] > decision.certainty.probability["D"]
    assert decision.certainty.cheapest == "D"
    assert (decision.cosmetic_grade, decision.grade) == ("D", "D0")


chances = st.lists(st.integers(0, 20), min_size=2, max_size=7).filter(any).map(lambda n: [x / sum(n) for x in n])


@given(chances, st.floats(0.0, 1.2))
def test_a_prediction_set_is_a_range_with_the_likeliest_grade_that_grows_with_its_threshold(
    probability: list[float], threshold: float
) -> None:
    grades = prediction_set(probability, threshold)
    assert list(grades) == list(range(grades[0], grades[-1] + 1))
    assert max(probability[place] for place in grades) == max(probability)
    assert set(grades) <= set(prediction_set(probability, threshold + 0.1))
    assert sorted(inclusion_order(probability)) == list(range(len(probability)))
    assert all((place in grades) == (score(probability, place) <= threshold) for place in range(len(probability)))


def test_between_two_impossible_neighbours_a_set_grows_towards_what_is_possible() -> None:
    assert inclusion_order([0.45, 0.0, 0.0, 0.55, 0.0]) == [3, 2, 1, 0, 4]
    assert inclusion_order([0.0, 0.0, 1.0, 0.0, 0.0]) == [2, 3, 4, 1, 0]


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_the_prediction_set_contains_the_true_grade_as_often_as_promised(coverage: float) -> None:
    rng = np.random.default_rng(20260101)

    def drawn(count: int) -> list[tuple[list[float], int]]:
        """Probabilities that are far too sure of themselves, and what is true."""
        samples = []
        for true in rng.integers(0, 5, count):
            distance = np.abs(np.arange(5) - (true + rng.normal(0, 0.8)))
            chance = np.exp(-3.0 * distance)
            samples.append(((chance / chance.sum()).tolist(), int(true)))
        return samples

    covered = []
    for _ in range(40):
        scores = tuple(sorted(score(probability, true) for probability, true in drawn(100)))
        threshold = calibration(scores).threshold(coverage)
        covered.extend(true in prediction_set(probability, threshold) for probability, true in drawn(100))
    assert coverage - 0.02 <= np.mean(covered) <= coverage + 0.08


def calibration(scores: tuple[float, ...]) -> Calibration:
    return Calibration(
        policy="ctia-like",
        rules_sha256=rules_sha256(POLICY),
        segmenter_sha256="0" * 64,
        data_sha256="0" * 64,
        devices=len(scores),
        scores=scores,
    )


def test_with_too_few_devices_the_prediction_set_holds_every_grade() -> None:
    assert calibration((0.0, 0.1)).threshold(0.9) == math.inf
    assert calibration(tuple(n / 100 for n in range(99))).threshold(0.9) == 0.89


def test_a_calibration_guarantees_coverage_and_its_confusion_shifts_the_probabilities() -> None:
    names = POLICY.cosmetic.names
    confusion = {given: {true: float(given == true) for true in names} for given in names}
    confusion["A"] |= {"A": 0.6, "B": 0.4}
    known = calibration((0.0,) * 50).model_copy(update={"confusion": confusion})
    photos = phone()
    decision = assess(judge(photos, report(), POLICY), photos, report(), POLICY, known, 1)
    assert (probability(decision, "A"), probability(decision, "B")) == (pytest.approx(0.6), pytest.approx(0.4))
    assert decision.certainty is not None
    assert (decision.certainty.coverage, decision.certainty.prediction_set) == (0.9, ("A", "B"))
    assert (decision.cosmetic_grade, decision.certainty.cheapest) == ("B", "B")


@pytest.mark.parametrize("other", ["rules_sha256", "segmenter_sha256", "frame_segmenter_sha256"])
def test_a_calibration_of_other_rules_or_another_model_guarantees_nothing(other: str) -> None:
    photos = phone()
    known = calibration((0.0,) * 50)
    backed = assess(judge(photos, report(), POLICY), photos, report(), POLICY, known, 1).certainty
    assert backed is not None
    assert backed.coverage == 0.9
    changed = known.model_copy(update={other: "5" * 64})
    stale = assess(judge(photos, report(), POLICY), photos, report(), POLICY, changed, 1)
    assert stale.certainty is not None
    assert stale.certainty.coverage is None


@pytest.mark.parametrize(
    ("good", "bad", "kept"),
    [
        ("Like new.", "As new.", True),
        ("Griffyn DEEPSIGHT A;", "our reading;", True),
        ("version: 3.0.0", "version: 3.0.1", True),
        ("# Like the CTIA", "# As the CTIA", True),
        ("longest_mm: 3.0", "longest_mm: 3.1", False),
        ("max_count: 5", "max_count: 6", False),
        ("share: 0.05", "share: 0.06", False),
    ],
)
def test_a_calibration_is_bound_to_the_rules_of_a_policy_and_not_to_its_words(good: str, bad: str, kept: bool) -> None:
    text = shipped_policy_text("ctia-like")
    assert good in text
    changed = parse_policy(text.replace(good, bad, 1).encode(), "mine.yaml")
    assert changed.sha256 != POLICY.sha256
    assert (rules_sha256(changed) == rules_sha256(POLICY)) is kept
    assert (shipped_calibration(changed) is not None) is kept


def test_a_calibration_survives_its_file_and_a_wrong_one_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    file = tmp_path / "c.json"
    known = calibration((0.0, 0.25))
    file.write_text(known.model_dump_json(), encoding="utf-8")
    assert load_calibration(file) == known
    file.write_text(known.model_dump_json().replace("[0.0,0.25]", "[0.25,0.0]"), encoding="utf-8")
    with pytest.raises(PolicyError, match="scores must ascend"):
        load_calibration(file)


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_calibration_is_of_the_shipped_policy(name: str) -> None:
    calibration = shipped_calibration(load_policy(name))
    assert calibration is None or calibration.policy == name


def test_agreement_on_a_worked_table() -> None:
    pairs = [
        Pair(given=given, true=true, needs_review=review)
        for given, true, review in [
            ("A", "A", False),
            ("A", "B", True),
            ("B", "B", False),
            ("C", "A", False),
            ("D", "D", False),
            (None, "E", True),
        ]
    ]
    figures = agreement(pairs, POLICY)
    assert (figures.devices, figures.graded) == (6, 5)
    assert (figures.exact, figures.within_one, figures.over, figures.under) == (0.6, 0.8, 0.2, 0.2)
    assert (figures.review, figures.exact_without_review) == (0.2, 0.75)
    # by hand: observed 1 + 4; by chance (2,1,1,1) x (2,2,0,1): 0*4 1*4 9*2 / 1*2 0*2 4*1 / 4*2 1*2 1*1 / 9*2 4*2 0
    assert figures.kappa == pytest.approx(1 - 5 / ((4 + 18 + 2 + 4 + 8 + 2 + 1 + 18 + 8) / 5))


def test_kappa_is_one_for_agreement_and_none_where_chance_agrees_on_everything() -> None:
    assert quadratic_kappa([0, 1, 2], [0, 1, 2], 3) == 1.0
    assert quadratic_kappa([1, 1], [1, 1], 3) is None
    assert quadratic_kappa([], [], 3) is None


def test_a_calibration_covers_the_devices_it_was_fitted_to() -> None:
    pairs = []
    for number in range(30):
        defects = [
            defect(f"d{n}", length_mm=1.0 + (number * 7 + n * 3) % 12, zone=Zone.BACK) for n in range(number % 4)
        ]
        photos = phone((Surface.BACK, inspection(Surface.BACK, tuple(defects))))
        decision = assess(judge(photos, report(), POLICY), photos, report(), POLICY, None, number)
        pairs.append(
            Pair(given=decision.cosmetic_grade, true=decision.cosmetic_grade or "A", certainty=decision.certainty)
        )
    learnt = calibrate(pairs, POLICY, MODEL, "1" * 64)
    assert learnt.devices == 30
    assert agreement(pairs, POLICY).covered == 1.0


def test_a_calibration_corrects_a_grade_that_is_always_one_step_too_good() -> None:
    names = POLICY.cosmetic.names
    photos = phone()
    decision = assess(judge(photos, report(), POLICY), photos, report(), POLICY, None, 1)
    assert decision.cosmetic_grade == names[0]
    pairs = [
        Pair(given=decision.cosmetic_grade, true=names[1], phone=f"p{n}", certainty=decision.certainty)
        for n in range(200)
    ]
    learnt = calibrate(pairs, POLICY, MODEL, "0" * 64)
    again = assess(judge(photos, report(), POLICY), photos, report(), POLICY, learnt, 1)
    assert probability(again, names[1]) > 0.9
    assert again.certainty is not None
    assert names[1] in again.certainty.prediction_set
    assert again.cosmetic_grade == names[1]


def test_a_confusion_that_does_not_add_up_to_one_is_refused() -> None:
    half = {"A": {"A": 0.5, "B": 0.4}, "B": {"A": 0.0, "B": 1.0}}
    with pytest.raises(ValueError, match="confusion of A"):
        Calibration.model_validate(calibration((0.0,)).model_dump() | {"confusion": half})
