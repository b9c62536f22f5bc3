"""The whole pipeline on the tiny configuration: render, train, calibrate, export, load, inspect, evaluate."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml

from phonegrade.core.errors import TrainConfigError, UsageError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import SEGMENTER_CLASSES
from phonegrade.datasets.manifest import manifest_sha256, read_manifest
from phonegrade.evaluation.evaluate import evaluate
from phonegrade.evaluation.matching import MatchedDetection, MatchTally
from phonegrade.evaluation.truth import read_truth
from phonegrade.inference.card import BoundaryRefinerCard, SegmenterCard
from phonegrade.inference.inspector import Inspector
from phonegrade.inference.locating.strips import ACROSS, ALONG
from phonegrade.inference.session import load_model
from phonegrade.models.checkpoint import load_checkpoint
from phonegrade.training.calibration.recalibrate import recalibrate
from phonegrade.training.run import TASKS, train

TINY = Path(__file__).parents[2] / "configs" / "training" / "tiny.yaml"


def test_all_models_load_with_cards_that_say_where_they_come_from(tiny_run: Path) -> None:
    inspector = Inspector.load(tiny_run)
    assert inspector.frame_segmenter is not None
    assert (inspector.segmenter.card.px_per_mm, inspector.frame_segmenter.card.px_per_mm) == (8.0, 16.0)
    for card in (
        inspector.locator.card,
        inspector.boundary_refiner.card,
        inspector.segmenter.card,
        inspector.frame_segmenter.card,
    ):
        assert card.provenance.config == "tiny"
        assert card.provenance.training_data_sha256 == manifest_sha256(tiny_run / "rendered")
        assert ("ImageNet" in card.provenance.encoder) is (card.task != "boundary_refiner")
    card = inspector.segmenter.card
    assert set(card.mask_threshold) == set(card.min_confidence) == set(SEGMENTER_CLASSES)
    assert "val_rendered_view_accuracy" in inspector.locator.card.provenance.metrics


def test_the_models_inspect_a_rendered_photo(tiny_run: Path) -> None:
    record = read_manifest(tiny_run / "rendered")[0]
    inspection = Inspector.load(tiny_run).inspect(
        PhotoFile(record.photo, (tiny_run / "rendered" / record.photo).read_bytes())
    )
    assert inspection.photo == record.photo


def test_the_checkpoint_carries_the_card_of_the_file_beside_it(tiny_run: Path) -> None:
    inspector = Inspector.load(tiny_run)
    for task, card in [
        (model.card.task, model.card) for model in (inspector.locator, inspector.boundary_refiner, inspector.segmenter)
    ]:
        assert load_checkpoint(tiny_run / f"{task}.safetensors")[1].card == card


def test_tiles_and_the_locators_own_set_are_made_once_and_kept(tiny_run: Path) -> None:
    assert len(list((tiny_run / "segmenter-tiles" / "hard_negatives" / "shards").glob("*.npy"))) == 1
    photos = read_manifest(tiny_run / "rendered-locator")
    assert {record.split for record in photos} == {"train"}
    assert all(max(record.photo_wh) <= 320 for record in photos)


def test_an_evaluation_measures_every_test_photo(tiny_run: Path) -> None:
    figures = evaluate(tiny_run, tiny_run / "rendered", None).evaluation.rendered
    assert figures is not None
    assert figures.photos == len(read_manifest(tiny_run / "rendered", "test")) > 0
    assert figures.data_sha256 == manifest_sha256(tiny_run / "rendered")
    assert figures.kind_of_photos == "rendered, not real"


def test_the_truth_of_a_rendered_photo_finds_itself(tiny_run: Path) -> None:
    truths = [read_truth(tiny_run / "rendered", record) for record in read_manifest(tiny_run / "rendered")]
    tally = MatchTally()
    for truth in truths:
        for mark in () if truth is None else truth.annotations:
            assert truth is not None
            itself = MatchedDetection(0.9, mark.patch)
            tally.add([itself], [mark.patch], truth.classes[mark.record.kind], truth.ignored, truth.px_per_mm)
    assert len(tally.ground_truth) > 0
    assert tally.precision(0.5) == tally.recall(0.5) == 1.0


def test_the_truth_canvas_maps_photo_corners_onto_its_own(tiny_run: Path) -> None:
    for record in read_manifest(tiny_run / "rendered"):
        truth = read_truth(tiny_run / "rendered", record)
        if truth is None or record.corners_px is None:
            continue
        corners = np.array([[*corner, 1.0] for corner in record.corners_px]) @ truth.canvas_from_photo.T
        height, width = truth.valid_mask.shape
        box = [[0, 0], [width, 0], [width, height], [0, height]]
        np.testing.assert_allclose(corners[:, :2] / corners[:, 2:], box, atol=1.0)


def test_an_unknown_task_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'grader'"):
        train(TINY, tmp_path / "out", only="grader")
    assert not (tmp_path / "out").exists()


def test_a_set_without_training_photos_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_run / "rendered", tmp_path / "rendered")
    (tmp_path / "rendered" / "manifest.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(TrainConfigError, match="no training photos"):
        train(TINY, tmp_path)
    with pytest.raises(UsageError, match="no test photos"):
        evaluate(tiny_run, tmp_path / "rendered", None)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_that_the_configuration_does_not_have_is_refused(task: str, tmp_path: Path) -> None:
    config = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    del config[task]
    (tmp_path / "without.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with pytest.raises(UsageError, match=f"no section `{task}`"):
        train(tmp_path / "without.yaml", tmp_path / "out", only=task)
    assert not (tmp_path / "out").exists()


def test_an_exported_boundary_refiner_trains_on_where_the_locator_errs(tiny_run: Path, tmp_path: Path) -> None:
    start, config = tiny_run / "boundary_refiner.onnx", yaml.safe_load(TINY.read_text(encoding="utf-8"))
    config["data"]["root"] = str(tiny_run / "rendered")
    config["boundary_refiner"]["locator"] = str(tiny_run / "locator.onnx")
    config["boundary_refiner"]["schedule"] |= {"start": str(start), "lr": 1.0e-9, "max_steps": 2}
    (tmp_path / "on.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    train(tmp_path / "on.yaml", tmp_path / "out", only="boundary_refiner")
    before, after = (
        load_model(file, BoundaryRefinerCard) for file in (start, tmp_path / "out" / "boundary_refiner.onnx")
    )
    assert after.card.provenance.started_from == hashlib.sha256(start.read_bytes()).hexdigest()
    strips = {"image": np.random.default_rng(0).integers(0, 256, (4, ALONG, ACROSS, 3), dtype=np.uint8)}
    (expected,), (border,) = (model.session.run(["border"], strips) for model in (before, after))
    np.testing.assert_allclose(border, expected, atol=0.05)


def test_calibrating_again_by_the_same_sets_changes_nothing(tiny_run: Path) -> None:
    before = load_model(tiny_run / "segmenter.onnx", SegmenterCard)
    recalibrate(TINY, tiny_run / "segmenter.onnx")
    after = load_model(tiny_run / "segmenter.onnx", SegmenterCard)
    assert after.card == before.card
