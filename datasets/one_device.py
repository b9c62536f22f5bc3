"""Six photos of one phone, a surface each: what a customer sends, with known wear."""

from pathlib import Path

import numpy as np
import simplejpeg

from phonegrade.configs.catalogue import Device
from phonegrade.configs.rendering import load_preset
from phonegrade.configs.vocabulary import Surface
from phonegrade.datasets.camera import draw_pose
from phonegrade.datasets.device.screens import Screen
from phonegrade.datasets.phone import draw_phone
from phonegrade.datasets.photo import Route, render_photo
from phonegrade.datasets.render import draw_screen


def render_device(out: Path, device: Device, preset: str, seed: int, shots: int) -> list[Path]:
    """Writes SURFACE-SHOT.jpg, `shots` photos of each of the six surfaces of one `device`, and returns their paths.

    The phone and its wear are those of `seed`; light, pose and camera are new in every shot.
    Raises FileNotFoundError for an unknown preset.
    """
    settings = load_preset(preset)
    out.mkdir(parents=True, exist_ok=True)
    phone = draw_phone(device, settings, (seed,))
    paths = []
    for index, surface in enumerate(Surface):
        for shot in range(shots):
            rng = np.random.default_rng((seed, index, shot))
            pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
            screen = draw_screen(settings, rng) if surface is Surface.FRONT else Screen.OFF
            photo = render_photo(phone, surface, screen, pose, settings, Route.FLAT, rng)
            low, high = settings.camera.jpeg_quality
            rgb = np.ascontiguousarray(photo.rgb)
            path = out / f"{surface}-{shot:02d}.jpg"
            path.write_bytes(
                simplejpeg.encode_jpeg(rgb, quality=int(rng.integers(low, high + 1)), colorsubsampling="420")
            )
            paths.append(path)
    return paths
