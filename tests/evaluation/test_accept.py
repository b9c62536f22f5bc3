"""Two sets of models on the same drawn photos: measured, judged and, for OpenVINO, recorded in the card."""

import shutil
from pathlib import Path

import pytest

from phonegrade.cli.main import main
from phonegrade.core.errors import UsageError
from phonegrade.core.vocabulary import Surface
from phonegrade.evaluation.accept import Contender, Photos, accept, record_proof, replaced
from phonegrade.evaluation.acceptance import Bounds
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.openvino_session import best_precision
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card
from phonegrade.tests.drawn import Mark
from phonegrade.tests.evaluation.drawn_set import LINE, Drawn, true_line, write_drawn_set
from phonegrade.tests.evaluation.test_real_photos import write_photos

ANY_NUMBER = Bounds(least_defects=1, least_surfaces=1, least_photos=1)


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Photos:
    """A rendered set of two photos, twice, and six real ones."""
    root = tmp_path_factory.mktemp("photos")
    (root / "real").mkdir()
    write_photos(root / "real")
    scratched = Drawn("scratched", Surface.FRONT, (Mark("scratch", LINE, 0.6),), (true_line(),))
    write_drawn_set(root / "set", (scratched, Drawn("defect-free", Surface.BACK)))
    return Photos((root / "set", root / "set"), root / "real", corruptions=False)


def test_openvino_is_judged_on_every_set_and_photo_and_its_card_says_so(
    photos: Photos, stub_models: Path, tmp_path: Path
) -> None:
    models = shutil.copytree(stub_models, tmp_path / "models")
    verdict = accept(Contender(models), Contender(models, "openvino"), photos, ANY_NUMBER)
    assert verdict.taken, verdict.reasons
    assert {one.name: one.answers for one in verdict.tests if one.is_pooled} == {
        "defects detected as their kind": 2,
        "defects detected as any damage": 2,
        "defect-free surfaces without a false defect": 2,
        "damaged photos reported damaged": 2,
        "photos without damage left alone": 4,
    }
    assert load_model(models / "segmenter.onnx", SegmenterCard, runtime="auto").runtime == "onnxruntime"
    (file,) = record_proof(models, verdict, photos)
    model = load_model(file, SegmenterCard, runtime="auto")
    assert model.runtime.startswith("openvino ")
    assert model.card.openvino[best_precision()].real_sha256
    assert len(model.card.openvino[best_precision()].rendered_sha256) == 2


def test_one_file_takes_the_place_of_its_like(stub_models: Path, tmp_path: Path) -> None:
    file = tmp_path / "segmenter.ema.onnx"
    shutil.copy(stub_models / "segmenter.onnx", file)
    card = load_model(file, SegmenterCard).card
    write_card(file, card.model_copy(update={"px_per_mm": 7.0}))
    with replaced(stub_models, file) as folder:
        assert load_model(folder / "segmenter.onnx", SegmenterCard).card.px_per_mm == 7.0
        assert (folder / "locator.onnx").read_bytes() == (stub_models / "locator.onnx").read_bytes()
    with pytest.raises(UsageError, match=r"called after one of locator"), replaced(stub_models, tmp_path / "x.onnx"):
        pass


def test_the_command_refuses_what_it_cannot_tell_and_exits_1(
    photos: Photos, stub_models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ["dev", "accept", "--data", str(photos.rendered[0]), "--real", str(photos.real), "--before"]
    arguments = [*names, str(stub_models), "--out", str(tmp_path / "out")]
    assert status_of([*arguments, "--after", str(stub_models / "segmenter.onnx")]) == 1
    assert "too few rendered defects to tell a loss: 1," in capsys.readouterr().out
    assert (tmp_path / "out" / "acceptance.json").is_file()
    assert status_of(arguments) == 2
    assert "nothing to compare" in capsys.readouterr().err
    assert status_of([*arguments, "--after", str(stub_models), "--record"]) == 2


def status_of(arguments: list[str]) -> object:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code
