"""One phone at a glance: its six surfaces, each photo with its truth drawn beside it, in one picture."""

from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.render_settings import RenderSettings
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.manifest import PhotoRecord
from phonegrade.datasets.photo_masks import masks_on_photo
from phonegrade.rendering.set_plan import SetPlan
from phonegrade.rendering.shoot import FOLDERS, DeviceFile, device_file, shoot_device

PHOTO_PX = 1100
"""Long side of the photos: enough to judge by, and fast."""
CELL_PX = 420
MARGIN = 0.12
"""Of the device's longer side, shown round it."""
COLUMNS = 3
COLOURS = dict(
    zip(
        SEGMENTER_CLASSES,
        (
            *((230, 40, 60), (255, 170, 0), (190, 80, 255), (0, 190, 90), (0, 150, 255)),
            *((0, 200, 200), (120, 140, 90), (150, 110, 80)),
        ),
        strict=True,
    )
)
"""RGB of each class; an annotation that is not visible is drawn in INVISIBLE."""
INVISIBLE = (160, 160, 160)
_GAP_PX, _LINE_PX = 6, 20
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def write_preview(path: Path, plan: SetPlan) -> None:
    """Render all six surfaces of the plan's first phone, small, and writes them as one PNG."""
    scenarios = {name: _small(settings) for name, settings in plan.scenarios.items()}
    quick = plan.model_copy(update={"scenarios": scenarios, "shots": 1, "all_surfaces": True, "pairs": False})
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for name in FOLDERS:
            (root / name).mkdir()
        shoot_device(root, quick, 0)
        device = DeviceFile.model_validate_json(device_file(root, 0).read_text(encoding="utf-8"))
        cells = [_cell(root, record) for record in device.photos]
    rows = [np.hstack(cells[start : start + COLUMNS]) for start in range(0, len(cells), COLUMNS)]
    record = device.device
    head = f"{record.device}, {record.level}, {record.preset}, {record.route}, seed {plan.seed}"
    picture = np.vstack([_line(rows[0].shape[1], [(head, (0, 0, 0))]), *rows, _line(rows[0].shape[1], _legend())])
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])


def _small(settings: RenderSettings) -> RenderSettings:
    camera = settings.camera.model_copy(update={"long_side_px": (PHOTO_PX, PHOTO_PX)})
    return settings.model_copy(update={"camera": camera})


def _cell(root: Path, record: PhotoRecord) -> NDArray[np.uint8]:
    """Photo and truth side by side under a line that says which surface it is."""
    photo = simplejpeg.decode_jpeg((root / record.photo).read_bytes())
    truth = photo // 3 + 150
    for mask in masks_on_photo(root, record):
        colour = COLOURS[mask.record.kind] if mask.record.visible else INVISIBLE
        truth[mask.window][mask.mask] = colour
    rows, columns = _window(record)
    both = np.hstack([_fitted(photo[rows, columns]), _fitted(truth[rows, columns])])
    visible = sum(annotation.visible for annotation in record.annotations)
    text = f"{record.surface}: {visible} of {len(record.annotations)} visible, {record.mm_per_px or 0:.2f} mm/px"
    cell = np.vstack([_line(both.shape[1], [(text, (0, 0, 0))]), both])
    return cv2.copyMakeBorder(cell, 0, _GAP_PX, 0, _GAP_PX, cv2.BORDER_CONSTANT, value=(255, 255, 255)).astype(np.uint8)


def _window(record: PhotoRecord) -> tuple[slice, slice]:
    """Rows and columns of the photo about the device."""
    width, height = record.photo_wh
    corners = np.array(record.corners_px if record.corners_px is not None else [[0, 0], [width, height]])
    around = MARGIN * float(np.ptp(corners, axis=0).max())
    low = np.clip(corners.min(axis=0) - around, 0, (width - 2, height - 2)).astype(int)
    high = np.clip(corners.max(axis=0) + around, low + 2, (width, height)).astype(int)
    return slice(low[1], high[1]), slice(low[0], high[0])


def _fitted(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture scaled into a square of CELL_PX."""
    scale = CELL_PX / max(picture.shape[:2])
    size = (max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    square = np.full((CELL_PX, CELL_PX, 3), 255, np.uint8)
    y, x = (CELL_PX - size[1]) // 2, (CELL_PX - size[0]) // 2
    square[y : y + size[1], x : x + size[0]] = small
    return square


def _line(width: int, words: list[tuple[str, tuple[int, int, int]]]) -> NDArray[np.uint8]:
    """A white line of text, each word in its colour."""
    line = np.full((_LINE_PX, width, 3), 255, np.uint8)
    x = 4
    for text, colour in words:
        cv2.putText(line, text, (x, _LINE_PX - 6), _FONT, 0.42, colour, 1, cv2.LINE_AA)
        x += cv2.getTextSize(text, _FONT, 0.42, 1)[0][0] + 14
    return line


def _legend() -> list[tuple[str, tuple[int, int, int]]]:
    return [*COLOURS.items(), ("there, but not visible", INVISIBLE)]
