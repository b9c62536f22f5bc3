"""How far a run is, and what that means for its learning rate."""

import math

from phonegrade.configs.training import ScheduleConfig


def progress(config: ScheduleConfig, step: int, elapsed_s: float) -> float:
    """0 at the start, 1 at the nearer of the two limits, so that a run that is cut by time has annealed as well."""
    by_step = step / config.max_steps
    by_time = elapsed_s / (60 * config.max_minutes) if config.max_minutes else 0.0
    return min(max(by_step, by_time), 1.0)


def lr_factor(config: ScheduleConfig, step: int, elapsed_s: float) -> float:
    """Linear warm-up times a cosine to zero (Loshchilov and Hutter, SGDR, ICLR 2017, without restarts)."""
    warm = min((step + 1) / (config.warmup_steps + 1), 1.0)
    return warm * 0.5 * (1 + math.cos(math.pi * progress(config, step, elapsed_s)))
