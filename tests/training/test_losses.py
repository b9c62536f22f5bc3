"""Properties of the losses."""

import pytest
import torch
from torch import Tensor

from phonegrade.configs.train_config import BoundaryRefinerConfig, LocatorConfig, ScheduleConfig, SegmenterConfig
from phonegrade.training.losses import (
    SegmenterTruth,
    batch_dice,
    boundary_loss,
    locator_loss,
    segmenter_loss,
    unpack_bits,
)

SCHEDULE = ScheduleConfig(max_steps=1, batch=1)
SEGMENTER = SegmenterConfig(schedule=SCHEDULE)
LOCATOR = LocatorConfig(schedule=SCHEDULE)
REFINER = BoundaryRefinerConfig(schedule=SCHEDULE)


def truth(target: Tensor, ignored: Tensor | None = None) -> SegmenterTruth:
    counts = torch.ones_like(target[:, :1]) if ignored is None else 1 - ignored
    return SegmenterTruth(target, counts)


def barred() -> Tensor:
    """(2, 8, 16, 16) with one bar of class 1 in the first picture."""
    target = torch.zeros(2, 8, 16, 16)
    target[0, 1, 6:9, 2:14] = 1
    return target


def logits_of(target: Tensor, sure: float = 8.0) -> Tensor:
    return (2 * target - 1) * sure


def test_bits_unpack_to_their_planes() -> None:
    mask = torch.tensor([[[0b101, 0b010]]])
    assert unpack_bits(mask, 3)[0, :, 0].tolist() == [[1, 0], [0, 1], [1, 0]]


def test_a_clean_picture_still_teaches() -> None:
    logits = torch.zeros(2, 8, 16, 16, requires_grad=True)
    loss = segmenter_loss(logits, truth(torch.zeros(2, 8, 16, 16)), SEGMENTER)["loss"]
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss > 0
    assert logits.grad is not None
    assert bool((logits.grad > 0).all())


def test_the_truth_itself_is_nearly_free_and_its_opposite_is_dear() -> None:
    target = barred()
    right = segmenter_loss(logits_of(target), truth(target), SEGMENTER)["loss"]
    wrong = segmenter_loss(-logits_of(target), truth(target), SEGMENTER)["loss"]
    assert right < 0.05 < 10 < wrong


def test_what_is_predicted_on_ignored_pixels_changes_nothing() -> None:
    target = barred()
    ignored = torch.zeros(2, 1, 16, 16)
    ignored[:, :, :5] = 1
    calm, wild = logits_of(target), logits_of(target)
    wild[:, :, :5] = 9.0
    losses = [segmenter_loss(logits, truth(target, ignored), SEGMENTER)["loss"] for logits in (calm, wild)]
    torch.testing.assert_close(losses[0], losses[1])


def test_a_batch_that_is_ignored_altogether_has_a_finite_loss() -> None:
    target = barred()
    loss = segmenter_loss(logits_of(target), truth(target, torch.ones(2, 1, 16, 16)), SEGMENTER)["loss"]
    assert loss.isfinite()


def test_being_off_by_one_pixel_costs_less_than_the_same_area_elsewhere() -> None:
    target = barred()
    thicker, elsewhere = target.clone(), target.clone()
    thicker[0, 1, 9, 2:14] = 1
    elsewhere[0, 1, 13, 2:14] = 1
    near, far = (segmenter_loss(logits_of(x), truth(target), SEGMENTER)["loss"] for x in (thicker, elsewhere))
    assert near < far


def test_missing_a_mark_costs_more_than_inventing_one() -> None:
    nothing, target = torch.zeros(2, 8, 16, 16), barred()
    missed = segmenter_loss(logits_of(nothing), truth(target), SEGMENTER)["bce"]
    invented = segmenter_loss(logits_of(target), truth(nothing), SEGMENTER)["bce"]
    assert missed > invented


def test_dice_is_zero_for_absent_classes_and_for_the_truth() -> None:
    target = barred()
    assert batch_dice(torch.rand(2, 8, 16, 16), torch.zeros(2, 8, 16, 16)) == 0
    assert batch_dice(target, target) == pytest.approx(0, abs=1e-6)
    assert batch_dice(torch.zeros_like(target), target) > 0.9


def test_half_precision_logits_are_judged_in_full() -> None:
    target = barred()
    full = segmenter_loss(logits_of(target, 2.0), truth(target), SEGMENTER)["loss"]
    half = segmenter_loss(logits_of(target, 2.0).bfloat16(), truth(target), SEGMENTER)["loss"]
    assert half.dtype == torch.float32
    torch.testing.assert_close(full, half)


def test_locator_pays_for_a_wrong_view_and_for_a_wrong_region() -> None:
    regions = torch.zeros(2, 3, 8, 8)
    regions[:, 0, 2:6, 2:6] = 1
    views = torch.tensor([0, 3])
    view_logits = 8.0 * torch.eye(4)[views]
    right = locator_loss(logits_of(regions), view_logits, regions, views, LOCATOR)["loss"]
    wrong_view = locator_loss(logits_of(regions), view_logits.flip(1), regions, views, LOCATOR)["loss"]
    wrong_region = locator_loss(-logits_of(regions), view_logits, regions, views, LOCATOR)["loss"]
    assert right < 0.05
    assert wrong_view > 1
    assert wrong_region > 1


def test_the_boundary_refiner_pays_for_a_border_elsewhere_and_not_for_an_unknown_one() -> None:
    position = torch.tensor([[10.0, 40.0, -1.0]])
    right = boundary_loss(-0.5 * (torch.arange(64.0) - position[..., None]) ** 2, position, REFINER)
    wrong = boundary_loss(-0.5 * (torch.arange(64.0) - position[..., None] - 9) ** 2, position, REFINER)
    assert right["off"] < 0.01
    assert wrong["off"] == pytest.approx(9, abs=0.01)
    assert wrong["loss"] > 10 * right["loss"]


def test_a_missed_pixel_costs_more_than_a_false_one_where_the_tversky_loss_says_so() -> None:
    target, fewer, more = barred(), barred(), barred()
    fewer[0, 1, 6:9, 2:5] = 0
    more[0, 1, 3:6, 2:5] = 1
    missed, false = (float(batch_dice(guess, target, 0.3)) for guess in (fewer, more))
    assert missed > false
    assert batch_dice(fewer, target) == pytest.approx(1 - (2 * 27 + 1) / (27 + 36 + 1))


def test_a_rare_class_pulls_as_hard_as_its_weight_says() -> None:
    config = SEGMENTER.model_copy(update={"dice_weight": 0.0})
    pulls = []
    for weights in (None, torch.tensor([1.0, 4, 1, 1, 1, 1, 1, 1])):
        logits = torch.zeros(2, 8, 16, 16, requires_grad=True)
        segmenter_loss(logits, truth(barred()), config, weights)["loss"].backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        pulls.append(logits.grad.abs().sum((0, 2, 3)))
    torch.testing.assert_close(pulls[1] / pulls[0], torch.tensor([1.0, 4, 1, 1, 1, 1, 1, 1]))
