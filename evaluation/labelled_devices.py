"""A rendered set as labelled devices: the pipeline's inspections of each, and its true cosmetic grade."""

import json
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import track

from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import catalogue_device
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.datasets.manifest import DeviceRecord, PhotoRecord, Split, read_devices, read_manifest
from phonegrade.evaluation.true_grades import true_grade
from phonegrade.inference.inspector import LISTED_FROM, Inspector


def labelled_devices(root: Path, split: Split, policy: Policy, models: Path | None, workers: int) -> Iterator[str]:
    """Yield one JSON line for each device and round of `root`'s `split` that photographed all six surfaces.

    `true_cosmetic_grade` is the grade of the defects that are visible in that round's photos; `phone` is shared by the
    rounds of one device. Every functional test passes but those of the panel that the device fails.
    """
    devices = {device.device_id: device for device in read_devices(root)}
    rounds: dict[tuple[str, int], dict[Surface, PhotoRecord]] = defaultdict(dict)
    for record in read_manifest(root, split):
        if record.surface is not None:
            rounds[record.device_id, record.shot][record.surface] = record
    whole = [(devices[phone], photos) for (phone, _), photos in rounds.items() if len(photos) == len(Surface)]
    # spawn: a fork of a process whose threads hold locks, such as ONNX Runtime's, would never finish
    with ProcessPoolExecutor(max(workers, 1), get_context("spawn"), _load, (models,)) as pool:
        jobs = [pool.submit(_line, root, device, photos, policy) for device, photos in whole]
        for job in track(jobs, "inspecting devices", console=Console(stderr=True)):
            yield job.result()


_LOADED: list[Inspector] = []
"""The worker's models, loaded once a process."""


def _load(models: Path | None) -> None:
    cv2.setNumThreads(1)
    _LOADED.append(Inspector.load(models, 1))


def _line(root: Path, device: DeviceRecord, photos: dict[Surface, PhotoRecord], policy: Policy) -> str:
    model = catalogue_device(device.device.rsplit(" #", 1)[0])
    inspections = {
        surface: _LOADED[0].inspect(
            PhotoFile(photo.photo, (root / photo.photo).read_bytes(), surface),
            device=model,
            min_confidence=LISTED_FROM,
        )
        for surface, photo in photos.items()
    }
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    tests |= dict.fromkeys(device.failed_tests, TestResult.FAIL)
    measures = {limit.measure: limit.at_least for limit in policy.functional.measures}
    functional = FunctionalReport(tests=tests, measures=measures)
    shot = next(iter(photos.values())).shot
    return json.dumps(
        {
            "id": f"{device.device_id}-{shot:02d}",
            "phone": device.device_id,
            "true_cosmetic_grade": true_grade(_with_visible(device, photos), policy),
            "inspections": {surface: one.model_dump(mode="json") for surface, one in inspections.items()},
            "functional": functional.model_dump(mode="json"),
        }
    )


def _with_visible(device: DeviceRecord, photos: dict[Surface, PhotoRecord]) -> DeviceRecord:
    """Return the device with only the annotations that its photos show."""
    surfaces = {}
    for surface, truth in device.surfaces.items():
        shown = {mark.id for mark in photos[surface].annotations if mark.visible}
        annotations = tuple(mark for mark in truth.annotations if mark.id in shown)
        surfaces[surface] = truth.model_copy(update={"annotations": annotations})
    return device.model_copy(update={"surfaces": surfaces})
