"""The resolution that a photo, or a model, needs to show defects of a given size."""

import math

from phonegrade.core.inspection import RESOLVED_PX, Inspection

_ROUNDING = 1.01
_STEP_PX = 10


def px_per_mm_for(resolvable_mm: float) -> float:
    """Return the photo pixels per millimetre at which the narrowest visible defect is `resolvable_mm` wide."""
    return RESOLVED_PX / resolvable_mm


def detail_needed(inspection: Inspection, needed_mm: float) -> str:
    """Return a clause about a photo that does not show defects of `needed_mm`: how many would, or why none would.

    The latter where the photo has more pixels than the model works at: only a finer model helps, no camera.
    """
    needed, have, finest = px_per_mm_for(needed_mm), inspection.scale.px_per_mm, inspection.scale.resolvable_mm
    if have is not None and finest is not None and have * finest > RESOLVED_PX * _ROUNDING:
        model_px_per_mm = px_per_mm_for(finest)
        return (
            f"the photo has {have:.1f} px per mm, but the model works at {model_px_per_mm:.1f}: only a model "
            f"that works at {needed:.1f} px per mm would do, whatever the photo"
        )
    now = "" if have is None else f" instead of {have:.1f}"
    if inspection.surface_size_mm is None:
        return f"that takes {needed:.1f} px per mm{now}; move closer or use a camera with more pixels"
    long_mm = max(inspection.surface_size_mm)
    long_px = math.ceil(long_mm * needed / _STEP_PX) * _STEP_PX
    return (
        f"that takes {needed:.1f} px per mm{now}, or {long_px} px along the {long_mm:.0f} mm of this surface; "
        f"move closer or use a camera with more pixels"
    )
