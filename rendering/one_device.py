"""Six photos of one phone, a surface each: what a customer sends, with known wear."""

from pathlib import Path

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.vocabulary import Surface
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.compression import Compression
from phonegrade.rendering.phone import draw_phone
from phonegrade.rendering.photo import Route, render_photo
from phonegrade.rendering.shoot import draw_screen
from phonegrade.rendering.streams import Stream, stream


def render_device(
    out: Path, device: Device, settings: RenderSettings, route: Route, seed: int, shots: int
) -> list[Path]:
    """Writes SURFACE-SHOT.jpg, `shots` photos of each of the six surfaces of one `device`, and returns their paths.

    The phone and its wear are those of `seed`; light, pose and camera are new in every shot.
    """
    out.mkdir(parents=True, exist_ok=True)
    phone = draw_phone(device, settings, (seed,))
    paths = []
    for number, surface in enumerate(Surface):
        for shot in range(shots):
            rng = stream(Stream.SHOT, seed, number, shot)
            pose = draw_pose(phone.size_mm(surface), settings.camera, rng)
            compression = Compression.draw(settings.camera, rng)
            photo = render_photo(phone, surface, draw_screen(settings, surface, rng), pose, settings, route, rng)
            path = out / f"{surface}-{shot:02d}.jpg"
            path.write_bytes(compression.encode(photo.rgb))
            paths.append(path)
    return paths
