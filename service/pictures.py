"""Stored photos as pictures for a screen: made in a worker process, kept in memory while they are asked for."""

from collections import OrderedDict
from typing import Annotated, cast

from fastapi.concurrency import run_in_threadpool
from pydantic import AfterValidator, Field

from phonegrade.service.pool import Pool
from phonegrade.service.tasks import Body, DrawOverlay, Result, ScalePhoto, Task
from phonegrade.store.blobs import Blobs

WIDTHS_PX = (160, 320, 640, 960, 1280, 1920)
"""What a photo can be asked for: few enough that each is made once."""
MAX_BYTES = 64_000_000
_Name = tuple[str, str, str]
"""Tenant, hash of the photo, and what was made of it."""


def _known_width(width_px: int) -> int:
    if width_px not in WIDTHS_PX:
        raise ValueError(f"a photo comes in the widths {', '.join(map(str, WIDTHS_PX))}")
    return width_px


Width = Annotated[int, Field(json_schema_extra={"enum": list(WIDTHS_PX)}), AfterValidator(_known_width)]


class Pictures:
    """Pictures by the blob that they were made of; the least recently asked for are forgotten first."""

    def __init__(self, blobs: Blobs, pool: Pool[Task, Result], max_bytes: int = MAX_BYTES) -> None:
        self._blobs, self._pool, self._max_bytes = blobs, pool, max_bytes
        self._kept: OrderedDict[_Name, bytes] = OrderedDict()
        self._bytes = 0

    async def scaled(self, tenant: str, sha256: str, width_px: int) -> bytes:
        """Return a photo as JPEG, at most `width_px` wide. Raises NotFoundError, BusyError, the PhotoError family."""
        return await self._made(tenant, sha256, str(width_px), ScalePhoto(width_px))

    async def overlay(self, tenant: str, sha256: str, fingerprint: str, record: bytes) -> bytes:
        """Return the SVG of an inspection, given as JSON. Raises as `scaled` does."""
        return await self._made(tenant, sha256, fingerprint, DrawOverlay(record))

    async def _made(self, tenant: str, sha256: str, what: str, task: ScalePhoto | DrawOverlay) -> bytes:
        name = (tenant, sha256, what)
        known = self._known(name)
        if known is not None:
            return known
        data = await run_in_threadpool(self._blobs.get, tenant, sha256)
        made = cast(Body, await self._pool.run(task, data)).content
        self._keep(name, made)
        return made

    def _known(self, name: _Name) -> bytes | None:
        if name in self._kept:
            self._kept.move_to_end(name)
        return self._kept.get(name)

    def _keep(self, name: _Name, made: bytes) -> None:
        self._bytes += len(made) - len(self._kept.get(name, b""))
        self._kept[name] = made
        while self._bytes > self._max_bytes:
            self._bytes -= len(self._kept.popitem(last=False)[1])
