"""The whole way from a photo's bytes to measured defects, against drawn truth."""

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.errors import PhotoError
from phonegrade.core.geometry import transform
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Contamination, DefectKind, ScaleSource, Surface, View, Zone
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.locating.device import locate_device
from phonegrade.inference.locating.surface import rectify_surface
from phonegrade.inference.photo.decode import decode
from phonegrade.tests.drawn import Mark, jpeg, photo_from_mm, photograph, png, quad_px
from phonegrade.tests.stub_models import BACKGROUND

PHONE = find_device("Apple iPhone 13")
HW = (1600, 1200)
CRACK = Mark("crack", ((15, 30), (45, 70)), 0.6)
SCRATCH = Mark("scratch", ((20, 100), (50, 104)), 0.5)
DUST = Mark("dust", ((40, 20), (46, 20), (46, 26), (40, 26)), filled=True)


@pytest.fixture(scope="module")
def inspector(stub_models: Path) -> Inspector:
    return Inspector.load(stub_models)


@pytest.fixture(scope="module")
def keen_on_edges(inspector: Inspector) -> Inspector:
    """One with a segmenter of edges, which wants them twice as fine."""
    card = inspector.segmenter.card.model_copy(update={"px_per_mm": 2 * inspector.segmenter.card.px_per_mm})
    return replace(inspector, frame_segmenter=replace(inspector.segmenter, card=card, sha256="e" * 64))


def codes(inspection: Inspection) -> set[str]:
    return {flag.code for flag in inspection.quality}


@pytest.mark.parametrize("surface", [Surface.FRONT, Surface.BACK])
@pytest.mark.parametrize(("turn", "tilt"), [(0, 0.0), (12, 0.25), (-60, 0.1), (25, 0.3)])
def test_drawn_strokes_come_back_in_millimetres_and_in_place(
    inspector: Inspector, surface: Surface, turn: int, tilt: float
) -> None:
    quad = quad_px(surface, HW, turn_deg=turn, tilt=tilt)
    rgb = photograph(surface, (CRACK, SCRATCH), photo_hw=HW, quad=quad)
    got = inspector.inspect(PhotoFile("photo", jpeg(rgb), surface), device=PHONE)
    by_kind = {d.kind: d for d in got.defects}
    assert set(by_kind) == {DefectKind.CRACK, DefectKind.SCRATCH}
    for mark in (CRACK, SCRATCH):
        defect = by_kind[DefectKind(mark.kind)]
        assert defect.length_mm == pytest.approx(np.linalg.norm(np.subtract(*mark.points_mm)), rel=0.03)
        assert defect.width_mm == pytest.approx(mark.width_mm, abs=0.15)
        assert_on_stroke(np.asarray(defect.polygon), mark, photo_from_mm(surface, quad))
    assert codes(got) == set()
    assert got.view is surface.view
    assert got.scale.source is ScaleSource.CATALOGUE


def assert_on_stroke(polygon: np.ndarray, mark: Mark, to_photo: np.ndarray) -> None:
    """Every corner of the polygon lies within 0.6 mm of the stroke's axis, and both its tips are reached."""
    mm = transform(np.linalg.inv(to_photo), polygon)
    a, b = np.asarray(mark.points_mm)
    along = np.clip((mm - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
    assert np.linalg.norm(mm - (a + along[:, None] * (b - a)), axis=1).max() < 0.6
    assert along.min() < 0.03
    assert along.max() > 0.97


@pytest.mark.parametrize("surface", [Surface.LEFT, Surface.BOTTOM])
def test_edges_are_measured_on_their_strip(inspector: Inspector, surface: Surface) -> None:
    dent = Mark("dent", ((30, 2), (34, 2), (34, 5), (30, 5)), filled=True)
    got = inspector.inspect(PhotoFile("edge", jpeg(photograph(surface, (dent,), photo_hw=HW)), surface), device=PHONE)
    (defect,) = got.defects
    assert (defect.kind, defect.zone, defect.id) == (DefectKind.DENT, Zone.FRAME, f"{surface}-1")
    assert defect.area_mm2 == pytest.approx(12.0, rel=0.1)
    assert defect.length_mm == pytest.approx(4.0, abs=0.3)


def test_the_segmenter_of_edges_measures_them_alike_at_its_own_scale(
    inspector: Inspector, keen_on_edges: Inspector
) -> None:
    nick = Mark("chip", ((30, 2), (34, 2), (34, 5), (30, 5)), filled=True)
    data = jpeg(photograph(Surface.LEFT, (nick,), photo_hw=(3000, 3600)))
    usual, finer = (
        one.inspect(PhotoFile("edge", data, Surface.LEFT), device=PHONE) for one in (inspector, keen_on_edges)
    )
    assert finer.scale.resolvable_mm == pytest.approx((usual.scale.resolvable_mm or 0) / 2)
    assert (finer.model.frame_segmenter_sha256, usual.model.frame_segmenter_sha256) == ("e" * 64, None)
    assert codes(finer) == codes(usual)
    (defect,) = finer.defects
    assert (defect.kind, defect.zone) == (DefectKind.CHIP, Zone.FRAME)
    assert defect.area_mm2 == pytest.approx(12.0, rel=0.05)


def test_light_and_sharpness_are_judged_at_one_scale(inspector: Inspector) -> None:
    photo, card = decode(jpeg(photograph(Surface.LEFT, photo_hw=HW))), inspector.segmenter.card
    located = locate_device(
        photo,
        inspector.locator,
        inspector.boundary_refiner,
        lambda _: card,
        promised=View.EDGE,
        surface=Surface.LEFT,
        device=PHONE,
    )
    judged = [
        rectify_surface(photo, located, card.model_copy(update={"px_per_mm": times * card.px_per_mm})).judged_rgb
        for times in (1, 2)
    ]
    assert [one.shape[1] for one in judged] == pytest.approx([PHONE.height_mm * card.px_per_mm] * 2, abs=1)


def test_the_segmenter_of_edges_does_not_see_faces(inspector: Inspector, keen_on_edges: Inspector) -> None:
    data = jpeg(photograph(Surface.FRONT, (CRACK,), photo_hw=HW))
    usual, other = (
        one.inspect(PhotoFile("front", data, Surface.FRONT), device=PHONE) for one in (inspector, keen_on_edges)
    )
    assert usual == other.model_copy(update={"model": usual.model})


def test_an_unnamed_edge_is_long_or_short_by_its_proportions(inspector: Inspector) -> None:
    for surface, length in ((Surface.RIGHT, PHONE.height_mm), (Surface.TOP, PHONE.width_mm)):
        got = inspector.inspect(PhotoFile("edge", jpeg(photograph(surface, photo_hw=HW))), view=View.EDGE, device=PHONE)
        assert got.surface_size_mm == (length, PHONE.depth_mm)


@pytest.mark.parametrize("turn", range(1, 9))
def test_polygons_are_in_the_pixels_that_a_viewer_shows(inspector: Inspector, turn: int) -> None:
    undo = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[turn]
    upright = photograph(Surface.FRONT, (CRACK,), photo_hw=HW)
    stored = Image.fromarray(upright) if undo is None else Image.fromarray(upright).transpose(Image.Transpose(undo))
    tags = Image.Exif()
    tags[0x0112] = turn
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG", quality=95, subsampling=0, exif=tags)
    assert np.abs(_viewed(buffer.getvalue()).astype(int) - upright).mean() < 1
    (defect,) = inspector.inspect(PhotoFile("turned", buffer.getvalue(), Surface.FRONT), device=PHONE).defects
    assert_on_stroke(np.asarray(defect.polygon), CRACK, photo_from_mm(Surface.FRONT, quad_px(Surface.FRONT, HW)))


def _viewed(data: bytes) -> np.ndarray:
    """What OpenCV, an independent viewer, shows of the file."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)


def test_a_twelve_megapixel_photo_answers_in_its_own_full_size_pixels(inspector: Inspector) -> None:
    hw = (4032, 3024)
    small = photograph(Surface.FRONT, (CRACK,), photo_hw=(2016, 1512), quad=quad_px(Surface.FRONT, (2016, 1512)))
    got = inspector.inspect(PhotoFile("large", jpeg(cv2.resize(small, hw[::-1])), Surface.FRONT), device=PHONE)
    quad = quad_px(Surface.FRONT, hw)
    assert got.outline is not None
    assert np.abs(np.asarray(got.outline) - quad).max() < 15
    assert got.scale.px_per_mm == pytest.approx(np.linalg.norm(quad[0] - quad[3]) / PHONE.height_mm, rel=0.01)
    assert_on_stroke(np.asarray(got.defects[0].polygon), CRACK, photo_from_mm(Surface.FRONT, quad))


def test_what_is_resolvable_is_bounded_by_the_canvas_and_not_by_the_file(inspector: Inspector) -> None:
    small = photograph(Surface.FRONT, photo_hw=(2016, 1512))
    got = inspector.inspect(PhotoFile("large", jpeg(cv2.resize(small, (3024, 4032))), Surface.FRONT), device=PHONE)
    assert got.scale.px_per_mm is not None
    assert got.scale.px_per_mm > 2 * inspector.segmenter.card.px_per_mm
    assert got.scale.resolvable_mm == pytest.approx(2.0 / inspector.segmenter.card.px_per_mm)


@pytest.mark.parametrize(("long_px", "resolvable_mm"), [(2016, 0.62), (4032, 0.31)])
def test_a_small_device_is_looked_at_in_all_the_pixels_that_its_file_has(
    inspector: Inspector, long_px: int, resolvable_mm: float
) -> None:
    hw = (2016, 1512)
    far = photograph(Surface.FRONT, (CRACK,), photo_hw=hw, quad=quad_px(Surface.FRONT, hw, fill=0.24))
    photo = jpeg(cv2.resize(far, (long_px * 3 // 4, long_px)))
    got = inspector.inspect(PhotoFile("far", photo, Surface.FRONT), device=PHONE)
    assert got.scale.px_per_mm == pytest.approx(0.24 * long_px / PHONE.height_mm, rel=0.02)
    assert got.scale.resolvable_mm == pytest.approx(resolvable_mm, rel=0.05)
    assert ("low_resolution" in codes(got)) == (resolvable_mm > 0.6)


def test_an_upside_down_back_is_turned_by_its_camera(inspector: Inspector) -> None:
    quad = quad_px(Surface.BACK, HW, turn_deg=180)
    got = inspector.inspect(PhotoFile("back", jpeg(photograph(Surface.BACK, photo_hw=HW, quad=quad)), Surface.BACK))
    assert np.abs(np.asarray(got.outline) - quad).max() < 8


@pytest.mark.parametrize(
    ("surface", "x", "y", "zone"),
    [
        (Surface.FRONT, 35, 70, Zone.DISPLAY),
        (Surface.FRONT, 2.5, 70, Zone.BEZEL),
        (Surface.FRONT, 4.2, 5.2, Zone.CORNER),
        (Surface.FRONT, 9, 9, Zone.DISPLAY),
        (Surface.BACK, 20, 20, Zone.CAMERA),
        (Surface.BACK, 35, 100, Zone.BACK),
        (Surface.BACK, 66, 141, Zone.CORNER),
        (Surface.LEFT, 70, 4, Zone.FRAME),
        (Surface.LEFT, 4, 4, Zone.CORNER),
    ],
)
def test_zones(inspector: Inspector, surface: Surface, x: float, y: float, zone: Zone) -> None:
    chip = Mark("chip", ((x - 0.8, y - 0.8), (x + 0.8, y - 0.8), (x + 0.8, y + 0.8), (x - 0.8, y + 0.8)), filled=True)
    got = inspector.inspect(PhotoFile("z", jpeg(photograph(surface, (chip,), photo_hw=HW)), surface), device=PHONE)
    assert [d.zone for d in got.defects] == [zone]


def test_dirt_is_contamination_and_never_a_defect(inspector: Inspector) -> None:
    got = inspector.inspect(PhotoFile("dusty", jpeg(photograph(Surface.FRONT, (DUST,), photo_hw=HW))), device=PHONE)
    assert got.defects == ()
    (dust,) = got.contamination
    assert (dust.kind, dust.area_mm2) == (Contamination.DUST, pytest.approx(36, rel=0.08))


def test_much_dirt_asks_for_clean_and_retake(inspector: Inspector) -> None:
    oil = Mark("oil", ((15, 30), (50, 30), (50, 90), (15, 90)), filled=True)
    got = inspector.inspect(PhotoFile("oily", jpeg(photograph(Surface.FRONT, (oil,), photo_hw=HW))), device=PHONE)
    assert "clean_and_retake" in codes(got)


@pytest.mark.parametrize("min_confidence", [0.0, 0.99])
def test_whether_to_clean_does_not_depend_on_the_callers_limit(inspector: Inspector, min_confidence: float) -> None:
    oil = Mark("oil", ((15, 30), (50, 30), (50, 90), (15, 90)), filled=True)
    photo = jpeg(photograph(Surface.FRONT, (oil,), photo_hw=HW))
    got = inspector.inspect(PhotoFile("oily", photo), device=PHONE, min_confidence=min_confidence)
    assert "clean_and_retake" in codes(got)


def test_an_unknown_device_has_assumed_millimetres(inspector: Inspector) -> None:
    got = inspector.inspect(PhotoFile("unknown", jpeg(photograph(Surface.FRONT, (CRACK,), photo_hw=HW))))
    assert got.scale.source is ScaleSource.ASSUMED
    assert codes(got) == {"assumed_scale"}
    assert got.defects[0].id == "d1"


def test_without_a_device_there_is_no_outline_and_no_scale(inspector: Inspector) -> None:
    table = np.full((*HW, 3), BACKGROUND, np.uint8)
    got = inspector.inspect(PhotoFile("table", jpeg(table), Surface.FRONT), device=PHONE)
    assert codes(got) >= {"no_device"}
    assert (got.outline, got.surface_size_mm) == (None, None)
    assert (got.scale.px_per_mm, got.scale.source, got.scale.resolvable_mm) == (None, ScaleSource.NONE, None)
    assert got.defects == ()


def test_a_cut_off_phone_is_searched_but_not_measured(inspector: Inspector) -> None:
    quad = quad_px(Surface.FRONT, HW) + np.array([500.0, 0.0])
    rgb = photograph(Surface.FRONT, (CRACK,), photo_hw=HW, quad=quad)
    rgb[100:140, 50:90] = (255, 0, 0)  # the same paint on the table beside the phone
    got = inspector.inspect(PhotoFile("cut", jpeg(rgb), Surface.FRONT), device=PHONE)
    assert "cut_off" in codes(got)
    (crack,) = got.defects
    assert (crack.length_mm, crack.width_mm, crack.area_mm2, crack.zone) == (None, None, None, None)
    assert_on_stroke(np.asarray(crack.polygon), CRACK, photo_from_mm(Surface.FRONT, quad))


def test_the_back_where_the_front_was_promised_is_flagged(inspector: Inspector) -> None:
    got = inspector.inspect(PhotoFile("b", jpeg(photograph(Surface.BACK, photo_hw=HW)), Surface.FRONT), device=PHONE)
    assert got.view is View.BACK
    assert "view_mismatch" in codes(got)


def test_defects_are_sorted_and_the_limit_is_kept(inspector: Inspector) -> None:
    data = png(photograph(Surface.FRONT, (CRACK, SCRATCH), photo_hw=HW))
    everything = inspector.inspect(PhotoFile("p", data), device=PHONE, min_confidence=0.0).defects
    assert [d.confidence for d in everything] == sorted((d.confidence for d in everything), reverse=True)
    assert inspector.inspect(PhotoFile("p", data), device=PHONE, min_confidence=1.0).defects == ()
    assert all(len(d.polygon) >= 3 for d in everything)


def test_threads_share_one_inspector(inspector: Inspector) -> None:
    photos = [jpeg(photograph(s, (CRACK,), photo_hw=(800, 600))) for s in (Surface.FRONT, Surface.BACK)] * 4
    alone = [inspector.inspect(PhotoFile("p", p), device=PHONE) for p in photos]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda p: inspector.inspect(PhotoFile("p", p), device=PHONE), photos)) == alone


@pytest.mark.parametrize("hw", [(32, 32), (32, 9000), (9000, 33), (33, 800)])
@pytest.mark.parametrize("level", [BACKGROUND[0], 230])
def test_the_oddest_shapes_are_answered(inspector: Inspector, hw: tuple[int, int], level: int) -> None:
    got = inspector.inspect(PhotoFile("odd", png(np.full((*hw, 3), level, np.uint8)), Surface.FRONT), device=PHONE)
    assert got.defects == ()
    assert got.scale.source is ScaleSource.NONE


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\xff\xd8\xff\xe0\0\x10JFIF"])
def test_what_is_no_photo_raises_a_photo_error(inspector: Inspector, data: bytes) -> None:
    with pytest.raises(PhotoError):
        inspector.inspect(PhotoFile("bad", data))


def test_the_record_survives_json(inspector: Inspector) -> None:
    got = inspector.inspect(PhotoFile("p", jpeg(photograph(Surface.BACK, (CRACK,), photo_hw=HW))), device=PHONE)
    assert Inspection.model_validate_json(got.model_dump_json()) == got
    assert got.model.locator == "stub-1"
