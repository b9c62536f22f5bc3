"""What becomes of a photo as a file: the camera's JPEG, and perhaps a chat app's on top of it."""

from dataclasses import dataclass

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from phonegrade.configs.render_settings import CameraSettings


@dataclass(frozen=True)
class Compression:
    """JPEG qualities (0..100), one after the other; chroma is halved both ways, as cameras and apps do."""

    qualities: tuple[int, ...]

    @classmethod
    def draw(cls, settings: CameraSettings, rng: np.random.Generator) -> "Compression":
        """Draw the camera's file, or one that went through a chat."""
        camera, chat = (_within(bounds, rng) for bounds in (settings.jpeg_quality, settings.chat_quality))
        return cls((camera, chat) if rng.random() < settings.chat_share else (camera,))

    def encode(self, rgb: NDArray[np.uint8]) -> bytes:
        """Return the file of a picture (H, W, 3)."""
        data = b""
        for quality in self.qualities:
            picture = simplejpeg.decode_jpeg(data) if data else np.ascontiguousarray(rgb)
            data = simplejpeg.encode_jpeg(picture, quality=quality, colorsubsampling="420")
        return data


def _within(bounds: tuple[int, int], rng: np.random.Generator) -> int:
    return int(rng.integers(bounds[0], bounds[1] + 1))
