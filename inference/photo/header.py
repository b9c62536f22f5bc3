"""Reads format and size of a picture file from its first bytes, before anything is decoded."""

import re
import struct
from dataclasses import dataclass
from enum import StrEnum

from phonegrade.core.errors import NotAnImageError, TruncatedPhotoError


class PhotoFormat(StrEnum):
    """The picture formats that phonegrade decodes."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"


@dataclass(frozen=True)
class Header:
    """What a file declares; `hw` is None where only its own decoder knows it (HEIC)."""

    format: PhotoFormat
    hw: tuple[int, int] | None
    channels: int | None = None
    exif: bytes = b""
    progressive: bool = False
    stray: tuple[tuple[int, int], ...] = ()
    """Where a JPEG has bytes between its first markers that belong to none: start and end of each run."""


HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
JPEG_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
JPEG_SEQUENTIAL = frozenset({0xC0, 0xC1})
MAX_STRAY_HEAD_BYTES = 0x10000
"""A segment whose own marker was broken has no more."""
_SEGMENT_MARKER = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")
EXIF_MAGIC = b"Exif\0\0"
ORIENTATION_TAG = 0x0112
BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
"""TIFF field types that a writer may store the orientation in, as `struct` calls them."""


def read_header(data: bytes) -> Header:
    """Read format, height and width as stored (before the EXIF orientation).

    Raises NotAnImageError for any other format and TruncatedPhotoError where the header itself is cut off.
    """
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            width, height = struct.unpack_from(">4xII", data, 12)
            return Header(PhotoFormat.PNG, (height, width))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return Header(PhotoFormat.WEBP, _webp_hw(data))
    except (struct.error, IndexError) as error:
        raise TruncatedPhotoError("The file ends inside its header; send the whole photo again.") from error
    if data[4:8] == b"ftyp" and _brands(data) & HEIC_BRANDS and b"avif" not in _brands(data):
        return Header(PhotoFormat.HEIC, None)
    raise NotAnImageError(f"The file is not a JPEG, PNG, WebP or HEIC photo (it begins with {data[:8]!r}).")


def _brands(data: bytes) -> set[bytes]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return {data[i : i + 4] for i in range(8, end - 3, 4) if i != 12}


def _webp_hw(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            width, height = data[24:27], data[27:30]
            if len(height) < 3:
                raise IndexError
            return int.from_bytes(height, "little") + 1, int.from_bytes(width, "little") + 1
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return ((bits >> 14) & 0x3FFF) + 1, (bits & 0x3FFF) + 1
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return height & 0x3FFF, width & 0x3FFF
        case b"":
            raise IndexError
        case chunk:
            raise NotAnImageError(f"The WebP file begins with an unknown chunk {chunk!r}.")


def _jpeg(data: bytes) -> Header:
    """Walk the marker segments up to the start of frame (ITU-T T.81, B.1.1).

    Bytes that belong to no segment are skipped up to the next marker, as every decoder does.
    """
    at, exif = 2, b""
    stray: list[tuple[int, int]] = []
    while True:
        if data[at] != 0xFF or data[at + 1] == 0:
            start, at = at, _next_marker(data, at)
            stray.append((start, at))
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in JPEG_WITHOUT_LENGTH:
            at += 2
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        if marker in JPEG_START_OF_FRAME:
            height, width, channels = struct.unpack_from(">HHB", data, at + 5)
            progressive = marker not in JPEG_SEQUENTIAL
            return Header(PhotoFormat.JPEG, (height, width), channels, exif, progressive, tuple(stray))
        if marker == 0xE1 and data[at + 4 : at + 10] == EXIF_MAGIC and not exif:
            exif = data[at + 4 : at + 2 + length]
        if marker in (0xD9, 0xDA):
            raise NotAnImageError("The JPEG file holds no picture before its end.")
        at += 2 + length


def _next_marker(data: bytes, at: int) -> int:
    """Return where the next marker that has a segment begins."""
    marker = _SEGMENT_MARKER.search(data, at, at + MAX_STRAY_HEAD_BYTES)
    if marker is None:
        raise NotAnImageError("The file begins like a JPEG but holds no JPEG markers.")
    return marker.start()


def orientation(exif: bytes) -> int:
    """Return the EXIF orientation 1..8; 1 where the block is absent or broken, as viewers take it.

    Read from the first directory by hand (TIFF 6.0, section 2): Pillow warns of broken blocks, and warnings cannot be
    held back in one thread alone.
    """
    tiff = exif.removeprefix(EXIF_MAGIC)
    order = BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, field_type = struct.unpack_from(f"{order}HH", tiff, entry)
            if tag == ORIENTATION_TAG and field_type in WHOLE_NUMBERS:
                (turn,) = struct.unpack_from(f"{order}{WHOLE_NUMBERS[field_type]}", tiff, entry + 8)
                return int(turn) if 1 <= turn <= 8 else 1
    except struct.error:
        return 1
    return 1
