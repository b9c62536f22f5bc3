"""What an appraisal tells of every photo that was sent."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from phonegrade.assessment.assessment import Shot, SurfaceShots
from phonegrade.assessment.inspect_photos import Looked
from phonegrade.core.errors import InputError
from phonegrade.core.vocabulary import Surface
from phonegrade.grading.decision import Flag, Reason
from phonegrade.grading.multi_view.views import Fused


def tell_shots(looked: Sequence[Looked], fused: Fused) -> dict[Surface, SurfaceShots]:
    """The shots of every surface that was sent: as `fuse` ordered them, then those that nothing was seen in."""
    sizes_bytes = {hashlib.sha256(photo.data).hexdigest(): len(photo.data) for photo in looked}
    told: dict[Surface, SurfaceShots] = {}
    for surface in dict.fromkeys(photo.surface for photo in looked):
        shots = fused.shots.get(surface, ())
        seen = [
            Shot(
                file=shot.inspection.photo,
                sha256=shot.inspection.photo_sha256,
                size_bytes=sizes_bytes[shot.inspection.photo_sha256],
                used=shot.used,
                why_not=shot.why_not,
                inspection=shot.inspection,
            )
            for shot in shots
        ]
        told[surface] = SurfaceShots(
            used=sum(shot.used for shot in shots),
            disagree_on=fused.disagree_on.get(surface, ()),
            photos=(*seen, *_unseen(photo for photo in looked if photo.surface is surface)),
        )
    return told


def why_unusable(looked: Sequence[Looked]) -> dict[Surface, Reason]:
    """Of each surface of which no photo can be used, what is wrong with the first."""
    seen = {photo.surface for photo in looked if not isinstance(photo.seen, InputError)}
    found: dict[Surface, Reason] = {}
    for photo in looked:
        if photo.surface not in seen and isinstance(photo.seen, InputError):
            text = str(photo.seen).replace(f"{photo.surface} ({photo.file}): ", f"{photo.surface}: ", 1)
            found.setdefault(photo.surface, Reason(rule=photo.seen.code, text=text, surface=photo.surface))
    return found


def flag_unused(told: Mapping[Surface, SurfaceShots]) -> tuple[Flag, ...]:
    """A flag for every shot that neither carries its surface's grade nor stands for the surface without one."""
    return tuple(
        Flag(code="shot-not-used", text=f"{shot.file} was not used: {_why(surface, shot)}", surface=surface)
        for surface, shots in told.items()
        for shot in shots.photos[1:]
        if not shot.used
    )


def _unseen(looked: Iterable[Looked]) -> list[Shot]:
    return [
        Shot(
            file=photo.file,
            sha256=hashlib.sha256(photo.data).hexdigest(),
            size_bytes=len(photo.data),
            used=False,
            why_not=(Reason(rule=photo.seen.code, text=str(photo.seen), surface=photo.surface),),
            inspection=None,
        )
        for photo in looked
        if isinstance(photo.seen, InputError)
    ]


def _why(surface: Surface, shot: Shot) -> str:
    """The reasons without the names that stand before them."""
    texts = (reason.text.removeprefix(f"{surface} ({shot.file}): ") for reason in shot.why_not)
    return "; ".join(text.removeprefix(f"{surface}: ") for text in texts)
