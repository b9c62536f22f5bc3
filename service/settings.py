"""What the service may use and how much it accepts."""

from pathlib import Path

from pydantic import NonNegativeFloat, PositiveInt

from phonegrade.configs.catalogue import Device
from phonegrade.configs.strict import Strict

DEFAULT_POLICY = "ctia-like"
"""The policy that judges when the caller names none."""
MAX_PHOTOS = 24
"""Of one device: four shots of each surface."""


class ServiceSettings(Strict):
    """Settings of one `create_app`; every default of the service stands here."""

    models_dir: Path | None = None
    """Folder of locator.onnx, sides.onnx, segmenter.onnx and, where edges have one of their own, edges.onnx; None: the
    shipped ones."""
    own_devices: tuple[Device, ...] = ()
    """Devices of the operator's own, beside those of the catalogue."""
    ready_photo: Path | None = None
    """What `/readyz` inspects; None: the packaged sample's front."""
    ready_fresh_s: NonNegativeFloat = 5.0
    """A readiness answer is reused for this long, so that probing cannot starve grading."""
    slots: PositiveInt = 2
    """Requests that compute at the same time; the next one is told to come again."""
    threads: PositiveInt = 1
    """Threads of ONNX Runtime for one photo."""
    max_body_bytes: PositiveInt = 6 * 30_000_000 + 1_000_000
    """Six photos as large as the decoder takes, their functional tests and the parts' headers; all shots share it."""
    max_photos: PositiveInt = MAX_PHOTOS
    """Of one device, all shots of all surfaces together."""
