"""The figures that a model is judged by, and the bounds that it is to reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from phonegrade.core.strict import Strict
from phonegrade.evaluation.bootstrap import Bootstrap, Estimate, calibration_error, mean, quantile
from phonegrade.evaluation.figures import Headlines
from phonegrade.evaluation.outcome import Detection, PhotoOutcome, VisibleDefect

DAMAGE = ("crack", "scratch", "scuff", "chip", "dent")
LINEAR = ("crack", "scratch")
LEAST_MM = {"crack": 0.0, "scratch": 3.0, "scuff": 0.0, "chip": 1.0, "dent": 2.0}
"""From which true length on a kind's recall is a headline."""
WIDTH_FROM_PX_PER_MM = 12.0
GOOD_IOU = 0.97
ECE_BINS = 10


class Target(Strict):
    """A bound; `most` where smaller is better."""

    bound: float
    most: bool = False

    def met(self, value: float) -> bool:
        """Whether `value` is within the bound."""
        return value <= self.bound if self.most else value >= self.bound


AIMS = {
    "crack recall": Target(bound=0.97),
    "scratch recall, 3 mm and longer": Target(bound=0.95),
    "scuff recall": Target(bound=0.90),
    "chip recall, 1 mm and longer": Target(bound=0.90),
    "dent recall, 2 mm and longer": Target(bound=0.90),
    "false defects per sound surface": Target(bound=0.1, most=True),
    "length error, median": Target(bound=0.04, most=True),
    "width error from 12 px/mm, median mm": Target(bound=0.05, most=True),
    "outline IoU of 0.97 and more": Target(bound=0.99),
    "crack AUROC": Target(bound=0.985),
    "crack recall at 5 % false alarms": Target(bound=0.94),
    "scratch F1, best threshold": Target(bound=0.92),
    "false defects per clean photo": Target(bound=0.1, most=True),
    "false defects per oil photo": Target(bound=0.3, most=True),
    "false defects per stain photo": Target(bound=0.3, most=True),
}


LESS_IS_BETTER = ("false defects", "length error", "width error", "calibration error", "clean photos told")
"""Beginnings of the names of figures of which less is better; of all others more is."""


IN_MM = "width error"
"""Beginning of the names of figures that are no shares."""


def points_lost(reference: Headlines, other: Headlines) -> dict[str, float]:
    """Points of a hundred by which `other` is worse than `reference`, by figure with an aim that is a share.

    Those that both could measure. Figures without an aim are left out: among many, one of few marks always moves.
    """
    lost = {}
    for name in reference.keys() & other.keys() & AIMS.keys():
        before, after = reference[name].value, other[name].value
        if before is not None and after is not None and not name.startswith(IN_MM):
            worse = after - before if name.startswith(LESS_IS_BETTER) else before - after
            lost[name] = round(100 * worse, 3)
    return dict(sorted(lost.items()))


@dataclass(frozen=True)
class Rows:
    """Values with the device that each belongs to."""

    values: tuple[float, ...]
    owners: tuple[str, ...]


def rows(pairs: Iterable[tuple[float, str]]) -> Rows:
    """From (value, device) pairs."""
    listed = list(pairs)
    return Rows(tuple(float(value) for value, _ in listed), tuple(owner for _, owner in listed))


def mean_of(bootstrap: Bootstrap, pairs: Iterable[tuple[float, str]]) -> Estimate:
    """Mean of the values and its interval."""
    told = rows(pairs)
    return bootstrap.estimate(mean(told.values), told.owners)


def quantile_of(bootstrap: Bootstrap, pairs: Iterable[tuple[float, str]], share: float) -> Estimate:
    """Quantile of the values and its interval."""
    told = rows(pairs)
    return bootstrap.estimate(quantile(told.values, share), told.owners)


def visible(outcomes: Sequence[PhotoOutcome]) -> list[tuple[VisibleDefect, PhotoOutcome]]:
    """Every true mark that can be seen, with its photo."""
    return [(mark, outcome) for outcome in outcomes for mark in outcome.visible]


def told_defects(outcomes: Sequence[PhotoOutcome]) -> list[tuple[Detection, PhotoOutcome]]:
    """Every defect told at the models' own limits, with its photo."""
    return [(mark, outcome) for outcome in outcomes for mark in outcome.found if mark.kind in DAMAGE]


def key_metrics(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Headlines:
    """The figures of some photos, at the limits that the models ship."""
    return {
        **_instances(outcomes, bootstrap),
        **_sound(outcomes, bootstrap),
        **_sizes(outcomes, bootstrap),
        **_locator(outcomes, bootstrap),
        "calibration error": _calibration(outcomes, bootstrap),
    }


def length_pairs(outcomes: Sequence[PhotoOutcome], kinds: Sequence[str] = DAMAGE) -> list[tuple[float, str]]:
    """Absolute relative length error of each found mark that its photo shows whole."""
    return [
        (abs(mark.length_error), outcome.device_id)
        for mark, outcome in visible(outcomes)
        if mark.kind in kinds and mark.has_length and mark.length_error is not None
    ]


def width_pairs(
    outcomes: Sequence[PhotoOutcome], low: float, high: float, kinds: Sequence[str] = LINEAR
) -> list[tuple[float, str]]:
    """Absolute width error in mm of each found mark, on photos of `low` to `high` pixels a millimetre."""
    return [
        (abs(mark.width_error_mm), outcome.device_id)
        for mark, outcome in visible(outcomes)
        if mark.kind in kinds
        and mark.width_error_mm is not None
        and outcome.px_per_mm is not None
        and low <= outcome.px_per_mm < high
    ]


def coverage_pairs(
    outcomes: Sequence[PhotoOutcome], size: str, errors: float, kinds: Sequence[str] = DAMAGE, *, alone: bool
) -> list[tuple[bool, str]]:
    """Whether the true length or width (`size`) of each found mark lies within so many of the errors told of it.

    Lengths of marks that their photo shows whole; with `alone` those marks only of which one was told as one.
    """
    found = []
    for mark, outcome in visible(outcomes):
        z = mark.length_z if size == "length" else mark.width_z
        known = z is not None and (size == "width" or mark.has_length) and mark.kind in kinds
        if z is not None and known and (mark.alone or not alone):
            found.append((abs(z) <= errors, outcome.device_id))
    return found


def _instances(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Headlines:
    marks, told = visible(outcomes), told_defects(outcomes)
    figures = {}
    for kind, least in LEAST_MM.items():
        name = f"{kind} recall" + (f", {least:.0f} mm and longer" if least else "")
        pairs = ((mark.found, o.device_id) for mark, o in marks if mark.kind == kind and mark.length_mm >= least)
        figures[name] = mean_of(bootstrap, pairs)
    damage = ((mark.found_any, o.device_id) for mark, o in marks if mark.kind in DAMAGE)
    figures["damage recall, of any kind"] = mean_of(bootstrap, damage)
    figures["damage precision, of any kind"] = mean_of(bootstrap, ((m.is_damage, o.device_id) for m, o in told))
    return figures


def _sound(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Headlines:
    sound = [o for o in outcomes if o.sound and o.surface != "none"]

    def false_per(surfaces: Sequence[PhotoOutcome]) -> Estimate:
        return mean_of(bootstrap, ((sum(m.kind in DAMAGE for m in o.found), o.device_id) for o in surfaces))

    return {
        "false defects per sound surface": false_per(sound),
        "false defects per sound clean surface": false_per([o for o in sound if not o.dirty]),
        "false defects per sound dirty surface": false_per([o for o in sound if o.dirty]),
    }


def _sizes(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Headlines:
    lengths, widths = length_pairs(outcomes), width_pairs(outcomes, WIDTH_FROM_PX_PER_MM, float("inf"))
    return {
        "length error, median": quantile_of(bootstrap, lengths, 0.5),
        "length error, 90th percentile": quantile_of(bootstrap, lengths, 0.9),
        "width error from 12 px/mm, median mm": quantile_of(bootstrap, widths, 0.5),
        "width error from 12 px/mm, 90th percentile mm": quantile_of(bootstrap, widths, 0.9),
        "lengths within two errors": mean_of(bootstrap, coverage_pairs(outcomes, "length", 2.0, alone=True)),
        "widths within two errors": mean_of(bootstrap, coverage_pairs(outcomes, "width", 2.0, LINEAR, alone=True)),
    }


def _locator(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Headlines:
    def share(pairs: Iterable[tuple[bool, PhotoOutcome]]) -> Estimate:
        return mean_of(bootstrap, ((right, o.device_id) for right, o in pairs))

    whole = [o for o in outcomes if o.located.iou is not None]
    shown = [o for o in outcomes if o.located.view != "none"]
    return {
        "outline IoU of 0.97 and more": share(((o.located.iou or 0.0) >= GOOD_IOU, o) for o in whole),
        "view accuracy": share((o.located.view == o.located.told_view, o) for o in outcomes),
        "none accuracy": share(((o.located.view == "none") == (o.located.told_view == "none"), o) for o in outcomes),
        "cut off accuracy": share((o.located.cropped == o.located.told_cut_off, o) for o in shown),
    }


def _calibration(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> Estimate:
    told = [(m, o) for o in outcomes for m in o.everything if m.kind in DAMAGE]
    statistic = calibration_error([m.confidence for m, _ in told], [m.is_true for m, _ in told], ECE_BINS)
    return bootstrap.estimate(statistic, [o.device_id for _, o in told])
