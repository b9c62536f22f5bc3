"""Prior shifts: predictions that add up to what is there."""

import numpy as np
import pytest

from phonegrade.training.calibration.prior import FARTHEST, _histogram, shift_to


@pytest.mark.parametrize("taught", [-1.5, 0.0, 2.0])
def test_the_shift_undoes_what_another_share_of_a_class_did_to_its_odds(taught: float) -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(-3, 2, 200_000)
    true = float((rng.random(odds.size) < 1 / (1 + np.exp(-odds))).sum())
    told = (1 / (1 + np.exp(-(odds + taught)))).astype(np.float32)
    assert shift_to(_histogram(told), true) == pytest.approx(-taught, abs=0.05)


def test_a_class_that_is_never_predicted_is_shifted_no_further_than_allowed() -> None:
    assert shift_to(_histogram(np.full(1000, 1e-7, np.float32)), 1000.0) == pytest.approx(FARTHEST, abs=1e-3)
