"""What worker processes are asked to do and what they answer; light to import, so that the front process stays so."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from phonegrade.assessment.choose_device import ChosenDevice
from phonegrade.assessment.request import Reference
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.errors import InputError
from phonegrade.core.functional.diagnostics import Imported
from phonegrade.core.functional.report import FunctionalReport
from phonegrade.core.inspection import Point
from phonegrade.core.vocabulary import ONNX_RUNTIME, DefectKind, Runtime, Surface, View
from phonegrade.recognition.identification import Identification


@dataclass(frozen=True)
class InspectPhoto:
    """Inspect the photo whose bytes come along, for itself: a `Body`."""

    name: str
    surface: Surface | None
    view: View | None
    device: Device | None
    min_confidence: float | None
    overlay: bool
    """Answer with the photo as JPEG, its defects outlined."""


@dataclass(frozen=True)
class ReadIdentifiers:
    """Read the numbers and model codes in the photo whose bytes come along: an `Identification`."""

    name: str
    """A neutral one: what a person called the file may be the phone's number."""


@dataclass(frozen=True)
class ReadTests:
    """Read the functional test results that come along: a `FunctionalReport`."""

    name: str


@dataclass(frozen=True)
class ImportTests:
    """Read the report of another diagnostics tool that comes along, CSV or JSON: an `Imported`."""

    name: str


@dataclass(frozen=True)
class InspectSurface:
    """Inspect the photo whose bytes come along, as one surface of a device to grade: an `InspectedSurface`."""

    name: str
    surface: Surface
    device: Device | None
    policy: Policy


class InspectedSurface(NamedTuple):
    """What one photo shows."""

    packed: bytes
    """An `InspectedPhoto`, opened only by workers."""
    event: bytes
    """The same as JSON for the caller."""
    likeness: bytes | None = None
    """What it is compared with other photos by; None for a file that cannot be decoded."""


@dataclass(frozen=True)
class FailedPhoto:
    """A photo of which no worker could say anything."""

    surface: Surface
    file: str
    sha256: str
    size_bytes: int
    error: InputError


@dataclass(frozen=True)
class StoredInspection:
    """A photo that was inspected earlier."""

    surface: Surface
    file: str
    sha256: str
    size_bytes: int
    record: bytes
    """Its `Inspection` as JSON."""
    likeness: bytes | None = None
    """What its inspection noted to compare it by."""


@dataclass(frozen=True)
class GradeDevice:
    """Grade a device of which every photo was inspected: a `Body`; for a report the photos' bytes come along."""

    inspected: tuple[bytes | FailedPhoto | StoredInspection, ...]
    """By surface and as sent; `InspectedSurface.packed`."""
    functional: FunctionalReport | None
    chosen: ChosenDevice
    policy: Policy
    reference: Reference | None
    brief: bool
    """Leave out what each photo shows."""
    report: bool
    """Put the report's HTML into the answer."""
    page: bool
    """Answer with the report's HTML instead."""
    photo_bytes: tuple[int, ...]
    """Size of each photo in what comes along; () where no report is asked for."""
    answered_at: datetime


@dataclass(frozen=True)
class MeasureOutlines:
    """Measure what a person outlined in the photo that comes along: a `Body`, a JSON list of `Defect`s as named."""

    photo: str
    surface: Surface
    device: Device | None
    outlines: tuple[tuple[str, DefectKind, tuple[Point, ...]], ...]
    """Name, kind, and outline in pixels of the photo."""


@dataclass(frozen=True)
class ScalePhoto:
    """Scale the photo whose bytes come along: a `Body` of JPEG, upright and without metadata."""

    width_px: int
    """At most; a photo is never enlarged."""


@dataclass(frozen=True)
class DrawOverlay:
    """Draw what the photo that comes along shows: a `Body` of SVG."""

    record: bytes
    """Its `Inspection` as JSON."""


@dataclass(frozen=True)
class DescribeModels:
    """Say which models are loaded: a `Body`."""


class Body(NamedTuple):
    """What is answered as it is."""

    media_type: str
    content: bytes
    outcome: str | None = None
    """Grade of a device, or its status where it has none."""


class WorkerSetup(NamedTuple):
    """What every worker loads."""

    models_dir: Path | None
    threads: int
    trusted_keys: tuple[str, ...]
    """Public keys that models must be signed with; none: unsigned ones will do."""
    ready_photo: Path | None
    """Inspected once before a worker is ready; None: the packaged sample's front."""
    read_print: bool = True
    """Load what reads print once a photo of numbers comes; it takes some 330 MB."""
    runtime: Runtime = ONNX_RUNTIME


Task = (
    InspectPhoto
    | ReadIdentifiers
    | ReadTests
    | ImportTests
    | InspectSurface
    | GradeDevice
    | ScalePhoto
    | DrawOverlay
    | MeasureOutlines
    | DescribeModels
)
Result = Body | FunctionalReport | Identification | Imported | InspectedSurface
JSON, HTML, JPEG, EVENTS = "application/json", "text/html", "image/jpeg", "text/event-stream"
SVG = "image/svg+xml"
