"""Paired tests: only flips count, chance is exact, and answers of one unit flip together."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phonegrade.evaluation.paired import PairedAnswer, adjusted, paired_test, sign_flip_p


def answers(lost: int, gained: int, same: int = 5) -> list[PairedAnswer]:
    flips = [(True, False)] * lost + [(False, True)] * gained + [(True, True), (False, False)] * same
    return [PairedAnswer(str(at), f"defect {at}", *flip) for at, flip in enumerate(flips)]


def exact(lost: int, gained: int) -> float:
    """McNemar's exact test as the textbook has it: a fair coin thrown once a flip."""
    flips = lost + gained
    tail = sum(comb(flips, k) for k in range(max(lost, gained), flips + 1)) / 2**flips
    return min(1.0, 2 * tail)


@given(st.integers(0, 40), st.integers(0, 40))
def test_with_one_answer_a_unit_it_is_mcnemars_exact_test(lost: int, gained: int) -> None:
    assert paired_test("", answers(lost, gained), is_pooled=True).p == pytest.approx(exact(lost, gained))


def test_answers_that_stay_the_same_weigh_nothing() -> None:
    assert paired_test("", answers(9, 1, 0), is_pooled=True).p == paired_test("", answers(9, 1, 99), is_pooled=True).p


def test_one_photo_that_flips_decides_nothing_and_ten_do() -> None:
    one, ten = (paired_test("", answers(count, 0), is_pooled=True) for count in (1, 10))
    assert not one.loses(0.05)
    assert ten.loses(0.05)
    assert not ten.gains(0.05)
    assert ten.lost_on == tuple(f"defect {at}" for at in range(10))


def test_one_photo_under_thirteen_corruptions_is_still_one_photo() -> None:
    of_one = [PairedAnswer("photo", f"photo {at}", True, False) for at in range(13)]
    assert paired_test("", of_one, is_pooled=True).p == 1.0
    of_many = [one._replace(unit=one.what) for one in of_one]
    assert paired_test("", of_many, is_pooled=True).p == pytest.approx(2 / 2**13)


@given(st.lists(st.integers(-5, 5), max_size=12))
def test_chance_is_symmetric_and_a_share(differences: list[int]) -> None:
    p = sign_flip_p(differences)
    assert 0 < p <= 1
    assert p == pytest.approx(sign_flip_p([-one for one in differences]))


def test_many_tests_at_once_are_adjusted_and_pooled_ones_are_not() -> None:
    first = [paired_test(str(lost), answers(lost, 0), is_pooled=False) for lost in (8, 6, 1)]
    pooled = paired_test("all", answers(6, 0), is_pooled=True)
    *kinds, last = adjusted([*first, pooled])
    assert [one.p for one in kinds] == pytest.approx([3 * 2 / 2**8, 2 * 2 / 2**6, 1.0])
    assert last == pooled
