"""Photos lose their metadata and nothing else: position above all, in every place where cameras put it."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from phonegrade.core.errors import NotAnImageError, PhotoError
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.metadata import without_metadata
from phonegrade.tests.inference.test_decode import scene

PLACE = b"48deg51'24N-planted"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="' + PLACE + b'"/></x:xmpmeta>'
FORMATS = ["JPEG", "PNG", "WEBP", "HEIC"]
TURNS = [1, 3, 6, 8]
SAMPLES = sorted((Path(__file__).parents[2] / "samples").rglob("*.jpg"))


def exif(turn: int) -> Image.Exif:
    """As a phone writes it: orientation, maker and position."""
    tags = Image.Exif()
    tags[0x0112] = turn
    tags[0x010F] = PLACE.decode()
    position = tags.get_ifd(0x8825)
    position[1], position[2], position[29] = "N", (48.0, 51.0, 24.0), PLACE.decode()
    return tags


def photo(kind: str, turn: int = 1) -> bytes:
    """A picture with the planted place in EXIF, XMP and whatever else its format has."""
    image, buffer = Image.fromarray(scene()), io.BytesIO()
    match kind:
        case "JPEG":
            image.save(buffer, kind, quality=90, exif=exif(turn), xmp=XMP, comment=PLACE)
            return buffer.getvalue() + b"film after the picture " + PLACE
        case "PNG":
            text = PngImagePlugin.PngInfo()
            text.add_text("Location", PLACE.decode())
            text.add_itxt("XML:com.adobe.xmp", XMP.decode())
            image.save(buffer, kind, exif=exif(turn), pnginfo=text)
            return buffer.getvalue() + PLACE
        case "WEBP":
            image.save(buffer, kind, lossless=True, exif=exif(turn), xmp=XMP)
            return buffer.getvalue()
        case _:
            pillow_heif.from_pillow(image).save(buffer, quality=90, exif=exif(1).tobytes(), xmp=XMP)
            data = buffer.getvalue()
            return data + struct.pack(">I4s", 8 + len(PLACE), b"moov") + PLACE


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("kind", FORMATS)
def test_the_place_is_gone_and_the_picture_is_the_same(kind: str, turn: int) -> None:
    sent = photo(kind, turn)
    assert PLACE in sent
    kept = without_metadata(sent)
    assert PLACE not in kept
    assert b"GPSLatitude" not in kept
    assert np.array_equal(decode(kept).rgb, decode(sent).rgb)
    if kind == "HEIC":
        info = pillow_heif.open_heif(kept).info
        assert not (info["exif"] or b"").strip(b"\0")
    else:
        with Image.open(io.BytesIO(kept)) as image:
            assert set(image.getexif()) <= {0x0112}


@pytest.mark.parametrize("kind", FORMATS)
def test_what_has_lost_its_metadata_stays_as_it_is(kind: str) -> None:
    kept = without_metadata(photo(kind, 6))
    assert without_metadata(kept) == kept


def test_a_jpeg_is_not_coded_again() -> None:
    sent = photo("JPEG")
    scan = sent[sent.index(b"\xff\xda") : sent.index(b"\xff\xd9") + 2]
    assert without_metadata(sent).endswith(scan)


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"icc_profile": b"profile" * 20}, {"restart_marker_rows": 1}]
)
def test_jpegs_of_every_make_come_through(options: dict[str, object]) -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene()).save(buffer, "JPEG", exif=exif(6), **options)  # type: ignore[arg-type]
    kept = without_metadata(buffer.getvalue())
    assert PLACE not in kept
    assert np.array_equal(decode(kept).rgb, decode(buffer.getvalue()).rgb)
    with Image.open(io.BytesIO(kept)) as image:
        assert image.info.get("icc_profile") == options.get("icc_profile")


def test_metadata_between_the_scans_of_a_progressive_jpeg_is_blank() -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene()).save(buffer, "JPEG", progressive=True)
    sent = buffer.getvalue()
    second = sent.index(b"\xff\xda", sent.index(b"\xff\xda") + 2)
    between = sent.rindex(b"\xff\xc4", 0, second)
    hidden = sent[:between] + b"\xff\xe1" + struct.pack(">H", 2 + len(PLACE)) + PLACE + sent[between:]
    kept = without_metadata(hidden)
    assert PLACE not in kept
    assert np.array_equal(decode(kept).rgb, decode(sent).rgb)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_off_anywhere_is_refused_or_loses_its_metadata(kind: str) -> None:
    sent = photo(kind)
    for end in range(0, len(sent), max(1, len(sent) // 200)):
        try:
            kept = without_metadata(sent[:end])
        except PhotoError:
            continue
        assert PLACE not in kept


@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_file_crashes_nothing(kind: str) -> None:
    sent = photo(kind)
    rng = np.random.default_rng(5)
    for _ in range(200):
        data = bytearray(sent)
        for at in rng.integers(0, len(data), 3):
            data[at] = rng.integers(0, 256)
        try:
            without_metadata(bytes(data))
        except PhotoError:
            continue


def test_other_files_are_refused() -> None:
    with pytest.raises(NotAnImageError):
        without_metadata(b"GIF89a" + bytes(100))


def test_a_png_keeps_its_colours() -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene()).quantize(16).save(buffer, "PNG", transparency=3, gamma=0.45, dpi=(72, 72))
    sent = buffer.getvalue()
    kept = without_metadata(sent)
    assert np.array_equal(decode(kept).rgb, decode(sent).rgb)
    at = 8
    while at < len(kept):
        (length,) = struct.unpack_from(">I", kept, at)
        crc = struct.unpack_from(">I", kept, at + 8 + length)[0]
        assert crc == zlib.crc32(kept[at + 4 : at + 8 + length])
        at += 12 + length


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_sample_photos_decode_to_the_same_pixels(sample: Path) -> None:
    sent = sample.read_bytes()
    assert np.array_equal(decode(without_metadata(sent)).rgb, decode(sent).rgb)
