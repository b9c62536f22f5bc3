"""Renders a set of phones with known wear: photos, truth and manifest. Seeded: same settings and seed, same truth."""

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from rich.console import Console
from rich.progress import track

from phonegrade.configs.catalogue import catalogue
from phonegrade.configs.rendering import RenderSettings, load_preset
from phonegrade.configs.vocabulary import Surface, View
from phonegrade.datasets.camera import Pose, draw_pose
from phonegrade.datasets.device.screens import Screen
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.datasets.manifest import MANIFEST, MarkRecord, PhotoRecord, split_of
from phonegrade.datasets.phone import Phone, draw_phone
from phonegrade.datasets.photo import RenderedPhoto, Route, render_photo, render_surroundings
from phonegrade.datasets.wear.marks import Mark


def render_set(out: Path, devices: int, shots: int, preset: str, route: Route, seed: int, workers: int) -> None:
    """Writes `devices` x `shots` photos with truth under `out`; finished devices are kept, so that it resumes.

    Raises FileNotFoundError for an unknown preset.
    """
    settings = load_preset(preset)
    for folder in ("photos", "labels", "regions", "devices"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    waiting = [i for i in range(devices) if not (out / "devices" / f"{i:06d}.jsonl").is_file()]
    # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
    with ProcessPoolExecutor(max(workers, 1), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_render_device, out, index, shots, settings, route, seed) for index in waiting]
        console = Console(stderr=True)
        for job in track(as_completed(jobs), "rendering devices", total=len(jobs), console=console):
            job.result()
    lines = [(out / "devices" / f"{i:06d}.jsonl").read_text(encoding="utf-8") for i in range(devices)]
    _write(out / MANIFEST, "".join(lines))
    _write(
        out / "settings.json",
        json.dumps({"preset": preset, "seed": seed, "shots": shots, "route": route} | settings.model_dump(), indent=1),
    )


def _render_device(out: Path, index: int, shots: int, settings: RenderSettings, route: Route, seed: int) -> None:
    cv2.setNumThreads(1)
    rng = np.random.default_rng((seed, index))
    known = catalogue()
    phone = draw_phone(known[int(rng.integers(len(known)))], settings, (seed, index))
    records = []
    for shot in range(shots):
        for number, surface in enumerate(Surface):
            if rng.random() < settings.surface_share[surface.view]:
                stem = f"{index:06d}-{surface}-{shot:02d}"
                records.append(_render_shot(out, stem, phone, surface, settings, route, (seed, index, shot, number)))
    lines = "".join(record.model_dump_json() + "\n" for record in records)
    _write(out / "devices" / f"{index:06d}.jsonl", lines)


def _render_shot(
    out: Path,
    stem: str,
    phone: Phone,
    surface: Surface,
    settings: RenderSettings,
    route: Route,
    seed: tuple[int, ...],
) -> PhotoRecord:
    rng = np.random.default_rng(seed)
    size_mm = phone.size_mm(surface)
    pose = draw_pose(size_mm, settings.camera, rng)
    quality = int(rng.integers(settings.camera.jpeg_quality[0], settings.camera.jpeg_quality[1] + 1))
    name = f"{phone.device.name} #{seed[1]}"
    if rng.random() < settings.no_device_share:
        rgb = render_surroundings(pose, settings, rng)
        regions = np.zeros((8, 8), np.uint8)
        return _saved(out, stem, rgb, None, regions, quality, _empty_record(stem, name, pose, seed))
    screen = draw_screen(settings, rng) if surface is Surface.FRONT else Screen.OFF
    photo = render_photo(phone, surface, screen, pose, settings, route, rng)
    record = _record(stem, name, surface, size_mm, pose, phone.marks[surface], photo, settings, seed)
    return _saved(out, stem, photo.rgb, photo.label, photo.regions, quality, record)


def draw_screen(settings: RenderSettings, rng: np.random.Generator) -> Screen:
    """Off, or one of the lit states."""
    if rng.random() >= settings.lit_share:
        return Screen.OFF
    lit = [screen for screen in Screen if screen is not Screen.OFF]
    return lit[int(rng.integers(len(lit)))] if rng.random() < 0.4 else Screen.UI


def _record(
    stem: str,
    name: str,
    surface: Surface,
    size_mm: tuple[float, float],
    pose: Pose,
    marks: tuple[Mark, ...],
    photo: RenderedPhoto,
    settings: RenderSettings,
    seed: tuple[int, ...],
) -> PhotoRecord:
    h, w = pose.photo_hw
    inside = ((pose.corners_px > 0) & (pose.corners_px < (w, h))).all()
    seen = bool((photo.regions & 1).mean() > 0.08)
    return PhotoRecord(
        photo=f"photos/{stem}.jpg",
        label=f"labels/{stem}.png",
        regions=f"regions/{stem}.png",
        device=name,
        split=split_of(name),
        surface=surface,
        view=surface.view if seen or surface.view is View.EDGE else View.NONE,
        cropped=not bool(inside),
        size_mm=size_mm,
        label_px_per_mm=LABEL_PX_PER_MM,
        photo_from_mm=tuple(float(x) for x in pose.photo_from_mm.ravel()),
        corners_px=tuple((float(x), float(y)) for x, y in pose.corners_px),
        mm_per_px=pose.mm_per_px,
        photo_wh=(w, h),
        marks=tuple(_mark_records(marks, photo.grey_levels, settings.wear.visible_grey_levels)),
        seed=seed,
    )


def _empty_record(stem: str, name: str, pose: Pose, seed: tuple[int, ...]) -> PhotoRecord:
    return PhotoRecord(
        photo=f"photos/{stem}.jpg",
        label=None,
        regions=f"regions/{stem}.png",
        device=name,
        split=split_of(name),
        surface=None,
        view=View.NONE,
        cropped=False,
        size_mm=None,
        label_px_per_mm=LABEL_PX_PER_MM,
        photo_from_mm=None,
        corners_px=None,
        mm_per_px=None,
        photo_wh=(pose.photo_hw[1], pose.photo_hw[0]),
        marks=(),
        seed=seed,
    )


def _mark_records(marks: tuple[Mark, ...], levels: tuple[float, ...], visible_from: float) -> Iterator[MarkRecord]:
    for mark, level in zip(marks, levels, strict=True):
        stroke_area = sum(stroke.length_mm * stroke.width_mm for stroke in mark.strokes)
        region_area = sum(float(cv2.contourArea(region.astype(np.float32))) for region in mark.regions)
        yield MarkRecord(
            kind=mark.kind,
            style=mark.style,
            length_mm=mark.length_mm,
            width_mm=mark.width_mm,
            area_mm2=region_area
            if mark.regions and mark.kind not in ("scratch", "crack")
            else stroke_area + region_area,
            grey_levels=level,
            visible=level >= visible_from,
            strokes=tuple(tuple((round(float(x), 3), round(float(y), 3)) for x, y in s.points) for s in mark.strokes),
            stroke_widths_mm=tuple(stroke.width_mm for stroke in mark.strokes),
            regions=tuple(
                tuple((round(float(x), 3), round(float(y), 3)) for x, y in region) for region in mark.regions
            ),
        )


def _saved(
    out: Path,
    stem: str,
    rgb: np.ndarray,
    label: np.ndarray | None,
    regions: np.ndarray,
    quality: int,
    record: PhotoRecord,
) -> PhotoRecord:
    (out / "photos" / f"{stem}.jpg").write_bytes(
        simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality=quality, colorsubsampling="420")
    )
    cv2.imwrite(str(out / "regions" / f"{stem}.png"), regions)
    if label is not None:
        cv2.imwrite(str(out / "labels" / f"{stem}.png"), label)
    return record


def _write(path: Path, text: str) -> None:
    """Atomically: a killed run leaves no half-written file."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
