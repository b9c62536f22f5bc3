"""The rescoring of scratches by dirt is fitted to labelled detections."""

import numpy as np
import pytest

from phonegrade.inference.defects.rescoring import Rescoring, expected_counts, rescore
from phonegrade.training.calibration.rescoring import (
    DIRT,
    MIN_SAMPLES,
    LabelledScratch,
    fit_rescoring,
    labelled_scratches,
)

TRUE = {"smudge": 0.0, "oil": 0.0, "dust": -1.0}


def samples(count: int) -> list[LabelledScratch]:
    """Scratches that are true as often as their evidence, on a scale of a half, and TRUE say."""
    rng = np.random.default_rng(0)
    drawn = []
    for evidence in rng.normal(1, 2, count).tolist():
        dirt = rng.exponential(1.0, len(DIRT))
        odds = 0.5 * evidence + float(dirt @ np.array([TRUE[name] for name in DIRT])) + 1.0
        drawn.append(LabelledScratch(evidence, tuple(dirt.tolist()), bool(rng.random() < 1 / (1 + np.exp(-odds))), 1.0))
    return drawn


def test_the_weights_of_dirt_are_recovered_on_the_scale_of_the_evidence() -> None:
    rescoring = fit_rescoring(samples(4000))
    assert rescoring is not None
    for name, weight in TRUE.items():
        assert rescoring.others[name] == pytest.approx(2 * weight, abs=0.3)


def test_on_average_it_adds_nothing() -> None:
    labelled = samples(1000)
    rescoring = fit_rescoring(labelled)
    assert rescoring is not None
    added = [rescore(rescoring, dict(zip(DIRT, np.expm1(one.dirt).tolist(), strict=True))) for one in labelled]
    assert np.mean(added) == pytest.approx(0.0, abs=0.01)


def test_too_few_false_detections_fit_nothing() -> None:
    nothing = (0.0,) * len(DIRT)
    false = [LabelledScratch(0.0, nothing, False, 1.0)] * (MIN_SAMPLES - 1)
    assert fit_rescoring([LabelledScratch(1.0, nothing, True, 1.0)] * 100 + false) is None
    assert isinstance(fit_rescoring([LabelledScratch(1.0, nothing, True, 1.0)] * 100 + false + false), Rescoring)


def test_the_scratches_of_one_surface_weigh_as_one_and_share_its_dirt() -> None:
    clean = labelled_scratches([(1.0, True)], expected_counts([("scratch", 1.0)]))
    dirty = labelled_scratches(
        [(1.0, True), (0.0, False)], expected_counts([("scratch", 1.0), ("scratch", 0.0), ("dust", 9.0)])
    )
    assert [one.weight for one in clean] == [1.0]
    assert [one.weight for one in dirty] == [0.5, 0.5]
    assert sum(clean[0].dirt) == 0
    assert dirty[0].dirt[DIRT.index("dust")] == pytest.approx(np.log(2), abs=0.01)
