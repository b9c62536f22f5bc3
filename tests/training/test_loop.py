"""The loop: it learns, stops at its limits, and resumes after a stop as if nothing had happened."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from phonegrade.configs.train_config import ScheduleConfig
from phonegrade.training.loop import STATE, fit, lr_factor, progress
from phonegrade.training.losses import Terms
from phonegrade.training.samples import Batch, Draw, Draws

SCHEDULE = ScheduleConfig(max_steps=12, batch=4, workers=0, warmup_steps=2, save_every=3, log_every=5, lr=0.02)


class Stripes(Dataset[Batch]):
    """Noise pictures (3, 8, 8) whose label is the sign of their mean; `fails_at` draws, the disk is gone."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.draws, self.fails_at = 0, fails_at

    def __len__(self) -> int:
        return 10

    def __getitem__(self, draw: Draw) -> Batch:
        self.draws += 1
        if self.draws == self.fails_at:
            raise OSError("the disk is gone")
        noise = torch.randn(3, 8, 8, generator=torch.Generator().manual_seed(draw[0] * 1000 + draw[1]))
        sign = 1.0 if draw[0] % 2 else -1.0
        return noise + sign, torch.tensor(sign)


def network() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(144, 1)
    )


def loss_of(model: nn.Module, batch: Batch) -> Terms:
    image, sign = batch
    return {"loss": (model(image)[:, 0] - sign).square().mean()}


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def test_it_learns_and_leaves_a_log(tmp_path: Path) -> None:
    samples = Stripes()
    model = fit(network(), loss_of, samples, SCHEDULE.model_copy(update={"max_steps": 60}), 1, tmp_path, "cpu")
    batch = [torch.stack(part) for part in zip(*(samples[index, 0, 0] for index in range(10)), strict=True)]
    assert float(loss_of(model, tuple(batch))["loss"]) < 0.3
    assert not model.training
    assert list(tmp_path.glob("events.out.tfevents.*"))


def test_a_stopped_run_resumes_to_the_same_weights_as_an_unbroken_one(tmp_path: Path) -> None:
    unbroken = fit(network(), loss_of, Stripes(), SCHEDULE, 1, tmp_path / "unbroken", "cpu")
    with pytest.raises(OSError, match="the disk is gone"):
        fit(network(), loss_of, Stripes(fails_at=33), SCHEDULE, 1, tmp_path / "broken", "cpu")
    resumed = fit(network(), loss_of, Stripes(), SCHEDULE, 1, tmp_path / "broken", "cpu")
    for name, tensor in weights(unbroken).items():
        torch.testing.assert_close(weights(resumed)[name], tensor, rtol=0, atol=0, msg=name)


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first = weights(fit(network(), loss_of, Stripes(), SCHEDULE, 1, tmp_path, "cpu"))
    again = fit(network(), loss_of, Stripes(fails_at=1), SCHEDULE, 1, tmp_path, "cpu")
    assert all(torch.equal(first[name], tensor) for name, tensor in weights(again).items())


def test_another_seed_gives_another_network(tmp_path: Path) -> None:
    one, two = (fit(network(), loss_of, Stripes(), SCHEDULE, seed, tmp_path / str(seed), "cpu") for seed in (1, 2))
    assert not torch.equal(weights(one)["0.weight"], weights(two)["0.weight"])


def test_frozen_weights_stay(tmp_path: Path) -> None:
    model = network()
    model[0].requires_grad_(False)  # type: ignore[index, operator]
    before = weights(model)["0.weight"]
    assert torch.equal(weights(fit(model, loss_of, Stripes(), SCHEDULE, 1, tmp_path, "cpu"))["0.weight"], before)


def test_the_state_is_written_whole(tmp_path: Path) -> None:
    fit(network(), loss_of, Stripes(), SCHEDULE, 1, tmp_path, "cpu")
    assert (tmp_path / STATE).is_file()
    assert not list(tmp_path.glob("*.part"))


def test_draws_after_a_stop_are_those_of_an_unbroken_run() -> None:
    whole = list(Draws(7, 3, seed=5, first_step=0, last_step=9))
    assert list(Draws(7, 3, seed=5, first_step=4, last_step=9)) == whole[4:]
    flat = [draw[:2] for batch in whole for draw in batch]
    assert sorted(flat[:7]) == [(index, 0) for index in range(7)]
    assert sorted(flat[7:14]) == [(index, 1) for index in range(7)]
    assert [{step for _, _, step in batch} for batch in whole] == [{step} for step in range(9)]


def test_a_run_in_bfloat16_learns_and_keeps_its_weights_in_float32(tmp_path: Path) -> None:
    schedule = SCHEDULE.model_copy(update={"max_steps": 60, "precision": "bfloat16"})
    model = fit(network(), loss_of, Stripes(), schedule, 1, tmp_path, "cpu")
    batch = [torch.stack(part) for part in zip(*(Stripes()[index, 0, 0] for index in range(10)), strict=True)]
    assert float(loss_of(model, tuple(batch))["loss"]) < 0.3
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}


def test_a_run_that_is_cut_by_time_has_annealed_too() -> None:
    config = SCHEDULE.model_copy(update={"max_steps": 1000, "max_minutes": 10.0})
    assert progress(config, 500, 60) == pytest.approx(0.5)
    assert progress(config, 100, 540) == pytest.approx(0.9)
    assert lr_factor(config, 100, 600) == pytest.approx(0, abs=1e-9)
    assert lr_factor(config, 1000, 1) == pytest.approx(0, abs=1e-9)
    assert lr_factor(config, 0, 0) < lr_factor(config, 3, 0)
