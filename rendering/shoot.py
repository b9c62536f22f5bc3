"""One device before the camera: as part of a set, with labels and truth, or its photos alone."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.files import write_text
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import DeviceRecord, PhotoRecord
from phonegrade.rendering.camera import draw_pose
from phonegrade.rendering.compression import Compression
from phonegrade.rendering.device.screens import Screen
from phonegrade.rendering.phone import Phone, draw_phone
from phonegrade.rendering.photo import Route, render_photo, render_surroundings
from phonegrade.rendering.records import device_record, photo_record, photo_stem
from phonegrade.rendering.set_plan import DevicePlan, SetPlan
from phonegrade.rendering.streams import Stream, stream

FOLDERS = ("photos", "clean", "labels", "regions", "devices")
EMPTY_REGIONS = (8, 8)
"""Shape of the region mask of a photo that shows no device."""


class DeviceFile(Strict):
    """What `devices/NNNNNN.json` holds; it is written last, so that a device without it is not finished."""

    device: DeviceRecord
    photos: tuple[PhotoRecord, ...]


def device_file(out: Path, index: int) -> Path:
    """Return the path of the truth of device number `index`."""
    return out / "devices" / f"{index:06d}.json"


def shoot_device(out: Path, plan: SetPlan, index: int) -> int:
    """Render device number `index` of the set under `out`; return how many photos it has."""
    cv2.setNumThreads(1)
    device = plan.device(index)
    phone = draw_phone(device.device, device.settings, device.phone_seed)
    truth = device_record(device, phone)
    photos = tuple(_shoot(out, device, phone, truth, shot, surface, plan.pairs) for shot, surface in device.photos)
    content = DeviceFile(device=truth, photos=photos).model_dump_json()
    write_text(device_file(out, index), content)
    return len(photos)


def render_device(
    out: Path, device: Device, settings: RenderSettings, route: Route, seed: int, shots: int
) -> list[Path]:
    """Write SURFACE-SHOT.jpg, `shots` photos of each of the six surfaces of one `device`, and return their paths.

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


def draw_screen(settings: RenderSettings, surface: Surface, rng: np.random.Generator) -> Screen:
    """Draw a screen that is off, or on a front one of the lit states."""
    if surface is not Surface.FRONT or rng.random() >= settings.lit_share:
        return Screen.OFF
    # nothing is drawn where there are none, so that sets without them stay what they were
    if settings.busy_share > 0 and rng.random() < settings.busy_share:
        return Screen.BUSY
    lit = (Screen.UI, Screen.WHITE, Screen.DARK)
    return lit[int(rng.integers(len(lit)))] if rng.random() < 0.4 else Screen.UI


def _shoot(
    out: Path, plan: DevicePlan, phone: Phone, truth: DeviceRecord, shot: int, surface: Surface, pairs: bool
) -> PhotoRecord:
    settings = plan.settings
    rng = stream(Stream.SHOT, *plan.photo_seed(shot, surface))
    camera = settings.camera
    if plan.route is Route.PATH_TRACED:
        camera = camera.at_most(settings.path_traced_long_side_px)
    pose = draw_pose(phone.size_mm(surface), camera, rng)
    compression = Compression.draw(settings.camera, rng)
    stem = photo_stem(plan, shot, surface)
    if rng.random() < settings.no_device_share:
        rgb = render_surroundings(pose, settings, rng)
        _save(out, stem, compression.encode(rgb), np.zeros(EMPTY_REGIONS, np.uint8), None)
        return photo_record(plan, truth, shot, surface, pose, None, has_clean=False)
    screen = draw_screen(settings, surface, rng)
    photo = render_photo(phone, surface, screen, pose, settings, plan.route, rng)
    _save(out, stem, compression.encode(photo.rgb), photo.regions, photo.label)
    if pairs:
        (out / "clean" / f"{stem}.jpg").write_bytes(compression.encode(photo.clean()))
    return photo_record(plan, truth, shot, surface, pose, photo, has_clean=pairs)


def _save(out: Path, stem: str, jpeg: bytes, regions: NDArray[np.uint8], label: NDArray[np.uint16] | None) -> None:
    (out / "photos" / f"{stem}.jpg").write_bytes(jpeg)
    cv2.imwrite(str(out / "regions" / f"{stem}.png"), regions)
    if label is not None:
        cv2.imwrite(str(out / "labels" / f"{stem}.png"), label)
