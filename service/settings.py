"""What the service may use and how much it accepts."""

import re
from pathlib import Path

from pydantic import NonNegativeFloat, PositiveInt, field_validator

from phonegrade.assessment.request import MAX_PHOTOS
from phonegrade.core.devices.catalogue import Device
from phonegrade.core.strict import Strict
from phonegrade.inference.signature import PROJECT_KEY


class ServiceSettings(Strict):
    """Settings of one `create_app`; every default of the service stands here."""

    models_dir: Path | None = None
    """Folder of locator.onnx, boundary_refiner.onnx, segmenter.onnx and, where edges have a segmenter of their own,
    frame_segmenter.onnx; None: the shipped ones."""
    trusted_keys: tuple[str, ...] = (PROJECT_KEY,)
    """Public keys that models must be signed with; none: unsigned models are accepted."""
    keys_file: Path | None = None
    """API keys, see `phonegrade key new`; None: whoever reaches the service may ask."""
    own_devices: tuple[Device, ...] = ()
    """Devices of the operator's own, beside those of the catalogue."""
    ready_photo: Path | None = None
    """What `/readyz` inspects; None: the packaged sample's front."""
    ready_fresh_s: NonNegativeFloat = 5.0
    """A readiness answer is reused for this long, so that probing cannot starve grading."""
    allowed_origins: tuple[str, ...] = ()
    """Web pages of these origins, such as http://kiosk.local, may call the service from a browser; "*" is any."""
    slots: PositiveInt = 2
    """Requests that compute at the same time; the next one gets 503 and Retry-After."""
    threads: PositiveInt = 1
    """Threads of ONNX Runtime for one photo."""
    max_body_bytes: PositiveInt = 6 * 30_000_000 + 1_000_000
    """Six photos as large as the decoder takes, functional tests and headers; all photos of a device share it."""
    max_photos: PositiveInt = MAX_PHOTOS
    """Of one device, all surfaces together."""

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "*" and re.fullmatch(r"https?://[^/\s?#]+", origin) is None:
                raise ValueError(f"{origin!r} is not an origin such as https://kiosk.example or http://localhost:3000")
        return origins
