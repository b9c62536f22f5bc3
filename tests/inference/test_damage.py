"""Damaged photo files: what was destroyed is refused whatever the format, and what every viewer opens is answered."""

import cv2
import numpy as np
import pytest

from phonegrade.core.errors import PhotoError, TruncatedPhotoError
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.heif_items import coded_pictures
from phonegrade.tests.inference.test_decode import encoded, heic


def noise() -> np.ndarray:
    """A picture with enough to code that a damage of a few hundred bytes is a part of it."""
    return cv2.resize(np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8), (900, 600))


@pytest.fixture(scope="module")
def whole() -> bytes:
    return heic(noise())


@pytest.fixture(scope="module")
def tiled() -> bytes:
    return heic(noise(), tile_size=256)


@pytest.mark.parametrize("filler", ["zeros", "ones", "random"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
def test_a_heic_of_which_a_part_was_written_over_is_refused(whole: bytes, share: float, filler: str) -> None:
    count, start = 1000, int(len(whole) * share)
    fill = {"zeros": bytes(count), "ones": b"\xff" * count, "random": np.random.default_rng(0).bytes(count)}[filler]
    with pytest.raises(TruncatedPhotoError):
        decode(whole[:start] + fill + whole[start + count :])


def test_a_heic_that_is_zero_from_its_middle_on_is_refused(whole: bytes) -> None:
    half = len(whole) // 2
    with pytest.raises(TruncatedPhotoError):
        decode(whole[:half] + bytes(len(whole) - half))


@pytest.mark.parametrize("share", [0.2, 0.6, 0.97])
def test_a_heic_whose_last_tiles_are_cut_off_is_refused(tiled: bytes, share: float) -> None:
    with pytest.raises(TruncatedPhotoError):
        decode(tiled[: int(len(tiled) * share)])


def test_a_heic_with_tiles_is_read_tile_by_tile(tiled: bytes) -> None:
    assert len(coded_pictures(tiled)) == 4 * 3
    assert np.abs(decode(tiled).rgb.astype(int) - noise()).mean() < 8


def test_a_damaged_list_of_pictures_raises_nothing_but_photo_errors(tiled: bytes) -> None:
    chance = np.random.default_rng(0)
    head = tiled.index(b"mdat")
    for _ in range(60):
        data = bytearray(tiled)
        data[chance.integers(16, head)] = chance.integers(256)
        try:
            decode(bytes(data))
        except PhotoError:
            continue


def test_a_jpeg_that_lacks_its_end_marker_alone_is_answered() -> None:
    data = encoded(noise(), "JPEG")
    assert data.endswith(b"\xff\xd9")
    assert np.array_equal(decode(data[:-2]).rgb, decode(data).rgb)
    assert np.array_equal(decode(data[:-1]).rgb, decode(data).rgb)


@pytest.mark.parametrize("missing", [60, 300, 3000])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_more_is_refused(progressive: bool, missing: int) -> None:
    data = encoded(noise(), "JPEG", progressive=progressive)
    with pytest.raises(TruncatedPhotoError):
        decode(data[:-missing])


def test_a_progressive_jpeg_that_lacks_its_last_scan_is_refused() -> None:
    data = encoded(noise(), "JPEG", progressive=True)
    with pytest.raises(TruncatedPhotoError):
        decode(data[: data.rindex(b"\xff\xda")])


def test_a_segment_whose_marker_is_broken_is_skipped_as_viewers_do() -> None:
    data = encoded(noise(), "JPEG")
    segment = b"\x00\xe1" + (202).to_bytes(2, "big") + bytes(range(200))
    assert np.array_equal(decode(data[:20] + segment + data[20:]).rgb, decode(data).rgb)
