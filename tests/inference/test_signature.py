"""Signed models: any change is noticed, and only trusted keys count."""

import json
from pathlib import Path

import pytest

from phonegrade.core.errors import ModelFileError, UsageError
from phonegrade.inference.inspector import SHIPPED
from phonegrade.inference.signature import SIGNATURE, check_signature, new_signing_key, sign


@pytest.fixture
def models(tmp_path: Path) -> Path:
    for name in ("locator", "segmenter"):
        (tmp_path / f"{name}.onnx").write_bytes(name.encode())
    return tmp_path


def test_the_shipped_models_are_signed_by_the_project() -> None:
    assert set(check_signature(SHIPPED).files) == {path.name for path in SHIPPED.glob("*.onnx")}


def test_signed_models_pass_with_the_key_that_is_trusted(models: Path) -> None:
    signed = sign(models, new_signing_key())
    assert check_signature(models, (signed.key,)) == signed
    with pytest.raises(ModelFileError, match="not trusted"):
        check_signature(models)


def test_whatever_is_changed_is_named(models: Path) -> None:
    trusted = (sign(models, new_signing_key()).key,)
    (models / "extra.onnx").write_bytes(b"more")
    with pytest.raises(ModelFileError, match=r"extra\.onnx is not signed"):
        check_signature(models, trusted)
    (models / "extra.onnx").unlink()
    (models / "locator.onnx").write_bytes(b"other")
    with pytest.raises(ModelFileError, match=r"locator\.onnx is changed"):
        check_signature(models, trusted)
    (models / "locator.onnx").unlink()
    with pytest.raises(ModelFileError, match=r"locator\.onnx is missing"):
        check_signature(models, trusted)


def test_a_signature_for_another_list_is_refused(models: Path) -> None:
    trusted = (sign(models, new_signing_key()).key,)
    content = json.loads((models / SIGNATURE).read_text(encoding="utf-8"))
    content["files"]["locator.onnx"] = "0" * 64
    (models / SIGNATURE).write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelFileError, match="does not fit"):
        check_signature(models, trusted)
    (models / SIGNATURE).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelFileError, match="damaged"):
        check_signature(models, trusted)
    (models / SIGNATURE).unlink()
    with pytest.raises(ModelFileError, match="not signed"):
        check_signature(models, trusted)


@pytest.mark.parametrize("secret", ["", "no base64!", "AAAA"])
def test_a_key_that_is_none_is_refused(secret: str, models: Path) -> None:
    with pytest.raises(UsageError, match="signing key"):
        sign(models, secret)


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no \.onnx file"):
        sign(tmp_path, new_signing_key())
