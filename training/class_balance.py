"""How much each class weighs in the segmenter's loss, by how rare it is in what is learnt from."""

import numpy as np

from phonegrade.configs.train_config import ClassBalance
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.training.samples import TileSamples


def class_weights(samples: TileSamples, balance: ClassBalance, seed: int) -> tuple[float, ...]:
    """Return the weight of each of `SEGMENTER_CLASSES`, from its share of the pixels of tiles drawn by `seed`.

    A class that none of them shows weighs the most.
    """
    drawn = np.random.default_rng(seed).integers(len(samples), size=min(balance.tiles, len(samples)))
    positive, pixels = np.zeros(len(SEGMENTER_CLASSES)), 0
    for index in drawn:
        bits = samples[int(index), 0, 0][1].numpy()
        positive += [(bits >> at & 1).sum() for at in range(len(SEGMENTER_CLASSES))]
        pixels += bits.size
    share = np.maximum(positive / pixels, 1e-9)
    return tuple(np.clip(np.sqrt(balance.share / share), balance.least, balance.most).tolist())
