"""True grades of rendered phones, without rendering one."""

import numpy as np
import pytest

from phonegrade.configs.policy import shipped_policy
from phonegrade.configs.render_settings import WearLevel
from phonegrade.datasets.manifest import DeviceRecord
from phonegrade.evaluation.true_grades import true_grade, true_grades
from phonegrade.rendering.phone import draw_phone
from phonegrade.rendering.records import device_record
from phonegrade.rendering.set_plan import plan_set

POLICY = shipped_policy("ctia-like")


def drawn(count: int, wear: WearLevel | None = None) -> list[DeviceRecord]:
    """Truth of `count` phones of the mix that the shipped models learn from."""
    plan = plan_set("mixed", 1, 7, wear=wear)
    devices = [plan.device(index) for index in range(count)]
    return [device_record(plan, draw_phone(plan.device, plan.settings, plan.phone_seed)) for plan in devices]


@pytest.fixture(scope="module")
def devices() -> list[DeviceRecord]:
    return drawn(140)


def test_every_grade_of_the_policy_is_populated(devices: list[DeviceRecord]) -> None:
    grades = true_grades(devices, POLICY)
    assert list(grades) == ["A", "B", "C", "D", "E"]
    assert min(grades.values()) / grades.total() >= 0.05, grades


def test_more_wear_gives_worse_grades() -> None:
    ranks = [sum("ABCDE".index(true_grade(device, POLICY)) for device in drawn(8, level)) for level in WearLevel]
    assert ranks == sorted(ranks)


def test_a_panel_that_failed_bounds_the_grade_of_an_undamaged_phone() -> None:
    mint = drawn(1, WearLevel.MINT)[0]
    assert true_grade(mint, POLICY) in "AB"
    assert true_grade(mint.model_copy(update={"failed_tests": ("ink_bleed",)}), POLICY) == "E"


def test_a_true_crack_is_as_long_as_it_extends(devices: list[DeviceRecord]) -> None:
    cracks = [
        (mark, truth)
        for one in devices[:40]
        for truth in one.surfaces.values()
        for mark in truth.annotations
        if mark.kind == "crack"
    ]
    assert any(mark.graded_length_mm < mark.length_mm / 2 for mark, _ in cracks)
    assert all(mark.graded_length_mm <= np.hypot(*truth.size_mm) + 0.01 for mark, truth in cracks)
