"""The HTML report."""

import re
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from phonegrade.assessment.assess import assess_photos
from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.report import render_report
from phonegrade.assessment.report_pictures import NATIVE_PX, close_up, surface_picture
from phonegrade.assessment.report_rows import width_words
from phonegrade.assessment.request import reference_of
from phonegrade.configs.policy import shipped_policy
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.functional.report import load_functional
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.explain.deciding import deciding_marks
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.photo.decode import decode
from phonegrade.tests.drawn import jpeg
from phonegrade.tests.drawn_device import device_photos, empty_table, second_shots
from phonegrade.tests.grading.builders import defect

POLICY = shipped_policy("ctia-like")
ANSWERED_AT = datetime(2026, 3, 1, 14, 5, tzinfo=timezone(timedelta(hours=1)))
HOSTILE = "<script>alert(1)</script>.jpg"
Photos = dict[Surface, list[PhotoFile]]


@pytest.fixture(scope="module")
def device(stub_models: Path) -> tuple[Assessment, Photos]:
    file = Path(__file__).parents[2] / "samples" / "functional.json"
    tests = load_functional(file.read_bytes(), file.name)
    photos = {surface: [PhotoFile(f"{surface}.jpg", data, surface)] for surface, data in device_photos().items()}
    photos[Surface.BACK] = [PhotoFile(HOSTILE, photos[Surface.BACK][0].data, Surface.BACK)]
    assessment = assess_photos(
        photos, tests, find_device("iphone 13"), shipped_policy("ctia-like"), Inspector.load(stub_models)
    )
    return assessment, photos


def test_the_report_tells_grade_reasons_millimetres_tests_and_hashes(device: tuple[Assessment, Photos]) -> None:
    assessment, photos = device
    html = render_report(assessment, photos, POLICY, ANSWERED_AT)
    assert f">{assessment.decision.grade}</div>" in html
    for reason in assessment.decision.reasons:
        assert reason.rule in html
    (scratch,) = assessment.inspections[Surface.FRONT].defects
    assert f"{scratch.length_mm:.1f}" in html
    assert "touch grid" in html
    for photo in assessment.photos.values():
        assert photo.sha256 in html
    assert assessment.versions.policy.sha256 in html


def test_the_report_needs_no_other_file(device: tuple[Assessment, Photos]) -> None:
    html = render_report(*device, POLICY, ANSWERED_AT)
    close_ups = len(deciding_marks(device[0].decision, device[0].inspections))
    assert html.count("data:image/jpeg;base64,") == len(Surface) + close_ups
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert "url(" not in html
    assert "@import" not in html


def test_each_mark_that_decides_is_shown_near_with_and_without_its_outline(device: tuple[Assessment, Photos]) -> None:
    assessment, _ = device
    html = render_report(*device, POLICY, ANSWERED_AT)
    (mark,) = deciding_marks(assessment.decision, assessment.inspections)
    (section,) = re.findall(r'<section class="close.*?</section>', html, re.DOTALL)
    plain, outlined, facts = re.split(r"</figure>", section)
    assert 'class="edge' not in plain
    assert 'class="edge decides"' in outlined
    assert " mm</text>" in plain
    assert "at the photo" in plain
    assert mark.reasons[0].rule in facts
    assert mark.defect.length_mm is not None
    assert f"{mark.defect.length_mm:.1f}" in facts


def test_a_close_up_has_the_photos_own_pixels_and_the_mark_in_its_middle(device: tuple[Assessment, Photos]) -> None:
    assessment, photos = device
    inspection = assessment.inspections[Surface.FRONT]
    photo = decode(photos[Surface.FRONT][0].data, long_side_px=NATIVE_PX)
    picture = close_up(photo, inspection, inspection.defects[0], landscape=False)
    assert picture.reduced == 1.0
    numbers = np.array([float(n) for n in re.findall(r"[\d.]+", picture.marks[0].path)]).reshape(-1, 2)
    middle = (numbers.min(axis=0) + numbers.max(axis=0)) / 2
    assert middle == pytest.approx([picture.width_px / 2, picture.height_px / 2], abs=4)
    assert picture.bar_px is not None
    assert picture.bar_mm is not None
    assert picture.bar_px / picture.bar_mm == pytest.approx(inspection.scale.px_per_mm, rel=0.05)


def test_a_tall_photo_of_an_edge_is_laid_on_its_side_with_its_outlines(device: tuple[Assessment, Photos]) -> None:
    assessment, photos = device
    wide = photos[Surface.LEFT][0].data
    rgb = np.ascontiguousarray(np.rot90(decode(wide).rgb))
    inspection = assessment.inspections[Surface.LEFT]
    assert inspection.outline is not None
    turned = tuple((y, rgb.shape[0] - 1 - x) for x, y in inspection.outline)
    picture = surface_picture(
        jpeg(rgb), inspection.model_copy(update={"outline": turned, "defects": ()}), 800, landscape=True
    )
    assert picture.width_px > picture.height_px
    assert picture.body is not None
    corners = np.array([float(n) for n in re.findall(r"-?[\d.]+", picture.body)]).reshape(-1, 2)
    assert corners.min() > 0
    assert (corners.max(axis=0) < [picture.width_px, picture.height_px]).all()


def test_the_head_says_when_and_of_which_asset_and_order(device: tuple[Assessment, Photos]) -> None:
    named = device[0].model_copy(update={"reference": reference_of(" A-17 ", "<b>7</b>")})
    html = render_report(named, device[1], POLICY, ANSWERED_AT)
    assert "01 March 2026, 14:05 (UTC+01:00)" in html
    assert "<b>A-17</b>" in html
    assert "&lt;b&gt;7&lt;/b&gt;" in html


def test_a_time_without_zone_is_refused(device: tuple[Assessment, Photos]) -> None:
    with pytest.raises(ValueError, match="time zone"):
        render_report(*device, POLICY, ANSWERED_AT.replace(tzinfo=None))


def test_every_model_is_told_with_its_hash(device: tuple[Assessment, Photos]) -> None:
    html = render_report(*device, POLICY, ANSWERED_AT)
    models = device[0].versions.models
    for sha256 in (
        models.locator_sha256,
        models.boundary_refiner_sha256,
        models.segmenter_sha256,
        models.frame_segmenter_sha256,
    ):
        assert sha256 is None or sha256 in html


def test_without_a_grade_the_head_says_what_it_is_at_best(device: tuple[Assessment, Photos], stub_models: Path) -> None:
    photos = {Surface.FRONT: device[1][Surface.FRONT]}
    assessment = assess_photos(photos, None, None, POLICY, Inspector.load(stub_models))
    assert assessment.decision.cosmetic_at_best is not None
    html = render_report(assessment, photos, POLICY, ANSWERED_AT)
    assert f"<small>at best {assessment.decision.cosmetic_at_best}</small>" in html
    assert "No grade yet, but at best" in html


@pytest.mark.parametrize(
    ("width_mm", "error_mm", "words"),
    [
        (None, None, "unknown"),
        (0.4, None, "0.40"),
        (0.4, 0.06, "0.40 ± 0.06"),
        (0.4, 0.0, "0.40 ± 0.01"),
        (0.03, None, "under 0.25"),
        (0.03, 0.02, "0.03 ± 0.02 †"),
    ],
)
def test_a_width_is_never_finer_than_the_photo_without_a_word(
    width_mm: float | None, error_mm: float | None, words: str
) -> None:
    mark = defect(width_mm=width_mm).model_copy(update={"width_error_mm": error_mm})
    assert width_words(mark, 0.25) == words


def test_a_hostile_file_name_stays_text(device: tuple[Assessment, Photos]) -> None:
    html = render_report(*device, POLICY, ANSWERED_AT)
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_every_element_is_closed(device: tuple[Assessment, Photos]) -> None:
    checker = _Closed()
    checker.feed(render_report(*device, POLICY, ANSWERED_AT))
    assert checker.open == []


def test_a_report_of_one_photo_says_which_surfaces_are_missing(
    device: tuple[Assessment, Photos], stub_models: Path
) -> None:
    photos = {Surface.FRONT: device[1][Surface.FRONT]}
    assessment = assess_photos(photos, None, None, shipped_policy("ctia-like"), Inspector.load(stub_models))
    html = render_report(assessment, photos, POLICY, ANSWERED_AT)
    assert html.count("No photo was sent.") == len(Surface) - 1
    assert "is assumed" in html


def test_every_shot_is_shown_with_its_overlay_and_what_became_of_it(stub_models: Path) -> None:
    fronts = [
        PhotoFile("front.jpg", device_photos()[Surface.FRONT], Surface.FRONT),
        PhotoFile(f"2{HOSTILE}", second_shots()[Surface.FRONT], Surface.FRONT),
        PhotoFile("desk.jpg", empty_table(), Surface.FRONT),
    ]
    back = PhotoFile("back.jpg", device_photos()[Surface.BACK], Surface.BACK)
    photos: Photos = {Surface.FRONT: fronts, Surface.BACK: [back]}
    assessment = assess_photos(photos, None, None, shipped_policy("ctia-like"), Inspector.load(stub_models))
    html = render_report(assessment, photos, POLICY, ANSWERED_AT)
    assert html.count("data:image/jpeg;base64,") == 3 + len(deciding_marks(assessment.decision, assessment.inspections))
    assert "2 of 3 views used" in html
    assert "desk.jpg: not used; " in html
    assert "<script" not in html
    for shot in assessment.views[Surface.FRONT].photos:
        assert shot.sha256 in html
    checker = _Closed()
    checker.feed(html)
    assert checker.open == []


def test_a_report_of_one_photo_a_surface_speaks_of_no_further_views(device: tuple[Assessment, Photos]) -> None:
    assert "shots used" not in render_report(*device, POLICY, ANSWERED_AT)


class _Closed(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
