"""Photo files without what they say about people: where a photo was taken, by whom, with what.

Only what shows the picture as it is stays: its coded pixels untouched, the colour profile, and the EXIF orientation
alone. A list of what may stay, as position hides in EXIF, XMP, makers' notes, previews and films behind the picture.
"""

import re
import struct
import zlib
from collections.abc import Iterator

from phonegrade.core.errors import TruncatedPhotoError
from phonegrade.inference.photo.header import (
    EXIF_MAGIC,
    JPEG_START_OF_FRAME,
    JPEG_WITHOUT_LENGTH,
    ORIENTATION_TAG,
    PhotoFormat,
    orientation,
    read_header,
)
from phonegrade.inference.photo.heif_items import metadata_places

_JPEG_EXIF, _JPEG_SCAN, _JPEG_END = 0xE1, 0xDA, 0xD9
_JPEG_METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_JPEG_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_JPEG_SKIPPED_IN_SCANS = frozenset({0xC4, 0xCC, 0xDA, 0xDB, 0xDC, 0xDD}) | _JPEG_METADATA
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP"})
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF_FLAG, _WEBP_XMP_FLAG = 0x08, 0x04
_HEIC_KEPT = frozenset({b"ftyp", b"meta", b"mdat", b"idat", b"free", b"skip"})


def without_metadata(data: bytes) -> bytes:
    """Return the photo file `data` with no metadata but its orientation; its pixels are not coded again.

    Raises NotAnImageError for any format but JPEG, PNG, WebP and HEIC, TruncatedPhotoError for one that is cut off.
    """
    try:
        match read_header(data).format:
            case PhotoFormat.JPEG:
                return _jpeg(data)
            case PhotoFormat.PNG:
                return _png(data)
            case PhotoFormat.WEBP:
                return _webp(data)
            case PhotoFormat.HEIC:
                return _heic(data)
    except (struct.error, IndexError) as error:
        raise TruncatedPhotoError("The file ends before its picture does; send the whole photo again.") from error


def _tiff(turn: int) -> bytes:
    """Return an EXIF block (TIFF 6.0) that holds an orientation and nothing else."""
    return struct.pack(">4sIHHHIHHI", b"MM\0*", 8, 1, ORIENTATION_TAG, 3, 1, turn, 0, 0)


def _jpeg(data: bytes) -> bytes:
    kept, at, framed, turn = [data[:2]], 2, False, 1
    while True:
        at_marker = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]").search(data, at)
        if at_marker is None:
            raise IndexError
        if framed:
            kept.append(data[at : at_marker.start()])  # a decoder judges by them whether the picture is whole
        at, marker = at_marker.start(), data[at_marker.start() + 1]
        if marker == _JPEG_SCAN:
            exif = struct.pack(">HH", 0xFF00 | _JPEG_EXIF, 2 + len(EXIF_MAGIC) + len(_tiff(turn))) + EXIF_MAGIC
            # behind the JFIF segment, which must come first, where there is one
            kept.insert(2 if kept[1:2] and kept[1][1] == 0xE0 else 1, exif + _tiff(turn) if turn != 1 else b"")
            return b"".join(kept) + _jpeg_scans(data, at)
        (length,) = struct.unpack_from(">H", data, at + 2)
        segment = data[at : at + 2 + length]
        if marker == _JPEG_EXIF and segment[4:10] == EXIF_MAGIC and turn == 1:
            turn = orientation(segment[4:])
        if marker not in _JPEG_METADATA or segment[4:].startswith(_JPEG_KEPT.get(marker, b"\0never")):
            kept.append(segment)
        framed = framed or marker in JPEG_START_OF_FRAME
        at += 2 + length


def _jpeg_scans(data: bytes, at: int) -> bytes:
    """Return the scans from `at` to the end of the picture; segments between them that hold metadata are blank."""
    scans, start = bytearray(data[at:]), at
    while at_marker := _JPEG_MARKER.search(data, at):
        marker, at = data[at_marker.start() + 1], at_marker.end()
        if marker == _JPEG_END:
            return bytes(scans[: at - start])
        if marker in JPEG_WITHOUT_LENGTH or marker not in _JPEG_SKIPPED_IN_SCANS or at + 2 > len(data):
            continue
        end = min(at + struct.unpack_from(">H", data, at)[0], len(data))
        if marker in _JPEG_METADATA:
            scans[at + 2 - start : end - start] = bytes(max(0, end - at - 2))
        at = max(end, at)
    return bytes(scans)


def _png(data: bytes) -> bytes:
    kept, turn = [_PNG_HEAD], 1
    for kind, content, chunk in _png_chunks(data):
        if kind == b"eXIf":
            turn = orientation(content)
        elif kind[0] & 0x20 == 0 or kind in _PNG_KEPT:  # a capital letter: no decoder may leave it out
            kept.append(chunk)
    if turn != 1:
        exif = b"eXIf" + _tiff(turn)
        kept.insert(2, struct.pack(">I", len(exif) - 4) + exif + struct.pack(">I", zlib.crc32(exif)))
    return b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Yield (kind, content, whole chunk) up to the end of the picture."""
    at, kind = len(_PNG_HEAD), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise IndexError
        yield kind, data[at + 8 : end - 4], data[at:end]
        at = end


def _webp(data: bytes) -> bytes:
    end = 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise IndexError
    kept, at, turn = [], 12, 1
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise IndexError
        if kind == b"EXIF":
            turn = orientation(content)
        elif kind in _WEBP_KEPT:
            kept.append((kind, content))
        at += 8 + length + length % 2
    extended = kept[0][0] == b"VP8X" if kept else False
    if extended:
        flags = kept[0][1][0] & ~(_WEBP_EXIF_FLAG | _WEBP_XMP_FLAG) | (_WEBP_EXIF_FLAG if turn != 1 else 0)
        kept[0] = (b"VP8X", bytes([flags]) + kept[0][1][1:])
    if turn != 1 and extended:  # without the extended header no reader looks for EXIF
        kept.append((b"EXIF", _tiff(turn)))
    body = b"".join(struct.pack("<4sI", kind, len(one)) + one + bytes(len(one) % 2) for kind, one in kept)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _heic(data: bytes) -> bytes:
    """Blank the metadata where it lies, as every other part is at_marker by its offset; the turn stands elsewhere."""
    blank = bytearray(data)
    for start, end in metadata_places(data):
        blank[start:end] = bytes(end - start)
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        size = size or len(data) - at
        if size < head:
            raise IndexError
        end = min(at + size, len(data))
        if kind not in _HEIC_KEPT:  # a film that belongs to the photo, or a maker's own box
            blank[at + 4 : at + 8] = b"free"
            blank[at + head : end] = bytes(end - at - head)
        at += size
    return bytes(blank)
