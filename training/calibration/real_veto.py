"""Real photos without damage as a veto on limits: they may raise a limit, never lower one, and train no weight."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from phonegrade.core.errors import InputError
from phonegrade.core.inspection import Defect, Dirt
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import View
from phonegrade.evaluation.real_photos import CLEAN, read_real
from phonegrade.inference.card import SegmenterCard
from phonegrade.inference.inspector import LISTED_FROM, Inspector
from phonegrade.training.calibration.confidence import vetoed

WITHOUT_DAMAGE = frozenset({CLEAN, "oil", "stain", "dust", "smudge", "glare", "case"})


class Negative(NamedTuple):
    """A real photo without damage, and by class its most confident detection, except those below their zone's limit."""

    group: str
    surest: dict[str, float]


def negatives_of(root: Path, inspector: Inspector, views: Sequence[View]) -> list[Negative]:
    """Return the photos of the folder `root` of `views` and without damage. Raises UsageError for a wrong folder."""
    negatives = []
    for photo in read_real(root):
        if photo.view not in views or not photo.labels <= WITHOUT_DAMAGE:
            continue
        try:
            inspection = inspector.inspect(
                PhotoFile(photo.file, (root / photo.file).read_bytes()), view=photo.view, min_confidence=LISTED_FROM
            )
        except InputError:
            continue
        card = inspector.segmenter_of(photo.view).card
        dirt = inspection.contamination if photo.labels == {CLEAN} else ()
        surest: dict[str, float] = {}
        detections: list[Defect | Dirt] = [*inspection.defects, *dirt]
        for one in detections:
            if _counts(one, card):
                surest[one.kind.value] = max(surest.get(one.kind.value, 0.0), one.confidence)
        negatives.append(Negative(photo.group, surest))
    return negatives


def _counts(one: Defect | Dirt, card: SegmenterCard) -> bool:
    """Return whether the limit of its class alone applies, or it reaches that of its zone too."""
    limit = one.counts_from or 0.0
    return limit <= card.min_confidence[one.kind.value] or one.confidence >= limit


def raise_limits(card: SegmenterCard, negatives: Sequence[Negative]) -> SegmenterCard:
    """Return the card with its limits raised by the photos."""
    return vetoed(card, [one.surest for one in negatives])


def spread(card: SegmenterCard, negatives: Sequence[Negative]) -> Mapping[str, tuple[float, float]]:
    """Return, by class, the lowest and the highest limit with one group of the photos left out at a time."""
    groups = {one.group for one in negatives}
    limits = [raise_limits(card, [one for one in negatives if one.group != group]).min_confidence for group in groups]
    return {
        name: (min(each[name] for each in limits), max(each[name] for each in limits)) for name in card.min_confidence
    }
