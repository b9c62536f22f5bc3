"""Whether the service can do its work: a stored photo is inspected for real."""

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import anyio
import anyio.to_thread

from phonegrade.core.errors import SetupError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector


class ReadinessProbe:
    """Inspects `photo` (None: the packaged sample's front) when asked, at most once in `fresh_s`."""

    def __init__(self, photo: Path | None, fresh_s: float, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._photo = photo
        self._fresh_s = fresh_s
        self._clock_s = clock_s
        self._passed_s: float | None = None
        self._lock = anyio.Lock()
        self._limiter = anyio.CapacityLimiter(1)

    async def check(self, inspector: Inspector) -> None:
        """Raises PhonegradeError where the stored photo cannot be read, or no phone is found in it."""
        # A thread of its own: a service busy grading is ready, and strangers' probes queue here and not there.
        async with self._lock:
            if self._passed_s is not None and self._clock_s() - self._passed_s < self._fresh_s:
                return
            await anyio.to_thread.run_sync(lambda: _inspect(self._photo, inspector), limiter=self._limiter)
            self._passed_s = self._clock_s()


def _inspect(photo: Path | None, inspector: Inspector) -> None:
    stored = files("phonegrade") / "samples" / "front.jpg" if photo is None else photo
    try:
        data = stored.read_bytes()
    except OSError as error:
        raise SetupError(f"the stored photo {stored} cannot be read ({error.strerror})") from error
    inspection = inspector.inspect(PhotoFile(stored.name, data, Surface.FRONT))
    if inspection.outline is None:
        raise SetupError(f"no phone was found in the stored photo {stored.name}; the models do not work")
