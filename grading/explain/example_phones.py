"""Five example phones for the three views of a decision: mint, scratched, cracked, dirty and incomplete."""

from collections.abc import Mapping
from typing import NamedTuple

from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Defect, Dirt, Inspection, ModelRef, Point, QualityFlag, Scale
from phonegrade.core.vocabulary import Contamination, DefectKind, ScaleSource, Surface, Zone

_MODEL = ModelRef(locator="example", locator_sha256="0" * 64, segmenter="example", segmenter_sha256="0" * 64)
_SIZE_MM = {
    Surface.FRONT: (71.5, 146.7),
    Surface.BACK: (71.5, 146.7),
    Surface.LEFT: (146.7, 7.7),
    Surface.RIGHT: (146.7, 7.7),
    Surface.TOP: (71.5, 7.7),
    Surface.BOTTOM: (71.5, 7.7),
}
_PX_PER_MM = 14.0
_LENGTHS_MM = (1.8, 2.4, 12.4, 2.9)


class ExamplePhone(NamedTuple):
    """The input of the judge for one phone."""

    inspections: Mapping[Surface, Inspection]
    functional: FunctionalReport | None


def example_phones() -> dict[str, ExamplePhone]:
    """Return the five phones by name."""
    scratches = tuple(
        _defect(f"front-{number}", DefectKind.SCRATCH, (20.0, 12.0 * number), (length, 0.3))
        for number, length in enumerate(_LENGTHS_MM, 1)
    )
    nick = _defect("left-1", DefectKind.CHIP, (40.0, 3.0), (1.4, 0.9), Zone.FRAME)
    crack = _defect("front-1", DefectKind.CRACK, (10.0, 60.0), (48.2, 0.4))
    smear = Dirt(kind=Contamination.OIL, confidence=0.93, polygon=_box((10.0, 20.0), (50.0, 20.0)), area_mm2=940.0)
    dirty = QualityFlag(code="clean_and_retake", message="dirt covers 9% of the surface", value=0.09, threshold=0.02)
    return {
        "mint": ExamplePhone(_clean_phone(), _tests()),
        "scratched": ExamplePhone(
            {
                **_clean_phone(),
                Surface.FRONT: _inspection(Surface.FRONT, scratches),
                Surface.LEFT: _inspection(Surface.LEFT, (nick,)),
            },
            _tests(battery=83, nfc="fail"),
        ),
        "cracked": ExamplePhone(
            {**_clean_phone(), Surface.FRONT: _inspection(Surface.FRONT, (crack,))}, _tests(display_lines="fail")
        ),
        "dirty": ExamplePhone(
            {**_clean_phone(), Surface.FRONT: _inspection(Surface.FRONT, (), dirt=(smear,), flags=(dirty,))}, _tests()
        ),
        "incomplete": ExamplePhone(
            {s: i for s, i in _clean_phone().items() if s not in (Surface.BACK, Surface.TOP)},
            _tests(activation_lock="not_run", gps="not_run"),
        ),
    }


def _clean_phone() -> dict[Surface, Inspection]:
    return {surface: _inspection(surface) for surface in Surface}


def _inspection(
    surface: Surface,
    defects: tuple[Defect, ...] = (),
    dirt: tuple[Dirt, ...] = (),
    flags: tuple[QualityFlag, ...] = (),
) -> Inspection:
    width_mm, height_mm = _SIZE_MM[surface]
    right, low = width_mm * _PX_PER_MM, height_mm * _PX_PER_MM
    return Inspection(
        photo=f"{surface}.jpg",
        photo_sha256="0" * 64,
        view=surface.view,
        view_confidence=0.99,
        outline=((0.0, 0.0), (right, 0.0), (right, low), (0.0, low)),
        scale=Scale(px_per_mm=_PX_PER_MM, source=ScaleSource.CATALOGUE, resolvable_mm=0.14),
        surface_size_mm=(width_mm, height_mm),
        quality=flags,
        contamination=dirt,
        defects=defects,
        model=_MODEL,
    )


def _defect(
    name: str, kind: DefectKind, corner_mm: Point, size_mm: tuple[float, float], zone: Zone = Zone.DISPLAY
) -> Defect:
    length_mm, width_mm = size_mm
    return Defect(
        id=name,
        kind=kind,
        confidence=0.96,
        polygon=_box(corner_mm, size_mm),
        length_mm=length_mm,
        width_mm=width_mm,
        area_mm2=round(length_mm * width_mm, 3),
        zone=zone,
        length_error_mm=0.2,
        width_error_mm=0.05,
    )


def _box(corner_mm: Point, size_mm: tuple[float, float]) -> tuple[Point, ...]:
    """Return a box in surface millimetres as a polygon in photo pixels."""
    left, top = (value * _PX_PER_MM for value in corner_mm)
    right, low = left + size_mm[0] * _PX_PER_MM, top + size_mm[1] * _PX_PER_MM
    return ((left, top), (right, top), (right, low), (left, low))


def _tests(battery: float = 91.0, **results: str) -> FunctionalReport:
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    tests |= {name: TestResult(result) for name, result in results.items()}
    return FunctionalReport(tests=tests, measures={"battery_health_pct": battery})
