"""int8 against float32 from end to end: a variant that loses nothing is taken, one that misses defects is not."""

import shutil
from pathlib import Path

import pytest

from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface
from phonegrade.evaluation.acceptance import Bounds
from phonegrade.evaluation.compare import QuantisedComparison, compare
from phonegrade.inference.card import Quantisation, SegmenterCard
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card
from phonegrade.tests.drawn import Mark
from phonegrade.tests.evaluation.drawn_set import Drawn, true_line, write_drawn_set

LINES = tuple(((15.0, float(at)), (45.0, float(at))) for at in range(20, 116, 12))
"""Eight, as a loss of fewer than six is within chance."""
PHOTOS = (
    Drawn(
        "scratched",
        Surface.FRONT,
        tuple(Mark("scratch", line, 0.6) for line in LINES),
        tuple(true_line(points=line) for line in LINES),
    ),
    Drawn("defect-free", Surface.BACK),
)
ANY_NUMBER = Bounds(least_defects=0, least_surfaces=0, least_photos=0)
RECALL = "scratch recall, 3 mm and longer, from 4 px/mm"


def compared(
    stub_models: Path, folder: Path, least: float | None, bounds: Bounds | None = ANY_NUMBER
) -> tuple[dict[str, QuantisedComparison], SegmenterCard]:
    """The stub segmenter against an "int8" copy that reports scratches from `least` on; and the copy's new card."""
    write_drawn_set(folder / "set", PHOTOS)
    models = folder / "models"
    shutil.copytree(stub_models, models)
    small = models / "segmenter.int8.onnx"
    shutil.copy(models / "segmenter.onnx", small)
    card = load_model(small, SegmenterCard).card
    limits = card.min_confidence if least is None else card.min_confidence | {"scratch": least}
    quantisation = Quantisation(method="minmax", pictures=1, data_sha256="0" * 64, source_sha256="0" * 64)
    write_card(small, card.model_copy(update={"quantisation": quantisation, "min_confidence": limits}))
    comparisons = compare(folder / "set", models, folder / "out", bounds=bounds)
    return comparisons, load_model(small, SegmenterCard).card


def test_a_variant_that_loses_nothing_is_taken_and_its_card_says_so(stub_models: Path, tmp_path: Path) -> None:
    comparisons, card = compared(stub_models, tmp_path, None)
    assert list(comparisons) == ["segmenter"]
    assert comparisons["segmenter"].acceptance.taken
    assert comparisons["segmenter"].greatest_difference == 0
    assert card.quantisation is not None
    assert card.quantisation.loss_points is not None
    assert card.quantisation.loss_points[RECALL] == 0
    assert card.quantisation.accepted
    assert "| segmenter | int8 |" in (tmp_path / "out" / "precision.md").read_text(encoding="utf-8")


def test_a_variant_that_misses_scratches_is_refused(stub_models: Path, tmp_path: Path) -> None:
    comparisons, card = compared(stub_models, tmp_path, 1.0)
    assert any("8 lost, 0 gained" in reason for reason in comparisons["segmenter"].acceptance.reasons)
    assert not comparisons["segmenter"].acceptance.taken
    assert card.quantisation is not None
    assert not card.quantisation.accepted
    assert card.quantisation.loss_points == comparisons["segmenter"].loss_points
    assert comparisons["segmenter"].loss_points[RECALL] == pytest.approx(100)


def test_a_variant_is_not_taken_on_the_word_of_a_few_rendered_photos(stub_models: Path, tmp_path: Path) -> None:
    comparisons, card = compared(stub_models, tmp_path, None, bounds=None)
    assert "too few real photos with damage to tell a loss: 0," in " ".join(comparisons["segmenter"].acceptance.reasons)
    assert card.quantisation is not None
    assert not card.quantisation.accepted


def test_nothing_to_compare_is_refused(stub_models: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="export --int8"):
        compare(tmp_path, stub_models, tmp_path / "out")
