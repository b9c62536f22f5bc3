"""What dirt says of scratches is learnt from marks whose truth is known."""

import numpy as np
import pytest

from phonegrade.inference.defects.rescoring import Rescoring, expected_counts, rescore
from phonegrade.training.calibration.rescoring import DIRT, LEAST_KNOWN, KnownScratch, fit_context, known_scratches

TRUE = {"smudge": 0.0, "oil": 0.0, "dust": -1.0}


def marks(count: int) -> list[KnownScratch]:
    """Scratches that are there as often as their evidence, on a scale of a half, and TRUE say."""
    rng = np.random.default_rng(0)
    drawn = []
    for evidence in rng.normal(1, 2, count).tolist():
        beside = rng.exponential(1.0, len(DIRT))
        odds = 0.5 * evidence + float(beside @ np.array([TRUE[name] for name in DIRT])) + 1.0
        drawn.append(KnownScratch(evidence, tuple(beside.tolist()), bool(rng.random() < 1 / (1 + np.exp(-odds))), 1.0))
    return drawn


def test_what_dirt_says_is_found_again_on_the_scale_of_the_evidence() -> None:
    context = fit_context(marks(4000))
    assert context is not None
    for name, weight in TRUE.items():
        assert context.others[name] == pytest.approx(2 * weight, abs=0.3)


def test_on_average_it_adds_nothing() -> None:
    known = marks(1000)
    context = fit_context(known)
    assert context is not None
    told = [rescore(context, dict(zip(DIRT, np.expm1(mark.beside).tolist(), strict=True))) for mark in known]
    assert np.mean(told) == pytest.approx(0.0, abs=0.01)


def test_too_few_false_marks_teach_nothing() -> None:
    nothing = (0.0,) * len(DIRT)
    false = [KnownScratch(0.0, nothing, False, 1.0)] * (LEAST_KNOWN - 1)
    assert fit_context([KnownScratch(1.0, nothing, True, 1.0)] * 100 + false) is None
    assert isinstance(fit_context([KnownScratch(1.0, nothing, True, 1.0)] * 100 + false + false), Rescoring)


def test_the_scratches_of_one_surface_weigh_as_one_and_know_its_dirt() -> None:
    clean = known_scratches([(1.0, True)], expected_counts([("scratch", 1.0)]))
    dirty = known_scratches(
        [(1.0, True), (0.0, False)], expected_counts([("scratch", 1.0), ("scratch", 0.0), ("dust", 9.0)])
    )
    assert [one.weight for one in clean] == [1.0]
    assert [one.weight for one in dirty] == [0.5, 0.5]
    assert sum(clean[0].beside) == 0
    assert dirty[0].beside[DIRT.index("dust")] == pytest.approx(np.log(2), abs=0.01)
