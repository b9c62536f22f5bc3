"""COCO export of a rendered set: instances with run-length masks, and panoptic pictures; a file a split.

Formats: https://cocodataset.org/#format-data; every annotation has its millimetres in `attributes`. One that exists but
is not visible in the photo is a crowd among the instances, which evaluators ignore, and void in the panoptic picture.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from phonegrade.core.vocabulary import LOCATOR_REGIONS, SEGMENTER_CLASSES, DefectKind
from phonegrade.datasets.manifest import PhotoRecord, Split, read_manifest
from phonegrade.datasets.photo_masks import PhotoMask, masks_on_photo

Json = dict[str, Any]
FIRST_STUFF_ID = 101
"""Categories of stuff: background, then the regions of the locator."""
FIRST_ANNOTATION_SEGMENT = 1000
VOID = 0
_SPLITS: tuple[Split, ...] = ("train", "val", "test")
_ATTRIBUTES = (
    *("id", "style", "exists", "visible", "length_mm", "width_mm", "area_mm2", "depth_mm"),
    *("zone", "grey_levels", "shown_share"),
)


def write_coco(root: Path) -> list[Path]:
    """Write coco/instances_SPLIT.json, coco/panoptic_SPLIT.json and its pictures into the set under `root`."""
    written = []
    for split in _SPLITS:
        records = read_manifest(root, split)
        if records:
            written += _write_split(root, split, records)
    return written


def _write_split(root: Path, split: Split, records: list[PhotoRecord]) -> list[Path]:
    pictures = root / "coco" / f"panoptic_{split}"
    pictures.mkdir(parents=True, exist_ok=True)
    images: list[Json] = []
    annotations: list[Json] = []
    panoptic: list[Json] = []
    for number, record in enumerate(track(records, f"writing COCO {split}", console=Console(stderr=True)), 1):
        masks = masks_on_photo(root, record)
        images.append(_image(number, record))
        for mask in masks:
            annotations.append(_annotation(len(annotations) + 1, number, record, mask))
        picture, segments = _panoptic(root, record, masks)
        name = f"{Path(record.photo).stem}.png"
        cv2.imwrite(str(pictures / name), picture[..., ::-1])
        panoptic.append({"image_id": number, "file_name": name, "segments_info": segments})
    head = {"info": {"description": "rendered phones, not real photos", "split": split}, "images": images}
    instances = head | {"categories": _things(), "annotations": annotations}
    stuff = [
        {"id": FIRST_STUFF_ID + index, "name": name, "supercategory": "device" if index else "scene", "isthing": 0}
        for index, name in enumerate(("background", *LOCATOR_REGIONS))
    ]
    panoptic_file = head | {"categories": [*_things(), *stuff], "annotations": panoptic}
    paths = []
    for name, content in (("instances", instances), ("panoptic", panoptic_file)):
        paths.append(root / "coco" / f"{name}_{split}.json")
        paths[-1].write_text(json.dumps(content), encoding="utf-8")
    return paths


def _things() -> list[Json]:
    return [
        {"id": number, "name": name, "supercategory": "defect" if name in set(DefectKind) else "dirt", "isthing": 1}
        for number, name in enumerate(SEGMENTER_CLASSES, 1)
    ]


def _image(number: int, record: PhotoRecord) -> Json:
    width, height = record.photo_wh
    attributes = record.model_dump(
        mode="json", include={"device_id", "shot", "preset", "route", "level", "surface", "view", "mm_per_px"}
    )
    return {"id": number, "file_name": record.photo, "width": width, "height": height} | attributes


def _annotation(number: int, image: int, record: PhotoRecord, photo_mask: PhotoMask) -> Json:
    return {
        "id": number,
        "image_id": image,
        "category_id": 1 + SEGMENTER_CLASSES.index(photo_mask.record.kind),
        "segmentation": run_lengths(photo_mask.mask, photo_mask.origin, record.photo_wh),
        "area": int(photo_mask.mask.sum()),
        "bbox": list(photo_mask.bbox),
        "iscrowd": 0 if photo_mask.record.visible else 1,
        "attributes": photo_mask.record.model_dump(mode="json", include=set(_ATTRIBUTES)),
    }


def run_lengths(mask: NDArray[np.bool_], origin: tuple[int, int], photo_wh: tuple[int, int]) -> Json:
    """Return COCO's uncompressed run lengths, down the columns, of a mask with a pixel or more at `origin` (x, y)."""
    width, height = photo_wh
    rows, columns = np.nonzero(mask)
    at = np.sort((columns + origin[0]) * height + rows + origin[1])
    gaps = np.flatnonzero(np.diff(at) > 1)
    starts, ends = at[np.concatenate([[0], gaps + 1])], at[np.concatenate([gaps, [len(at) - 1]])] + 1
    edges = np.stack([starts, ends], axis=1).ravel()
    counts = np.diff(np.concatenate([[0], edges, [width * height]]))
    return {"size": [height, width], "counts": counts.tolist()}


def _panoptic(root: Path, record: PhotoRecord, masks: Iterable[PhotoMask]) -> tuple[NDArray[np.uint8], list[Json]]:
    """The picture (H, W, 3) whose pixels are red + 256 green + 65536 blue = segment, and the segments in it."""
    width, height = record.photo_wh
    bits = np.asarray(cv2.imread(str(root / record.regions), cv2.IMREAD_UNCHANGED), np.uint8)
    bits = np.asarray(cv2.resize(bits, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    segments = np.full((height, width), FIRST_STUFF_ID, np.int64)
    categories = {FIRST_STUFF_ID: FIRST_STUFF_ID}
    for bit in range(len(LOCATOR_REGIONS)):
        stuff = FIRST_STUFF_ID + 1 + bit
        segments[(bits >> bit & 1) > 0] = stuff
        categories[stuff] = stuff
    ordered = sorted(masks, key=lambda one: (one.record.visible, -int(one.mask.sum())))
    for number, one in enumerate(ordered, FIRST_ANNOTATION_SEGMENT):
        segments[one.window][one.mask] = number if one.record.visible else VOID
        categories[number] = 1 + SEGMENTER_CLASSES.index(one.record.kind)
    picture = np.stack([segments % 256, segments // 256 % 256, segments // 65536], axis=2).astype(np.uint8)
    present, areas = np.unique(segments, return_counts=True)
    infos = []
    for segment, area in zip(present.tolist(), areas.tolist(), strict=True):
        if segment != VOID:
            x, y, w, h = cv2.boundingRect((segments == segment).astype(np.uint8))
            infos.append(
                {"id": segment, "category_id": categories[segment], "area": area, "bbox": [x, y, w, h], "iscrowd": 0}
            )
    return picture, infos
