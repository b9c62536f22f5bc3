"""The data card of a rendered set: what it is, how to make it again, what is in it, and what it cannot show."""

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from phonegrade import __version__
from phonegrade.configs.render_settings import WearLevel
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, Surface
from phonegrade.datasets.manifest import DeviceRecord, PhotoRecord, Split, manifest_sha256, read_devices, read_manifest
from phonegrade.rendering.render import read_plan
from phonegrade.rendering.set_plan import SetPlan

DATA_CARD = "DATA_CARD.md"
CARD_POLICY = "ctia-like"
SPLITS: tuple[Split, ...] = ("train", "val", "test")
SIZE_BINS_MM = (1.0, 3.0, 7.0, 10.0, 20.0)
SOURCES = (
    ("devices, their designs, screens and UI", "`rendering/device/`", "generated"),
    ("defects and dirt", "`rendering/wear/`", "generated"),
    ("grounds, things beside the phone, hands, lights, rooms", "`rendering/scene/`", "generated"),
    ("camera, lens, noise, files", "`rendering/camera.py`, `rendering/compression.py`", "generated"),
    ("words and letters", "made-up words in Hershey's vector fonts, as compiled into OpenCV", "Apache-2.0 (OpenCV)"),
    (
        "body sizes",
        "`core/devices/devices.csv`, facts about sold phones",
        "facts; the device names are their makers' trademarks",
    ),
)
GAPS = (
    "It is rendered, not photographed: figures measured on it say nothing certain of real photos.",
    "Defects follow drawn rules; how often real phones have which defect where was not measured on a population.",
    "A cracked panel's faults (lines, ink) are failed tests in the devices' truth, but no picture shows them.",
    "Bent bodies, swollen batteries, missing parts, engravings and repairs do not occur.",
    "A case or a protector that hides a defect is drawn as a design, not as an object that lies on the glass.",
    "Zones of defects come from the drawn design, under the rules that measured defects are put into zones by.",
)


def write_data_card(out: Path, grades: Mapping[str, int]) -> Path:
    """Write the card of the finished set under `out`.

    `grades` counts the true grades of its devices under CARD_POLICY: this folder may not grade, so its callers do.
    """
    photos, devices, plan = read_manifest(out), read_devices(out), read_plan(out)
    parts = [
        "# Data card: rendered phones with known defects",
        f"{len(photos)} photos of {len(devices)} devices, rendered by phonegrade {__version__} (Apache-2.0). "
        f"Manifest `{manifest_sha256(out)[:16]}`.",
        "Make it again, to the same bytes of truth, with the same version:",
        f"```sh\n{_command(plan, len(devices))}\n```",
        f"Seed {plan.seed}; device N is drawn from (seed, N) alone, so that sets of any length share their beginning. "
        f"Read it with `phonegrade.datasets.manifest`; `datasets/README.md` explains every field and bit.",
        "## What is in it",
        *_photo_tables(photos),
        *_annotation_tables(photos, devices),
        *_grades(devices, grades),
        "## Where it comes from",
        "No picture, panorama or font file is in the package or in this set's making: everything is drawn by code.",
        _table(("what", "drawn by", "licence"), SOURCES),
        "## What it cannot show",
        "\n".join(f"- {gap}" for gap in GAPS),
        "## Every setting",
        f"```yaml\n{yaml.safe_dump(plan.model_dump(mode='json'), sort_keys=False)}```",
    ]
    path = out / DATA_CARD
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _command(plan: SetPlan, devices: int) -> str:
    words = ["phonegrade", "render", "--out", "DIR", "--devices", str(devices), "--shots", str(plan.shots)]
    words += ["--preset", plan.preset, "--seed", str(plan.seed)]
    for option, value in (("--route", plan.route), ("--wear", plan.wear), ("--split", plan.split)):
        words += [] if value is None else [option, value]
    words += [option for option, on in (("--all-surfaces", plan.all_surfaces), ("--pairs", plan.pairs)) if on]
    return shlex.join(words)


def _photo_tables(photos: list[PhotoRecord]) -> Iterator[str]:
    by_surface = Counter((photo.split, photo.surface) for photo in photos)
    shown: tuple[Surface | None, ...] = (*Surface, None)
    rows = [
        (split, *(by_surface[split, surface] for surface in shown), sum(photo.split == split for photo in photos))
        for split in SPLITS
    ]
    yield _table(("photos", *(surface or "no device" for surface in shown), "all"), rows)
    for name, counts in (
        ("preset", Counter(photo.preset for photo in photos)),
        ("route", Counter(photo.route for photo in photos)),
        ("view", Counter(photo.view.value for photo in photos)),
        ("wear of the phone", Counter(photo.level.value for photo in photos)),
    ):
        yield _table((name, "photos", "share"), _shares(counts))


def _annotation_tables(photos: list[PhotoRecord], devices: list[DeviceRecord]) -> Iterator[str]:
    on_devices = [
        annotation for device in devices for truth in device.surfaces.values() for annotation in truth.annotations
    ]
    in_photos = [annotation for photo in photos for annotation in photo.annotations]
    head = ("defect or dirt", "on devices", "in photos", "visible there", "styles on devices")
    rows = []
    for kind in SEGMENTER_CLASSES:
        shown = [annotation for annotation in in_photos if annotation.kind == kind]
        styles = Counter(annotation.style for annotation in on_devices if annotation.kind == kind)
        listed = ", ".join(f"{style} {count}" for style, count in styles.most_common())
        rows.append(
            (kind, styles.total(), len(shown), _of(sum(annotation.visible for annotation in shown), len(shown)), listed)
        )
    yield _table(head, rows)
    bins = [*(f"< {edge:g} mm" for edge in SIZE_BINS_MM), "longer"]
    sizes = Counter(
        (annotation.kind, sum(annotation.length_mm >= edge for edge in SIZE_BINS_MM)) for annotation in on_devices
    )
    yield _table(
        ("length on devices", *bins),
        [(kind, *(sizes[kind, number] for number in range(len(bins)))) for kind in SEGMENTER_CLASSES],
    )


def _grades(devices: list[DeviceRecord], grades: Mapping[str, int]) -> Iterator[str]:
    levels = Counter(device.level for device in devices)
    yield _table(("wear", "devices", "share"), _shares({level.value: levels[level] for level in WearLevel}))
    yield _table((f"true grade, policy {CARD_POLICY}", "devices", "share"), _shares(grades))
    yield (
        "True grades are counted by `phonegrade.evaluation.true_grades` from `devices.jsonl`: every defect, "
        "visible or not, and the panel tests that the device fails."
    )


def _shares(counts: Mapping[str, int]) -> list[tuple[str, int, str]]:
    total = sum(counts.values())
    return [(name, count, _of(count, total)) for name, count in counts.items()]


def _of(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
