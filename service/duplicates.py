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


def find_duplicates(photos: Mapping[Surface, tuple[str, NDArray[np.uint8]]]) -> tuple[Flag, ...]:
    """A flag for every pair of photos, RGB (H, W, 3) by surface with their file's name, that look alike.

    Raises DuplicatePhotoError for two photos with identical pixels. Nearness is the Hamming distance of the 64-bit
    difference hash (N. Krawetz, "Kind of Like That", 2013).
    """
    flags = []
    hashes = {surface: difference_hash(pixels) for surface, (_, pixels) in photos.items()}
    for one, other in combinations(photos, 2):
        (one_file, one_pixels), (other_file, other_pixels) = photos[one], photos[other]
        if np.array_equal(one_pixels, other_pixels):
            raise DuplicatePhotoError(
                f"{one} ({one_file}) and {other} ({other_file}) are the same photo; send one photo of each surface"
            )
        bits = (hashes[one] ^ hashes[other]).bit_count()
        if bits <= NEAR_BITS:
            text = (
                f"{one} ({one_file}) and {other} ({other_file}) look nearly alike "
                f"({bits} of 64 bits apart, {NEAR_BITS} or fewer are told); check that they are two photos"
            )
            flags.append(Flag(code="near_duplicate", text=text, surface=other))
    return tuple(flags)


def difference_hash(pixels: NDArray[np.uint8]) -> int:
    """64 bits: whether each of 8x9 mean brightnesses of RGB (H, W, 3) is darker than its right neighbour."""
    small = cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA)
    return int.from_bytes(np.packbits(small[:, :-1] < small[:, 1:]).tobytes(), "big")
