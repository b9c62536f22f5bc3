"""Bytes of a photo file to upright RGB pixels, bounded before anything is decoded."""

import io
import math
import re
from collections.abc import Callable

import cv2
import numpy as np
import pillow_heif
import simplejpeg
from PIL import Image, ImageFile, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from pydantic import PositiveInt

from phonegrade.core.arrays import RGB
from phonegrade.core.errors import (
    EmptyPhotoError,
    ImageTooLargeError,
    ImageTooSmallError,
    NotAnImageError,
    PhotoError,
    TruncatedPhotoError,
)
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.strict import Strict
from phonegrade.inference.photo.concealment import invented
from phonegrade.inference.photo.header import EXIF_MAGIC, Header, PhotoFormat, orientation, read_header
from phonegrade.inference.photo.heif_items import coded_pictures
from phonegrade.inference.photo.photo import Photo

LONG_SIDE_PX = 2000
"""Enough for a canvas 1300 px tall when the phone fills 65 % of the photo's long side."""
JPEG_START_OF_SCAN, JPEG_END = b"\xff\xda", b"\xff\xd9"
MAX_STRAY_BYTES = 64
"""Bytes between two JPEG markers that are padding; more of them are a picture whose data was destroyed."""


class Limits(Strict):
    """The largest and smallest photo file that is decoded; checked by its header."""

    max_bytes: PositiveInt = 30_000_000
    max_pixels: PositiveInt = 64 * 1024 * 1024
    min_side_px: PositiveInt = 32


def decode_file(file: PhotoFile, limits: Limits | None = None, long_side_px: int = LONG_SIDE_PX) -> Photo:
    """Decode one photo file as `decode` does. Raises the PhotoError family, which then holds the file."""
    try:
        return decode(file.data, limits, long_side_px)
    except PhotoError as error:
        error.photo = file.named
        raise


def decode(data: bytes, limits: Limits | None = None, long_side_px: int = LONG_SIDE_PX) -> Photo:
    """Decode JPEG, PNG, WebP or HEIC; the EXIF orientation is applied once.

    A photo of more than twice `long_side_px` comes back reduced, but never below it. Raises the PhotoError family.
    """
    limits = limits or Limits()
    if not data:
        raise EmptyPhotoError("The file is empty (0 bytes).")
    if len(data) > limits.max_bytes:
        raise ImageTooLargeError(f"The file has {len(data)} bytes; at most {limits.max_bytes} are accepted.")
    header = read_header(data)
    match header.format:
        case PhotoFormat.HEIC:
            return _decode_heic(data, limits, long_side_px)
        case PhotoFormat.JPEG:
            hw = _checked(header.hw, limits)
            turn = orientation(header.exif)
            rgb = _decode_jpeg(data, header, hw, long_side_px)
        case PhotoFormat.PNG | PhotoFormat.WEBP:
            hw = _checked(header.hw, limits)
            rgb, turn = _decode_with_pillow(data, header.format)
    if turn >= 5:
        hw = hw[::-1]
    return Photo(_reduced(_turned(rgb, turn), long_side_px), hw)


def _checked(hw: tuple[int, int] | None, limits: Limits) -> tuple[int, int]:
    if hw is None or min(hw) < 1:
        raise EmptyPhotoError("The picture has no pixels (0 wide or 0 high).")
    if hw[0] * hw[1] > limits.max_pixels:
        megapixels = hw[0] * hw[1] / 1e6
        allowed = limits.max_pixels / 1e6
        raise ImageTooLargeError(
            f"The picture is {hw[1]} x {hw[0]} ({megapixels:.0f} MP); at most {allowed:.0f} MP are accepted."
        )
    if min(hw) < limits.min_side_px:
        raise ImageTooSmallError(
            f"The picture is {hw[1]} x {hw[0]}; both sides must have at least {limits.min_side_px} pixels."
        )
    return hw


def _turned(rgb: RGB, turn: int) -> RGB:
    """Apply EXIF orientation `turn` (CIPA DC-008, 4.6.5.1.6) so that the picture stands as a viewer shows it."""
    if turn >= 5:
        rgb = np.asarray(cv2.transpose(rgb), np.uint8)
    if turn in (3, 4, 7, 8):
        rgb = np.asarray(cv2.flip(rgb, -1 if turn in (3, 7) else 0), np.uint8)
    elif turn in (2, 6):
        rgb = np.asarray(cv2.flip(rgb, 1), np.uint8)
    return np.ascontiguousarray(rgb)


def _reduced(rgb: RGB, long_side_px: int) -> RGB:
    factor = max(rgb.shape[:2]) // long_side_px
    if factor < 2:
        return rgb
    size = (math.ceil(rgb.shape[1] / factor), math.ceil(rgb.shape[0] / factor))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _decode_jpeg(data: bytes, header: Header, hw: tuple[int, int], long_side_px: int) -> RGB:
    for start, end in reversed(header.stray):
        data = data[:start] + data[end:]
    if header.channels == 4:  # libjpeg-turbo does not turn CMYK into RGB
        # without EXIF, whose resolution Pillow would read, and warn where the block is broken
        return _decode_with_pillow(data.replace(EXIF_MAGIC, bytes(len(EXIF_MAGIC))), PhotoFormat.JPEG)[0]
    share = min(1.0, long_side_px / max(hw))
    smallest = (max(1, math.ceil(hw[0] * share)), max(1, math.ceil(hw[1] * share)))

    def run(data: bytes, strict: bool) -> RGB:
        return np.asarray(
            simplejpeg.decode_jpeg(
                data, "RGB", min_height=smallest[0], min_width=smallest[1], min_factor=2, strict=strict
            )
        )

    try:
        try:
            return run(data, strict=True)
        except ValueError as error:
            if "premature end of jpeg file" in str(error).lower() and _lacks_its_end_alone(data, header):
                return run(data.removesuffix(b"\xff") + JPEG_END, strict=True)
            stray = re.search(r"(\d+) extraneous bytes", str(error))
            if stray is None or int(stray[1]) >= MAX_STRAY_BYTES:
                raise
            return run(data, strict=False)  # a few stray bytes between markers, which every viewer forgives
    except ValueError as error:
        if "premature end" in str(error).lower():
            raise TruncatedPhotoError(f"The JPEG file ends before its picture does ({error}).") from error
        raise TruncatedPhotoError(f"The JPEG file is damaged and cannot be decoded ({error}).") from error


def _lacks_its_end_alone(data: bytes, header: Header) -> bool:
    """Return whether one scan holds the whole picture: with the end marker put back, a decoder misses what was cut off.

    Where the picture comes in several scans, a file that lacks the last of them decodes without a warning.
    """
    scan = data.rfind(JPEG_START_OF_SCAN)
    return not header.progressive and 0 <= scan < len(data) - 4 and data[scan + 4] == header.channels


def _decode_with_pillow(data: bytes, photo_format: PhotoFormat) -> tuple[RGB, int]:
    """Return RGB as stored, and the EXIF orientation still to be applied."""
    # The plug-in classes rather than Image.open: the pixel limit is already judged, and open() warns at its own.
    plugins: dict[PhotoFormat, Callable[[io.BytesIO], ImageFile.ImageFile]] = {
        PhotoFormat.JPEG: JpegImagePlugin.JpegImageFile,
        PhotoFormat.PNG: PngImagePlugin.PngImageFile,
        PhotoFormat.WEBP: WebPImagePlugin.WebPImageFile,
    }
    try:
        with plugins[photo_format](io.BytesIO(data)) as image:
            image.load()
            exif = image.info.get("exif", b"")
            return _to_rgb(image), orientation(exif)
    except (OSError, EOFError, SyntaxError, ValueError, IndexError) as error:
        raise TruncatedPhotoError(f"The {photo_format.upper()} file is cut off or damaged ({error}).") from error


def _to_rgb(image: Image.Image) -> RGB:
    """Return 8-bit RGB of any Pillow mode; transparent pixels show white, as on a viewer's page."""
    if image.mode.startswith("I"):  # 16-bit grey
        grey = np.asarray(image).astype(np.float32) / 257.0
        return np.repeat(np.clip(np.round(grey), 0, 255).astype(np.uint8)[..., None], 3, axis=-1)
    if "A" in image.mode or "transparency" in image.info:
        rgba = image.convert("RGBA")
        page = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
        return np.asarray(Image.alpha_composite(page, rgba).convert("RGB"))
    # convert would copy even what is RGB already: 200 MB of the largest photo
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def _decode_heic(data: bytes, limits: Limits, long_side_px: int) -> Photo:
    """libheif applies the turn stored in the container; the EXIF copy of it is ignored, as the format demands."""
    heif, hw = _heic_opened(data, limits)
    for picture in coded_pictures(data):
        problem = invented(picture)
        if problem is not None:
            raise TruncatedPhotoError(f"The HEIC file is cut off or damaged (its decoder: {problem}).")
    try:
        # not heif.to_pillow(), which reads the EXIF block too and trips over a broken one
        rgb = _to_rgb(Image.frombytes(heif.mode, heif.size, heif.data, "raw", heif.mode, heif.stride))
    except Exception as error:  # pillow-heif raises half a dozen unrelated types for broken files
        raise TruncatedPhotoError(f"The HEIC file is cut off or damaged ({error}).") from error
    if rgb.shape[:2] != hw:
        raise NotAnImageError(f"The HEIC file promises {hw[1]} x {hw[0]} pixels and holds others.")
    return Photo(_reduced(rgb, long_side_px), hw)


def _heic_opened(data: bytes, limits: Limits) -> tuple[pillow_heif.HeifFile, tuple[int, int]]:
    try:
        heif = pillow_heif.open_heif(data, convert_hdr_to_8bit=True)
        width, height = heif.size
    except Exception as error:  # an IndexError, too, where no picture of the file can be read
        if "limit" in str(error).lower():
            raise ImageTooLargeError(f"The HEIC picture is larger than its decoder allows ({error}).") from error
        reason = "no picture in it can be read" if isinstance(error, IndexError) else error
        raise TruncatedPhotoError(f"The HEIC file is cut off or damaged ({reason}).") from error
    return heif, _checked((height, width), limits)
