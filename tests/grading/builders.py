"""Inspections, reports and hypothesis strategies: a phone of 70 x 150 x 8 mm, defect-free unless stated."""

from hypothesis import strategies as st

from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Defect, Dirt, Inspection, ModelRef, QualityFlag, Scale
from phonegrade.core.vocabulary import Contamination, DefectKind, ScaleSource, Surface, Zone

OUTLINE = ((0.0, 0.0), (700.0, 0.0), (700.0, 1500.0), (0.0, 1500.0))
SIZE_MM = {
    Surface.FRONT: (70.0, 150.0),
    Surface.BACK: (70.0, 150.0),
    Surface.LEFT: (150.0, 8.0),
    Surface.RIGHT: (150.0, 8.0),
    Surface.TOP: (70.0, 8.0),
    Surface.BOTTOM: (70.0, 8.0),
}
MODEL = ModelRef(locator="locator", locator_sha256="0" * 64, segmenter="segmenter", segmenter_sha256="0" * 64)


def defect(
    name: str = "d1",
    kind: DefectKind = DefectKind.SCRATCH,
    length_mm: float | None = 2.0,
    width_mm: float | None = 0.3,
    area_mm2: float | None = 0.6,
    zone: Zone | None = Zone.DISPLAY,
    confidence: float = 0.9,
) -> Defect:
    """Return a small scratch on the display, unless stated otherwise."""
    return Defect(
        id=name,
        kind=kind,
        confidence=confidence,
        polygon=((1.0, 1.0), (2.0, 1.0), (2.0, 2.0)),
        length_mm=length_mm,
        width_mm=width_mm,
        area_mm2=area_mm2,
        zone=zone,
    )


def dirt(area_mm2: float | None, confidence: float = 0.9) -> Dirt:
    """Return one oily patch."""
    return Dirt(kind=Contamination.OIL, confidence=confidence, polygon=((0.0, 0.0),), area_mm2=area_mm2)


def inspection(
    surface: Surface,
    defects: tuple[Defect, ...] = (),
    *,
    contamination: tuple[Dirt, ...] = (),
    flags: tuple[str, ...] = (),
    resolvable_mm: float = 0.1,
    source: ScaleSource = ScaleSource.CATALOGUE,
    outlined: bool = True,
) -> Inspection:
    """Return a sharp, measured photo of one surface; without an outline it has no scale."""
    scale = Scale(px_per_mm=10.0, source=source, resolvable_mm=resolvable_mm)
    return Inspection(
        photo=f"{surface}.jpg",
        photo_sha256="0" * 64,
        view=surface.view,
        view_confidence=0.9,
        outline=OUTLINE if outlined else None,
        scale=scale if outlined else Scale(px_per_mm=None, source=ScaleSource.NONE, resolvable_mm=None),
        surface_size_mm=SIZE_MM[surface] if outlined else None,
        quality=tuple(QualityFlag(code=code, message=f"it is {code}") for code in flags),
        contamination=contamination,
        defects=defects,
        model=MODEL,
    )


def phone(*changed: tuple[Surface, Inspection]) -> dict[Surface, Inspection]:
    """Return six defect-free surfaces, some of them replaced."""
    return {**{surface: inspection(surface) for surface in Surface}, **dict(changed)}


def report(battery: float | None = 91.0, **results: str) -> FunctionalReport:
    """Return a report in which everything passes, except `results`."""
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    tests.update({name: TestResult(result) for name, result in results.items()})
    return FunctionalReport(
        tests=tests, measures={} if battery is None else {"battery_health_pct": battery, "battery_cycles": 100.0}
    )


sizes_mm = st.one_of(
    st.floats(0.0, 200.0),
    st.sampled_from([0.6, 0.8, 1.0, 2.0, 3.0, 5.0, 6.0, 10.0, 20.0, 100.0]),
)
"""Lengths, widths and areas, often exactly on a limit of the policy."""

defects = st.builds(
    defect,
    name=st.integers(0, 40).map(lambda number: f"d{number}"),
    kind=st.sampled_from(DefectKind),
    length_mm=sizes_mm,
    width_mm=st.one_of(st.floats(0.0, 3.0), st.sampled_from([0.6, 0.8, 1.0])),
    area_mm2=sizes_mm,
    zone=st.sampled_from([None, *Zone]),
    confidence=st.sampled_from([0.2, 0.49, 0.5, 0.9]),
)
surfaces = st.sampled_from(Surface)
reports = st.builds(
    FunctionalReport,
    tests=st.dictionaries(st.sampled_from(list(functional_vocabulary().tests)), st.sampled_from(TestResult)).map(
        lambda results: {**report().tests, **results}
    ),
    measures=st.one_of(
        st.just({}),
        st.floats(0.0, 100.0).map(lambda health: {"battery_health_pct": health}),
        st.floats(0.0, 100.0).map(lambda health: {"battery_health_pct": health, "battery_cycles": 10.0 * health}),
    ),
)
"""Complete reports in which a few tests differ from a pass."""
