"""The training loop of every network: seeded, resumable, logged."""

import ctypes
import logging
import math
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar, cast

import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.swa_utils import AveragedModel
from torch.utils.tensorboard import SummaryWriter

from phonegrade.configs.train_config import ScheduleConfig
from phonegrade.training.losses import Terms
from phonegrade.training.samples import Batch, Draws, Samples, batches
from phonegrade.training.state import RunState

STATE = "state.pt"
log = logging.getLogger(__name__)
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of glibc's malloc.h
_LARGEST = 2**31 - 1
_PAD_BYTES = 256 * 2**20

Trained = TypeVar("Trained", bound=nn.Module)
LossOf = Callable[[nn.Module, Batch], Terms]


def fit(
    model: Trained, loss_of: LossOf, samples: Samples, config: ScheduleConfig, seed: int, run_dir: Path, device: str
) -> Trained:
    """Train `model` on `samples` and return the moving average of its weights, in evaluation mode.

    `run_dir` keeps the state and the TensorBoard log; a run that stopped there is resumed.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model.to(device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    state = RunState(
        model, AveragedModel(model, avg_fn=_warm_average(config.ema_decay), use_buffers=True), _adamw(model, config)
    )
    if (run_dir / STATE).is_file():
        state.restore(run_dir / STATE)
        log.info("%s: resuming at step %d", run_dir.name, state.step)
    draws = Draws(len(samples), config.batch, seed, state.step, config.max_steps)  # type: ignore[arg-type]
    before_s, start = state.elapsed_s, time.monotonic()
    with SummaryWriter(str(run_dir), purge_step=state.step) as board:
        for batch in _with_progress(batches(samples, draws, config.workers), len(draws), run_dir.name):
            if progress(config, state.step, state.elapsed_s) >= 1:
                break
            factor = lr_factor(config, state.step, state.elapsed_s)
            for group in state.optimizer.param_groups:
                group["lr"] = group["initial_lr"] * factor
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda" or config.precision == "bfloat16"):
                terms = loss_of(model, tuple(part.to(device, non_blocking=True) for part in batch))
            state.optimizer.zero_grad(set_to_none=True)
            terms["loss"].backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            state.optimizer.step()
            state.average.update_parameters(model)
            state.step += 1
            state.elapsed_s = before_s + time.monotonic() - start
            if state.step % config.log_every == 0:
                _report(board, run_dir.name, state, terms, factor)
            if state.step % config.save_every == 0:
                state.save(run_dir / STATE)
    state.save(run_dir / STATE)
    averaged = cast(Trained, state.average.module)
    return averaged.eval().requires_grad_(False)


def _warm_average(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """Return a moving average that forgets the random start quickly, so that short runs are not averaged with noise."""

    def average(averaged: Tensor, current: Tensor, updates: Tensor | int) -> Tensor:
        weight = min(decay, (1 + float(updates)) / (10 + float(updates)))
        return torch.lerp(current, averaged, weight) if averaged.is_floating_point() else current

    return average


def _adamw(model: nn.Module, config: ScheduleConfig) -> AdamW:
    """Return AdamW with four groups: the pretrained encoder learns slower; scales and biases do not decay."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            groups.setdefault((name.startswith("encoder."), parameter.ndim > 1), []).append(parameter)
    settings = []
    for (in_encoder, decays), parameters in groups.items():
        lr = config.lr * (config.encoder_lr_factor if in_encoder else 1.0)
        decay = config.weight_decay if decays else 0.0
        settings.append({"params": parameters, "lr": lr, "initial_lr": lr, "weight_decay": decay})
    return AdamW(settings)


def _with_progress(loader: Iterable[Batch], steps: int, name: str) -> Iterable[Batch]:
    """Return `loader` with a progress bar at a terminal; a log file gets lines instead."""
    if not sys.stderr.isatty():
        return loader
    return track(loader, f"training {name}", total=steps, console=Console(stderr=True))


def _report(board: SummaryWriter, name: str, state: RunState, terms: Terms, factor: float) -> None:
    values = {key: float(value.detach()) for key, value in terms.items()} | {"lr_factor": factor}
    for key, value in values.items():
        board.add_scalar(key, value, state.step)
    line = " ".join(f"{key} {value:.4f}" for key, value in values.items())
    log.info("%s step %d, %.0f s: %s", name, state.step, state.elapsed_s, line)


def progress(config: ScheduleConfig, step: int, elapsed_s: float) -> float:
    """Return 0 at the start, 1 at the nearer of the two limits, so that a run cut by time has annealed as well."""
    by_step = step / config.max_steps
    by_time = elapsed_s / (60 * config.max_minutes) if config.max_minutes else 0.0
    return min(max(by_step, by_time), 1.0)


def lr_factor(config: ScheduleConfig, step: int, elapsed_s: float) -> float:
    """Return a linear warm-up times a cosine to zero (Loshchilov and Hutter, SGDR, ICLR 2017, without restarts)."""
    warm = min((step + 1) / (config.warmup_steps + 1), 1.0)
    return warm * 0.5 * (1 + math.cos(math.pi * progress(config, step, elapsed_s)))


def keep_freed_memory() -> bool:
    """Let this process keep and reuse the memory of large tensors; return whether its C library can be told so.

    glibc maps every tensor above 32 MB anew and gives it back when freed: half a million page faults a training step.
    What is kept is given back when the process ends.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False  # another C library
    settings = ((_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _LARGEST), (_TOP_PAD, _PAD_BYTES))
    return [mallopt(name, value) for name, value in settings] == [1, 1, 1]
