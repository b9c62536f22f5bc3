"""Intel Open Image Denoise over a path-traced picture."""

import numpy as np

from phonegrade.rendering.pictures import FloatMap

KEPT_RAW = 0.2
"""Share of the raw picture that is mixed back: the denoiser alone takes a quarter of a hairline's contrast."""


def denoised(light: FloatMap, albedo: FloatMap) -> FloatMap:
    """`light` (H, W, 3), linear, with most of its noise taken out; `albedo` (H, W, 3) says where texture is."""
    import pyoidn  # part of the render extra, as Mitsuba is

    clean = pyoidn.denoise(np.ascontiguousarray(light), albedo=albedo, hdr=True, quality="fast")
    return np.asarray(clean * (1 - KEPT_RAW) + light * KEPT_RAW, np.float32)
