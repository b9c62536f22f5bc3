"""From the torch-free sets of `datasets` to batches, in an order that a resumed run continues exactly."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from phonegrade.core.vocabulary import SURFACE_VIEWS
from phonegrade.datasets.boundary_strips import SideStrips
from phonegrade.datasets.scenes import LocatorScenes
from phonegrade.datasets.tiles import SegmenterTiles
from phonegrade.datasets.training_tiles import TrainingTiles

Draw = tuple[int, int, int]
"""(index, epoch, step) of one sample; those of a batch are of one step."""
Batch = tuple[Tensor, ...]
Samples = Dataset[Batch]


class TileSamples(Dataset[Batch]):
    """Draw -> image uint8 (crop, crop, 3), label bits int32 (crop/2, crop/2).

    `windows` are smaller cuts of the same tiles; where there are any, every second batch is of them.
    """

    def __init__(self, tiles: SegmenterTiles | TrainingTiles, windows: TrainingTiles | None = None) -> None:
        self.tiles, self.windows = tiles, windows

    def __len__(self) -> int:
        return len(self.tiles)

    def __getitem__(self, draw: Draw) -> Batch:
        index, epoch, step = draw
        tiles = self.tiles if self.windows is None or step % 2 == 0 else self.windows
        image, bits = tiles.sample(index % len(tiles), epoch)
        return torch.from_numpy(image), torch.from_numpy(bits.astype(np.int32))


class SceneSamples(Dataset[Batch]):
    """Draw -> image uint8 (S, S, 3), region bits int32 (S/2, S/2), view index int64 ()."""

    def __init__(self, scenes: LocatorScenes) -> None:
        self.scenes = scenes

    def __len__(self) -> int:
        return len(self.scenes)

    def __getitem__(self, draw: Draw) -> Batch:
        image, bits, view = self.scenes.sample(*draw[:2])
        return torch.from_numpy(image), torch.from_numpy(bits.astype(np.int32)), torch.tensor(view)


class StripSamples(Dataset[Batch]):
    """Draw -> strips uint8 (N, A, D, 3) of one photo, border float32 (N, A / stride), index of its view."""

    def __init__(self, strips: SideStrips) -> None:
        self.strips = strips

    def __len__(self) -> int:
        return len(self.strips)

    def __getitem__(self, draw: Draw) -> Batch:
        image, position, view = self.strips.sample(*draw[:2])
        return torch.from_numpy(image), torch.from_numpy(position), torch.tensor(SURFACE_VIEWS.index(view))


class Draws:
    """Batches of draws from `first_step` to `last_step`; each epoch is one shuffle, batches run across epochs."""

    def __init__(self, samples: int, batch: int, seed: int, first_step: int, last_step: int) -> None:
        self.samples, self.batch, self.seed = samples, batch, seed
        self.first_step, self.last_step = first_step, last_step

    def __len__(self) -> int:
        return max(self.last_step - self.first_step, 0)

    def __iter__(self) -> Iterator[list[Draw]]:
        shuffled, order = -1, np.empty(0, np.int64)
        for step in range(self.first_step, self.last_step):
            draws = []
            for position in range(step * self.batch, (step + 1) * self.batch):
                epoch, at = divmod(position, self.samples)
                if epoch != shuffled:
                    shuffled, order = epoch, np.random.default_rng((self.seed, epoch)).permutation(self.samples)
                draws.append((int(order[at]), epoch, step))
            yield draws


def batches(samples: Samples, draws: Draws, workers: int) -> DataLoader[Batch]:
    """Return a loader of `draws`, with `workers` processes; 0 loads in this one."""
    # A generator of its own: the loader would draw from the global one, and a resumed run would no longer be the same.
    generator = torch.Generator().manual_seed(draws.seed)
    pinned = torch.cuda.is_available()
    return DataLoader(samples, batch_sampler=draws, num_workers=workers, pin_memory=pinned, generator=generator)
