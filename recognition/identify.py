"""From one photo to what it says about which phone it is: read twice in different ways, parse, judge, crop.

Barcodes are read at the photo's size and enlarged or reduced; print is read once over the whole picture and once more
closely, where a number was seen that only one read vouches for, or over all of it where nothing was.
"""

import base64
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from phonegrade.core.arrays import RGB
from phonegrade.core.photo_file import PhotoFile
from phonegrade.inference.photo.decode import Limits, decode_file
from phonegrade.inference.photo.photo import Photo
from phonegrade.recognition import acceptance
from phonegrade.recognition.acceptance import Judged, Read
from phonegrade.recognition.advice import model_advice, number_advice, photo_advice
from phonegrade.recognition.identification import Box, Identification, ReadAt, ReadModel, ReadNumber
from phonegrade.recognition.models import MeantModel, meant_by
from phonegrade.recognition.numbers import TAC_DIGITS
from phonegrade.recognition.parsing import Parsed, parse
from phonegrade.recognition.readers import PrintReader, Text, read_barcodes

LONG_SIDE_PX = 3000
"""What barcodes are read at; finer photos are reduced."""
PRINT_PX = 1024
"""Long side for the first read of print: it bounds what the networks take of time and memory."""
CLOSER = 1.4
"""Enlargement of the second read of print over the first."""
CLOSER_PX = 1440
LARGEST_SCALE = 2.0
BARCODE_SCALES = (1.0, 0.7)
_MARGIN = 0.6
"""Around a crop, in its heights."""
_CROP_PX = 1200
_CROP_QUALITY = 85


class _Region(NamedTuple):
    """Part of the photo as decoded, and how it is enlarged for reading."""

    box: Box
    scale: float


def identify(file: PhotoFile, print_reader: PrintReader | None = None, limits: Limits | None = None) -> Identification:
    """Return what a photo says about which phone it is; without `print_reader`, barcodes alone.

    Raises the PhotoError family for what is not a usable photo, and SetupError without the extra `platform`.
    """
    photo = decode_file(file, limits, LONG_SIDE_PX)
    reads = list(_barcode_reads(photo))
    if print_reader is not None:
        reads += _print_reads(photo, print_reader, reads)
    numbers = tuple(_number(one, photo) for one in acceptance.judge_numbers(reads))
    models = tuple(_models(reads, photo))
    meant = {model.devices for model in models if model.verdict == "accepted" and len(model.devices) == 1}
    return Identification(
        photo=file.name,
        photo_sha256=file.sha256,
        readers=("barcode",) if print_reader is None else ("barcode", "ocr"),
        numbers=numbers,
        models=models,
        device=meant.pop()[0] if len(meant) == 1 else None,
        advice=photo_advice(numbers, models, reads_print=print_reader is not None),
    )


def _barcode_reads(photo: Photo) -> Iterator[Read]:
    height, width = photo.hw
    for scale in BARCODE_SCALES:
        region = _Region((0.0, 0.0, float(width), float(height)), scale)
        for text in read_barcodes(_cut(photo, region)):
            yield from _parsed(text, photo, region)


def _print_reads(photo: Photo, reader: PrintReader, barcode_reads: Sequence[Read]) -> list[Read]:
    """Return the reads of print: all of the picture, then closer what is not yet sure."""
    height, width = photo.hw
    whole = (0.0, 0.0, float(width), float(height))
    first = _Region(whole, min(LARGEST_SCALE, PRINT_PX / max(photo.hw)))
    reads = _read_print(photo, reader, first, with_contrast=False)
    numbers = acceptance.judge_numbers([*barcode_reads, *reads])
    unsure = [read for one in numbers if one.verdict != "accepted" for read in one.reads if read.reader == "ocr"]
    unsure += [read for _, group in acceptance.codes(reads) if len(acceptance.ways(group)) < 2 for read in group]
    if unsure:
        near = _around([_in_decoded(read.box, photo) for read in unsure], photo)
        closer = _Region(near, min(first.scale * CLOSER, CLOSER_PX / max(near[2], near[3])))
        reads += _read_print(photo, reader, closer, with_contrast=False)
    elif not reads and not barcode_reads:
        scale = CLOSER_PX / max(photo.hw)
        reads += _read_print(photo, reader, _Region(whole, scale), with_contrast=True)
        if reads:
            reads += _read_print(photo, reader, _Region(whole, scale * 0.8), with_contrast=True)
    return reads


def _read_print(photo: Photo, reader: PrintReader, region: _Region, *, with_contrast: bool) -> list[Read]:
    picture = _cut(photo, region)
    texts = reader.read(_contrasted(picture) if with_contrast else picture)
    return [read for text in texts for read in _parsed(text, photo, region)]


def _parsed(text: Text, photo: Photo, region: _Region) -> Iterator[Read]:
    left, top, width, height = (value / region.scale for value in text.box)
    x, y = photo.hw[1] / photo.full_hw[1], photo.hw[0] / photo.full_hw[0]
    box = ((left + region.box[0]) / x, (top + region.box[1]) / y, width / x, height / y)
    for parsed in parse(text.text, text.symbology):
        yield Read(parsed, text.reader, region.scale, box)


def _in_decoded(box: Box, photo: Photo) -> Box:
    x, y = photo.hw[1] / photo.full_hw[1], photo.hw[0] / photo.full_hw[0]
    return box[0] * x, box[1] * y, box[2] * x, box[3] * y


def _around(boxes: Sequence[Box], photo: Photo) -> Box:
    """Return the part of the decoded photo that holds all boxes, and some of what is around them."""
    margin = 2 * max(box[3] for box in boxes)
    left = max(0.0, min(box[0] for box in boxes) - margin)
    top = max(0.0, min(box[1] for box in boxes) - margin)
    right = min(float(photo.hw[1]), max(box[0] + box[2] for box in boxes) + margin)
    bottom = min(float(photo.hw[0]), max(box[1] + box[3] for box in boxes) + margin)
    return left, top, right - left, bottom - top


def _cut(photo: Photo, region: _Region) -> RGB:
    left, top, width, height = (round(value) for value in region.box)
    part = photo.rgb[top : top + height, left : left + width]
    if region.scale == 1:
        return part
    size = (max(1, round(part.shape[1] * region.scale)), max(1, round(part.shape[0] * region.scale)))
    how = cv2.INTER_AREA if region.scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, size, interpolation=how), np.uint8)


def _contrasted(rgb: RGB) -> RGB:
    """Return the picture with its local contrast raised, as engraved print needs it."""
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=3.0, tileGridSize=(8, 8)).apply(np.ascontiguousarray(lab[..., 0]))
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), np.uint8)


def _number(one: Judged, photo: Photo) -> ReadNumber:
    kind, value = one.parsed.kind, one.parsed.value
    crop, jpeg = _crop(one.reads, photo)
    return ReadNumber.model_validate(
        {
            "kind": kind,
            "slot": one.parsed.slot,
            "value": value,
            "last4": value[-4:],
            "tac": value[:TAC_DIGITS] if kind == "imei" and one.verdict != "unusable" else None,
            "verdict": one.verdict,
            "why": one.why,
            "advice": number_advice(one),
            "source": _source(one.reads),
            "agreeing": one.agreeing,
            "reads": _reads_at(one.reads),
            "crop": crop,
            "crop_jpeg": jpeg,
        }
    )


def _models(reads: Sequence[Read], photo: Photo) -> Iterator[ReadModel]:
    for kind, group in acceptance.codes(reads):
        code = group[0].parsed.value
        meant = meant_by(kind, code)
        if not meant.devices and kind in ("model", "model_name"):
            continue  # any word may follow "model"
        yield _model(group, meant, photo)


def _model(group: tuple[Read, ...], meant: MeantModel, photo: Photo) -> ReadModel:
    verdict, why = acceptance.judge_code(group, bool(meant.devices))
    crop, jpeg = _crop(group, photo)
    parsed: Parsed = group[0].parsed
    agreeing = len(acceptance.ways(group))
    return ReadModel.model_validate(
        {
            "kind": parsed.kind,
            "code": parsed.value,
            "devices": meant.devices,
            "storage_gb": meant.storage_gb,
            "colour": meant.colour,
            "verdict": verdict,
            "why": why,
            "advice": model_advice(parsed, meant, verdict, agreeing),
            "source": _source(group),
            "agreeing": agreeing,
            "reads": _reads_at(group),
            "crop": crop,
            "crop_jpeg": jpeg,
        }
    )


def _source(reads: Sequence[Read]) -> str:
    return "barcode" if any(read.reader == "barcode" for read in reads) else "ocr"


def _reads_at(reads: Sequence[Read]) -> tuple[ReadAt, ...]:
    once = itertools.groupby(sorted(reads, key=lambda read: (read.reader, -read.scale)), key=lambda read: read[1:])
    return tuple(ReadAt(reader=reader, scale=round(scale, 3), box=_rounded(box)) for (reader, scale, box), _ in once)


def _rounded(box: Box) -> Box:
    left, top, width, height = (round(value, 1) for value in box)
    return left, top, width, height


def _crop(reads: Sequence[Read], photo: Photo) -> tuple[Box, str]:
    """Return the part of the photo around the first read, and it as JPEG in base64."""
    box = _in_decoded(reads[0].box, photo)
    margin = _MARGIN * box[3]
    left, top = max(0.0, box[0] - margin), max(0.0, box[1] - margin)
    right = min(float(photo.hw[1]), box[0] + box[2] + margin)
    bottom = min(float(photo.hw[0]), box[1] + box[3] + margin)
    cut = (left, top, max(1.0, right - left), max(1.0, bottom - top))
    picture = _cut(photo, _Region(cut, min(1.0, _CROP_PX / max(cut[2], cut[3]))))
    bgr = np.ascontiguousarray(picture[..., ::-1])
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _CROP_QUALITY])
    x, y = photo.full_hw[1] / photo.hw[1], photo.full_hw[0] / photo.hw[0]
    full = _rounded((cut[0] * x, cut[1] * y, cut[2] * x, cut[3] * y))
    return full, base64.b64encode(encoded.tobytes()).decode("ascii")
