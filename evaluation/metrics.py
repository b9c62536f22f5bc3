"""The metrics that a set of models is evaluated by: name, unit, direction and target of each."""

from typing import Literal

from phonegrade.core.strict import Strict
from phonegrade.evaluation.figures import KeyMetrics

TOO_SMALL_MM = {"scratch": 2.0, "scuff": 5.0}
"""Below it a person calls the defect a speck, and no recall asks for it."""
TOO_COARSE_PX_PER_MM = {"chip": 4.0}
"""In coarser photos nobody sees such a defect, and no recall asks for it."""


class Metric(Strict):
    """A figure of an evaluation, and the bound that it is to reach, where there is one."""

    name: str
    """Its key in `evaluation.json` and its row in the tables."""
    unit: Literal["share", "count", "mm"] = "share"
    higher_is_better: bool = True
    target: float | None = None

    def is_met(self, value: float) -> bool:
        """Return whether `value` reaches the target; True where there is none."""
        if self.target is None:
            return True
        return value >= self.target if self.higher_is_better else value <= self.target

    def target_text(self, value: float | None) -> str:
        """Return `≥ 0.97, not met` for `value`; nothing where there is no target, the bound alone without a value."""
        if self.target is None:
            return ""
        bound = f"{'≥' if self.higher_is_better else '≤'} {self.target:g}"
        return bound if value is None else f"{bound}, {'met' if self.is_met(value) else 'not met'}"

    def loss(self, before: float, after: float) -> float:
        """Return by how much `after` is worse than `before`; negative where it is better."""
        return before - after if self.higher_is_better else after - before


class RecallMetric(Metric):
    """The recall of one kind of damage, of what a person can see of it."""

    kind: str
    min_length_mm: float = 0.0
    """True length from which on defects are asked for."""
    min_px_per_mm: float = 0.0
    """Photos that are as fine."""
    as_any: bool = False
    """Whether detections of any kind of damage count."""


def recall_of(
    kind: str, target: float, min_length_mm: float = 0.0, min_px_per_mm: float = 0.0, *, as_any: bool = False
) -> RecallMetric:
    """Return the recall of one kind of damage, named by what it asks for."""
    parts = (
        f"{kind} recall",
        f"{min_length_mm:g} mm and longer" if min_length_mm else "",
        f"from {min_px_per_mm:g} px/mm" if min_px_per_mm else "",
        "as any damage" if as_any else "",
    )
    return RecallMetric(
        name=", ".join(filter(None, parts)),
        target=target,
        kind=kind,
        min_length_mm=min_length_mm,
        min_px_per_mm=min_px_per_mm,
        as_any=as_any,
    )


CRACK_RECALL = recall_of("crack", 0.93)
SCRATCH_RECALL = recall_of("scratch", 0.72, 3.0, 4.0)
SCUFF_RECALL = recall_of("scuff", 0.60, 5.0)
RECALLS = (
    CRACK_RECALL,
    SCRATCH_RECALL,
    recall_of("scratch", 0.82, 5.0, 4.0),
    SCUFF_RECALL,
    recall_of("chip", 0.55, 2.0, 4.0),
    recall_of("dent", 0.40, 2.0, as_any=True),
)
DAMAGE_RECALL = Metric(name="damage recall, of any kind")
DAMAGE_PRECISION = Metric(name="damage precision, of any kind", target=0.85)
FALSE_PER_SURFACE = Metric(
    name="false defects per defect-free surface", unit="count", higher_is_better=False, target=0.1
)
FALSE_PER_CLEAN_SURFACE = Metric(
    name="false defects per defect-free clean surface", unit="count", higher_is_better=False
)
FALSE_PER_DIRTY_SURFACE = Metric(
    name="false defects per defect-free dirty surface", unit="count", higher_is_better=False
)
LENGTH_ERROR = Metric(name="length error, median", higher_is_better=False, target=0.04)
LENGTH_ERROR_P90 = Metric(name="length error, 90th percentile", higher_is_better=False)
WIDTH_ERROR = Metric(name="width error from 12 px/mm, median mm", unit="mm", higher_is_better=False, target=0.05)
WIDTH_ERROR_P90 = Metric(name="width error from 12 px/mm, 90th percentile mm", unit="mm", higher_is_better=False)
LENGTH_COVERAGE = Metric(name="lengths within two errors")
WIDTH_COVERAGE = Metric(name="widths within two errors")
OUTLINE_IOU = Metric(name="outline IoU of 0.97 and more", target=0.99)
VIEW_ACCURACY = Metric(name="view accuracy")
NONE_ACCURACY = Metric(name="none accuracy")
CUT_OFF_ACCURACY = Metric(name="cut off accuracy")
CALIBRATION_ERROR = Metric(name="calibration error", higher_is_better=False)
RENDERED = (
    *RECALLS,
    *(DAMAGE_RECALL, DAMAGE_PRECISION, FALSE_PER_SURFACE, FALSE_PER_CLEAN_SURFACE, FALSE_PER_DIRTY_SURFACE),
    *(LENGTH_ERROR, LENGTH_ERROR_P90, WIDTH_ERROR, WIDTH_ERROR_P90, LENGTH_COVERAGE, WIDTH_COVERAGE),
    *(OUTLINE_IOU, VIEW_ACCURACY, NONE_ACCURACY, CUT_OFF_ACCURACY, CALIBRATION_ERROR),
)
"""Metrics of a rendered test split."""

CRACK_AUROC = Metric(name="crack AUROC", target=0.985)
CRACK_RECALL_AT_NONE = Metric(name="crack recall at no false alarm")
CRACK_RECALL_AT_5 = Metric(name="crack recall at 5 % false alarms", target=0.94)
CRACK_RECALL_SHIPPED = Metric(name="crack recall, shipped limits")
CLEAN_REPORTED_CRACKED = Metric(name="clean photos reported cracked, shipped limits", higher_is_better=False)
DAMAGE_AUROC = Metric(name="damage AUROC, any kind")
SCRATCH_F1 = Metric(name="scratch F1, best threshold", target=0.92)
SCRATCH_F1_SHIPPED = Metric(name="scratch F1, shipped limits")
SCRATCH_PRECISION_SHIPPED = Metric(name="scratch precision, shipped limits")
SCRATCH_RECALL_SHIPPED = Metric(name="scratch recall, shipped limits")
_TARGETS_BY_LABEL = {"clean": 0.1, "oil": 0.3, "stain": 0.3}


def false_per_photo(label: str) -> Metric:
    """Return the false defects per photo without damage that has this label."""
    name = f"false defects per {label} photo"
    return Metric(name=name, unit="count", higher_is_better=False, target=_TARGETS_BY_LABEL.get(label))


REAL = (
    *(CRACK_AUROC, CRACK_RECALL_AT_NONE, CRACK_RECALL_AT_5, CRACK_RECALL_SHIPPED, CLEAN_REPORTED_CRACKED, DAMAGE_AUROC),
    *(SCRATCH_F1, SCRATCH_F1_SHIPPED, SCRATCH_PRECISION_SHIPPED, SCRATCH_RECALL_SHIPPED),
    *(false_per_photo(label) for label in _TARGETS_BY_LABEL),
)
"""Metrics of real photos; `false_per_photo` has those of further labels."""
METRICS = {metric.name: metric for metric in (*RENDERED, *REAL)}


def points_lost(reference: KeyMetrics, other: KeyMetrics) -> dict[str, float]:
    """Return by how many percentage points `other` is worse than `reference`, by metric, where both have a value.

    Metrics without a target, of which one that rests on few defects always moves, and lengths in mm are left out.
    """
    lost = {}
    for metric in METRICS.values():
        if metric.target is None or metric.unit == "mm" or metric.name not in reference.keys() & other.keys():
            continue
        before, after = reference[metric.name].value, other[metric.name].value
        if before is not None and after is not None:
            lost[metric.name] = round(100 * metric.loss(before, after), 3)
    return dict(sorted(lost.items()))
