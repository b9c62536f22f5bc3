"""How many workers there are, what each may take, and what became of the work."""

from dataclasses import dataclass

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from phonegrade.core.stages import Stage
from phonegrade.core.strict import Strict


class PoolSettings(Strict):
    """How many workers there are and what each may take."""

    workers: PositiveInt
    queue: NonNegativeInt = 24
    """Photos that wait; a device's six belong together."""
    deadline_s: PositiveFloat = 5.0
    """How long a photo may wait for a worker."""
    photo_s: PositiveFloat = 20.0
    """How long one photo may hold a worker, who is ended then."""
    photo_bytes: PositiveInt = 32_000_000
    """Room for one photo file in the memory that a worker shares."""
    memory_bytes: PositiveInt = 700_000_000
    """What one photo may take beyond what a fresh worker has."""
    recycle_rss_bytes: PositiveInt = 700_000_000
    """A worker with more resident memory than this is replaced by a fresh one."""
    recycle_photos: PositiveInt = 20_000
    """And one that has answered so many."""
    first_photo_s: PositiveFloat = 0.2
    """Service time assumed before any was measured."""


@dataclass
class PoolCounts:
    """What the pool has seen so far; for metrics."""

    restarts: int = 0
    crashes: int = 0
    expired: int = 0
    refused: int = 0
    dropped: int = 0


@dataclass(frozen=True)
class WorkTimes:
    """Where the time of one piece of work went, and what became of it; holds nothing that names a photo or device."""

    task: str
    """Which kind of work, such as `inspect_photo`."""
    wait_s: float
    """From its submission until a worker began; until the second worker began where the first died."""
    began_unix_s: float
    seconds: float
    """In the worker; until it died where it did."""
    cpu_s: float
    """Processor time of the worker; 0 where it died."""
    stages: tuple[Stage, ...]
    """In the order in which they ended; their `start_s` counts from `began_unix_s`."""
    rss_bytes: int
    """Resident memory of the worker afterwards; 0 where it died."""
    outcome: str
    """`answered`, `dropped` (nobody waits any more), `crashed` (the worker died) or the error's code."""
