"""Drawn pictures of numbers: what is read is right, and no wrong number is ever accepted.

All pictures are read by their barcodes; print, which takes seconds, is read in one of each kind. The whole table is
`python -m phonegrade.benchmarks.identify`.
"""

import base64
import io
from collections.abc import Iterator

import cv2
import pytest
from PIL import Image

from phonegrade.core.errors import PhotoError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.recognition import readers
from phonegrade.recognition.identification import Identification
from phonegrade.recognition.identify import identify
from phonegrade.recognition.readers import PrintReader
from phonegrade.tests.recognition.drawn_labels import DrawnLabel, Kind, Level, drawn_label, drawn_labels


@pytest.fixture(scope="module")
def print_reader() -> Iterator[PrintReader]:
    pytest.importorskip("rapidocr", reason="print is read with the extra ocr")
    threads = cv2.getNumThreads()
    yield PrintReader()
    cv2.setNumThreads(threads)


def answer_of(label: DrawnLabel, reader: PrintReader | None = None) -> Identification:
    return identify(PhotoFile("photo", label.jpeg), reader)


def wrong(answer: Identification, label: DrawnLabel) -> list[str]:
    return [one.kind for one in answer.accepted if one.value not in label.values]


def test_no_wrong_number_is_accepted_from_the_barcodes_of_any_picture() -> None:
    pictures = drawn_labels()
    assert len(pictures) >= 96
    read_imeis = there = 0
    for kind, level, seed in pictures:
        label = drawn_label(kind, level, seed)
        answer = answer_of(label)
        assert wrong(answer, label) == [], (kind, level, seed)
        if kind in ("dial_bars", "box") and level != "hard":
            there += len(label.imeis)
            read_imeis += sum(one.kind == "imei" for one in answer.accepted)
    assert read_imeis >= 0.95 * there


@pytest.mark.parametrize(
    ("kind", "level"),
    [("dial_text", "clean"), ("box", "mild"), ("settings", "mild"), ("engraving", "clean")],
)
def test_print_is_read_and_no_wrong_number_is_accepted(kind: Kind, level: Level, print_reader: PrintReader) -> None:
    label = drawn_label(kind, level, 0)
    answer = answer_of(label, print_reader)
    assert wrong(answer, label) == []
    assert {one.value for one in answer.accepted if one.kind == "imei"} == set(label.imeis)
    assert label.model is None or label.model in [one.code for one in answer.models]


def test_a_number_says_where_it_stands_and_shows_its_crop() -> None:
    label = drawn_label("dial_bars", "mild", 0)
    answer = answer_of(label)
    height, width = label.rgb.shape[:2]
    for one in answer.numbers:
        crop = Image.open(io.BytesIO(base64.b64decode(one.crop_jpeg)))
        left, top, across, down = one.crop
        assert 0 <= left < left + across <= width + 1
        assert 0 <= top < top + down <= height + 1
        assert crop.width / crop.height == pytest.approx(across / down, rel=0.05)
        assert one.value not in one.advice
        assert one.last4 in one.advice
        assert one.value not in repr(one)


def test_without_any_number_the_answer_says_what_to_do() -> None:
    blank = drawn_label("engraving", "clean", 0)
    answer = answer_of(blank)
    assert answer.numbers == ()
    assert "*#06#" in answer.advice
    assert "'ocr'" in answer.advice


def test_what_is_not_a_photo_is_refused() -> None:
    with pytest.raises(PhotoError):
        identify(PhotoFile("photo", b"%PDF-1.7"))


def test_the_reader_of_print_opens_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    before = socket.has_ipv6
    with readers._no_socket():
        assert socket.has_ipv6 is False
    assert socket.has_ipv6 is before
