"""Reads the parts of a multipart request."""

from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import anyio.to_thread
from fastapi import Request, Response, UploadFile
from fastapi.routing import APIRoute
from starlette.datastructures import UploadFile as StarletteUploadFile

from phonegrade.core.errors import DuplicatePhotoError, UsageError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.service.parts import parts_of

FILE_NAME_HINT = "a part is a file where it has a filename, and filename* alone is none (RFC 7578, 4.2)"
_UNCODED = frozenset({"", "identity"})
_FILES = frozenset({*(surface.value for surface in Surface), "photo", "functional"})


def check_request(request: Request) -> None:
    """Refuse, before a body is read, what would be ignored silently or could not be understood.

    Raises UsageError for a query parameter, all of which are parts of the form, and for a compressed body.
    """
    for name in request.query_params:
        raise UsageError(f"unknown query parameter {name!r}: send it as a part of the form, such as curl -F {name}=...")
    coding = request.headers.get("content-encoding", "").strip().casefold()
    if coding not in _UNCODED:
        raise UsageError(f"Content-Encoding {coding!r} is not supported; send the body as it is, photos are compressed")


async def check_parts(request: Request, once: tuple[str, ...], repeated: tuple[str, ...] = ()) -> None:
    """Refuse unknown parts, and parts of `once` sent twice: a form parser would drop either silently.

    Raises UsageError, also for text where a file belongs, or DuplicatePhotoError for a second photo where one belongs.
    """
    parts = (await request.form()).multi_items()
    known = (*repeated, *once)
    for name, part in parts:
        if name in _FILES and not isinstance(part, StarletteUploadFile):
            raise UsageError(f"{name} must be a file, such as curl -F {name}=@FILE, not text; {FILE_NAME_HINT}")
    for name, times in Counter(name for name, _ in parts).items():
        if name not in known:
            raise UsageError(f"unknown part {name!r}; the parts are {', '.join(known)}")
        if times > 1 and name in once:
            files = [
                part.filename or "?" for key, part in parts if key == name and isinstance(part, StarletteUploadFile)
            ]
            sent = f"{name} was sent {times} times" + (f" ({', '.join(files)})" if files else "")
            if name == "photo":
                raise DuplicatePhotoError(f"{sent}; send one photo")
            raise UsageError(f"{sent}; send it once")


async def read_photo(upload: UploadFile, surface: Surface | None = None) -> PhotoFile:
    """Return the uploaded photo, named after its part where it has no file name."""
    name, data = upload.filename or surface or "photo", await upload.read()
    # hashing a large photo would hold up every other request
    return await anyio.to_thread.run_sync(PhotoFile, name, data, surface)


class SlotRoute(APIRoute):
    """Refuses unusable requests, and answers 503 where no slot is free, before it reads a body full of photos."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind that check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_request(request)
            parts_of(request).slots.refuse_when_full()
            return await handle(request)

        return checked
