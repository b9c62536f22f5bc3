"""Model files: opened with their card, or refused with the way out."""

import hashlib
from pathlib import Path

import onnx
import pytest

from phonegrade.core.errors import ModelFileError
from phonegrade.inference.card import CARD_KEY, LocatorCard, Quantisation, SegmenterCard
from phonegrade.inference.session import load_best, load_model
from phonegrade.models.finalise import write_card


def test_a_model_comes_with_its_card_and_hash(stub_models: Path) -> None:
    model = load_model(stub_models / "locator.onnx", LocatorCard)
    assert model.card.input_px == 320
    assert len(model.sha256) == 64


def test_threads_are_explicit_and_do_not_spin(stub_models: Path) -> None:
    options = load_model(stub_models / "locator.onnx", LocatorCard, threads=2).session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (2, 1)
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_no_memory_is_kept_for_every_size_of_picture(stub_models: Path) -> None:
    assert not load_model(stub_models / "locator.onnx", LocatorCard).session.get_session_options().enable_mem_pattern


def test_an_int8_file_is_opened_where_its_card_says_that_it_loses_nothing(tmp_path: Path, stub_models: Path) -> None:
    plain, small = tmp_path / "segmenter.onnx", tmp_path / "segmenter.int8.onnx"
    for file in (plain, small):
        file.write_bytes((stub_models / "segmenter.onnx").read_bytes())
    of = hashlib.sha256(plain.read_bytes()).hexdigest()
    untested = Quantisation(method="minmax", pictures=1, data_sha256="0" * 64, source_sha256=of)
    tried = {
        "untested": untested,
        "accepted": untested.model_copy(update={"accepted": True}),
        "of another file": untested.model_copy(update={"accepted": True, "source_sha256": "1" * 64}),
    }
    opened = {}
    for name, quantisation in tried.items():
        write_card(small, load_model(small, SegmenterCard).card.model_copy(update={"quantisation": quantisation}))
        opened[name] = load_best(tmp_path, "segmenter", SegmenterCard).card.quantisation is not None
    assert opened == {"untested": False, "accepted": True, "of another file": False}


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="phonegrade export"):
        load_model(tmp_path / "none.onnx", LocatorCard)


def test_a_damaged_file_is_refused(tmp_path: Path, stub_models: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes((stub_models / "locator.onnx").read_bytes()[:500])
    with pytest.raises(ModelFileError, match="damaged"):
        load_model(broken, LocatorCard)


@pytest.mark.parametrize(
    ("card", "message"), [(None, "no card"), ('{"task": "locator"}', "invalid card"), ("not json", "invalid card")]
)
def test_a_file_without_a_valid_card_is_refused(
    tmp_path: Path, stub_models: Path, card: str | None, message: str
) -> None:
    model = onnx.load_model(stub_models / "locator.onnx")
    onnx.helper.set_model_props(model, {} if card is None else {CARD_KEY: card})
    onnx.save_model(model, tmp_path / "locator.onnx")
    with pytest.raises(ModelFileError, match=message):
        load_model(tmp_path / "locator.onnx", LocatorCard)


def test_a_model_for_another_task_is_refused(stub_models: Path) -> None:
    with pytest.raises(ModelFileError, match="is a locator"):
        load_model(stub_models / "locator.onnx", SegmenterCard)


def test_messages_name_the_file_and_not_its_folder(tmp_path: Path, stub_models: Path) -> None:
    cardless = onnx.load_model(stub_models / "locator.onnx")
    onnx.helper.set_model_props(cardless, {})
    onnx.save_model(cardless, tmp_path / "cardless.onnx")
    (tmp_path / "broken.onnx").write_bytes(b"no model")
    for path in (*(tmp_path / f"{name}.onnx" for name in ("none", "broken", "cardless")), stub_models / "locator.onnx"):
        with pytest.raises(ModelFileError) as caught:
            load_model(path, SegmenterCard)
        assert path.name in str(caught.value)
        assert str(path.parent) not in str(caught.value)
