"""The judge in columns says of every device what the plain judge says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phonegrade.configs.policy import Policy, load_policy, shipped_policies
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.judge import judge
from phonegrade.grading.vectorised.regrade import STATUSES, regrade
from phonegrade.grading.vectorised.to_columns import Device, to_columns
from phonegrade.tests.grading.builders import defect, inspection, phone, report
from phonegrade.tests.grading.stored import ALL, devices

POLICIES = [load_policy(name) for name in shipped_policies()]


def assert_agree(stored: list[Device], policy: Policy) -> None:
    """Compare status, grades, value share and combined grade of every device, bit for bit."""
    verdicts = regrade(to_columns(stored), policy)
    written = verdicts.grades(policy)
    for row, (photos, tests) in enumerate(stored):
        plain = judge(photos, tests, policy)
        names, codes = policy.cosmetic.names, policy.functional.codes
        assert STATUSES[verdicts.status[row]] is plain.status
        assert verdicts.cosmetic_grade[row] == (
            -1 if plain.cosmetic_grade is None else names.index(plain.cosmetic_grade)
        )
        assert verdicts.cosmetic[row] == (-1 if plain.cosmetic.grade is None else names.index(plain.cosmetic.grade))
        code = plain.functional.code
        assert verdicts.code[row] == (-1 if plain.grade is None or code is None else codes.rank(code))
        assert plain.value_share == verdicts.value_share[row] or (
            plain.value_share is None and np.isnan(verdicts.value_share[row])
        )
        assert written[row] == (plain.grade or plain.status)


@given(st.lists(devices(), min_size=1, max_size=6), st.sampled_from(ALL))
@settings(max_examples=150)
def test_columns_agree_with_the_judge_on_every_device(stored: list[Device], policy: Policy) -> None:
    assert_agree(stored, policy)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_sums_on_a_bound_agree_to_the_last_bit(policy: Policy) -> None:
    parts = [0.1, 0.2, 0.3, 0.7, 1.1, 1.3, 2.3, 4.0]
    stored: list[Device] = []
    for last in (-1e-7, 0.0, 1e-7):
        defects = tuple(defect(f"d{place}", length_mm=1.0, area_mm2=area) for place, area in enumerate(parts))
        defects = (*defects[:-1], defect("last", length_mm=1.0, area_mm2=parts[-1] + last))
        stored.append((phone((Surface.FRONT, inspection(Surface.FRONT, defects))), report()))
    assert_agree(stored, policy)


def test_no_device_gives_no_decision() -> None:
    assert len(regrade(to_columns([]), POLICIES[0]).status) == 0
