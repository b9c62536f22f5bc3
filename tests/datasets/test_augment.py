"""Photographic changes: each is drawn by itself, the same again from the same seed."""

import numpy as np

from phonegrade.datasets.augment import Photographic

RNG = np.random.default_rng(0)
PICTURE = np.clip(RNG.normal((150, 120, 90), 20, (48, 64, 3)), 0, 255).astype(np.uint8)


def test_the_same_seed_gives_the_same_picture_of_the_same_shape() -> None:
    photographic = Photographic()
    for seed in range(30):
        one, same = photographic(PICTURE, seed), photographic(PICTURE, seed)
        assert one.shape == PICTURE.shape
        assert one.dtype == np.uint8
        assert (one == same).all()


def test_no_change_waits_for_another() -> None:
    """Transforms that each got the picture's seed made the same draws: four pictures in ten were not changed at all."""
    photographic = Photographic()
    corrupted = [bool((photographic(PICTURE, seed) != PICTURE).any()) for seed in range(300)]
    assert np.mean(corrupted) > 0.95
