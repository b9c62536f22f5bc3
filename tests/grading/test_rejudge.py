"""The judge in columns says of every device what the plain judge says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.inspection import Inspection
from phonegrade.configs.limit import Tier
from phonegrade.configs.policy import Policy, load_policy, shipped_policies
from phonegrade.configs.vocabulary import ScaleSource, Surface
from phonegrade.grading.judge import judge
from phonegrade.grading.pack import Device, pack
from phonegrade.grading.rejudge import STATUSES, rejudge
from phonegrade.tests.grading.builders import defect, defects, dirt, inspection, phone, report, reports

POLICIES = [load_policy(name) for name in shipped_policies()]


def variants(policy: Policy) -> list[Policy]:
    """The policy, and one with every other reaction and every kind of bound."""
    evidence = policy.evidence.model_copy(
        update={"missing_surface": "retake", "assumed_scale": "incomplete", "unresolvable": "retake"}
    )
    dirt_policy = policy.contamination.model_copy(update={"beyond": "incomplete"})
    bounds = {
        "deepest_mm": 0.2,
        "max_per_dm2": 2.5,
        "total_area_share": 0.01,
        "of_which": (Tier(longer_mm=1.0, max_count=2), Tier(longer_mm=1.0, wider_mm=0.6, max_count=0)),
    }
    grades = list(policy.cosmetic.grades)
    limits = tuple(limit.model_copy(update=bounds) for limit in grades[0].limits)
    grades[0] = grades[0].model_copy(update={"limits": limits})
    cosmetic = policy.cosmetic.model_copy(update={"grades": tuple(grades)})
    other = policy.model_copy(update={"evidence": evidence, "contamination": dirt_policy, "cosmetic": cosmetic})
    return [policy, other]


ALL = [variant for policy in POLICIES for variant in variants(policy)]
marks = st.builds(
    lambda one, depth, lost: one.model_copy(update={"depth_mm": depth, **dict.fromkeys(lost)}),
    defects,
    st.one_of(st.none(), st.floats(0.0, 1.0)),
    st.one_of(st.just(()), st.just(()), st.sets(st.sampled_from(["length_mm", "width_mm", "area_mm2"]), max_size=1)),
)
patches = st.builds(dirt, st.one_of(st.none(), st.floats(0.0, 300.0)), st.sampled_from([0.3, 0.5, 0.9]))


@st.composite
def looked_at(draw: st.DrawFn, surface: Surface) -> Inspection:
    """One photo of a surface: mostly good, with anything that can be wrong."""
    found = draw(st.lists(marks, max_size=9))
    return inspection(
        surface,
        (*found, *found[:1]),
        contamination=tuple(draw(st.lists(patches, max_size=3))) if draw(st.booleans()) else (),
        flags=draw(st.sampled_from([(), (), (), ("blurred",), ("view_mismatch",), ("blurred", "blurred", "odd")])),
        resolvable_mm=draw(st.sampled_from([0.1, 0.1, 0.15, 0.2, 0.3, 0.31, 0.5, 0.6])),
        source=draw(st.sampled_from([ScaleSource.CATALOGUE, ScaleSource.CATALOGUE, ScaleSource.ASSUMED])),
        outlined=draw(st.sampled_from([True, True, True, False])),
    )


@st.composite
def devices(draw: st.DrawFn) -> Device:
    """One stored device: sound but for some surfaces."""
    seen = phone()
    for surface in draw(st.sets(st.sampled_from(Surface), max_size=3)):
        seen[surface] = draw(looked_at(surface))
    for surface in draw(st.one_of(st.just(frozenset()), st.sets(st.sampled_from(Surface), max_size=1))):
        del seen[surface]
    return seen, draw(st.one_of(reports, reports, st.none(), st.just(FunctionalReport())))


def assert_agree(stored: list[Device], policy: Policy) -> None:
    """Status, look, code, worth and written grade of every device, bit for bit."""
    verdicts = rejudge(pack(stored), policy)
    written = verdicts.grades(policy)
    for row, (seen, tests) in enumerate(stored):
        plain = judge(seen, tests, policy)
        names, codes = policy.cosmetic.names, policy.functional.codes
        assert STATUSES[verdicts.status[row]] is plain.status
        assert verdicts.look[row] == (-1 if plain.look is None else names.index(plain.look))
        assert verdicts.cosmetic[row] == (-1 if plain.cosmetic.grade is None else names.index(plain.cosmetic.grade))
        code = plain.functional.code
        assert verdicts.code[row] == (-1 if plain.grade is None or code is None else codes.rank(code))
        assert plain.worth == verdicts.worth[row] or (plain.worth is None and np.isnan(verdicts.worth[row]))
        assert written[row] == (plain.grade or plain.status)


@given(st.lists(devices(), min_size=1, max_size=6), st.sampled_from(ALL))
@settings(max_examples=150)
def test_columns_agree_with_the_plain_judge_on_every_device(stored: list[Device], policy: Policy) -> None:
    assert_agree(stored, policy)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_sums_on_a_bound_agree_to_the_last_bit(policy: Policy) -> None:
    parts = [0.1, 0.2, 0.3, 0.7, 1.1, 1.3, 2.3, 4.0]
    stored: list[Device] = []
    for last in (-1e-7, 0.0, 1e-7):
        found = tuple(defect(f"d{place}", length_mm=1.0, area_mm2=area) for place, area in enumerate(parts))
        found = (*found[:-1], defect("last", length_mm=1.0, area_mm2=parts[-1] + last))
        stored.append((phone((Surface.FRONT, inspection(Surface.FRONT, found))), report()))
    assert_agree(stored, policy)


def test_no_device_is_no_verdict() -> None:
    assert len(rejudge(pack([]), POLICIES[0]).status) == 0
