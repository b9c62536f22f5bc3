"""Loads the models for a verb that looks at photos."""

from pathlib import Path

import cv2

from phonegrade.inference.inspector import Inspector


def load_inspector(models: Path | None, threads: int) -> Inspector:
    """The models of a folder, None for the shipped ones, on that many threads; OpenCV, too, is held to them."""
    cv2.setNumThreads(threads)
    return Inspector.load(models, threads)
