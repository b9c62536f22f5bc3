"""OpenVINO, where it is asked for: the same answers but for its rounding, named, and without a word to anyone."""

from pathlib import Path

import numpy as np
import pytest

from phonegrade.core.errors import SetupError
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface
from phonegrade.inference import openvino_session, session
from phonegrade.inference.card import RuntimeProof, SegmenterCard
from phonegrade.inference.defects.segment import segment
from phonegrade.inference.inspector import SHIPPED, Inspector
from phonegrade.inference.openvino_session import OpenVinoSession, best_precision
from phonegrade.inference.session import load_model
from phonegrade.models.finalise import write_card
from phonegrade.tests.cli.test_offline import home, run_guarded  # noqa: F401 - a fixture
from phonegrade.tests.drawn import Mark, jpeg, photograph, quad_px

SEGMENTER = SHIPPED / "segmenter.onnx"


@pytest.fixture(scope="module")
def canvas() -> np.ndarray:
    """A grey canvas with a bright line, of a size that is no multiple of anything."""
    rgb = np.full((200, 130, 3), 90, np.uint8)
    rgb[40:160, 60:63] = 230
    return rgb


def proof(accepted: bool) -> RuntimeProof:
    return RuntimeProof(
        accepted=accepted, reasons=(), runtime="openvino 1", rendered_sha256=("0" * 64,), real_sha256="0" * 64
    )


@pytest.fixture
def proven(stub_models: Path, tmp_path: Path) -> Path:
    """The stub segmenter, whose card says that OpenVINO loses nothing in this processor's precision."""
    return with_proof(stub_models, tmp_path, accepted=True)


def with_proof(models: Path, folder: Path, *, accepted: bool) -> Path:
    file = folder / "segmenter.onnx"
    file.write_bytes((models / "segmenter.onnx").read_bytes())
    card = load_model(file, SegmenterCard).card
    write_card(file, card.model_copy(update={"openvino": {best_precision(): proof(accepted)}}))
    return file


def test_float32_differs_by_rounding_alone(canvas: np.ndarray) -> None:
    model = load_model(SEGMENTER, SegmenterCard)
    other = OpenVinoSession(SEGMENTER.read_bytes(), 1, "f32")
    expected = segment(canvas, model)
    np.testing.assert_allclose(segment(canvas, session.OnnxModel(other, model.card, model.sha256)), expected, atol=1e-4)


def test_pictures_of_any_size_take_turns(canvas: np.ndarray) -> None:
    model = load_model(SEGMENTER, SegmenterCard, runtime="openvino")
    first = segment(canvas, model)
    assert segment(canvas[:64, :96], model).shape == (8, 32, 48)
    np.testing.assert_array_equal(segment(canvas, model), first)


def test_an_inspection_names_what_ran_its_models(stub_models: Path) -> None:
    plain, other = (Inspector.load(stub_models, runtime=name) for name in ("onnxruntime", "openvino"))
    assert plain.model_ref.runtime is None
    assert other.model_ref.runtime is not None
    assert other.model_ref.runtime.startswith("segmenter: openvino ")
    assert other.model_ref.runtime.endswith(best_precision())
    mark = Mark("scratch", ((20, 100), (50, 104)), 0.5)
    quad = quad_px(Surface.FRONT, (800, 600))
    photo = PhotoFile("photo", jpeg(photograph(Surface.FRONT, (mark,), photo_hw=(800, 600), quad=quad)), Surface.FRONT)
    first, second = plain.inspect(photo), other.inspect(photo)
    assert second.model == other.model_ref
    assert [one.kind for one in second.defects] == [one.kind for one in first.defects] == ["scratch"]


def test_outlines_come_from_onnx_runtime_whatever_is_asked(stub_models: Path) -> None:
    other = Inspector.load(stub_models, runtime="openvino")
    assert (other.locator.runtime, other.boundary_refiner.runtime) == ("onnxruntime", "onnxruntime")


def test_auto_takes_it_where_the_card_proves_it(stub_models: Path, tmp_path: Path, proven: Path) -> None:
    assert load_model(proven, SegmenterCard, runtime="auto").runtime.startswith("openvino ")
    assert load_model(proven, SegmenterCard).runtime == "onnxruntime"
    assert load_model(stub_models / "segmenter.onnx", SegmenterCard, runtime="auto").runtime == "onnxruntime"
    refused = with_proof(stub_models, tmp_path, accepted=False)
    assert load_model(refused, SegmenterCard, runtime="auto").runtime == "onnxruntime"


def test_auto_asks_for_the_proof_of_this_processors_precision(proven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "f32" if best_precision() == "bf16" else "bf16"
    monkeypatch.setattr(session, "best_precision", lambda: other)
    assert load_model(proven, SegmenterCard, runtime="auto").runtime == "onnxruntime"


def test_without_it_auto_does_without_and_its_name_is_refused(proven: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "openvino_version", lambda: None)
    assert load_model(proven, SegmenterCard, runtime="auto").runtime == "onnxruntime"
    openvino_session._core.cache_clear()
    monkeypatch.setitem(openvino_session.sys.modules, "openvino", None)
    with pytest.raises(SetupError, match=r"phonegrade\[openvino\]"):
        load_model(proven, SegmenterCard, runtime="openvino")
    monkeypatch.undo()
    openvino_session._core.cache_clear()


def test_it_tells_nobody_that_it_was_imported(home: Path, tmp_path: Path) -> None:  # noqa: F811
    code = (
        "import sys\n"
        "from phonegrade.inference.inspector import Inspector\n"
        "print(Inspector.load(runtime='openvino').runtime)\n"
        "print([name for name, module in sys.modules.items() if name == 'openvino_telemetry' and module])"
    )
    ran = run_guarded(code, home, tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[1] == "[]"
    assert "openvino" in ran.stdout
    assert list(home.rglob("*")) == []
