"""Label shifts: predictions that add up to what is there."""

import numpy as np
import pytest

from phonegrade.training.calibration.prior import MAX_SHIFT, _histogram, label_shift


@pytest.mark.parametrize("training_shift", [-1.5, 0.0, 2.0])
def test_the_shift_undoes_what_another_share_of_a_class_did_to_its_odds(training_shift: float) -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(-3, 2, 200_000)
    true = float((rng.random(odds.size) < 1 / (1 + np.exp(-odds))).sum())
    predicted = (1 / (1 + np.exp(-(odds + training_shift)))).astype(np.float32)
    assert label_shift(_histogram(predicted), true) == pytest.approx(-training_shift, abs=0.05)


def test_a_class_that_is_never_predicted_is_shifted_no_further_than_allowed() -> None:
    assert label_shift(_histogram(np.full(1000, 1e-7, np.float32)), 1000.0) == pytest.approx(MAX_SHIFT, abs=1e-3)
