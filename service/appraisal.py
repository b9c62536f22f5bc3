"""The record of one appraised device: what the command prints, the service answers and the report shows."""

from pydantic import PositiveFloat

from phonegrade.configs.functional import FunctionalReport
from phonegrade.configs.inspection import Inspection, ModelRef
from phonegrade.configs.strict import Strict
from phonegrade.configs.vocabulary import Surface
from phonegrade.grading.decision import Decision, Flag, PolicyRef


class DeviceUsed(Strict):
    """The body that the millimetres were measured with."""

    name: str
    assumed: bool
    """No device was named: a typical body stood in, and every millimetre is an estimate."""
    height_mm: PositiveFloat
    width_mm: PositiveFloat
    depth_mm: PositiveFloat


class Versions(Strict):
    """Everything that must be equal for the same photos to get the same grade."""

    phonegrade: str
    models: ModelRef
    policy: PolicyRef


class PhotoUsed(Strict):
    """One photo as it was sent."""

    file: str
    sha256: str
    size_bytes: int


class Appraisal(Strict):
    """One device: its grade, why, and the evidence."""

    decision: Decision
    device: DeviceUsed
    flags: tuple[Flag, ...]
    """What a person should look at before believing the photos; never changes a grade."""
    inspections: dict[Surface, Inspection]
    photos: dict[Surface, PhotoUsed]
    functional: FunctionalReport | None
    versions: Versions
