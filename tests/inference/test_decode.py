"""Photo files: every format, every EXIF turn, every way of being unusable."""

import io
import struct
import zlib

import cv2
import numpy as np
import pillow_heif
import pytest
from PIL import Image

from phonegrade.core.errors import (
    EmptyPhotoError,
    ImageTooLargeError,
    ImageTooSmallError,
    NotAnImageError,
    PhotoError,
    TruncatedPhotoError,
)
from phonegrade.inference.photo.decode import LONG_SIDE_PX, Limits, decode

TURNS = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, 1),
    7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
    8: lambda a: np.rot90(a, -1),
}
"""What a camera stores for each orientation so that the viewer, turning it, shows the upright picture."""


def scene(height: int = 96, width: int = 64) -> np.ndarray:
    """A smooth picture whose four corners have four colours."""
    corners = np.array([[[250, 20, 20], [20, 250, 20]], [[20, 20, 250], [230, 230, 20]]], np.uint8)
    return cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)


def encoded(rgb: np.ndarray, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, kind, **options)
    return buffer.getvalue()


def exif_of(turn: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = turn
    return tags


def heic(rgb: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(rgb)).save(buffer, quality=90, **options)
    return buffer.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a hundred bytes whose header claims any size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def assert_shows(got: np.ndarray, want: np.ndarray, tolerance: float = 12.0) -> None:
    assert got.shape == want.shape
    assert got.dtype == np.uint8
    assert np.abs(got.astype(int) - want.astype(int)).mean() < tolerance


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_turns_are_applied_once(kind: str, turn: int) -> None:
    upright = scene()
    stored = np.ascontiguousarray(TURNS[turn](upright))
    photo = decode(encoded(stored, kind, exif=exif_of(turn)))
    assert_shows(photo.rgb, upright)
    assert photo.full_hw == (96, 64)


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_heic_is_turned_once_although_container_and_exif_both_say_so(turn: int) -> None:
    upright = scene()
    stored = np.ascontiguousarray(TURNS[turn](upright))
    photo = decode(heic(stored, exif=exif_of(turn).tobytes()))
    assert_shows(photo.rgb, upright)


def test_unreadable_exif_leaves_the_photo_as_stored() -> None:
    data = encoded(scene(), "JPEG", exif=b"Exif\0\0" + b"\xff" * 30)
    assert_shows(decode(data).rgb, scene())


BROKEN_EXIF = [
    b"Exif\0\0II*\0",
    b"Exif\0\0MM\0*\0\0\0\x08",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0II*\0\x08\0\0\0\x09\0\x1a\x01\x05\0\x01\0\0\0\xff\xff\0\0",
    b"Exif\0\0",
]


@pytest.mark.parametrize("exif", BROKEN_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_broken_exif_block_turns_nothing_and_warns_of_nothing(kind: str, exif: bytes) -> None:
    assert_shows(decode(encoded(scene(), kind, exif=exif)).rgb, scene())


@pytest.mark.parametrize("exif", BROKEN_EXIF)
def test_a_broken_exif_block_does_no_harm_in_cmyk_and_heic_either(exif: bytes) -> None:
    buffer = io.BytesIO()
    Image.fromarray(scene()).convert("CMYK").save(buffer, "JPEG", quality=95, exif=exif)
    assert_shows(decode(buffer.getvalue()).rgb, scene())
    assert_shows(decode(heic(scene(), exif=exif)).rgb, scene())


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("field_type", "letter"), [(1, "B"), (3, "H"), (4, "I")])
def test_the_orientation_is_read_in_either_byte_order_and_any_whole_number(
    order: str, field_type: int, letter: str
) -> None:
    magic = b"II*\0" if order == "<" else b"MM\0*"
    value = struct.pack(order + letter, 6).ljust(4, b"\0")
    exif = b"Exif\0\0" + magic + struct.pack(f"{order}IHHHI", 8, 1, 0x0112, field_type, 1) + value + bytes(4)
    stored = np.ascontiguousarray(TURNS[6](scene()))
    assert_shows(decode(encoded(stored, "JPEG", exif=exif)).rgb, scene())


def test_large_jpeg_is_decoded_reduced_but_stays_above_the_needed_size() -> None:
    photo = decode(encoded(scene(4032, 3024), "JPEG", exif=exif_of(6)))
    assert photo.full_hw == (3024, 4032)
    assert photo.rgb.shape == (1512, 2016, 3)
    assert photo.scale == 0.5


@pytest.mark.parametrize("long_side", [1200, 2000, 3264, 3999])
def test_jpeg_of_less_than_twice_the_needed_size_is_decoded_in_full(long_side: int) -> None:
    photo = decode(encoded(scene(long_side, 600), "JPEG"))
    assert photo.rgb.shape[:2] == photo.full_hw == (long_side, 600)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_are_reduced_too(kind: str) -> None:
    photo = decode(encoded(scene(4100, 200), kind))
    assert photo.full_hw == (4100, 200)
    assert LONG_SIDE_PX <= photo.rgb.shape[0] < LONG_SIDE_PX * 1.1


def test_points_return_to_full_size_pixels() -> None:
    photo = decode(encoded(scene(4032, 3024), "JPEG"))
    corner = photo.to_full(np.array([photo.rgb.shape[1] - 0.5, photo.rgb.shape[0] - 0.5]))
    assert np.allclose(corner, [3023.5, 4031.5])


def test_grey_and_cmyk_jpegs_become_rgb() -> None:
    grey = scene()[..., 1]
    assert_shows(decode(encoded(grey, "JPEG")).rgb, np.repeat(grey[..., None], 3, axis=2))
    buffer = io.BytesIO()
    Image.fromarray(scene()).convert("CMYK").save(buffer, "JPEG", quality=95)
    assert_shows(decode(buffer.getvalue()).rgb, scene())


def test_progressive_jpeg_is_read() -> None:
    assert_shows(decode(encoded(scene(), "JPEG", progressive=True)).rgb, scene())


def test_transparency_shows_white() -> None:
    rgba = np.dstack([scene(), np.full((96, 64), 255, np.uint8)])
    rgba[:10, :, 3] = 0
    got = decode(encoded(rgba, "PNG")).rgb
    assert (got[:10] == 255).all()
    assert_shows(got[10:], scene()[10:], 0.5)


@pytest.mark.parametrize("shape", [(96, 64), (96, 64, 3)])
def test_sixteen_bit_png_keeps_its_tones(shape: tuple[int, ...]) -> None:
    deep = scene().astype(np.uint16)[..., : shape[-1] if len(shape) == 3 else 1] * 257
    data = bytes(cv2.imencode(".png", deep[..., ::-1] if len(shape) == 3 else deep)[1])
    want = scene() if len(shape) == 3 else np.repeat(scene()[..., :1], 3, axis=2)
    assert_shows(decode(data).rgb, want, 1.0)


def test_nothing_is_empty() -> None:
    with pytest.raises(EmptyPhotoError, match="0 bytes"):
        decode(b"")


@pytest.mark.parametrize("size", [(0, 0), (0, 100), (100, 0)])
def test_a_picture_without_pixels_is_empty(size: tuple[int, int]) -> None:
    with pytest.raises(EmptyPhotoError):
        decode(png_claiming(*size))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_cut_off_file_is_refused_and_never_filled_with_grey(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    data = encoded(noise, kind)
    with pytest.raises(TruncatedPhotoError):
        decode(data[: int(len(data) * share)])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_cut_off_heic_is_refused(share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (200, 300, 3), np.uint8)
    data = heic(noise)
    with pytest.raises(TruncatedPhotoError):
        decode(data[: int(len(data) * share)])


def test_a_reduced_jpeg_that_is_cut_off_is_refused_too() -> None:
    data = encoded(scene(4032, 3024), "JPEG")
    with pytest.raises(TruncatedPhotoError):
        decode(data[: len(data) * 2 // 3])


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_whose_middle_is_destroyed_is_refused(progressive: bool) -> None:
    noise = cv2.resize(np.random.default_rng(0).integers(0, 255, (40, 30, 3), np.uint8), (900, 1200))
    data = bytearray(encoded(noise, "JPEG", progressive=progressive))
    third = len(data) // 3
    data[third : 2 * third] = bytes(third)
    with pytest.raises(TruncatedPhotoError):
        decode(bytes(data))


def test_a_few_stray_bytes_between_jpeg_markers_are_forgiven_and_many_are_not() -> None:
    data = encoded(scene(), "JPEG")
    at = data.rindex(b"\xff\xd9")
    assert_shows(decode(data[:at] + bytes(10) + data[at:]).rgb, scene())
    with pytest.raises(TruncatedPhotoError, match="extraneous"):
        decode(data[:at] + bytes(200) + data[at:])


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a" + bytes(100),
        b"%PDF-1.7\n" + bytes(100),
        b"hello, this is no photo",
        b"\xff\xd8\xff\xd9" + bytes(100),
        b"RIFF\x10\0\0\0WEBPJUNK" + bytes(100),
        b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(100),
        b"\0",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
)
def test_other_files_are_no_images(data: bytes) -> None:
    with pytest.raises(NotAnImageError):
        decode(data)


def test_a_bomb_is_refused_from_its_header() -> None:
    with pytest.raises(ImageTooLargeError, match="2500 MP"):
        decode(png_claiming(50_000, 50_000))


def test_a_jpeg_of_a_hundred_megapixels_is_refused_from_its_header() -> None:
    data = bytearray(encoded(scene(), "JPEG"))
    at = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, at + 5, 8660, 11547)
    with pytest.raises(ImageTooLargeError, match="100 MP"):
        decode(bytes(data))


def test_a_large_heic_is_refused_from_its_header() -> None:
    with pytest.raises(ImageTooLargeError):
        decode(heic(scene()), Limits(max_pixels=2000))


def test_a_webp_that_claims_a_huge_canvas_is_refused_from_its_header() -> None:
    head = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16_000).to_bytes(3, "little") * 2
    with pytest.raises(ImageTooLargeError):
        decode(b"RIFF" + struct.pack("<I", 100) + b"WEBP" + head + bytes(60))


def test_too_many_bytes_are_refused_before_reading() -> None:
    with pytest.raises(ImageTooLargeError, match="bytes"):
        decode(b"\xff\xd8\xff" + bytes(2000), Limits(max_bytes=1000))


def test_a_thumbnail_is_too_small() -> None:
    with pytest.raises(ImageTooSmallError, match="32"):
        decode(encoded(scene(20, 400), "PNG"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_bytes_never_raise_anything_but_photo_errors(kind: str) -> None:
    data = encoded(scene(), kind)
    rng = np.random.default_rng(1)
    for _ in range(60):
        broken = bytearray(data)
        for at in rng.integers(0, len(data), 4):
            broken[at] = int(rng.integers(0, 256))
        try:
            decode(bytes(broken), Limits(max_pixels=1_000_000))
        except PhotoError:
            continue
