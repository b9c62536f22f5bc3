"""Whether one set of models may take the place of another: paired tests over the same photos, and the reasons.

A single photo that flips decides nothing, and too few photos to see a loss are a reason to refuse.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, NonNegativeInt

from phonegrade.core.arrays import Floats
from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind
from phonegrade.evaluation.bootstrap import COVERAGE, Bootstrap, Estimate, Statistic, average_precision
from phonegrade.evaluation.outcome import PhotoOutcome
from phonegrade.evaluation.paired import PairedAnswer, PairedTest, adjusted, paired_test
from phonegrade.evaluation.real_figures import SHIPPED
from phonegrade.evaluation.real_photos import CLEAN, RealPrediction
from phonegrade.evaluation.tables import table

KINDS = tuple(kind.value for kind in DefectKind)
SOUND = "defect-free surfaces without a false defect"
MARKS = "defects detected as their kind"
DAMAGED = "damaged photos reported damaged"
UNDAMAGED = "photos without damage left alone"


class Bounds(Strict):
    """What decides."""

    significance: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """A loss that chance explains less often than this is one."""
    least_defects: NonNegativeInt = 100
    """Rendered defects below which nothing can be said."""
    least_surfaces: NonNegativeInt = 20
    """Rendered defect-free surfaces."""
    least_photos: NonNegativeInt = 20
    """Real photos with damage, and as many without."""
    must_gain: bool = False
    """Refuse what gains nothing that chance does not explain."""


@dataclass(frozen=True)
class Observed:
    """What one set of models answered on rendered photos, and on real ones as they are and corrupted."""

    outcomes: tuple[PhotoOutcome, ...] = ()
    predictions: tuple[RealPrediction, ...] = ()
    corrupted: dict[str, tuple[RealPrediction, ...]] = field(default_factory=dict)


class PrecisionTest(Strict):
    """Average precision of one kind, or of all in the mean, after less before, with devices resampled."""

    name: str
    difference: Estimate
    is_pooled: bool
    """Its interval covers 95 %; else as much more as there are kinds."""


class Acceptance(Strict):
    """The verdict, why, and all that it rests on."""

    taken: bool
    reasons: tuple[str, ...]
    """Why not."""
    gains: tuple[str, ...]
    tests: tuple[PairedTest, ...]
    precisions: tuple[PrecisionTest, ...]


def judge(before: Observed, after: Observed, bounds: Bounds | None = None) -> Acceptance:
    """Return whether `after` may take the place of `before`. Raises UsageError for those of other photos."""
    bounds = bounds or Bounds()
    tests = adjusted([*_rendered(before.outcomes, after.outcomes), *_real(before, after)])
    precisions = _precisions(before.outcomes, after.outcomes)
    reasons = [*_too_few(tests, bounds)]
    reasons += [f"{one.name}: {one.lost} lost, {one.gained} gained" for one in tests if one.loses(bounds.significance)]
    reasons += [f"{one.name}: {_text(one.difference)}" for one in precisions if _below_zero(one.difference.high)]
    gains = [f"{one.name}: {one.gained} gained, {one.lost} lost" for one in tests if one.gains(bounds.significance)]
    gains += [f"{one.name}: {_text(one.difference)}" for one in precisions if (one.difference.low or 0.0) > 0]
    if bounds.must_gain and not gains:
        reasons.append("nothing is gained that chance does not explain")
    return Acceptance(taken=not reasons, reasons=tuple(reasons), gains=tuple(gains), tests=tests, precisions=precisions)


def _below_zero(value: float | None) -> bool:
    return value is not None and value < 0


def _too_few(tests: Sequence[PairedTest], bounds: Bounds) -> list[str]:
    """Return a reason for each part that is too small for a loss to show."""
    least = {
        MARKS: (bounds.least_defects, "rendered defects"),
        SOUND: (bounds.least_surfaces, "rendered defect-free surfaces"),
        DAMAGED: (bounds.least_photos, "real photos with damage"),
        UNDAMAGED: (bounds.least_photos, "real photos without damage"),
    }
    counts = {one.name: one.answers for one in tests}
    return [
        f"too few {what} to tell a loss: {counts.get(name, 0)}, at least {needed} are needed"
        for name, (needed, what) in least.items()
        if counts.get(name, 0) < needed
    ]


def _rendered(before: Sequence[PhotoOutcome], after: Sequence[PhotoOutcome]) -> list[PairedTest]:
    if [one.photo for one in before] != [one.photo for one in after]:
        raise UsageError("the two sets of models were not measured on the same rendered photos")
    pairs = list(zip(before, after, strict=True))
    defects = [
        (f"{first.photo}: {old.kind} of {old.length_mm:.1f} mm, {number}", old, new)
        for first, second in pairs
        for number, (old, new) in enumerate(zip(first.visible_defects, second.visible_defects, strict=True))
        if old.kind in KINDS
    ]
    sound = [
        PairedAnswer(first.photo, first.photo, not _has_defects(first), not _has_defects(second))
        for first, second in pairs
        if first.is_defect_free and first.surface != "none"
    ]
    same = [(old.kind, PairedAnswer(what, what, old.detected, new.detected)) for what, old, new in defects]
    either = [PairedAnswer(what, what, old.detected_any, new.detected_any) for what, old, new in defects]
    by_kind = {kind: [answer for of, answer in same if of == kind] for kind in KINDS}
    return [
        paired_test(MARKS, [answer for _, answer in same], is_pooled=True),
        paired_test("defects detected as any damage", either, is_pooled=True),
        paired_test(SOUND, sound, is_pooled=True),
        *(paired_test(f"{kind}: detected", some, is_pooled=False) for kind, some in by_kind.items() if some),
    ]


def _has_defects(outcome: PhotoOutcome) -> bool:
    return any(one.kind in KINDS for one in outcome.detections)


def _real(before: Observed, after: Observed) -> list[PairedTest]:
    """Return the tests of real photos as they are, and of the same under all corruptions, which flip together."""
    if set(before.corrupted) != set(after.corrupted):
        raise UsageError("the two sets of models were not measured under the same corruptions")
    tests = _of_photos(_paired(before.predictions, after.predictions), "")
    pairs = [pair for name, some in before.corrupted.items() for pair in _paired(some, after.corrupted[name])]
    return tests + _of_photos(pairs, ", corrupted")


def _paired(
    before: Sequence[RealPrediction], after: Sequence[RealPrediction]
) -> list[tuple[RealPrediction, RealPrediction]]:
    if [one.photo.file for one in before] != [one.photo.file for one in after]:
        raise UsageError("the two sets of models were not measured on the same real photos")
    return list(zip(before, after, strict=True))


def _of_photos(pairs: Sequence[tuple[RealPrediction, RealPrediction]], suffix: str) -> list[PairedTest]:
    answers: dict[tuple[str, bool], list[PairedAnswer]] = {}

    def add(name: str, unit: str, right: tuple[bool, bool], *, is_pooled: bool) -> None:
        answers.setdefault((name + suffix, is_pooled), []).append(PairedAnswer(unit, unit, *right))

    for pair in pairs:
        photo, file = pair[0].photo, pair[0].photo.file
        if photo.has_damage:
            add(DAMAGED, file, (_reported(pair[0]), _reported(pair[1])), is_pooled=True)
        else:
            alone = (_left_alone(pair[0]), _left_alone(pair[1]))
            add(UNDAMAGED, file, alone, is_pooled=True)
            add("clean photos left alone" if photo.labels == {CLEAN} else "dirty photos left alone", file, alone,
                is_pooled=False)  # fmt: skip
        if DefectKind.CRACK in photo.labels:
            cracked = (_reported(pair[0], DefectKind.CRACK), _reported(pair[1], DefectKind.CRACK))
            add("cracked photos reported cracked", file, cracked, is_pooled=False)
        for number, right in enumerate(_scratches(pair)):
            add("outlined scratches detected", f"{file}, scratch {number}", right, is_pooled=False)
    return [paired_test(name, some, is_pooled=is_pooled) for (name, is_pooled), some in answers.items()]


def _reported(one: RealPrediction, *kinds: DefectKind) -> bool:
    return any(not kinds or defect.kind in kinds for defect in one.shipped or ())


def _left_alone(one: RealPrediction) -> bool:
    """Return whether the photo was answered, and no defect with it."""
    return one.shipped == ()


def _scratches(pair: tuple[RealPrediction, RealPrediction]) -> list[tuple[bool, bool]]:
    counts = [one.scratches for one in pair]
    if counts[0] is None or counts[1] is None:
        return []
    columns = [one.detected[:, SHIPPED] for one in counts if one is not None]
    return [(bool(old), bool(new)) for old, new in zip(*columns, strict=True)]


def _precisions(before: Sequence[PhotoOutcome], after: Sequence[PhotoOutcome]) -> tuple[PrecisionTest, ...]:
    """Return the differences of average precision, of the mean of all kinds first."""
    kinds = [kind for kind in KINDS if any(one.kind == kind for o in before for one in o.visible_defects)]
    if not kinds:
        return ()
    bootstrap = Bootstrap([one.device_id for one in before])
    rows = {kind: (_rows(before, kind), _rows(after, kind)) for kind in kinds}
    owners = {kind: (*old[1:], *new[1:]) for kind, (old, new) in rows.items()}
    of_kind = {kind: _difference(old[0], new[0]) for kind, (old, new) in rows.items()}

    def mean(*weights: Floats) -> float | None:
        parts = [of_kind[kind](*weights[4 * at : 4 * at + 4]) for at, kind in enumerate(kinds)]
        known = [one for one in parts if one is not None]
        return sum(known) / len(known) if known else None

    every = [part for kind in kinds for part in owners[kind]]
    coverage = 1 - (1 - COVERAGE) / len(kinds)
    return (
        PrecisionTest(name="average precision, mean of kinds", difference=bootstrap.estimate(mean, *every),
                      is_pooled=True),
        *(
            PrecisionTest(
                name=f"{kind}: average precision",
                difference=bootstrap.estimate(of_kind[kind], *owners[kind], coverage=coverage),
                is_pooled=False,
            )
            for kind in kinds
        ),
    )  # fmt: skip


def _rows(outcomes: Sequence[PhotoOutcome], kind: str) -> tuple[Statistic, list[str], list[str]]:
    """Return the average precision of `kind`, and the devices of its detections and of its defects."""
    detections = [(one, o.device_id) for o in outcomes for one in o.all_detections if one.kind == kind]
    defects = [(one, o.device_id) for o in outcomes for one in o.visible_defects if one.kind == kind]
    precision = average_precision(
        [one.confidence for one, _ in detections],
        [one.is_true for one, _ in detections],
        [one.detected_from for one, _ in defects],
    )
    return precision, [owner for _, owner in detections], [owner for _, owner in defects]


def _difference(before: Statistic, after: Statistic) -> Statistic:
    def of(*weights: Floats) -> float | None:
        old, new = before(*weights[:2]), after(*weights[2:])
        return None if old is None or new is None else new - old

    return of


def _text(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown"
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


def markdown(acceptance: Acceptance, what: str) -> str:
    """Return the record of `what` as a page."""
    lines = [f"# {what}: " + ("taken" if acceptance.taken else "refused"), ""]
    lines += [f"- {reason}" for reason in acceptance.reasons]
    lines += [f"- gained: {gain}" for gain in acceptance.gains]
    lines += ["", *table(("answers", "of", "lost", "gained", "p"), [
        [one.name, str(one.answers), str(one.lost), str(one.gained), f"{one.p:.3f}"] for one in acceptance.tests
    ])]  # fmt: skip
    lines += ["", *table(("difference", "after less before"), [
        [one.name, _text(one.difference)] for one in acceptance.precisions
    ])]  # fmt: skip
    for one in acceptance.tests:
        if one.lost + one.gained:
            lines += ["", f"## {one.name}", ""]
            lines += [f"- lost: {what}" for what in one.lost_on] + [f"- gained: {what}" for what in one.gained_on]
    return "\n".join(lines) + "\n"
