"""Six photos of one phone, a surface each: what a customer sends, with known wear."""

from pathlib import Path

import numpy as np
import simplejpeg

from phonegrade.configs.catalogue import Device, surface_size_mm
from phonegrade.configs.rendering import load_preset
from phonegrade.configs.vocabulary import Surface
from phonegrade.datasets.camera import draw_pose
from phonegrade.datasets.device_style import draw_style
from phonegrade.datasets.photo import render_photo
from phonegrade.datasets.render import draw_marks, draw_screen
from phonegrade.datasets.screens import Screen


def render_device(out: Path, device: Device, preset: str, seed: int) -> list[Path]:
    """Writes SURFACE.jpg for each of the six surfaces of `device` and returns their paths.

    Raises FileNotFoundError for an unknown preset.
    """
    settings = load_preset(preset)
    out.mkdir(parents=True, exist_ok=True)
    style = draw_style(device.height_mm, device.width_mm, device.depth_mm, device.year, np.random.default_rng(seed))
    paths = []
    for index, surface in enumerate(Surface):
        rng = np.random.default_rng((seed, index))
        size_mm = surface_size_mm(device, surface)
        pose = draw_pose(size_mm, settings.camera, rng)
        marks = draw_marks(surface, size_mm, settings, rng)
        screen = draw_screen(settings, rng) if surface is Surface.FRONT else Screen.OFF
        photo = render_photo(style, surface, size_mm, marks, screen, pose, settings, rng)
        quality = int(rng.integers(settings.camera.jpeg_quality[0], settings.camera.jpeg_quality[1] + 1))
        path = out / f"{surface}.jpg"
        path.write_bytes(
            simplejpeg.encode_jpeg(np.ascontiguousarray(photo.rgb), quality=quality, colorsubsampling="420")
        )
        paths.append(path)
    return paths
