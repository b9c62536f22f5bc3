"""What the command leaves behind: figures, page, pictures, and the card."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import phonegrade
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface
from phonegrade.evaluation.compared import JSON, read_compared
from phonegrade.evaluation.corruptions import CORRUPTIONS
from phonegrade.evaluation.evaluate import Evaluated, evaluate, read_json, write_json
from phonegrade.evaluation.mistakes import COUNT, PER_PHOTO, Mistake, worst
from phonegrade.evaluation.plots import write_plots
from phonegrade.evaluation.report import write_report
from phonegrade.tests.drawn import Mark
from phonegrade.tests.evaluation.drawn_set import LINE, Drawn, true_line, write_drawn_set
from phonegrade.tests.evaluation.test_real_photos import write_photos
from phonegrade.training.results import LOG, add_row, row

BASELINES = Path(phonegrade.__file__).parent / "benchmarks" / "baselines"
PHOTOS = (
    Drawn("found", Surface.FRONT, (Mark("scratch", LINE),), (true_line(),)),
    Drawn("missed", Surface.FRONT, (), (true_line(),)),
    Drawn("false", Surface.BACK, (Mark("scratch", ((20, 60), (40, 70))),)),
    Drawn("misnamed", Surface.FRONT, (Mark("crack", LINE),), (true_line(),)),
    Drawn("table", None),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("evaluated")
    write_drawn_set(root / "set", PHOTOS)
    (root / "real").mkdir()
    write_photos(root / "real")
    return root


@pytest.fixture(scope="module")
def evaluated(folder: Path, stub_models: Path) -> Evaluated:
    return evaluate(stub_models, folder / "set", folder / "real")


def test_the_same_photos_give_the_same_figures(folder: Path, stub_models: Path, evaluated: Evaluated) -> None:
    again = evaluate(stub_models, folder / "set", None).evaluation.rendered
    assert again is not None
    assert evaluated.evaluation.rendered is not None
    assert again.model_copy(update={"inspect_s": 0.0}) == evaluated.evaluation.rendered.model_copy(
        update={"inspect_s": 0.0}
    )


def test_workers_change_nothing(folder: Path, stub_models: Path, evaluated: Evaluated) -> None:
    shared = evaluate(stub_models, None, folder / "real", workers=2)
    assert shared.evaluation.real == evaluated.evaluation.real


def test_figures_can_be_read_back(evaluated: Evaluated, tmp_path: Path) -> None:
    path = write_json(evaluated.evaluation, tmp_path)
    assert read_json(path) == evaluated.evaluation
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no evaluation\.json"):
        read_json(path)


def test_a_report_keeps_rendered_and_real_apart(
    folder: Path, stub_models: Path, evaluated: Evaluated, tmp_path: Path
) -> None:
    page = write_report(evaluated, folder / "set", folder / "real", stub_models, tmp_path, None, ())
    text = page.read_text(encoding="utf-8")
    assert "not real photos" in text
    assert "no weight was trained on them" in text
    assert {path.name for path in (tmp_path / "pictures").iterdir()} == {
        "error_coverage.png",
        "precision_recall.png",
        "reliability.png",
        "size_error.png",
        "worst_rendered.jpg",
    }
    assert [path.name for path in (tmp_path / "real").iterdir()] == ["worst_real.jpg"]
    assert all((tmp_path / link).is_file() for link in _links(text))
    assert all(path.stat().st_size < 200_000 for path in (tmp_path / "pictures").glob("*.png"))


def test_corrupted_photos_have_a_table_of_their_own(
    folder: Path, stub_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("phonegrade.evaluation.evaluate.CORRUPTIONS", {"mirrored": CORRUPTIONS["mirrored"]})
    corrupted = evaluate(stub_models, None, folder / "real", corruptions=True)
    assert corrupted.evaluation.real is not None
    assert corrupted.evaluation.real.corrupted["mirrored"]["crack AUROC"].value == 1.0
    page = write_report(corrupted, None, folder / "real", stub_models, tmp_path, None, ())
    text = page.read_text(encoding="utf-8")
    assert "| mirrored | 1.000 |" in text
    assert "| mean of the corruptions | 1.000 |" in text


def test_a_card_has_no_picture_of_a_real_photo(
    folder: Path, stub_models: Path, evaluated: Evaluated, tmp_path: Path
) -> None:
    card = tmp_path / "card" / "README.md"
    card.parent.mkdir()
    (card.parent / "NOTES.md").write_text("Seen.\n", encoding="utf-8")
    write_report(evaluated, folder / "set", folder / "real", stub_models, tmp_path / "out", card, ())
    text = card.read_text(encoding="utf-8")
    assert "(NOTES.md)" in text
    assert all((card.parent / link).is_file() for link in _links(text))
    assert not [path for path in card.parent.rglob("*") if "real" in path.name]
    assert str(tmp_path) not in text


def test_models_are_compared_on_the_same_photos_alone(
    folder: Path, stub_models: Path, evaluated: Evaluated, tmp_path: Path
) -> None:
    written = write_json(evaluated.evaluation, tmp_path / "other").with_name(JSON)
    other = read_compared(written).model_copy(update={"name": "other"})
    page = write_report(evaluated, None, None, stub_models, tmp_path, None, (other,))
    assert "| metric | stub | other |" in page.read_text(encoding="utf-8")
    elsewhere = other.model_copy(update={"manifest_sha256": "1" * 64})
    with pytest.raises(UsageError, match="other was evaluated on other photos"):
        write_report(evaluated, None, None, stub_models, tmp_path, None, (elsewhere,))
    written.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no compared\.json"):
        read_compared(written)


def test_the_figures_of_the_baselines_are_kept() -> None:
    kept = sorted(BASELINES.glob("*.json"))
    assert [read_compared(path).name for path in kept] == [path.stem for path in kept]
    assert {"lraspp", "patchcore", "ridge"} <= {path.stem for path in kept}


def test_nothing_to_measure_on_is_refused(stub_models: Path) -> None:
    with pytest.raises(UsageError, match="--data"):
        evaluate(stub_models, None, None)


def test_a_line_of_the_log_has_a_cell_for_every_column(evaluated: Evaluated, tmp_path: Path) -> None:
    head = next(line for line in LOG.read_text(encoding="utf-8").splitlines() if line.startswith("| change"))
    line = row(evaluated.evaluation, "more | light", "helped\na little")
    assert line.count("|") == head.count("|")
    log = tmp_path / "RESULTS.md"
    log.write_text(f"{head}\n|---|\n\n## Tried beside\n", encoding="utf-8")
    add_row(log, evaluated.evaluation, "more light", "helped")
    assert log.read_text(encoding="utf-8").splitlines()[2].startswith("| more light | stub | 00000000 |")


def _links(text: str) -> list[str]:
    return [line.split("](")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]


def _mistake(photo: str, badness: float) -> Mistake:
    return Mistake(photo, "false", "crack", "", badness, (0.0, 0.0, 1.0, 1.0))


def test_the_worst_come_first_and_no_photo_fills_the_sheet() -> None:
    many = [_mistake("a", 0.1 * step) for step in range(9)] + [_mistake("b", 0.05)]
    kept = worst(many, [_mistake("c", 1.0)])
    assert [mistake.photo for mistake in kept] == ["a"] * PER_PHOTO + ["b", "c"]
    assert kept[0].badness == pytest.approx(0.8)
    assert len(worst([_mistake(f"{n}", n) for n in range(90)], [_mistake(f"{n}", n) for n in range(90)])) == COUNT


def test_the_sheet_shows_the_defects(folder: Path, stub_models: Path, evaluated: Evaluated, tmp_path: Path) -> None:
    write_report(evaluated, folder / "set", None, stub_models, tmp_path, None, ())
    sheet = cv2.imread(str(tmp_path / "pictures" / "worst_rendered.jpg")).astype(int)
    green = (sheet[..., 1] - np.maximum(sheet[..., 0], sheet[..., 2])) > 100
    assert green.any(), "the false scratch, painted green"
    assert json.loads(evaluated.evaluation.model_dump_json())["name"] == "stub"


def test_a_model_that_finds_nothing_of_what_is_there_still_gets_its_curves(
    evaluated: Evaluated, tmp_path: Path
) -> None:
    assert evaluated.evaluation.rendered is not None
    blind = [
        replace(
            outcome,
            detections=(),
            all_detections=(),
            visible_defects=tuple(replace(one, detected_from=0.0) for one in outcome.visible_defects),
        )
        for outcome in evaluated.outcomes
    ]
    assert any(outcome.visible_defects for outcome in blind)
    write_plots(tmp_path, blind, evaluated.evaluation.rendered)
    assert (tmp_path / "precision_recall.png").is_file()


def test_corruptions_without_real_photos_are_refused(stub_models: Path, folder: Path) -> None:
    with pytest.raises(UsageError, match="--real"):
        evaluate(stub_models, folder, None, corruptions=True)
