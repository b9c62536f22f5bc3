"""Multipart forms read as they arrive: a photo is handed on while the next is still uploading.

What will be refused is refused at its first byte: an unknown part, one part too many, a file over its limit. Nothing is
read to its end for that. RFC 7578; `filename*` as in RFC 5987.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import NamedTuple

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from phonegrade.core.errors import (
    BodyTooLargeError,
    BusyError,
    ClientTooSlowError,
    DuplicatePhotoError,
    ImageTooLargeError,
    TooManyPhotosError,
    UsageError,
)

MAX_TEXT_BYTES = 10_000
MAX_HEADER_BYTES = 8_000
EXAMPLE = "curl -F front=@front.jpg -F functional=@tests.json"


class FilePart(NamedTuple):
    """A file that was sent: the part's name, the file's own or the part's, and its bytes."""

    part: str
    filename: str
    data: bytes


@dataclass(frozen=True)
class FormRules:
    """Which parts a form may have."""

    photos: tuple[str, ...]
    """Files of photos."""
    files: tuple[str, ...] = ()
    """Other files, each once."""
    texts: tuple[str, ...] = ()
    """Texts, each once."""
    photos_once: bool = False
    """One photo of each name and no more."""
    max_photos: int = 24
    max_file_bytes: int = 30_000_000
    max_body_bytes: int = 181_000_000
    idle_s: float = 10.0
    """Longest time without a byte."""
    total_s: float = 120.0
    """Longest time from the first byte to the last."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every part's name."""
        return (*self.photos, *self.files, *self.texts)


@dataclass
class Form:
    """What was sent."""

    texts: dict[str, str] = field(default_factory=dict)
    files: list[FilePart] = field(default_factory=list)
    """In the order of their arrival."""

    def file(self, part: str) -> FilePart | None:
        """Return the first file of a part."""
        return next((one for one in self.files if one.part == part), None)


Arrived = Callable[[FilePart, Form], Awaitable[None]]
"""Called with each file when its last byte is there, and the form as far as it is read."""


class UploadRoom:
    """The memory that all uploads together may take."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.held_bytes = 0

    @contextmanager
    def taken(self) -> Iterator[Callable[[int], None]]:
        """Give what takes room for so many more bytes, and free all of it afterwards.

        It raises BusyError where there is not so much room.
        """
        held_bytes = 0

        def take(size_bytes: int) -> None:
            nonlocal held_bytes
            if self.held_bytes + size_bytes > self._max_bytes:
                raise BusyError("too many photos are being uploaded at once; send it again in 2 s")
            self.held_bytes += size_bytes
            held_bytes += size_bytes

        try:
            yield take
        finally:
            self.held_bytes -= held_bytes


async def read_form(
    content_type: str,
    body: AsyncIterator[bytes],
    rules: FormRules,
    arrived: Arrived,
    take: Callable[[int], None] = lambda size_bytes: None,
) -> Form:
    """Read a form; `arrived` is awaited with each file, and `take` called with the size of each piece.

    Raises UsageError for what is no such form, or has parts that the rules do not know, DuplicatePhotoError,
    TooManyPhotosError, ImageTooLargeError, BodyTooLargeError or ClientTooSlowError.
    """
    reader = _Reader(_boundary(content_type, rules), rules)
    async for chunk in _in_time(body, rules):
        take(len(chunk))
        for part in reader.feed(chunk):
            await arrived(part, reader.form)
    reader.finish()
    return reader.form


def _boundary(content_type: str, rules: FormRules) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        sent = kind.decode("latin-1") or "nothing"
        raise UsageError(
            f"send a form (multipart/form-data) with the parts {', '.join(rules.names)}, such as {EXAMPLE}; "
            f"the body's Content-Type is {sent!r:.80}"
        )
    return boundary


def _filename(header: bytes, options: dict[bytes, bytes]) -> str | None:
    """Return a file's name, of `filename` or else of `filename*`; None for a part that is a text."""
    if b"filename" in options:
        return options[b"filename"].decode("utf-8", "replace")
    if b"filename*" not in header.lower():
        return None
    message = Message()
    message["content-disposition"] = header.decode("latin-1")
    return message.get_filename("")


async def _in_time(body: AsyncIterator[bytes], rules: FormRules) -> AsyncIterator[bytes]:
    """Yield the body's chunks; raises ClientTooSlowError for one that stops or crawls."""
    chunks = aiter(body)
    try:
        async with asyncio.timeout(rules.total_s):
            while True:
                async with asyncio.timeout(rules.idle_s):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                yield chunk
    except TimeoutError as error:
        raise ClientTooSlowError(
            f"the photos came too slowly: at most {rules.idle_s:g} s without a byte and {rules.total_s:g} s in all"
        ) from error


class _Reader:
    """Feeds the parser and gathers what it hears."""

    def __init__(self, boundary: bytes, rules: FormRules) -> None:
        self.form = Form()
        self._rules = rules
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begin,
                "on_header_field": self._header_field,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._part_data,
                "on_part_end": self._part_end,
                "on_end": self._end,
            },
        )
        self._counts: Counter[str] = Counter()
        self._read_bytes = 0
        self._ended = False
        self._arrived: list[FilePart] = []
        self._part_begin()

    def feed(self, chunk: bytes) -> Iterator[FilePart]:
        """Yield the files that end in this chunk."""
        self._read_bytes += len(chunk)
        if self._read_bytes > self._rules.max_body_bytes:
            raise BodyTooLargeError(f"the request's body is over {self._rules.max_body_bytes} bytes; send less")
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise UsageError(f"the form cannot be read: {error}") from error
        arrived, self._arrived = self._arrived, []
        yield from arrived

    def finish(self) -> None:
        """Raise UsageError where the form's end is missing."""
        if not self._ended:
            raise UsageError("the form ends in the middle: the upload was cut off; send it again")

    def _part_begin(self) -> None:
        self._header, self._field, self._value = b"", b"", b""
        self._headers: dict[bytes, bytes] = {}
        self._name, self._filename = "", ""
        self._data = bytearray()
        self._limit = 0

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]
        self._check_header()

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._check_header()

    def _check_header(self) -> None:
        if len(self._field) + len(self._value) > MAX_HEADER_BYTES:
            raise UsageError(f"a part's header is over {MAX_HEADER_BYTES} bytes")

    def _header_end(self) -> None:
        self._headers[self._field.lower()] = self._value
        self._field, self._value = b"", b""

    def _headers_finished(self) -> None:
        """Refuse a part before its first byte is read."""
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        rules = self._rules
        if name not in rules.names:
            raise UsageError(f"unknown part {name!r:.80}; the parts are {', '.join(rules.names)}")
        self._name, self._counts[name] = name, self._counts[name] + 1
        filename = _filename(self._headers.get(b"content-disposition", b""), options)
        if name in rules.texts:
            self._limit = MAX_TEXT_BYTES
        elif filename is not None:
            self._filename = filename or name
            self._limit = rules.max_file_bytes
        else:
            raise UsageError(
                f"{name} must be a file, such as curl -F {name}=@FILE, not text; a part is a file where its "
                f"Content-Disposition has a filename"
            )
        if self._counts[name] > 1 and (name in rules.texts or name in rules.files):
            raise UsageError(f"{name} was sent twice; send it once")
        if name in rules.photos:
            if rules.photos_once and self._counts[name] > 1:
                raise DuplicatePhotoError(f"{name} was sent twice; send one photo")
            if sum(self._counts[photo] for photo in rules.photos) > rules.max_photos:
                raise TooManyPhotosError(f"at most {rules.max_photos} photos are accepted; leave some out")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]
        if len(self._data) > self._limit:
            if self._name in self._rules.texts:
                raise UsageError(f"{self._name} is over {self._limit} bytes")
            # a file's name tells one of several apart, and may be a person's
            file = "" if self._rules.photos_once else f" ({self._filename})"
            raise ImageTooLargeError(f"{self._name}{file}: over {self._limit} bytes; send a smaller file")

    def _part_end(self) -> None:
        if self._name in self._rules.texts:
            try:
                self.form.texts[self._name] = self._data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise UsageError(f"{self._name} is not UTF-8 text") from error
            return
        part = FilePart(self._name, self._filename, bytes(self._data))
        self.form.files.append(part)
        self._arrived.append(part)

    def _end(self) -> None:
        self._ended = True
