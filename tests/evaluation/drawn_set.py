"""A set of photos drawn in the stub models' colours, with a manifest as the renderer writes it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from phonegrade.configs.render_settings import WearLevel
from phonegrade.core.vocabulary import Surface, View, Zone
from phonegrade.datasets.annotations.annotation import CLASS_BIT, annotation_mask, annotation_of, canvas_hw
from phonegrade.datasets.manifest import MANIFEST, AnnotationRecord, PhotoRecord
from phonegrade.tests.drawn import Mark, jpeg, photo_from_mm, photograph, quad_px, surface_mm
from phonegrade.tests.drawn_device import empty_table

PX_PER_MM = 8.0
PHOTO_HW = (1500, 1100)
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
LINE = ((20.0, 40.0), (38.0, 52.0))
LINE_MM = float(np.hypot(18, 12))


@dataclass(frozen=True)
class Drawn:
    """One photo: what is painted and what is true; without a surface, an empty table."""

    name: str
    surface: Surface | None
    painted: tuple[Mark, ...] = ()
    true: tuple[AnnotationRecord, ...] = ()


def true_line(
    kind: str = "scratch", *, visible: bool = True, points: tuple[tuple[float, float], ...] = LINE
) -> AnnotationRecord:
    """A straight mark, as the manifest tells it."""
    return AnnotationRecord(
        id="front-0",
        kind=kind,
        style="deep",
        length_mm=float(np.hypot(*(np.array(points[1]) - points[0]))),
        width_mm=0.6,
        area_mm2=1.0,
        depth_mm=0.0,
        zone=Zone.DISPLAY,
        strokes=(points,),
        stroke_widths_mm=(0.6,),
        regions=(),
        exists=True,
        visible=visible,
        grey_levels=50.0 if visible else 1.0,
        noise_grey_levels=2.0,
        shown_share=1.0,
    )


def true_patch(kind: str, style: str, corners: tuple[tuple[float, float], ...]) -> AnnotationRecord:
    """A patch within `corners`."""
    size = np.ptp(np.array(corners), axis=0)
    return true_line(kind).model_copy(
        update={
            "style": style,
            "length_mm": float(size.max()),
            "width_mm": float(size.min()),
            "strokes": (),
            "stroke_widths_mm": (),
            "regions": (corners,),
        }
    )


def write_drawn_set(root: Path, photos: tuple[Drawn, ...]) -> None:
    """Photos, labels and manifest, all of the test split."""
    for folder in ("photos", "labels"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    records = [_written(root, number, drawn) for number, drawn in enumerate(photos)]
    lines = "".join(record.model_dump_json() + "\n" for record in records)
    (root / MANIFEST).write_text(lines, encoding="utf-8")


def _written(root: Path, number: int, drawn: Drawn) -> PhotoRecord:
    photo, label_file = f"photos/{drawn.name}.jpg", f"labels/{drawn.name}.png"
    surface = drawn.surface
    empty = PhotoRecord(
        photo=photo,
        clean=None,
        label=None,
        regions="regions/none.png",
        device_id=f"device-{number % 2}",
        shot=0,
        preset="kiosk",
        route="rasterised",
        level=WearLevel.USED,
        device="Apple iPhone 13 #0",
        split="test",
        surface=None,
        view=View.NONE,
        cropped=False,
        size_mm=None,
        label_px_per_mm=PX_PER_MM,
        photo_from_mm=IDENTITY,
        corners_px=None,
        mm_per_px=None,
        photo_wh=(700, 900),
        annotations=(),
        seed=(number,),
    )
    if surface is None:
        (root / photo).write_bytes(empty_table())
        return empty
    hw = (420, 1800) if surface.view is View.EDGE else PHOTO_HW
    (root / photo).write_bytes(jpeg(photograph(surface, drawn.painted, photo_hw=hw)))
    quad, size_mm = quad_px(surface, hw), surface_mm(surface)
    label = np.zeros(canvas_hw(size_mm, PX_PER_MM), np.uint16)
    for record in drawn.true:
        label[annotation_mask(annotation_of(record), label.shape, PX_PER_MM)] |= CLASS_BIT[record.kind]
    cv2.imwrite(str(root / label_file), label)
    return empty.model_copy(
        update={
            "label": label_file,
            "surface": surface,
            "view": surface.view,
            "size_mm": size_mm,
            "photo_from_mm": tuple(photo_from_mm(surface, quad).ravel().tolist()),
            "corners_px": tuple((float(x), float(y)) for x, y in quad),
            "mm_per_px": size_mm[0] / float(np.hypot(*(quad[1] - quad[0]))),
            "photo_wh": hw[::-1],
            "annotations": drawn.true,
        }
    )
