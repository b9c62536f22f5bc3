"""Each scale's own table, phone by phone: what the public pages say against what the policy says."""

from typing import NamedTuple

import pytest

from phonegrade.configs.policy import load_policy
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Defect
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.crosswalk import crosswalk_row
from phonegrade.grading.judge import judge
from phonegrade.tests.grading.builders import defect, inspection, phone, report

KINDS = {kind.value: kind for kind in DefectKind}


class Marks(NamedTuple):
    """Some equal defects on one surface."""

    count: int
    kind: str
    length_mm: float
    width_mm: float
    zone: Zone
    surface: Surface = Surface.FRONT


def some(text: str) -> Marks | None:
    """ "5 scratch 3 x 0.15 display" or "1 chip 1.8 x 1 frame left"; "-" for nothing."""
    if text == "-":
        return None
    count, kind, length, _, width, zone, *surface = text.split()
    return Marks(int(count), kind, float(length), float(width), Zone(zone), Surface(surface[0] if surface else "front"))


def phone_with(texts: str, tests: FunctionalReport, policy: str) -> str:
    """Grade, or status, of a phone with these defects, separated by commas."""
    by_surface: dict[Surface, list[Defect]] = {}
    for group, defects in enumerate(filter(None, map(some, texts.split(", ")))):
        area = defects.length_mm * defects.width_mm
        by_surface.setdefault(defects.surface, []).extend(
            defect(f"{group}-{n}", KINDS[defects.kind], defects.length_mm, defects.width_mm, area, defects.zone)
            for n in range(defects.count)
        )
    photos = phone(*((surface, inspection(surface, tuple(defects))) for surface, defects in by_surface.items()))
    decision = judge(photos, tests, load_policy(policy))
    return decision.grade or decision.status


DEEPSIGHT = """
    -                                                          A0   nothing found
    5 scratch 3 x 0.15 display                                 A0   A: at most 5 scratches, 3 mm, 0.15 mm, no crack
    6 scratch 3 x 0.15 display                                 B0   B: at most 10
    10 scratch 3 x 0.15 display                                B0   B: at most 10
    11 scratch 3 x 0.15 display                                E0   no grade allows more than 10
    1 scratch 3.1 x 0.15 display                               C0   C: up to 7 mm
    10 scratch 7 x 0.15 display                                C0   C: at most 10, 7 mm
    1 scratch 7.1 x 0.15 display                               E0   no grade allows longer than 7 mm
    1 scratch 1 x 0.16 display                                 E0   no grade allows wider than 0.15 mm
    1 crack 2.5 x 0.1 display                                  D0   D: at most 5 cracks of at most 2.5 mm
    5 crack 2.5 x 0.1 display, 10 scratch 7 x 0.15 display     D0   D: at most 5 cracks, at most 10 scratches
    6 crack 2.5 x 0.1 display                                  E0   more cracks than D
    1 crack 2.6 x 0.1 display                                  E0   a longer crack than D
"""
CTIA = """
    -                                                          A0   A: negligible marks
    3 scratch 2 x 0.3 display                                  A0   A: negligible marks
    4 scratch 8 x 0.3 display                                  B0   B: one or several light scratches
    1 crack 1 x 0.2 display                                    D0   B: no cracks; D: display cover glass cracked
    1 crack 4 x 0.2 camera back                                C0   C: cracks allowed on a camera lens
    1 crack 4 x 0.2 back back                                  D0   C: on a lens alone
    1 crack 4 x 0.2 camera front                               D0   C: never on the display glass
    1 scratch 60 x 2 display                                   C0   C: aggressive wear
    1 chip 1.9 x 1 frame left                                  B0   edge chips under 2 mm in B
    1 chip 4.9 x 1 frame left                                  C0   edge chips under 5 mm in C
    1 chip 1 x 1 frame left                                    A0   a nick is at most 1 mm
    1 dent 1.1 x 1 frame left                                  B0   a dent is over 1 mm
"""
R2V3 = """
    -                                                          F6/C7   C7: restored, no blemish
    3 scratch 4 x 0.3 display                                  F6/C6   C6: light scratches
    3 scratch 4 x 0.3 display, 2 dent 1.8 x 1 frame left       F6/C5   C5: minor scratches and dents
    6 dent 3 x 2 frame left                                    F6/C3   C3: multiple dents
    3 dent 3 x 2 frame left, 2 scratch 30 x 0.5 back back      F6/C4   C4: scratches, small dents
    1 scratch 120 x 3 display                                  F6/C3   C3: light to heavy scratches
    6 dent 12 x 5 frame left                                   F6/C2   C2: multiple heavy dents
    1 crack 30 x 0.5 display                                   F6/C1   C1: damaged
"""
MARKETPLACE = """
    -                                                          Excellent   nothing to see
    1 scratch 0.5 x 0.1 frame left                             Excellent   invisible at 20 cm
    1 scratch 2 x 0.15 frame left                              Good        visible at 20 cm, not at 50 cm
    1 scratch 2 x 0.2 camera back                              Fair        a lens, visible at 30 cm
    1 scratch 8 x 0.5 frame left                               Fair        visible at 50 cm
    1 scratch 1 x 0.1 display                                  Fair        no screen scratch in Excellent or Good
    1 chip 1 x 1 display                                       Refused     no chipped glass
    1 crack 2 x 0.1 back back                                  Refused     no cracked glass
"""
TABLES = {"deepsight-like": DEEPSIGHT, "ctia-like": CTIA, "r2v3": R2V3, "marketplace": MARKETPLACE}


def rows(table: str) -> list[tuple[str, str, str]]:
    """Marks, grade and the words of the scale, of each line."""
    split = [
        [cell.strip() for cell in line.strip().split("   ") if cell.strip()] for line in table.strip().splitlines()
    ]
    return [(defects, grade, words) for defects, grade, words in split]


@pytest.mark.parametrize(
    ("policy", "defects", "grade"),
    [
        pytest.param(policy, defects, grade, id=f"{policy}: {defects} ({words})")
        for policy, table in TABLES.items()
        for defects, grade, words in rows(table)
    ],
)
def test_a_phone_of_the_scales_own_table_gets_its_grade(policy: str, defects: str, grade: str) -> None:
    assert phone_with(defects, report(), policy) == grade


FUNCTIONS = [
    # state of GRADING's table          results                                    ctia  r2v3     marketplace
    ("fully functional, OEM parts", report(), "A0", "F6/C7", "Excellent"),
    ("fully functional", report(parts_original="not_run"), "A1", "F5/C7", "Excellent"),
    ("another maker's parts", report(parts_original="fail"), "A1", "F5/C7", "Good"),
    ("key functions only", report(nfc="not_run"), "A2", "F3/C7", "incomplete"),
    ("partial fault", report(nfc="fail"), "A2", "F3/C7", "Refused"),
    ("a battery of 79 %", report(battery=79), "A2", "F3/C7", "Refused"),
    ("a battery of 80 %", report(battery=80), "A0", "F6/C7", "Excellent"),
    ("a battery nobody measured", report(battery=None), "A2", "F3/C7", "incomplete"),
    ("non-functional", report(touch_grid="fail"), "A9", "CS/C7", "Refused"),
    ("a line in the panel", report(display_lines="fail"), "E2", "F3/C7", "Refused"),
    ("locked to a carrier", report(sim_lock="fail"), "A0", "F6/C7", "Excellent"),
    ("not accepted", report(activation_lock="fail"), "not_accepted", "not_accepted", "not_accepted"),
    ("a lock nobody tested", report(blacklist="not_run"), "incomplete", "incomplete", "incomplete"),
]


@pytest.mark.parametrize(
    ("tests", "grades"), [pytest.param(tests, grades, id=state) for state, tests, *grades in FUNCTIONS]
)
def test_a_functional_state_gets_the_codes_of_the_trade(tests: FunctionalReport, grades: list[str]) -> None:
    assert [phone_with("-", tests, policy) for policy in ("ctia-like", "r2v3", "marketplace")] == grades


CROSSWALK = [
    # SERI's Q&A: 0 & A is F6/C7; 1 & A-B is F5/C6; 2 & A-D is F3/C3-C6; 3-9 is the controlled stream
    ("-", report(), "A0", "F6/C7"),
    ("-", report(parts_original="not_run"), "A1", "F5/C6"),
    ("6 scratch 2 x 0.3 display", report(parts_original="not_run"), "B1", "F5/C6"),
    ("-", report(nfc="fail"), "A2", "F3/C6"),
    ("6 scratch 2 x 0.3 display", report(nfc="fail"), "B2", "F3/C5"),
    ("1 scratch 60 x 2 display", report(nfc="fail"), "C2", "F3/C4"),
    ("1 crack 60 x 2 display", report(nfc="fail"), "D2", "F3/C3"),
    ("-", report(display_lines="fail"), "E2", None),
    ("-", report(touch_grid="fail"), "A9", None),
    ("-", report(activation_lock="fail"), "not_accepted", None),
]


@pytest.mark.parametrize(("defects", "tests", "ctia", "r2v3"), CROSSWALK)
def test_a_ctia_grade_crosses_into_r2v3_as_seri_says(
    defects: str, tests: FunctionalReport, ctia: str, r2v3: str | None
) -> None:
    assert phone_with(defects, tests, "ctia-like") == ctia
    group = some(defects)
    defects = (
        ()
        if group is None
        else tuple(
            defect(f"d{n}", KINDS[group.kind], group.length_mm, group.width_mm, 1.0, group.zone)
            for n in range(group.count)
        )
    )
    decision = judge(phone((Surface.FRONT, inspection(Surface.FRONT, defects))), tests, load_policy("ctia-like"))
    into = load_policy("r2v3")
    row = crosswalk_row(decision, into)
    assert (None if row is None else into.write(row.cosmetic_grade, row.functional_grade)) == r2v3


def test_every_crosswalk_row_names_a_policy_and_grades_that_exist() -> None:
    for row in load_policy("r2v3").crosswalk:
        policy = load_policy(row.policy)
        assert set(row.cosmetic_grades) <= set(policy.cosmetic.names)
        assert set(row.functional_grades) <= set(policy.functional.codes.ordered)
