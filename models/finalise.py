"""The last step of an export: the card goes in, and the file must predict what its network does."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn

from phonegrade.core.errors import ExportError
from phonegrade.core.files import atomic_write
from phonegrade.inference.card import CARD_KEY, AnyCard
from phonegrade.inference.session import open_session

MAX_DIFFERENCE = 1e-3
"""Largest difference in probability between PyTorch and ONNX Runtime that an export may show."""
MAX_BYTES = 12_000_000
"""Largest file that is shipped."""

Images = Sequence[NDArray[np.uint8]]


def write_card(file: Path, card: AnyCard) -> None:
    """Put `card` into the ONNX file, in place of the one it had."""
    model = onnx.load(file)
    with atomic_write(file) as part:
        save_with_card(model, card, part)


def finalise_export(
    model: onnx.ModelProto,
    card: AnyCard,
    module: nn.Module,
    images: Images,
    out: Path,
    max_bytes: int = MAX_BYTES,
) -> None:
    """Write `model` with its card to `out`, once it predicts what `module` does on `images`, each (N, H, W, 3).

    Raises ExportError when it is too large or its predictions differ; an `out` that was there then stays as it was.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(out) as part:
        save_with_card(model, card, part)
        size = part.stat().st_size
        if size > max_bytes:
            raise ExportError(f"{out.name} has {size} bytes, more than {max_bytes}: use a smaller network")
        difference = largest_difference(part, module, images)
        if not difference <= MAX_DIFFERENCE:  # refuses NaN too
            raise ExportError(f"{out.name}: PyTorch and ONNX Runtime differ by {difference:.2g} > {MAX_DIFFERENCE:g}")


def save_with_card(model: onnx.ModelProto, card: AnyCard, file: Path) -> None:
    """Write `model` to `file` with `card` as its metadata."""
    onnx.helper.set_model_props(model, {CARD_KEY: card.model_dump_json()})
    onnx.save(model, file)


def largest_difference(file: Path, module: nn.Module, images: Images) -> float:
    """Return the largest absolute difference of any output over `images`; NaN when any output is not a number."""
    session = open_session(file)
    worst = 0.0
    for image in images:
        with torch.inference_mode():
            expected = module.eval()(torch.from_numpy(image))
        expected = expected if isinstance(expected, tuple) else (expected,)
        for ours, theirs in zip(session.run(None, {"image": image}), expected, strict=True):
            worst = float(np.maximum(worst, np.abs(ours - theirs.numpy()).max()))
    return worst
