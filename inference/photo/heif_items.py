"""The HEVC pictures in a HEIF file, still coded: ISO/IEC 23008-12 items, tiles and thumbnails among them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from phonegrade.core.errors import TruncatedPhotoError

_HEVC_ITEM = b"hvc1"
_METADATA_ITEMS = frozenset({b"Exif", b"mime", b"uri "})
_FULL_BOX = 4
"""Bytes of version and flags at the head of such a box."""


@dataclass(frozen=True)
class CodedPicture:
    """One item: its NAL units in the order a decoder wants them, parameter sets first."""

    nals: tuple[bytes, ...]


def coded_pictures(data: bytes) -> list[CodedPicture]:
    """Return every HEVC item of the file `data`.

    Raises TruncatedPhotoError where a box, an item or a NAL unit reaches beyond what holds it, or the file holds none.
    """
    try:
        meta = _child(data, b"meta")[_FULL_BOX:]
        types, properties = _types(_child(meta, b"iinf")), _configurations(_child(meta, b"iprp"))
        places = _places(_child(meta, b"iloc"))
        inline = next(_boxes(meta, b"idat"), b"")
        pictures = [
            CodedPicture((*properties[item].sets, *_nals(_joined(places[item], data, inline), properties[item].length)))
            for item, kind in types.items()
            if kind == _HEVC_ITEM
        ]
    except (struct.error, IndexError, KeyError) as error:
        raise TruncatedPhotoError("The HEIC file is cut off or damaged (its list of pictures is broken).") from error
    if not pictures:
        raise TruncatedPhotoError("The HEIC file holds no HEVC picture.")
    return pictures


def metadata_places(data: bytes) -> list[tuple[int, int]]:
    """Return (start, end) of every run of bytes in the file `data` that holds EXIF, XMP or other text.

    Raises TruncatedPhotoError where the list of items is broken.
    """
    try:
        meta = _child(data, b"meta")[_FULL_BOX:]
        types, places = _types(_child(meta, b"iinf")), _places(_child(meta, b"iloc"))
        inline = next(_boxes(meta, b"idat"), b"")
        inline_at = data.find(b"idat" + inline) + 4 if inline else 0
        return [
            _span(data, (inline_at if places[item].inline else 0) + offset, length)
            for item, kind in types.items()
            if kind in _METADATA_ITEMS and item in places
            for offset, length in places[item].extents
        ]
    except (struct.error, IndexError, KeyError) as error:
        raise TruncatedPhotoError("The HEIC file is cut off or damaged (its list of pictures is broken).") from error


def _span(data: bytes, start: int, length: int) -> tuple[int, int]:
    if start + max(length, 1) > len(data):
        raise IndexError
    return start, start + length if length else len(data)


@dataclass(frozen=True)
class _Configuration:
    """The contents of an hvcC box."""

    length: int
    """Bytes of the length before each NAL unit."""
    sets: tuple[bytes, ...]


@dataclass(frozen=True)
class _Place:
    """Where an item's bytes are: (offset, length) pairs, in the file or in the box idat."""

    inline: bool
    extents: tuple[tuple[int, int], ...]


def _boxes(data: bytes, kind: bytes | None = None) -> Iterator[bytes]:
    """Return the contents of the boxes in `data`, of one kind where it is given; a cut off one raises IndexError."""
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", data, at + 8)
            head = 16
        size = size or len(data) - at
        if size < head:
            raise IndexError
        if kind in (None, name):
            if at + size > len(data):
                raise IndexError
            yield data[at + head : at + size]
        at += size


def _child(data: bytes, kind: bytes) -> bytes:
    for content in _boxes(data, kind):
        return content
    raise KeyError(kind)


def _types(iinf: bytes) -> dict[int, bytes]:
    types: dict[int, bytes] = {}
    for entry in _boxes(iinf[_FULL_BOX + (2 if iinf[0] == 0 else 4) :], b"infe"):
        wide = entry[0] >= 3
        (item,) = struct.unpack_from(">I" if wide else ">H", entry, 4)
        types[item] = entry[10:14] if wide else entry[8:12]
    return types


def _configurations(iprp: bytes) -> dict[int, _Configuration]:
    """By item."""
    kinds = []
    ipco = _child(iprp, b"ipco")
    at = 0
    while at + 8 <= len(ipco):
        size, name = struct.unpack_from(">I4s", ipco, at)
        kinds.append(_configuration(ipco[at + 8 : at + size]) if name == b"hvcC" else None)
        at += max(size, 8)
    configurations: dict[int, _Configuration] = {}
    for ipma in _boxes(iprp, b"ipma"):
        for item, index in _associations(ipma):
            known = kinds[index - 1] if index else None
            if known is not None:
                configurations[item] = known
    return configurations


def _associations(ipma: bytes) -> Iterator[tuple[int, int]]:
    """(item, index of a property from 1)."""
    wide_items, wide_indices = ipma[0] >= 1, ipma[3] & 1
    (count,) = struct.unpack_from(">I", ipma, 4)
    at = 8
    for _ in range(count):
        (item,) = struct.unpack_from(">I" if wide_items else ">H", ipma, at)
        at += 4 if wide_items else 2
        for place in range(ipma[at]):
            if wide_indices:
                yield item, struct.unpack_from(">H", ipma, at + 1 + 2 * place)[0] & 0x7FFF
            else:
                yield item, ipma[at + 1 + place] & 0x7F
        at += 1 + ipma[at] * (2 if wide_indices else 1)


def _configuration(hvcc: bytes) -> _Configuration:
    sets: list[bytes] = []
    at = 23
    for _ in range(hvcc[22]):
        (count,) = struct.unpack_from(">H", hvcc, at + 1)
        at += 3
        for _ in range(count):
            (size,) = struct.unpack_from(">H", hvcc, at)
            sets.append(hvcc[at + 2 : at + 2 + size])
            at += 2 + size
    return _Configuration((hvcc[21] & 3) + 1, tuple(sets))


def _places(iloc: bytes) -> dict[int, _Place]:
    version = iloc[0]
    offset_size, length_size = iloc[4] >> 4, iloc[4] & 15
    base_size, index_size = iloc[5] >> 4, iloc[5] & 15 if version else 0
    wide = version >= 2
    at = 6
    count, at = _number(iloc, at, 4 if wide else 2)
    places: dict[int, _Place] = {}
    for _ in range(count):
        item, at = _number(iloc, at, 4 if wide else 2)
        method, at = _number(iloc, at, 2 if version else 0)
        base, at = _number(iloc, at + 2, base_size)
        extent_count, at = _number(iloc, at, 2)
        extents = []
        for _ in range(extent_count):
            offset, at = _number(iloc, at + index_size, offset_size)
            length, at = _number(iloc, at, length_size)
            extents.append((base + offset, length))
        places[item] = _Place(method & 15 == 1, tuple(extents))
    return places


def _number(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Return an unsigned number of `size` bytes, none of which may be missing, and where the next begins."""
    if at + size > len(data):
        raise IndexError
    return int.from_bytes(data[at : at + size], "big"), at + size


def _joined(place: _Place, data: bytes, inline: bytes) -> bytes:
    source = inline if place.inline else data
    if any(offset + max(length, 1) > len(source) for offset, length in place.extents):
        raise IndexError
    return b"".join(source[offset : offset + length if length else None] for offset, length in place.extents)


def _nals(payload: bytes, length_size: int) -> Iterator[bytes]:
    at = 0
    while at < len(payload):
        size, at = _number(payload, at, length_size)
        if size == 0 or at + size > len(payload):
            raise IndexError
        yield payload[at : at + size]
        at += size
