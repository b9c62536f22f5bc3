"""The state from which a stopped run resumes as if it had never stopped."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from phonegrade.core.files import atomic_write


@dataclass
class RunState:
    """Network, its moving average, optimiser, and their progress."""

    model: nn.Module
    average: AveragedModel
    optimizer: Optimizer
    step: int = 0
    elapsed_s: float = 0.0

    def save(self, path: Path) -> None:
        """Write everything, random state included, to `path`; a crash leaves the previous file whole."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "elapsed_s": self.elapsed_s,
            "rng": torch.get_rng_state(),
        }
        with atomic_write(path) as part:
            torch.save(state, part)

    def restore(self, path: Path) -> None:
        """Load everything from `path`."""
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.average.load_state_dict(saved["average"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.elapsed_s = int(saved["step"]), float(saved["elapsed_s"])
        torch.set_rng_state(saved["rng"])
