"""COCO export, read back by COCO's own code."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from phonegrade.configs.render_settings import WearLevel
from phonegrade.datasets.annotations.annotation import CLASS_BIT, mm_from_raster
from phonegrade.datasets.coco import FIRST_STUFF_ID, run_lengths, write_coco
from phonegrade.datasets.manifest import PhotoRecord, read_manifest
from phonegrade.datasets.photo_masks import masks_on_photo
from phonegrade.rendering.render import render_set
from phonegrade.rendering.set_plan import plan_set


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two worn and dirty phones in a kiosk, exported."""
    root = tmp_path_factory.mktemp("exported")
    plan = plan_set("kiosk", 1, 4, wear=WearLevel.HEAVY, split="val", all_surfaces=True)
    kiosk = plan.scenarios["kiosk"]
    camera = kiosk.camera.model_copy(update={"long_side_px": (600, 640)})
    wear = kiosk.wear.model_copy(update={"dirty_share": 1.0})
    scenarios = {"kiosk": kiosk.model_copy(update={"camera": camera, "wear": wear})}
    render_set(root, 2, plan.model_copy(update={"scenarios": scenarios}), workers=1)
    write_coco(root)
    return root


@pytest.fixture(scope="module")
def coco(exported: Path) -> COCO:
    return COCO(str(exported / "coco" / "instances_val.json"))


def photos(root: Path) -> dict[str, PhotoRecord]:
    """Records by the name of their photo."""
    return {record.photo: record for record in read_manifest(root)}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_masks_areas_and_boxes_come_back_as_they_were(exported: Path, coco: COCO) -> None:
    assert len(coco.anns) > 10
    for image in coco.loadImgs(coco.getImgIds()):
        record = photos(exported)[image["file_name"]]
        masks = {one.record.id: one for one in masks_on_photo(exported, record)}
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=image["id"]))
        assert {annotation["attributes"]["id"] for annotation in annotations} == set(masks)
        for annotation in annotations:
            photo_mask = masks[annotation["attributes"]["id"]]
            mask = coco.annToMask(annotation)
            assert mask.shape == record.photo_wh[::-1]
            assert (mask[photo_mask.window] == photo_mask.mask).all()
            assert mask.sum() == annotation["area"]
            assert list(cv2.boundingRect(mask)) == annotation["bbox"]


def test_invisible_annotations_are_crowds(exported: Path, coco: COCO) -> None:
    for annotation in coco.anns.values():
        assert annotation["attributes"]["exists"]
        assert annotation["iscrowd"] == (not annotation["attributes"]["visible"])


def test_the_truth_in_millimetres_and_the_mask_in_pixels_agree(exported: Path, coco: COCO) -> None:
    checked = 0
    for annotation in coco.anns.values():
        attributes = annotation["attributes"]
        name = coco.cats[annotation["category_id"]]["name"]
        scale = coco.imgs[annotation["image_id"]]["mm_per_px"]
        if attributes["shown_share"] == 1 and name not in ("scratch", "crack", "dust") and attributes["area_mm2"] > 4:
            checked += 1
            assert annotation["area"] * scale**2 == pytest.approx(attributes["area_mm2"], rel=0.15)
    assert checked > 2


def test_a_mask_lies_where_the_label_is_through_the_homography(exported: Path) -> None:
    for record in read_manifest(exported):
        label = np.asarray(cv2.imread(str(exported / str(record.label)), cv2.IMREAD_UNCHANGED))
        photo_from_label = np.array(record.photo_from_mm).reshape(3, 3) @ mm_from_raster(label.shape, record.size_mm)
        for one in masks_on_photo(exported, record):
            if one.record.visible:
                rows, columns = np.nonzero(one.mask)
                at = np.stack([columns + one.origin[0], rows + one.origin[1]], 1)[None].astype(float)
                x, y = np.round(cv2.perspectiveTransform(at, np.linalg.inv(photo_from_label))[0]).astype(int).T
                near = cv2.dilate((label & CLASS_BIT[one.record.kind] > 0).astype(np.uint8), np.ones((7, 7)))
                inside = (x >= 0) & (y >= 0) & (x < label.shape[1]) & (y < label.shape[0])
                assert near[y[inside], x[inside]].mean() > 0.95


def test_panoptic_pictures_hold_exactly_the_segments_they_list(exported: Path) -> None:
    panoptic = json.loads((exported / "coco" / "panoptic_val.json").read_text(encoding="utf-8"))
    names = {category["id"]: category for category in panoptic["categories"]}
    sizes = {image["id"]: (image["height"], image["width"]) for image in panoptic["images"]}
    things = 0
    for annotation in panoptic["annotations"]:
        picture = cv2.imread(str(exported / "coco" / "panoptic_val" / annotation["file_name"])).astype(int)
        segments = picture[..., 2] + 256 * picture[..., 1] + 65536 * picture[..., 0]
        assert segments.shape == sizes[annotation["image_id"]]
        listed = {segment["id"]: segment for segment in annotation["segments_info"]}
        assert set(np.unique(segments)) - {0} == set(listed)
        for segment in listed.values():
            assert (segments == segment["id"]).sum() == segment["area"]
            things += names[segment["category_id"]]["isthing"]
        assert FIRST_STUFF_ID in listed
    assert things > 5


@pytest.mark.parametrize("seed", range(5))
def test_run_lengths_count_down_the_columns(seed: int) -> None:
    mask = np.random.default_rng(seed).random((5, 4)) > 0.5
    mask[0, 0] = True
    runs = run_lengths(mask, (2, 1), (9, 7))
    flat = np.repeat(np.arange(len(runs["counts"])) % 2, runs["counts"])
    whole = np.zeros((7, 9), bool)
    whole[1:6, 2:6] = mask
    assert (flat.reshape((7, 9), order="F") == whole).all()
