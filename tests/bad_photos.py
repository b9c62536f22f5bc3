"""Files that are no usable photo, with the code and HTTP status that each must get."""

import struct
import zlib

import cv2
import numpy as np

from phonegrade.tests.drawn import jpeg


def _png_of_size(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing: what an image bomb looks like before it goes off."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def _jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG whose frame header is rewritten to claim another size."""
    data = bytearray(jpeg(np.full((64, 64, 3), 128, np.uint8)))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _noise_jpeg() -> bytes:
    rng = np.random.default_rng(0)
    return jpeg(cv2.resize(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8), (640, 480)))


BAD_PHOTOS: dict[str, tuple[bytes, str, int]] = {
    "empty": (b"", "empty_photo", 400),
    "truncated": (_noise_jpeg()[:-4000], "truncated_photo", 400),
    "not an image": (b"%PDF-1.7 this is a letter, not a photo" * 20, "not_an_image", 415),
    "image bomb": (_png_of_size(60_000, 60_000), "image_too_large", 413),
    "0x0": (_png_of_size(0, 0), "empty_photo", 400),
    "100 MP": (_jpeg_of_size(12_000, 9_000), "image_too_large", 413),
    "tiny": (_png_of_size(8, 8), "image_too_small", 422),
}
