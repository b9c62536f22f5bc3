"""Confidence from truth: weights that tell true marks from false ones, limits that keep sound surfaces quiet."""

import numpy as np
import pytest

from phonegrade.inference.confidence import TRAITS, confidence
from phonegrade.training.confidence import DEFAULT, LEAST_KNOWN, SIGNS, fit_weights, limit_of
from phonegrade.training.matching import Tally

WEIGHTS = (-1.0, 2.0, 0.5, 0.8, 0.0, -2.0, 0.3)
Mark = tuple[tuple[float, ...], bool]


def marks(count: int, seed: int = 0) -> list[Mark]:
    """Marks that are true as often as `WEIGHTS` say."""
    rng = np.random.default_rng(seed)
    known = [(1.0, *rng.normal(0, 1, len(TRAITS) - 1)) for _ in range(count)]
    return [(one, bool(rng.random() < confidence(one, WEIGHTS))) for one in known]


def test_the_confidence_is_the_share_of_true_marks() -> None:
    fitted = fit_weights(marks(4000))
    assert fitted is not None
    fresh = marks(4000, seed=1)
    told = np.array([confidence(known, fitted) for known, _ in fresh])
    true = np.array([is_true for _, is_true in fresh])
    for low, high in [(0.0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1.0)]:
        inside = (told >= low) & (told < high)
        assert true[inside].mean() == pytest.approx(told[inside].mean(), abs=0.05)


def test_no_trait_counts_the_wrong_way() -> None:
    backward = [(known, not is_true) for known, is_true in marks(1000)]
    fitted = fit_weights(backward)
    assert fitted is not None
    for name, weight in zip(TRAITS, fitted, strict=True):
        assert weight * SIGNS.get(name, 0) >= 0


def test_too_few_false_marks_fit_nothing() -> None:
    known = marks(1)[0][0]
    assert fit_weights([(known, True)] * 100 + [(known, False)] * (LEAST_KNOWN - 1)) is None


def test_the_limit_keeps_sound_surfaces_quiet() -> None:
    tally = Tally(found=[(0.6, True)] * 5 + [(0.9, True)] * 5, true=[0.6] * 5 + [0.9] * 5)
    assert limit_of(tally, on_sound=[], sound=100) <= 0.6
    assert 0.7 < limit_of(tally, on_sound=[0.7] * 3, sound=100) <= 0.9


def test_too_few_true_marks_decide_no_limit() -> None:
    assert limit_of(Tally(found=[(0.9, True)], true=[0.9]), on_sound=[], sound=10) == DEFAULT
