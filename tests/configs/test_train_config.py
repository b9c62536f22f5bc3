"""Training configurations: the shipped ones are valid, wrong ones say where."""

from pathlib import Path

import pytest
import yaml

from phonegrade.configs.train_config import load_train_config
from phonegrade.core.errors import TrainConfigError

CONFIGS = Path(__file__).parents[2] / "configs" / "training"


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.yaml")))
def test_shipped_configurations_are_valid_and_named_like_their_file(name: str) -> None:
    assert load_train_config(CONFIGS / f"{name}.yaml").name == name


@pytest.mark.parametrize(
    ("section", "key", "value", "complaint"),
    [
        ("segmenter", "crop", 320, r"segmenter\.crop: Extra inputs"),
        ("segmenter", "crop_px", 100, r"segmenter\.crop_px: .*multiple of 32"),
        ("segmenter", "bce_weight", 0, "the Dice loss ignores"),
        ("segmenter", "distillation_weight", 1, r"segmenter\.distillation_weight: Extra inputs"),
        ("data", "devices", 0, r"data\.devices"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, section: str, key: str, value: object, complaint: str) -> None:
    config = yaml.safe_load((CONFIGS / "tiny.yaml").read_text(encoding="utf-8"))
    config[section][key] = value
    (tmp_path / "run.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with pytest.raises(TrainConfigError, match=rf"run\.yaml: .*{complaint}"):
        load_train_config(tmp_path / "run.yaml")


@pytest.mark.parametrize(("text", "complaint"), [("a: [1", "is not valid YAML"), ("", "file: "), ("[]", "file: ")])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "run.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(TrainConfigError, match=complaint):
        load_train_config(tmp_path / "run.yaml")


def test_a_missing_file_names_one_that_exists(tmp_path: Path) -> None:
    with pytest.raises(TrainConfigError, match=r"configs/training/tiny\.yaml"):
        load_train_config(tmp_path / "none.yaml")
