"""The HTML report."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from phonegrade.configs.catalogue import find_device
from phonegrade.configs.functional import load_functional
from phonegrade.configs.policy import shipped_policy
from phonegrade.configs.vocabulary import Surface
from phonegrade.inference.inspector import Inspector
from phonegrade.service.appraisal import Appraisal
from phonegrade.service.appraise import appraise
from phonegrade.service.report import render_report
from phonegrade.tests.drawn_device import device_photos, empty_table, second_shots

HOSTILE = "<script>alert(1)</script>.jpg"
Photos = dict[Surface, list[tuple[str, bytes]]]


@pytest.fixture(scope="module")
def device(stub_models: Path) -> tuple[Appraisal, Photos]:
    file = Path(__file__).parents[2] / "samples" / "functional.json"
    tests = load_functional(file.read_bytes(), file.name)
    photos = {surface: [(f"{surface}.jpg", data)] for surface, data in device_photos().items()}
    photos[Surface.BACK] = [(HOSTILE, photos[Surface.BACK][0][1])]
    appraisal = appraise(
        photos, tests, find_device("iphone 13"), shipped_policy("ctia-like"), Inspector.load(stub_models)
    )
    return appraisal, photos


def test_the_report_tells_grade_reasons_millimetres_tests_and_hashes(device: tuple[Appraisal, Photos]) -> None:
    appraisal, photos = device
    html = render_report(appraisal, photos)
    assert f">{appraisal.decision.grade}</div>" in html
    for reason in appraisal.decision.reasons:
        assert reason.rule in html
    (scratch,) = appraisal.inspections[Surface.FRONT].defects
    assert f"{scratch.length_mm:.1f}" in html
    assert "touch grid" in html
    for photo in appraisal.photos.values():
        assert photo.sha256 in html
    assert appraisal.versions.policy.sha256 in html


def test_the_report_needs_no_other_file(device: tuple[Appraisal, Photos]) -> None:
    html = render_report(*device)
    assert html.count("data:image/jpeg;base64,") == len(Surface)
    assert not re.search(r'(src|href)="(?!data:)', html)
    assert "url(" not in html


def test_a_hostile_file_name_stays_text(device: tuple[Appraisal, Photos]) -> None:
    html = render_report(*device)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_every_element_is_closed(device: tuple[Appraisal, Photos]) -> None:
    checker = _Closed()
    checker.feed(render_report(*device))
    assert checker.open == []


def test_a_report_of_one_photo_says_which_surfaces_are_missing(
    device: tuple[Appraisal, Photos], stub_models: Path
) -> None:
    photos = {Surface.FRONT: device[1][Surface.FRONT]}
    appraisal = appraise(photos, None, None, shipped_policy("ctia-like"), Inspector.load(stub_models))
    html = render_report(appraisal, photos)
    assert html.count("No photo was sent.") == len(Surface) - 1
    assert "is assumed" in html


def test_every_shot_is_shown_with_its_overlay_and_what_became_of_it(stub_models: Path) -> None:
    fronts = [
        ("front.jpg", device_photos()[Surface.FRONT]),
        (f"2{HOSTILE}", second_shots()[Surface.FRONT]),
        ("desk.jpg", empty_table()),
    ]
    photos: Photos = {Surface.FRONT: fronts, Surface.BACK: [("back.jpg", device_photos()[Surface.BACK])]}
    appraisal = appraise(photos, None, None, shipped_policy("ctia-like"), Inspector.load(stub_models))
    html = render_report(appraisal, photos)
    assert html.count("data:image/jpeg;base64,") == 3
    assert "2 of 3 shots used" in html
    assert "desk.jpg: not used; " in html
    assert "<script" not in html
    for shot in appraisal.shots[Surface.FRONT].photos:
        assert shot.sha256 in html
    checker = _Closed()
    checker.feed(html)
    assert checker.open == []


def test_a_report_of_one_photo_a_surface_speaks_of_no_shots(device: tuple[Appraisal, Photos]) -> None:
    assert "shots used" not in render_report(*device)


class _Closed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
