"""A trained network on disk: its weights in safetensors and its card beside them in JSON, nothing pickled."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from phonegrade.core.errors import ModelFileError
from phonegrade.core.files import atomic_write, write_text
from phonegrade.core.strict import Strict
from phonegrade.inference.card import BoundaryRefinerCard, Card, LocatorCard, SegmenterCard
from phonegrade.models.boundary_refiner import BoundaryRefiner
from phonegrade.models.locator import Locator
from phonegrade.models.segmenter import Segmenter

Network = Segmenter | Locator | BoundaryRefiner


class About(Strict):
    """What the JSON beside the weights says: enough to build the network and to export it."""

    network: Literal["lite0_fpn", "lite0_unet", "strips"]
    card: Card


def save_checkpoint(weights: Path, model: Network, about: About) -> None:
    """Write `weights` (`*.safetensors`) and its JSON; both appear whole or not at all."""
    weights.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(weights) as part:
        save_file({name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}, part)
    write_text(weights.with_suffix(".json"), about.model_dump_json(indent=2) + "\n")


def load_checkpoint(weights: Path) -> tuple[Network, About]:
    """Return the network of `weights`, ready to run, and its card. Raises ModelFileError for an unusable file."""
    try:
        about = About.model_validate_json(weights.with_suffix(".json").read_text(encoding="utf-8"))
        model: Network
        match about.card, about.network:
            case LocatorCard(), "lite0_fpn":
                model = Locator()
            case BoundaryRefinerCard(), "strips":
                model = BoundaryRefiner()
            case SegmenterCard(), "lite0_fpn" | "lite0_unet":
                model = Segmenter(about.network)
            case _:
                raise ValueError(f"{about.network} is no network of a {about.card.task}")
        model.load_state_dict(load_file(weights))
    except (OSError, ValidationError, SafetensorError, RuntimeError, ValueError) as error:
        raise ModelFileError(f"{weights} is no usable checkpoint with its JSON beside it: {error}") from error
    return model.eval(), about
