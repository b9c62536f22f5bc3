"""Training strips of the side finder: the sides of rendered phones, sought from where a coarse outline may put them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.core.arrays import Quad
from phonegrade.core.vocabulary import SURFACE_VIEWS, View
from phonegrade.datasets.augment import Photographic
from phonegrade.datasets.manifest import PhotoRecord, Split, read_manifest
from phonegrade.inference.card import LocatorCard
from phonegrade.inference.locating.coarse import coarse_quad
from phonegrade.inference.locating.device import WORK_PX
from phonegrade.inference.locating.locate import locate
from phonegrade.inference.locating.strips import ACROSS, answers_along, frames, kept_reach, sides_of, strips
from phonegrade.inference.photo.downscale import downscaled
from phonegrade.inference.session import OnnxModel

REACH_SHARE = (0.004, 0.04)
"""How far the side is sought, as a share of the photo's long side."""
LOCATED_REACH_SHARE = (0.02, 0.04)
"""The same from where a locator's mask puts it: about what `inference.locating.boundary` looks at first."""
LOCATED_JITTER = 0.1
"""How far such a side is moved on, as a share of the reach, lest the same few be learnt by heart."""
FAR_SHARE = 0.15
"""A mask whose corners are off by more of the device's long side is no start for anything."""
UNKNOWN = -1.0

Strips = tuple[NDArray[np.uint8], NDArray[np.float32], View]
"""Strips (4, ALONG, ACROSS, 3), the true side in them (4, ALONG / STRIDE), in samples across, UNKNOWN where none, and
what the photo shows."""


class SideStrips:
    """Map-style set; one photo is one entry, with a strip across each of its four sides.

    With a `locator`, every second time the sides are sought from where its mask puts them: it errs in ways of its own,
    and takes a flank that the photo shows beside a face for the face.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        split: Split,
        seed: int,
        augment: bool,
        locator: OnnxModel[LocatorCard] | None = None,
    ) -> None:
        self.seed, self.augment, self._locator = seed, augment, locator
        self._located: dict[int, NDArray[np.float64] | None] = {}
        self._photographic = Photographic()
        found = [(root, record) for root in roots for record in read_manifest(root, split)]
        self._photos = [one for one in found if one[1].corners_px is not None and one[1].view in SURFACE_VIEWS]

    def __len__(self) -> int:
        return len(self._photos)

    def sample(self, index: int, epoch: int) -> Strips:
        """The strips of photo number `index`; the same index and epoch give the same bytes."""
        root, record = self._photos[index]
        rng = np.random.default_rng((self.seed, index, epoch if self.augment else 0))
        small, factor = downscaled(simplejpeg.decode_jpeg((root / record.photo).read_bytes()), WORK_PX)
        sides = _sides(record, factor)
        shorter = float(np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1).min())
        located = self._located_sides(index, small, sides) if rng.random() < 0.5 else None
        share = float(np.exp(rng.uniform(*np.log(REACH_SHARE if located is None else LOCATED_REACH_SHARE))))
        reach = kept_reach(share * max(small.shape[:2]), shorter)
        coarse = _moved(sides, reach, rng) if located is None else _jittered(located, reach, rng)
        picture, truth = strips(small, coarse, reach), _truth(sides, coarse, reach, small.shape[:2])
        if self.augment:
            changed = self._photographic(picture.reshape(-1, ACROSS, 3), int(rng.integers(2**31)))
            picture = changed.reshape(picture.shape)
        return picture, truth, record.view

    def _located_sides(
        self, index: int, small: NDArray[np.uint8], sides: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """The sides (4, 2, 2) by the locator's mask in the order of the true `sides`; None where it has none."""
        if self._locator is None:
            return None
        if index not in self._located:
            view, location = self._photos[index][1].view, locate(small, self._locator)
            quad = coarse_quad(location, view, self._locator.card.body_threshold, (small.shape[0], small.shape[1]))
            self._located[index] = None if quad is None else _in_order(quad, sides)
        return self._located[index]


def _in_order(quad: Quad, sides: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """The sides of `quad` begun at the corner where the true `sides` begin; None where it lies elsewhere."""
    turned = [np.roll(quad, turn, axis=0) for turn in range(4)]
    off = [float(np.linalg.norm(one - sides[:, 0], axis=1).max()) for one in turned]
    longest = float(np.linalg.norm(sides[:, 1] - sides[:, 0], axis=1).max())
    return sides_of(turned[int(np.argmin(off))]) if min(off) <= FAR_SHARE * longest else None


def _jittered(sides: NDArray[np.float64], reach: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The sides a little aside."""
    aside = rng.normal(0, LOCATED_JITTER * reach, (4, 1, 1))
    return np.asarray(sides + aside * frames(sides)[2][:, None], np.float64)


def _sides(record: PhotoRecord, factor: int) -> NDArray[np.float64]:
    """The body's sides (4, 2, 2) in the picture that is `factor` times smaller than the photo."""
    return sides_of((np.array(record.corners_px, np.float64).reshape(4, 2) + 0.5) / factor - 0.5)


def _moved(sides: NDArray[np.float64], reach: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """The sides as a coarse outline may have them: aside, turned, and a little too long or too short."""
    start, step, normal = frames(sides)
    aside, turn = rng.normal(0, 0.35 * reach, (4, 1)), rng.normal(0, 0.2 * reach, (4, 1))
    longer = rng.normal(0, 0.02, (4, 2, 1)) * step[:, None]
    off = np.stack([aside - turn, aside + turn], axis=1) * normal[:, None]
    return np.asarray(np.stack([start, start + step], axis=1) + longer + off, np.float64)


def _truth(
    sides: NDArray[np.float64], coarse: NDArray[np.float64], reach: float, hw: tuple[int, ...]
) -> NDArray[np.float32]:
    """Where the normals through each strip's samples meet the true side."""
    start, step, normal = frames(coarse)
    base = start[:, None] + answers_along()[None, :, None] * step[:, None]
    true_start, true_step, true_normal = frames(sides)
    gap = ((true_start[:, None] - base) * true_normal[:, None]).sum(axis=2)
    off = gap / (normal * true_normal).sum(axis=1)[:, None]
    met = base + off[..., None] * normal[:, None]
    on_side = ((met - true_start[:, None]) * true_step[:, None]).sum(axis=2) / (true_step**2).sum(axis=1)[:, None]
    inside = ((met >= 0) & (met <= np.array([hw[1] - 1, hw[0] - 1]))).all(axis=2) & (on_side > 0.05) & (on_side < 0.95)
    sample = (off / reach + 1) / 2 * ACROSS - 0.5
    known = inside & (sample >= 0) & (sample <= ACROSS - 1)
    return np.where(known, sample, UNKNOWN).astype(np.float32)
