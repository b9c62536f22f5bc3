"""The true grade of rendered devices: the judge's decision on every defect that they have."""

from collections import Counter
from collections.abc import Iterable

from phonegrade.configs.policy import Policy
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Defect, Inspection, ModelRef, Scale
from phonegrade.core.vocabulary import DefectKind, ScaleSource, Surface
from phonegrade.datasets.labels import LABEL_PX_PER_MM
from phonegrade.datasets.manifest import DeviceRecord, SurfaceTruth
from phonegrade.grading.judge import judge

_TRUTH = ModelRef(locator="truth", locator_sha256="0" * 64, segmenter="truth", segmenter_sha256="0" * 64)
_SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
_FINEST_MM = 0.01


def true_grades(devices: Iterable[DeviceRecord], policy: Policy) -> Counter[str]:
    """Count the devices of each of the policy's grades, best first; every grade is a key."""
    counts = Counter(true_grade(device, policy) for device in devices)
    return Counter({name: counts[name] for name in policy.cosmetic.names})


def true_grade(device: DeviceRecord, policy: Policy) -> str:
    """Return the grade of one device: all its defects, visible or not, measured without error, and its panel tests.

    Dirt does not count: it can be wiped off. Every other functional test passes.
    """
    inspections = {surface: _inspected(surface, truth) for surface, truth in device.surfaces.items()}
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    tests |= dict.fromkeys(device.failed_tests, TestResult.FAIL)
    measures = {limit.measure: limit.at_least for limit in policy.functional.measures}
    decision = judge(inspections, FunctionalReport(tests=tests, measures=measures), policy)
    if decision.cosmetic_grade is None:
        raise ValueError(f"{device.device_id} has no grade under {policy.name}: {decision.reasons}")
    return decision.cosmetic_grade


def _inspected(surface: Surface, truth: SurfaceTruth) -> Inspection:
    defects = tuple(
        Defect(
            id=mark.id,
            kind=DefectKind(mark.kind),
            confidence=1.0,
            polygon=_SQUARE,
            length_mm=mark.graded_length_mm,
            width_mm=mark.width_mm,
            area_mm2=mark.area_mm2,
            zone=mark.zone,
        )
        for mark in truth.annotations
        if mark.kind in set(DefectKind)
    )
    return Inspection(
        photo=f"{surface}",
        photo_sha256="0" * 64,
        view=surface.view,
        view_confidence=1.0,
        outline=_SQUARE,
        scale=Scale(px_per_mm=LABEL_PX_PER_MM, source=ScaleSource.CATALOGUE, resolvable_mm=_FINEST_MM),
        surface_size_mm=truth.size_mm,
        quality=(),
        contamination=(),
        defects=defects,
        model=_TRUTH,
    )
