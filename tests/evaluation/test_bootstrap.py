"""Figures as functions of weights, and their intervals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.evaluation.bootstrap import (
    Bootstrap,
    auroc,
    average_precision,
    calibration_error,
    mean,
    quantile,
    recall_at,
)

VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def ones(count: int) -> np.ndarray:
    return np.ones(count)


@given(VALUES, st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_weights_count_rows_as_often_as_they_say(values: list[float], times: list[int]) -> None:
    weights = np.array(times[: len(values)], np.float64)
    repeated = [value for value, count in zip(values, times, strict=False) for _ in range(count)]
    if not repeated:
        assert mean(values)(weights) is None
        assert quantile(values, 0.5)(weights) is None
        return
    assert mean(values)(weights) == pytest.approx(float(np.mean(repeated)))
    assert quantile(values, 0.5)(weights) == quantile(repeated, 0.5)(ones(len(repeated)))


def test_a_quantile_is_one_of_the_values() -> None:
    values = [5.0, 1.0, 3.0, 2.0]
    assert quantile(values, 0.5)(ones(4)) == 2.0
    assert quantile(values, 0.9)(ones(4)) == 5.0


def test_more_devices_make_a_narrower_interval() -> None:
    widths = []
    for devices in (5, 80):
        owners = [f"{number}" for number in range(devices)]
        estimate = Bootstrap(owners).estimate(mean([number % 2 for number in range(devices)]), owners)
        assert estimate.low is not None
        assert estimate.high is not None
        assert estimate.value is not None
        assert estimate.low <= estimate.value <= estimate.high
        widths.append(estimate.high - estimate.low)
    assert widths[1] < widths[0] / 2


def test_many_marks_of_one_device_are_no_evidence_of_many() -> None:
    values, owners = [1.0] * 50 + [0.0] * 50, ["a"] * 50 + ["b"] * 50
    estimate = Bootstrap(owners).estimate(mean(values), owners)
    assert (estimate.low, estimate.high) == (0.0, 1.0)


def test_the_same_rows_give_the_same_interval() -> None:
    owners = ["a", "b", "c", "d"]
    assert Bootstrap(owners).estimate(mean([1, 0, 1, 1]), owners) == Bootstrap(owners).estimate(
        mean([1, 0, 1, 1]), owners
    )


def test_nothing_measured_is_no_figure() -> None:
    estimate = Bootstrap(["a"]).estimate(mean([]), [])
    assert (estimate.value, estimate.low, estimate.high, estimate.count) == (None, None, None, 0)


def test_a_perfect_ranking_has_full_area_and_a_false_mark_on_top_takes_half() -> None:
    perfect = average_precision([0.9, 0.8, 0.1], [True, True, False], [0.9, 0.8])
    assert perfect(ones(3), ones(2)) == pytest.approx(1.0)
    topped = average_precision([0.9, 0.8], [False, True], [0.8])
    assert topped(ones(2), ones(1)) == pytest.approx(0.5)


def test_marks_that_are_never_found_bound_the_area() -> None:
    half = average_precision([0.9], [True], [0.9, 0.0])
    assert half(ones(1), ones(2)) == pytest.approx(0.5)
    assert average_precision([], [], [0.0])(ones(0), ones(1)) == 0.0
    assert average_precision([0.9], [False], [])(ones(1), ones(0)) is None


@given(VALUES, VALUES)
def test_the_area_under_roc_turns_round_with_the_sides(positive: list[float], negative: list[float]) -> None:
    forth = auroc(positive, negative)(ones(len(positive)), ones(len(negative)))
    back = auroc(negative, positive)(ones(len(negative)), ones(len(positive)))
    assert forth is not None
    assert back is not None
    assert forth + back == pytest.approx(1.0)


def test_recall_counts_what_is_above_the_allowed_negatives() -> None:
    positive, negative = [0.9, 0.6, 0.3], [0.1 * step for step in range(8)]
    assert recall_at(positive, negative, 0.0)(ones(3), ones(8)) == pytest.approx(1 / 3)
    assert recall_at(positive, negative, 0.25)(ones(3), ones(8)) == pytest.approx(2 / 3)


def test_sure_and_right_is_calibrated_and_sure_and_wrong_is_not() -> None:
    assert calibration_error([1.0, 1.0], [True, True], 10)(ones(2)) == 0.0
    assert calibration_error([1.0, 1.0], [False, False], 10)(ones(2)) == 1.0
    assert calibration_error([0.5, 0.55], [True, False], 10)(ones(2)) == pytest.approx(0.025)
