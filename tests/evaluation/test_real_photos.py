"""Folders of real photos: their manifest, and figures on drawn stand-ins."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface, View
from phonegrade.evaluation.corruptions import CORRUPTIONS
from phonegrade.evaluation.real_figures import summarise_real
from phonegrade.evaluation.real_photos import MANIFEST, SCRATCHES, inspect_real, read_real
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn import Mark, jpeg, photo_from_mm, photograph, quad_px

HW = (1500, 1100)
LINE = ((20.0, 40.0), (38.0, 52.0))
LINES = (
    "file,view,label,group",
    "crack.jpg,front,crack;scratch,a",
    "scratch.jpg,front,scratch,b",
    "clean.jpg,front,clean,c",
    "back.jpg,back,clean,d",
    "oil.jpg,front,oil,e",
    "broken.jpg,edge_left,dust,f",
)


def write_photos(root: Path) -> None:
    """Cracked and scratched fronts, two defect-free phones, one with a false scratch, and a file that is no photo."""
    painted = {
        "crack": (Surface.FRONT, (Mark("crack", LINE),)),
        "scratch": (Surface.FRONT, (Mark("scratch", LINE),)),
        "clean": (Surface.FRONT, ()),
        "back": (Surface.BACK, ()),
        "oil": (
            Surface.FRONT,
            (Mark("scratch", ((30, 90), (45, 99))), Mark("chip", ((20, 20), (22, 20), (22, 22)), filled=True)),
        ),
    }
    for name, (surface, defects) in painted.items():
        (root / f"{name}.jpg").write_bytes(jpeg(photograph(surface, defects, photo_hw=HW)))
    (root / "broken.jpg").write_bytes(b"no photo")
    (root / MANIFEST).write_text("\n".join(LINES) + "\n", encoding="utf-8")
    matrix = photo_from_mm(Surface.FRONT, quad_px(Surface.FRONT, HW))
    along = np.array(LINE[1]) - LINE[0]
    aside = 0.3 * np.array([-along[1], along[0]]) / np.hypot(*along)
    corners = np.array([LINE[0] + aside, LINE[1] + aside, LINE[1] - aside, LINE[0] - aside])
    shown = np.column_stack([corners, np.ones(4)]) @ matrix.T
    ring = (shown[:, :2] / shown[:, 2:]).ravel().tolist()
    coco = {
        "images": [{"id": 7, "file_name": "scratch.jpg", "width": HW[1], "height": HW[0]}],
        "annotations": [{"image_id": 7, "segmentation": [ring]}],
    }
    (root / SCRATCHES).write_text(json.dumps(coco), encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("real")
    write_photos(root)
    return root


def test_the_manifest_holds_views_labels_and_outlined_scratches(folder: Path) -> None:
    photos = {photo.file: photo for photo in read_real(folder)}
    assert photos["crack.jpg"].labels == {"crack", "scratch"}
    assert photos["broken.jpg"].view is View.EDGE
    assert photos["scratch.jpg"].hw == HW
    assert photos["clean.jpg"].scratches is None
    assert [photo.has_damage for photo in photos.values()] == [True, True, False, False, False, False]


def test_figures_of_drawn_photos_are_what_was_drawn(folder: Path, stub_models: Path) -> None:
    inspector = Inspector.load(stub_models)
    figures = summarise_real(
        [inspect_real(inspector, photo, (folder / photo.file).read_bytes()) for photo in read_real(folder)], "0" * 64
    )
    values = {name: one.value for name, one in figures.key_metrics.items()}
    assert values["crack AUROC"] == 1.0
    assert values["crack recall at 5 % false alarms"] == 1.0
    assert values["clean photos reported cracked, shipped limits"] == 0.0
    assert values["scratch F1, shipped limits"] == pytest.approx(1.0, abs=0.02)
    assert values["scratch F1, best threshold"] == pytest.approx(1.0, abs=0.02)
    assert values["false defects per clean photo"] == 0.0
    assert values["false defects per oil photo"] == 2.0
    assert figures.false_kinds["oil"] == {"crack": 0, "scratch": 1, "scuff": 0, "chip": 1, "dent": 0}
    assert figures.scratches_detected == {"best": "1/1", "shipped": "1/1"}
    assert figures.unanswered == 1
    assert figures.linear_at_best_threshold["oil"] == 1.0


@pytest.mark.parametrize("name", ["mirrored", "upside down"])
def test_scratches_are_detected_where_a_turned_photo_shows_them(folder: Path, stub_models: Path, name: str) -> None:
    inspector, corruption = Inspector.load(stub_models), CORRUPTIONS[name]
    predictions = [
        inspect_real(inspector, *corruption.of(photo, (folder / photo.file).read_bytes()))
        for photo in read_real(folder)
    ]
    figures = summarise_real(predictions, "0" * 64)
    assert figures.key_metrics["scratch F1, shipped limits"].value == pytest.approx(1.0, abs=0.02)
    assert figures.key_metrics["crack AUROC"].value == 1.0
    assert figures.unanswered == 1


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_keeps_the_size_of_a_photo_and_changes_its_pixels(folder: Path, name: str) -> None:
    photo = next(one for one in read_real(folder) if one.file == "scratch.jpg")
    data = (folder / photo.file).read_bytes()
    before, after = (
        cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)
        for file in (data, CORRUPTIONS[name].of(photo, data)[1])
    )
    assert after.shape == before.shape
    assert (after != before).any()


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.csv cannot be read"):
        read_real(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,view,label\n", "lists no photos"),
        ("file,view\na.jpg,front\n", "line 2: needs file, view, label"),
        ("file,view,label\na.jpg,side,clean\n", "there is no view 'side'"),
    ],
)
def test_a_wrong_manifest_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=complaint):
        read_real(tmp_path)
