"""Reads the parts of a multipart request."""

from collections import Counter

import anyio.to_thread
from fastapi import Request, UploadFile
from starlette.datastructures import UploadFile as StarletteUploadFile

from phonegrade.core.errors import DuplicatePhotoError, UsageError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface

FILE_NAME_HINT = "a part is a file where it has a filename, and filename* alone is none (RFC 7578, 4.2)"
_UNCODED = frozenset({"", "identity"})
_FILES = frozenset({*(surface.value for surface in Surface), "photo", "functional"})


def check_request(request: Request) -> None:
    """Refuses, before a body is read, what would be left out without a word or never be understood.

    Raises UsageError for a query parameter, all of which are parts of the form, and for a compressed body.
    """
    for name in request.query_params:
        raise UsageError(f"unknown query parameter {name!r}: send it as a part of the form, such as curl -F {name}=...")
    coding = request.headers.get("content-encoding", "").strip().casefold()
    if coding not in _UNCODED:
        raise UsageError(f"Content-Encoding {coding!r} is not supported; send the body as it is, photos are compressed")


async def check_parts(request: Request, once: tuple[str, ...], repeated: tuple[str, ...] = ()) -> None:
    """Refuses unknown parts, and parts of `once` sent twice: a form parser would drop either without a word.

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
            told = f"{name} was sent {times} times" + (f" ({', '.join(files)})" if files else "")
            if name == "photo":
                raise DuplicatePhotoError(f"{told}; send one photo")
            raise UsageError(f"{told}; send it once")


async def read_photo(upload: UploadFile, surface: Surface | None = None) -> PhotoFile:
    """Return the uploaded photo, named after its part where it has no file name."""
    name, data = upload.filename or surface or "photo", await upload.read()
    # hashing a large photo would hold up every other request
    return await anyio.to_thread.run_sync(PhotoFile, name, data, surface)
