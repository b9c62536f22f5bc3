"""Finds one photo sent twice."""

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.core.errors import DuplicatePhotoError
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag

NEAR_BITS = 4
"""Of 64. Two plain edges may well be this near, so nearness is flagged and never refused."""
NEAR_LEVELS = 8
"""Of 255: re-encoding and resizing stay below, a hand that moved does not."""
_CELLS = 32


class Likeness(NamedTuple):
    """What photos are compared by: enough of one, in a kilobyte, to find it again re-encoded or resized."""

    sha256: bytes
    """Of the pixels."""
    bits: bytes
    """The 64-bit difference hash (N. Krawetz, "Kind of Like That", 2013)."""
    cells: bytes
    """Mean brightness of 32 x 32 cells, row by row."""

    @classmethod
    def of(cls, pixels: NDArray[np.uint8]) -> "Likeness":
        """Return the likeness of a photo, RGB (H, W, 3), such as a thumbnail."""
        grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
        cells = np.asarray(cv2.resize(grey, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA), np.uint8)
        shaped = repr(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()
        return cls(hashlib.sha256(shaped).digest(), _difference_hash(grey), cells.tobytes())

    def packed(self) -> bytes:
        """Return it as it is stored."""
        return b"".join(self)

    @classmethod
    def unpacked(cls, data: bytes) -> "Likeness":
        """Return what was packed."""
        return cls(data[:32], data[32:40], data[40:])

    def is_near(self, other: "Likeness") -> bool:
        """Return whether two photos look nearly alike.

        They do where few bits of their hashes differ, and no coarse cell differs much in brightness: the hash alone
        takes one plain edge for another.
        """
        bits = (int.from_bytes(self.bits, "big") ^ int.from_bytes(other.bits, "big")).bit_count()
        mine, theirs = (np.frombuffer(one.cells, np.uint8).astype(np.int16) for one in (self, other))
        return bits <= NEAR_BITS and int(np.abs(mine - theirs).max()) <= NEAR_LEVELS


Compared = tuple[Surface, str, Likeness]
"""A photo's surface, its file's name and its likeness."""


def refuse_same(photos: Sequence[Compared]) -> None:
    """Raise DuplicatePhotoError for two photos with identical pixels, be they of one surface."""
    for (one, one_file, likeness), (other, other_file, other_likeness) in combinations(photos, 2):
        if likeness.sha256 == other_likeness.sha256:
            wanted = "send it once" if one is other else "send one photo of each surface"
            raise DuplicatePhotoError(f"{one} ({one_file}) and {other} ({other_file}) are the same photo; {wanted}")


def find_near(photos: Sequence[Compared]) -> tuple[Flag, ...]:
    """Return a flag for every pair of photos of two surfaces that look alike; shots of one surface may."""
    flags = []
    for (one, one_file, likeness), (other, other_file, other_likeness) in combinations(photos, 2):
        if one is not other and likeness.is_near(other_likeness):
            text = f"{one} ({one_file}) and {other} ({other_file}) look nearly alike; check that they are two photos"
            flags.append(Flag(code="near_duplicate", text=text, surface=other))
    return tuple(flags)


def _difference_hash(grey: NDArray[np.uint8]) -> bytes:
    """64 bits: whether each of 8x9 mean brightnesses is darker than its right neighbour."""
    small = np.asarray(cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA))
    return np.packbits(np.less(small[:, :-1], small[:, 1:])).tobytes()
