"""Finds one photo sent for two surfaces."""

from collections.abc import Mapping
from itertools import combinations

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.errors import DuplicatePhotoError
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import Flag

NEAR_BITS = 4
"""Of 64. Two plain edges may well be this near, so nearness is told and never refused."""
NEAR_LEVELS = 8.0
"""Of 255: re-encoding and resizing stay below, a hand that moved does not."""
_CELLS = 32


def find_duplicates(photos: Mapping[Surface, tuple[str, NDArray[np.uint8]]]) -> tuple[Flag, ...]:
    """A flag for every pair of photos, RGB (H, W, 3) by surface with their file's name, that look alike.

    Raises DuplicatePhotoError for two photos with identical pixels. Nearness is the Hamming distance of the 64-bit
    difference hash (N. Krawetz, "Kind of Like That", 2013), and that no coarse cell differs much in brightness: the
    hash alone takes one plain edge for another.
    """
    flags = []
    greys = {surface: _grey(pixels) for surface, (_, pixels) in photos.items()}
    for one, other in combinations(photos, 2):
        (one_file, one_pixels), (other_file, other_pixels) = photos[one], photos[other]
        if np.array_equal(one_pixels, other_pixels):
            raise DuplicatePhotoError(
                f"{one} ({one_file}) and {other} ({other_file}) are the same photo; send one photo of each surface"
            )
        bits = (_difference_hash(greys[one]) ^ _difference_hash(greys[other])).bit_count()
        levels = float(np.abs(np.subtract(_cells(greys[one]), _cells(greys[other]))).max())
        if bits <= NEAR_BITS and levels <= NEAR_LEVELS:
            text = f"{one} ({one_file}) and {other} ({other_file}) look nearly alike; check that they are two photos"
            flags.append(Flag(code="near_duplicate", text=text, surface=other))
    return tuple(flags)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)


def _difference_hash(grey: NDArray[np.uint8]) -> int:
    """64 bits: whether each of 8x9 mean brightnesses is darker than its right neighbour."""
    small = np.asarray(cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA))
    return int.from_bytes(np.packbits(np.less(small[:, :-1], small[:, 1:])).tobytes(), "big")


def _cells(grey: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(grey, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA), np.float32)
