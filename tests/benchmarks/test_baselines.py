"""The baselines that run without packages of their own."""

from pathlib import Path

import numpy as np
import pytest
import torch

from phonegrade.benchmarks.baselines.finish import finish, unnamed
from phonegrade.benchmarks.baselines.lraspp import CONFIG, Lraspp
from phonegrade.benchmarks.baselines.ridge import Ridge
from phonegrade.benchmarks.baselines.yolo import Painted, polygons
from phonegrade.configs.train_config import load_train_config
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import SEGMENTER_CLASSES, Surface
from phonegrade.datasets.annotations.annotation import CLASS_BIT
from phonegrade.datasets.manifest import MANIFEST, read_manifest
from phonegrade.evaluation.truth import read_truth
from phonegrade.inference.inspector import Inspector
from phonegrade.tests.drawn import Mark, jpeg, photograph
from phonegrade.tests.evaluation.drawn_set import LINE, Drawn, true_line, write_drawn_set

SCRATCH, CRACK = SEGMENTER_CLASSES.index("scratch"), SEGMENTER_CLASSES.index("crack")


def canvas() -> np.ndarray:
    return np.full((1, 256, 256, 3), 60, np.uint8)


def lines_of(picture: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return torch.sigmoid(Ridge()(torch.from_numpy(picture)))[0].numpy()


def test_a_thin_line_is_a_scratch_and_plain_glass_is_nothing() -> None:
    picture = canvas()
    picture[:, 100:103, 40:200] = 160
    probability = lines_of(picture)
    assert probability.shape == (8, 128, 128)
    assert probability[SCRATCH, 50, 60] > 0.5
    assert probability[:, 80:, :].max() < 0.05
    assert probability[CRACK, 50, 60] < probability[SCRATCH, 50, 60]


def test_a_dark_line_is_as_good_as_a_bright_one_and_a_step_is_none() -> None:
    dark, step = canvas() + 100, canvas()
    dark[:, 100:103, 40:200] = 60
    step[:, 128:] = 160
    assert lines_of(dark)[SCRATCH, 50, 60] > 0.5
    assert lines_of(step)[SCRATCH, 30:100].max() < 0.3


def test_a_crowd_of_lines_is_a_crack() -> None:
    picture = canvas()
    for at in range(80, 180, 8):
        picture[:, at : at + 2, 80:180] = 200
        picture[:, 80:180, at : at + 2] = 200
    probability = lines_of(picture)
    assert probability[CRACK, 64, 64 - 20 : 64 + 20].max() > probability[SCRATCH, 64, 64 - 20 : 64 + 20].max()


def test_a_baseline_becomes_a_folder_of_models(tmp_path: Path) -> None:
    data = tmp_path / "set"
    write_drawn_set(data, (Drawn("one", Surface.FRONT, (Mark("scratch", LINE),), (true_line(),)),))
    text = (data / MANIFEST).read_text(encoding="utf-8").replace('"split":"test"', '"split":"val"')
    (data / MANIFEST).write_text(text, encoding="utf-8")
    finish(Ridge().eval(), "ridge", "none", data, tmp_path / "ridge", names_kinds=True)
    inspector = Inspector.load(tmp_path / "ridge")
    assert inspector.segmenter.card.provenance.config == "ridge"
    inspection = inspector.inspect(PhotoFile("one", jpeg(photograph(Surface.FRONT, (Mark("oil", LINE),)))))
    assert inspection.model is not None
    assert inspection.model.segmenter_sha256 == inspector.segmenter.sha256


def test_a_method_without_names_is_evaluated_on_damage_alone(tmp_path: Path) -> None:
    write_drawn_set(tmp_path, (Drawn("one", Surface.FRONT, (), (true_line("scratch"), true_line("dust"))),))
    truth = read_truth(tmp_path, read_manifest(tmp_path)[0])
    assert truth is not None
    one = unnamed(truth)
    assert [mark.record.kind for mark in one.annotations] == ["crack"]
    assert one.classes["crack"].sum() == truth.classes["scratch"].sum() > 0
    assert not one.classes["scratch"].any()


def test_labels_for_yolo_are_closed_polygons_in_shares_of_the_tile() -> None:
    bits = np.zeros((160, 160), np.uint16)
    bits[40, 20:60] = CLASS_BIT["scratch"]
    bits[100:120, 100:130] |= CLASS_BIT["oil"]
    scratch, oil = (line.split() for line in sorted(polygons(bits)))
    assert (scratch[0], oil[0]) == (str(SCRATCH), str(SEGMENTER_CLASSES.index("oil")))
    x = np.array(oil[1::2], float)
    assert x.min() == pytest.approx(100 / 160, abs=0.01)
    assert x.max() == pytest.approx(130 / 160, abs=0.01)
    assert len(scratch) >= 7


class _OneBox(torch.nn.Module):
    """Predicts one confident scratch, 40 px wide and 20 high about (64, 32), and nothing else."""

    def forward(self, planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        height, width = planes.shape[2] // 4, planes.shape[3] // 4
        predictions = torch.zeros(1, 4 + len(SEGMENTER_CLASSES) + 32, 120)
        predictions[0, :4, 0] = torch.tensor([64.0, 32.0, 40.0, 20.0])
        predictions[0, 4 + SCRATCH, 0] = 0.9
        predictions[0, 4 + len(SEGMENTER_CLASSES), 0] = 1.0
        return predictions, torch.full((1, 32, height, width), 10.0)


def test_detections_are_painted_where_their_boxes_are() -> None:
    predictions = Painted(_OneBox())(torch.zeros(1, 64, 128, 3, dtype=torch.uint8))[0]
    assert predictions.shape == (8, 32, 64)
    assert predictions[SCRATCH, 16, 32] == pytest.approx(0.9, abs=0.01)
    assert predictions[SCRATCH, 16, 60] == 0
    assert predictions[CRACK].max() == 0


@pytest.mark.parametrize("nhw", [(1, 64, 96), (3, 96, 64)])
def test_lraspp_outputs_eight_logits_at_half_size(nhw: tuple[int, int, int]) -> None:
    n, h, w = nhw
    with torch.inference_mode():
        logits = Lraspp().eval()(torch.randint(0, 256, (n, h, w, 3), dtype=torch.uint8))
    assert logits.shape == (n, 8, h // 2, w // 2)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


def test_every_weight_of_lraspp_gets_a_finite_gradient() -> None:
    model = Lraspp().train()
    model(torch.randint(0, 256, (2, 128, 128, 3), dtype=torch.uint8)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_the_configuration_of_lraspp_is_valid() -> None:
    assert load_train_config(CONFIG).segmenter is not None
