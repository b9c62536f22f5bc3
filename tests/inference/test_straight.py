"""One photo's way through `inference` is straight: each stage runs once, on what the one before it handed over."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import cv2
import pytest

import phonegrade.inference
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.stages import recorded
from phonegrade.core.vocabulary import Surface
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn import Mark, jpeg, photograph, quad_px

SCRATCHES = (Mark("scratch", ((20, 100), (50, 104)), 0.5),)
SAMPLES = Path(__file__).parents[2] / "samples"
ROOM = Path(next(iter(phonegrade.inference.__path__)))
STAGE = {
    "photo/concealment.py": "decode",
    "photo/decode.py": "decode",
    "photo/header.py": "decode",
    "photo/heif_items.py": "decode",
    "locating/boundary.py": "locate",
    "locating/coarse.py": "locate",
    "locating/device.py": "locate",
    "locating/locate.py": "locate",
    "locating/outline.py": "locate",
    "locating/search.py": "locate",
    "locating/strips.py": "locate",
    "locating/thickness.py": "locate",
    "locating/rectify.py": "rectify",
    "locating/surface.py": "rectify",
    "locating/valid_mask.py": "rectify",
    "locating/zones.py": "rectify",
    "quality.py": "check quality",
    "quality_measures.py": "check quality",
    "defects/segment.py": "segment",
    # crossing scratches are separated, and pieces joined, before any of them is measured
    "defects/candidates.py": "extract",
    "defects/confidence.py": "extract",
    "defects/crossings.py": "extract",
    "defects/extract.py": "extract",
    "defects/instances.py": "extract",
    "defects/merge.py": "extract",
    "defects/rescoring.py": "extract",
    "defects/measure.py": "measure",
    "defects/records.py": "measure",
    "defects/width.py": "measure",
}
"""The stage that each file belongs to."""
NO_STAGE = {
    "inspector.py": "runs the stages",
    "card.py": "what a model's file says of itself",
    "openvino_session.py": "opens the models with another runtime",
    "session.py": "opens the models",
    "signature.py": "whether the models are who they say",
    "photo/metadata.py": "strips a file that is stored, and never looks at the picture",
    "worker_process.py": "a process of its own for photos",
    "limited_process.py": "a process with limits, for photos that broke another",
    "capture_rules.py": "the limits that the service and the pages judge a photo by",
    "overlay.py": "draws a finished inspection",
    "overlay_svg.py": "draws a finished inspection to lie on its photo",
    "defects/drawn.py": "measures what a person outlined, by the functions of measuring",
    "photo/photo.py": "the record that decoding hands over; its coordinates are converted at the end",
    "photo/downscale.py": "a helper of locating, rectifying and checking quality",
    "locating/regions.py": "a helper of locating and rectifying",
    "defects/skeleton.py": "centre lines, a helper of extracting and measuring",
}
"""Files that are no stage's own, and why."""
ORDER = ["decode", "locate", "rectify", "check quality", "segment", "extract", "measure"]
MOST_CHANGES = 8
"""Six from the first stage to the last, one for the dirt that only extracting shows, and one to spare: a finer decoding
of a small device."""


def stages_of(inspector: Inspector, file: PhotoFile) -> list[str]:
    """The stages in the order in which their functions are called, each run of one stage once."""
    ran: list[str] = []

    def note(frame: FrameType, event: str, _: Any) -> None:  # noqa: ANN401 - as `sys.setprofile` has it
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(ROOM):
            stage = STAGE.get(path.relative_to(ROOM).as_posix())
            if stage is not None and ran[-1:] != [stage]:
                ran.append(stage)

    sys.setprofile(note)
    try:
        inspector.inspect(file)
    finally:
        sys.setprofile(None)
    return ran


def files() -> Iterator[str]:
    return (path.relative_to(ROOM).as_posix() for path in ROOM.rglob("*.py"))


def test_every_file_belongs_to_one_stage_or_says_why_to_none() -> None:
    assert sorted(files()) == sorted([*STAGE, *NO_STAGE])


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.BACK, Surface.LEFT])
def test_a_photo_goes_straight_through_the_stages(surface: Surface) -> None:
    file = PhotoFile("photo.jpg", (SAMPLES / f"{surface}.jpg").read_bytes(), surface)
    ran = stages_of(Inspector.load(), file)
    assert len(ran) - 1 <= MOST_CHANGES, ran
    assert list(dict.fromkeys(ran)) == ORDER


def test_every_stage_is_timed_in_its_order_and_none_runs_inside_another() -> None:
    file = PhotoFile("photo.jpg", (SAMPLES / "front.jpg").read_bytes(), Surface.FRONT)
    inspector = Inspector.load()
    with recorded() as stages:
        inspector.inspect(file)
    assert [one.name.replace("_", " ") for one in stages] == ORDER
    assert all(a.start_s + a.seconds <= b.start_s for a, b in itertools.pairwise(stages))


def test_a_small_device_is_decoded_finer_before_it_is_rectified_and_never_again(stub_models: Path) -> None:
    hw = (2016, 1512)
    far = photograph(Surface.FRONT, SCRATCHES, photo_hw=hw, quad=quad_px(Surface.FRONT, hw, fill=0.24))
    file = PhotoFile("far.jpg", jpeg(cv2.resize(far, (3024, 4032))), Surface.FRONT)
    ran = stages_of(Inspector.load(stub_models), file)
    assert ran[:5] == ["decode", "locate", "decode", "rectify", "check quality"]
    assert len(ran) - 1 <= MOST_CHANGES, ran
