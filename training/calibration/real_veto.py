"""Real photos without damage as a veto on limits: no weight learns from them, and no limit falls by them."""

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
    """A real photo without damage: what of each class is surest on it, where no limit of its zone silences it."""

    group: str
    surest: dict[str, float]


def negatives_of(root: Path, inspector: Inspector, views: Sequence[View]) -> list[Negative]:
    """The photos of the folder `root` that show one of `views` and no damage. Raises UsageError for a wrong folder."""
    found = []
    for photo in read_real(root):
        if photo.view not in views or not photo.labels <= WITHOUT_DAMAGE:
            continue
        try:
            seen = inspector.inspect(
                PhotoFile(photo.file, (root / photo.file).read_bytes()), view=photo.view, min_confidence=LISTED_FROM
            )
        except InputError:
            continue
        card = inspector.segmenter_of(photo.view).card
        dirt = seen.contamination if photo.labels == {CLEAN} else ()
        surest: dict[str, float] = {}
        marks: list[Defect | Dirt] = [*seen.defects, *dirt]
        for one in marks:
            if _speaks(one, card):
                surest[one.kind.value] = max(surest.get(one.kind.value, 0.0), one.confidence)
        found.append(Negative(photo.group, surest))
    return found


def _speaks(one: Defect | Dirt, card: SegmenterCard) -> bool:
    """Whether the limit of its class alone decides on it, or it counts even by that of its zone."""
    own = one.counts_from or 0.0
    return own <= card.min_confidence[one.kind.value] or one.confidence >= own


def raise_limits(card: SegmenterCard, negatives: Sequence[Negative]) -> SegmenterCard:
    """The card with its limits as high as the photos ask for."""
    return vetoed(card, [one.surest for one in negatives])


def spread(card: SegmenterCard, negatives: Sequence[Negative]) -> Mapping[str, tuple[float, float]]:
    """By class, the lowest and the highest limit where one group of the photos is left out at a time."""
    groups = {one.group for one in negatives}
    left = [raise_limits(card, [one for one in negatives if one.group != group]).min_confidence for group in groups]
    return {name: (min(each[name] for each in left), max(each[name] for each in left)) for name in card.min_confidence}
