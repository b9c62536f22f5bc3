"""Whether what was read may be taken as read: pure rules over reads, without the picture.

A number is accepted where every check holds and two reads agree that were made in different ways; a misread barcode
with a right check digit comes out of one read in some 700. A number without a check digit, such as a serial number,
needs its barcode and its label in print. Nothing is ever accepted on the word of one read.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from phonegrade.recognition.identification import Box, Reader, Verdict, Why
from phonegrade.recognition.numbers import problem_of
from phonegrade.recognition.parsing import CodeKind, Parsed

NUMBERS = ("imei", "meid", "eid", "serial", "gtin")
WITHOUT_CHECK_DIGIT = ("serial", "meid")
MOST_IMEIS = 2
"""A phone has one or two; a photo that shows more shows several phones."""
_SAME_PLACE = 0.5


class Read(NamedTuple):
    """One parsed value of one text of one pass over the picture."""

    parsed: Parsed
    reader: Reader
    scale: float
    box: Box
    """In pixels of the photo at full size."""


class Judged(NamedTuple):
    """One value with all of its reads."""

    parsed: Parsed
    reads: tuple[Read, ...]
    verdict: Verdict
    why: Why | None

    @property
    def agreeing(self) -> int:
        """How many of the reads were made in different ways."""
        return len(ways(self.reads))


def ways(reads: Iterable[Read]) -> frozenset[tuple[Reader, float]]:
    """Return in how many ways a value was read: the same barcode twice at one enlargement is one."""
    return frozenset((read.reader, read.scale) for read in reads)


def judge_numbers(reads: Sequence[Read]) -> tuple[Judged, ...]:
    """Return every number with its verdict, accepted ones first, then from the top of the photo."""
    groups = _by_value([read for read in reads if read.parsed.kind in NUMBERS])
    judged = [_number(group, groups) for group in groups]
    kept = [one for one in judged if not _is_noise(one, judged)]
    imeis = {one.parsed.value for one in kept if one.parsed.kind == "imei" and one.verdict != "unusable"}
    if len(imeis) > MOST_IMEIS:
        kept = [
            one._replace(verdict="confirm", why="too_many")
            if one.parsed.kind == "imei" and one.verdict == "accepted"
            else one
            for one in kept
        ]
    order: dict[Verdict, int] = {"accepted": 0, "confirm": 1, "unusable": 2}
    return tuple(sorted(kept, key=lambda one: (order[one.verdict], one.reads[0].box[1])))


def judge_code(reads: Sequence[Read], is_known: bool) -> tuple[Verdict, Why | None]:
    """Return whether a model code may be taken as read; one that no table knows helps nobody."""
    if not is_known:
        return "unusable", "unknown_code"
    return ("accepted", None) if len(ways(reads)) > 1 else ("confirm", "one_read")


def codes(reads: Sequence[Read]) -> tuple[tuple[CodeKind, tuple[Read, ...]], ...]:
    """Return the reads of every model code, by value."""
    groups = _by_value([read for read in reads if read.parsed.kind not in NUMBERS])
    return tuple((group[0].parsed.kind, group) for group in groups)  # type: ignore[misc]


def _by_value(reads: Sequence[Read]) -> list[tuple[Read, ...]]:
    groups: dict[tuple[str, str], list[Read]] = {}
    for read in reads:
        groups.setdefault((read.parsed.kind, read.parsed.value), []).append(read)
    return [tuple(group) for group in groups.values()]


def _number(group: tuple[Read, ...], groups: Sequence[tuple[Read, ...]]) -> Judged:
    first = group[0].parsed
    slot = next((read.parsed.slot for read in group if read.parsed.slot is not None), None)
    labelled = any(read.parsed.labelled for read in group)
    parsed = first._replace(slot=slot, labelled=labelled)
    verdict, why = _verdict(parsed, group, groups)
    return Judged(parsed, group, verdict, why)


def _verdict(parsed: Parsed, group: tuple[Read, ...], groups: Sequence[tuple[Read, ...]]) -> tuple[Verdict, Why | None]:
    problem = problem_of(parsed.kind, parsed.value)  # type: ignore[arg-type]
    if problem is not None:
        return "unusable", problem
    if any(_contradicts(other, group) for other in groups):
        return "confirm", "reads_disagree"
    if len(ways(group)) < 2:
        return "confirm", "one_read"
    if parsed.kind in WITHOUT_CHECK_DIGIT:
        both = {read.reader for read in group} == {"barcode", "ocr"} and parsed.labelled
        return ("accepted", None) if both else ("confirm", "no_check_digit")
    return "accepted", None


def _contradicts(other: tuple[Read, ...], group: tuple[Read, ...]) -> bool:
    """Return whether another usable value of that kind was read at the same place."""
    one, two = other[0].parsed, group[0].parsed
    if one.kind != two.kind or one.value == two.value or problem_of(one.kind, one.value) is not None:  # type: ignore[arg-type]
        return False
    return any(_same_place(a.box, b.box) for a in other for b in group if a.reader == b.reader)


def _is_noise(one: Judged, judged: Sequence[Judged]) -> bool:
    """Return whether a value that cannot be right is a misread of one that can."""
    if one.verdict != "unusable":
        return False
    usable = [other for other in judged if other.verdict != "unusable" and other.parsed.kind == one.parsed.kind]
    return any(_same_place(a.box, b.box) for other in usable for a in other.reads for b in one.reads)


def _same_place(one: Box, other: Box) -> bool:
    width = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    height = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return width > 0 and height > 0 and width * height >= _SAME_PLACE * smaller
