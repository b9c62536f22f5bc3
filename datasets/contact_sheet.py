"""One picture of a set: photos spread over surfaces, presets, routes, wear and kinds, each with a short caption."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.datasets.manifest import PhotoRecord, read_manifest

CONTACT_SHEET = "contact_sheet.png"
COLUMNS, ROWS = 8, 6
CELL_PX = 280
CAPTION_PX = 16
_GAP_PX = 4
_PAPER = 250


def write_contact_sheet(root: Path) -> Path:
    """Write contact_sheet.png into the set under `root`: up to COLUMNS x ROWS photos, always the same ones."""
    chosen = spread([record for record in read_manifest(root) if record.surface is not None], COLUMNS * ROWS)
    height, width = CELL_PX + CAPTION_PX + _GAP_PX, CELL_PX + _GAP_PX
    sheet = np.full((ROWS * height + _GAP_PX, COLUMNS * width + _GAP_PX, 3), _PAPER, np.uint8)
    for number, record in enumerate(chosen):
        y, x = _GAP_PX + number // COLUMNS * height, _GAP_PX + number % COLUMNS * width
        sheet[y : y + CELL_PX, x : x + CELL_PX] = _thumbnail(root, record)
        at = (x + 1, y + CELL_PX + CAPTION_PX - 5)
        cv2.putText(sheet, _caption(record), at, cv2.FONT_HERSHEY_SIMPLEX, 0.34, (40, 40, 40), 1, cv2.LINE_AA)
    path = root / CONTACT_SHEET
    cv2.imwrite(str(path), sheet[..., ::-1])
    return path


def spread(records: list[PhotoRecord], count: int) -> list[PhotoRecord]:
    """Choose up to `count` records one by one, what was seldom shown first; in the manifest's order."""
    shown: Counter[str] = Counter()
    left = {number: _features(record) for number, record in enumerate(records)}
    chosen: list[int] = []

    def staleness(number: int) -> tuple[float, int]:
        # ties are broken far from the last choice: neighbours in a manifest are one device
        return sum(shown[feature] for feature in left[number]) / len(left[number]), number * 7919 % 997

    while left and len(chosen) < count:
        best = min(left, key=staleness)
        shown.update(left.pop(best))
        chosen.append(best)
    return [records[number] for number in sorted(chosen)]


def _features(record: PhotoRecord) -> list[str]:
    kinds = sorted({annotation.kind for annotation in record.annotations if annotation.visible}) or ["defect-free"]
    others = [str(record.surface), record.preset, record.route, record.level, record.device_id]
    # faces show more than edges: each face is to come up nearly as often as the four edges together
    return [record.view.value] * 3 + [*others, *kinds]


def _thumbnail(root: Path, record: PhotoRecord) -> NDArray[np.uint8]:
    """The largest square of the photo about the device's middle."""
    photo = simplejpeg.decode_jpeg((root / record.photo).read_bytes())
    height, width = photo.shape[:2]
    side = min(height, width)
    middle = (width / 2, height / 2) if record.corners_px is None else np.mean(record.corners_px, axis=0)
    x = int(np.clip(middle[0] - side / 2, 0, width - side))
    y = int(np.clip(middle[1] - side / 2, 0, height - side))
    square = photo[y : y + side, x : x + side]
    return np.asarray(cv2.resize(square, (CELL_PX, CELL_PX), interpolation=cv2.INTER_AREA), np.uint8)


def _caption(record: PhotoRecord) -> str:
    kinds = Counter(annotation.kind for annotation in record.annotations if annotation.visible)
    listed = " ".join(f"{kind}{'' if count == 1 else count}" for kind, count in kinds.most_common(3))
    route = "" if record.route == "rasterised" else f" {record.route}"
    return f"{record.surface} {record.preset}{route} {record.level}: {listed or 'nothing to see'}"
