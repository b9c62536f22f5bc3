"""Matching detections to drawn ground truth."""

import numpy as np
import pytest
from numpy.typing import NDArray

from phonegrade.evaluation.matching import MaskPatch, MatchedDetection, MatchTally, grown
from phonegrade.evaluation.pixel_scores import PixelScores
from phonegrade.evaluation.pixel_tally import PixelTally

HW = (80, 160)
PX_PER_MM = 8.0
NOTHING = np.zeros(HW, np.bool_)


def bar(x: int, y: int, length: int = 60, height: int = 3) -> NDArray[np.bool_]:
    mask = NOTHING.copy()
    mask[y : y + height, x : x + length] = True
    return mask


def patch(mask: NDArray[np.bool_]) -> MaskPatch:
    """The mark in a window of its own, as masks of marks are kept."""
    ys, xs = np.nonzero(mask)
    y, x = int(ys.min()), int(xs.min())
    return MaskPatch(mask[y : ys.max() + 1, x : xs.max() + 1], (x, y))


def detection(confidence: float, mask: NDArray[np.bool_]) -> MatchedDetection:
    return MatchedDetection(confidence, patch(mask))


def test_a_mark_found_a_pixel_aside_is_true_and_finds() -> None:
    tally = MatchTally()
    tally.add([detection(0.7, bar(20, 22))], [patch(bar(20, 20))], bar(20, 20), NOTHING, PX_PER_MM)
    assert (tally.precision(0.5), tally.recall(0.5)) == (1.0, 1.0)
    assert (tally.precision(0.8), tally.recall(0.8)) == (None, 0.0)


def test_a_mark_found_elsewhere_is_false_and_finds_nothing() -> None:
    tally = MatchTally()
    tally.add([detection(0.7, bar(20, 60))], [patch(bar(20, 10))], bar(20, 10), NOTHING, PX_PER_MM)
    assert (tally.precision(0.5), tally.recall(0.5), tally.f2(0.5)) == (0.0, 0.0, 0.0)


def test_pieces_find_a_mark_together_at_the_confidence_of_the_piece_that_completes_it() -> None:
    tally = MatchTally()
    pieces = [detection(0.9, bar(20, 20, length=8)), detection(0.6, bar(36, 20, length=20))]
    tally.add(pieces, [patch(bar(20, 20))], bar(20, 20), NOTHING, PX_PER_MM)
    assert tally.ground_truth == [pytest.approx(0.6)]
    assert tally.precision(0.0) == 1.0


def test_what_lies_on_ignored_pixels_is_neither_true_nor_false() -> None:
    tally = MatchTally()
    tally.add([detection(0.7, bar(20, 60))], [], NOTHING, bar(10, 50, 100, 25), PX_PER_MM)
    assert tally.detections == []
    assert tally.precision(0.0) is None
    assert tally.recall(0.0) is None


def test_a_wide_mask_on_a_hairline_that_cannot_be_seen_is_neither_true_nor_false() -> None:
    tally = MatchTally()
    tally.add([detection(0.7, bar(20, 60, 100, 5))], [], NOTHING, bar(22, 60, 100, 1), PX_PER_MM)
    assert tally.detections == []


def test_a_blob_over_a_thin_mark_finds_it_but_is_false() -> None:
    tally = MatchTally()
    tally.add([detection(0.7, bar(10, 5, 140, 70))], [patch(bar(20, 40))], bar(20, 40), NOTHING, PX_PER_MM)
    assert tally.recall(0.5) == 1.0
    assert tally.precision(0.5) == 0.0


def test_a_web_whose_contour_encloses_intact_glass_is_true() -> None:
    ring = bar(20, 10, 100, 60) & ~bar(23, 13, 94, 54)
    tally = MatchTally()
    tally.add([detection(0.7, bar(20, 10, 100, 60))], [patch(ring)], ring, NOTHING, PX_PER_MM)
    assert (tally.precision(0.5), tally.recall(0.5)) == (1.0, 1.0)


def test_a_mark_beside_the_canvas_is_false() -> None:
    tally = MatchTally()
    beside = MaskPatch(np.ones((5, 5), np.bool_), (300, 20)).cut(HW)
    tally.add([MatchedDetection(0.7, beside)], [], bar(20, 20), NOTHING, PX_PER_MM)
    assert tally.precision(0.5) == 0.0


def test_windows_share_the_pixels_that_they_would_share_on_one_canvas() -> None:
    one, other = bar(20, 20, 60, 10), bar(50, 25, 60, 10)
    assert patch(one).share_in(patch(other)) == pytest.approx((one & other).sum() / one.sum())
    assert patch(one).share_in(patch(bar(20, 60))) == 0.0
    assert patch(one).grown(4).cut(HW).mask.sum() == grown(one, 4).sum()


def test_pixels_agree_within_the_tolerance_and_not_beyond() -> None:
    near, far = PixelTally(), PixelTally()
    near.add(bar(20, 23), bar(20, 20), NOTHING, PX_PER_MM)
    far.add(bar(20, 40), bar(20, 20), NOTHING, PX_PER_MM)
    assert near.f1() == 1.0
    assert far.f1() == 0.0
    assert PixelTally().f1() is None


def test_the_overlap_has_no_tolerance() -> None:
    tally = PixelTally()
    tally.add(bar(20, 21), bar(20, 20), NOTHING, PX_PER_MM)
    assert (tally.both, tally.either) == (60 * 2, 60 * 4)


def test_ignored_pixels_are_no_false_positives() -> None:
    tally = PixelTally()
    tally.add(bar(20, 20) | bar(20, 60), bar(20, 20), bar(10, 50, 100, 25), PX_PER_MM)
    assert tally.f1() == 1.0


def test_the_best_threshold_parts_true_from_negative_pixels() -> None:
    scores = PixelScores(("crack", "dent"))
    truth = bar(20, 20)
    probability = np.where(truth, 0.65, 0.35).astype(np.float32)
    scores.add(0, probability, truth, NOTHING)
    threshold, f1 = scores.best(0, 0.2, 0.8)
    assert 0.35 < threshold <= 0.65
    assert f1 == 1.0
    assert scores.best(1, 0.2, 0.8) == (0.5, 0.0)
