"""Hand-made outcomes of rendered photos."""

from phonegrade.evaluation.outcome import Detection, Located, PhotoOutcome, VisibleDefect

BOX = (10.0, 10.0, 20.0, 20.0)


def located(
    view: str = "front",
    predicted_view: str = "front",
    *,
    cropped: bool = False,
    predicted_cut_off: bool = False,
    iou: float | None = 0.99,
) -> Located:
    return Located(view, predicted_view, cropped, predicted_cut_off, bool(iou), iou, None if iou is None else 1 - iou)


def detection(kind: str = "scratch", confidence: float = 0.9, *, is_true: bool = True) -> Detection:
    return Detection(kind, confidence, is_true, is_true, 5.0, None, BOX)


def visible_defect(
    kind: str = "scratch",
    length_mm: float = 5.0,
    *,
    detected_from: float = 0.9,
    length_error: float | None = 0.02,
    predicted_kind: str | None = None,
    style: str = "deep",
    grey_levels: float = 30.0,
    false_defects: int = 0,
    length_z: float | None = 0.5,
    width_z: float | None = 0.5,
    alone: bool = True,
) -> VisibleDefect:
    detected = detected_from > 0
    return VisibleDefect(
        kind=kind,
        style=style,
        length_mm=length_mm,
        width_mm=0.2,
        grey_levels=grey_levels,
        has_length=True,
        detected_from=detected_from,
        detected_from_any=detected_from,
        detected=detected,
        detected_any=detected,
        pieces=int(detected),
        predicted_kind=predicted_kind or (kind if detected else "nothing"),
        false_defects=false_defects,
        length_error=length_error if detected else None,
        width_error_mm=0.03 if detected else None,
        box=BOX,
        alone=alone and detected,
        length_z=length_z if detected else None,
        width_z=width_z if detected else None,
    )


def outcome(
    device: str = "one",
    *,
    detections: tuple[Detection, ...] = (),
    visible: tuple[VisibleDefect, ...] = (),
    place: Located | None = None,
    route: str = "rasterised",
    preset: str = "kiosk",
    surface: str = "front",
    px_per_mm: float = 13.0,
    dirty: bool = False,
    photo: str = "photos/a.jpg",
) -> PhotoOutcome:
    return PhotoOutcome(
        photo=photo,
        device_id=device,
        preset=preset,
        route=route,
        surface=surface,
        px_per_mm=px_per_mm,
        located=place or located(),
        is_defect_free=not any(mark.kind in ("crack", "scratch", "scuff", "chip", "dent") for mark in visible),
        is_dirty=dirty,
        detections=detections,
        all_detections=detections,
        visible_defects=visible,
    )
