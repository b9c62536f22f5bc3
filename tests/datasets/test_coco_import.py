"""COCO files as others write them: every outline is read, or the annotation is named."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from phonegrade.core.errors import UsageError
from phonegrade.datasets.coco import run_lengths
from phonegrade.datasets.coco_import import read_outlines

HW = (120, 90)
RING = [10.0, 20.0, 40.0, 30.0, 38.0, 36.0, 8.0, 26.0]


def drawn() -> np.ndarray:
    canvas = np.zeros(HW, np.uint8)
    cv2.fillPoly(canvas, [np.array(RING).reshape(-1, 2).astype(np.int32)], 1)
    return canvas


def coco(segmentation: object, name: str = "a.jpg", **more: object) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": name, "width": HW[1], "height": HW[0]}],
        "annotations": [{"id": 7, "image_id": 1, "category_id": 3, "segmentation": segmentation}],
        **more,
    }


def written(folder: Path, content: object) -> Path:
    path = folder / "scratch.coco.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def filled(polygons: tuple[tuple[tuple[float, float], ...], ...]) -> np.ndarray:
    canvas = np.zeros(HW, np.uint8)
    for polygon in polygons:
        cv2.fillPoly(canvas, [np.round(np.array(polygon)).astype(np.int32)], 1)
    return canvas


def packed() -> dict[str, Any]:
    packed = coco_mask.encode(np.asfortranarray(drawn()))
    return {"size": list(HW), "counts": packed["counts"].decode()}


@pytest.mark.parametrize("form", ["polygon", "plain", "packed"])
def test_polygons_and_both_forms_of_run_lengths_are_one_mask(form: str, tmp_path: Path) -> None:
    forms = {"polygon": [RING], "plain": run_lengths(drawn() > 0, (0, 0), (HW[1], HW[0])), "packed": packed()}
    outlined = read_outlines(written(tmp_path, coco(forms[form])), "scratch", ["a.jpg"])
    assert outlined["a.jpg"].hw == HW
    assert np.array_equal(filled(outlined["a.jpg"].outlines[0]), drawn())


@pytest.mark.parametrize("name", ["images/cb0618f6-a.jpg", "cb0618f6-a.jpg", "x\\a.jpg", "photos/a.jpg", "a.jpg"])
def test_names_are_matched_as_annotation_tools_write_them(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, coco([RING], name))
    assert list(read_outlines(path, "scratch", ["a.jpg", "b.jpg"])) == ["a.jpg"]
    assert list(read_outlines(path, "scratch", ["set/a.jpg"])) == ["set/a.jpg"]


def test_other_categories_are_left_out(tmp_path: Path) -> None:
    content = coco([RING], categories=[{"id": 3, "name": "crack"}, {"id": 4, "name": "Scratch"}])
    content["annotations"].append({"id": 8, "image_id": 1, "category_id": 4, "segmentation": [RING]})
    assert len(read_outlines(written(tmp_path, content), "scratch", ["a.jpg"])["a.jpg"].outlines) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (coco([]), "annotation 7: has no outline"),
        (coco(None), "annotation 7: has no outline"),
        (coco([[1.0, 2.0, 3.0, 4.0]]), "annotation 7: a polygon of 4 numbers"),
        (coco({"size": [9, 9], "counts": [81]}), "annotation 7: its mask is 9 x 9"),
        (coco({"size": list(HW), "counts": [5, 5]}), "annotation 7: its run lengths do not fill"),
        (coco([RING], "z.jpg"), "no photo of the manifest is annotated"),
        (coco([RING], categories=[{"id": 3, "name": "dent"}]), "no category is called 'scratch' (of dent)"),
        (coco([RING]) | {"images": []}, "annotation 7: there is no image 1"),
        ([], "no COCO annotations"),
        ({"images": [{"id": 1}]}, "no COCO annotations: images.0.file_name"),
        ({"info": {}}, "no COCO annotations"),
    ],
)
def test_what_cannot_be_read_is_named(content: object, says: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        read_outlines(written(tmp_path, content), "scratch", ["a.jpg", "b.jpg"])
    assert says in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path))
