"""What a photo must have to show marks of a size: pixels, or a model that looks at more of them."""

import math

from phonegrade.core.inspection import RESOLVED_PX, Inspection

_ROUNDING = 1.01
_STEP_PX = 10


def px_per_mm_for(resolvable_mm: float) -> float:
    """Photo pixels per millimetre in which the narrowest visible mark is `resolvable_mm` wide."""
    return RESOLVED_PX / resolvable_mm


def what_it_takes(inspection: Inspection, needed_mm: float) -> str:
    """A clause about a photo that does not show marks of `needed_mm`: how many pixels would, or why none would.

    The latter where the photo has more pixels than the model looks at: no camera helps, only a finer model.
    """
    needed, have, finest = px_per_mm_for(needed_mm), inspection.scale.px_per_mm, inspection.scale.resolvable_mm
    if have is not None and finest is not None and have * finest > RESOLVED_PX * _ROUNDING:
        looked_at = px_per_mm_for(finest)
        return (
            f"the photo has {have:.1f} px per mm, but the model looks at {looked_at:.1f}: it takes a model of "
            f"{needed:.1f} px per mm, no other photo helps"
        )
    now = "" if have is None else f", not {have:.1f}"
    if inspection.surface_size_mm is None:
        return f"it takes {needed:.1f} px per mm{now}; come nearer or use a camera with more pixels"
    long_mm = max(inspection.surface_size_mm)
    long_px = math.ceil(long_mm * needed / _STEP_PX) * _STEP_PX
    return (
        f"it takes {needed:.1f} px per mm{now}: {long_px} px along the {long_mm:.0f} mm of this surface; "
        f"come nearer or use a camera with more pixels"
    )
