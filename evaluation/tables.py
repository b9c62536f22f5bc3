"""Tables of an evaluation in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.evaluation import metrics
from phonegrade.evaluation.bootstrap import Estimate
from phonegrade.evaluation.figures import KeyMetrics, RealFigures, RenderedFigures, SizeError
from phonegrade.evaluation.metrics import METRICS, Metric, false_per_photo
from phonegrade.grading.uncertainty.agreement import Agreement, ReviewPoint

CORRUPTED = (
    metrics.CRACK_AUROC,
    metrics.CRACK_RECALL_AT_5,
    metrics.CRACK_RECALL_SHIPPED,
    metrics.CLEAN_REPORTED_CRACKED,
    metrics.SCRATCH_F1,
    metrics.SCRATCH_F1_SHIPPED,
    false_per_photo("clean"),
)
GROUPED = (
    metrics.DAMAGE_RECALL,
    metrics.DAMAGE_PRECISION,
    metrics.CRACK_RECALL,
    metrics.SCRATCH_RECALL,
    metrics.SCUFF_RECALL,
    metrics.FALSE_PER_SURFACE,
    metrics.LENGTH_ERROR,
    metrics.OUTLINE_IOU,
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of one table, and an empty one."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def estimate_text(estimate: Estimate, *, interval: bool = True) -> str:
    """Return `0.912 [0.870, 0.950]`, or a dash where there was nothing to measure."""
    if estimate.value is None:
        return "-"
    if not interval or estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def key_metric_table(figures: KeyMetrics) -> list[str]:
    """Return every key metric with its interval, its number of rows, and its target."""
    rows = []
    for name, one in figures.items():
        metric = METRICS.get(name, Metric(name=name))
        rows.append([name, estimate_text(one), str(one.count), metric.target_text(one.value)])
    return table(("metric", "value [95 %]", "n", "target"), rows)


def kind_table(figures: RenderedFigures) -> list[str]:
    """Return instances, pixels and sizes by class."""
    instances = ("ground truth", "recall", "as any damage", "precision", "AP")
    head = ("class", *instances, "mask IoU", "pixel F1", "detections per defect")
    rows = []
    for name, kind in figures.kinds.items():
        shown = (kind.recall, kind.recall_any, kind.precision, kind.average_precision)
        estimates = ["-" if one is None else estimate_text(one) for one in shown]
        numbers = [number(one) for one in (kind.mask_iou, kind.pixel_f1, kind.pieces_per_detected_defect)]
        rows.append([name, str(kind.recall.count), *estimates, *numbers])
    return table(head, rows)


def cell_table(figures: RenderedFigures) -> list[str]:
    """Return recall by true size and precision by predicted size, on fronts, backs and edges."""
    head = ("kind", "surface", "length", "ground truth", "recall", "detections", "precision")
    rows = []
    for one in figures.cells:
        recall = (str(one.recall.count), estimate_text(one.recall))
        rows.append([one.kind, one.surface, one.size, *recall, str(one.precision.count), estimate_text(one.precision)])
    return table(head, rows)


def contrast_table(figures: RenderedFigures) -> list[str]:
    """Return recall by contrast."""
    head = ("kind", "grey levels", "ground truth", "recall", "recall, as any kind of damage")
    rows = (
        [c.kind, c.bin, str(c.recall.count), estimate_text(c.recall), estimate_text(c.recall_any)]
        for c in figures.contrasts
    )
    return table(head, rows)


def error_table(errors: Sequence[SizeError], head: str) -> list[str]:
    """Return median and 90th percentile by kind and bin."""
    return table(
        ("kind", head, "defects", "median", "90th percentile"),
        ([e.kind, e.bin, str(e.median.count), estimate_text(e.median), estimate_text(e.p90)] for e in errors),
    )


def coverage_table(figures: RenderedFigures) -> list[str]:
    """Return how often the truth lies within one and two of the standard errors of a size."""
    head = ("size", "kind", "detections", "n", "within one error", "within two")
    rows = []
    for one in figures.error_coverage:
        matches = "matched one to one" if one.alone else "all"
        shares = [estimate_text(one.within_one), estimate_text(one.within_two)]
        rows.append([one.size, one.kind, matches, str(one.within_one.count), *shares])
    return table(head, rows)


def group_table(figures: RenderedFigures) -> list[str]:
    """Return some key metrics by route, preset and surface."""
    names = [metric.name for metric in GROUPED]
    rows = (
        [one.by, one.name, str(one.photos), *(estimate_text(one.figures[name], interval=False) for name in names)]
        for one in figures.groups
    )
    return table(("by", "group", "photos", *names), rows)


def confusion_table(figures: RenderedFigures) -> list[str]:
    """Return the confusion of kinds: rows are ground truth, columns are predictions."""
    columns = (*SEGMENTER_CLASSES, "nothing")
    rows = []
    for row in figures.confusion:
        shares = [f"{row.predicted[kind] / row.count:.2f}" if kind in row.predicted else "" for kind in columns]
        rows.append([row.true, str(row.count), *shares, number(row.false_defects_each)])
    return table(("ground truth", "n", *columns, "false defects on it"), rows)


def locator_tables(figures: RenderedFigures) -> list[str]:
    """Return tables of views, cut-off devices and outlines."""
    locator = figures.locator
    views = list(locator.views)
    rows = ([true, *(str(locator.views[true][one]) for one in views)] for true in views)
    low, median = locator.outline_iou
    corner, corner_p90 = locator.corner_error
    return [
        *table(("true view", *(f"predicted {view}" for view in views)), rows),
        *table(("cut off", "photos"), ([name, str(count)] for name, count in locator.cut_off.items())),
        *table(
            ("outline, of photos that show the whole device", "value [95 %]"),
            [
                ["IoU, median", estimate_text(median)],
                ["IoU, 5th percentile", estimate_text(low)],
                ["corner error over diagonal, median", estimate_text(corner)],
                ["corner error over diagonal, 90th percentile", estimate_text(corner_p90)],
                ["no outline", f"{locator.outlines_missed} of {median.count}"],
            ],
        ),
    ]


def calibration_table(figures: RenderedFigures) -> list[str]:
    """Return the calibration error by kind."""
    calibration = figures.calibration
    rows = [["all", str(calibration.error.count), estimate_text(calibration.error)]]
    rows += [[kind, str(one.count), estimate_text(one)] for kind, one in calibration.by_kind.items()]
    return table(("defects", "n", "expected calibration error"), rows)


def usable_table(figures: RealFigures) -> list[str]:
    """Return which photos could be graded alone, and why the others could not."""
    rows = [
        [
            one.view,
            one.label,
            str(one.photos),
            f"{one.why.get('usable', 0) / one.photos:.2f}",
            _counted(one.why, "usable"),
        ]
        for one in figures.usable
    ]
    return table(("view", "label", "photos", "usable", "why not the others"), rows)


def phone_table(figures: RealFigures) -> list[str]:
    """Return the grades of whole phones made of real photos."""
    rows = [[one.group, str(one.phones), _counted(one.outcomes), str(one.needs_review)] for one in figures.phones]
    return table(("phones", "number", "grade", "needs review"), rows)


def agreement_table(agreement: Agreement) -> list[str]:
    """Return how the grades of phones agree with the truth."""
    rows = [
        ("rounds of photos", str(agreement.devices)),
        ("graded", number(agreement.graded / max(agreement.devices, 1))),
        ("exactly right, of the graded", number(agreement.exact)),
        ("within one grade", number(agreement.within_one)),
        ("better than the truth", number(agreement.over)),
        ("worse than the truth", number(agreement.under)),
        ("sent to review", number(agreement.review)),
        ("exactly right, of the rest", number(agreement.exact_without_review)),
        ("truth in the prediction set (promised, held)", f"{number(agreement.promised)}, {number(agreement.covered)}"),
        ("grades in a prediction set", number(agreement.mean_set_size)),
        ("phones with the same answer from each round", number(agreement.repeatable)),
    ]
    return table(("figure", "value"), rows)


def curve_table(curve: Sequence[ReviewPoint]) -> list[str]:
    """Return the share in review against wrong grades."""
    rows = [[f"{one.max_expected_cost:g}", number(one.review), number(one.wrong), number(one.over)] for one in curve]
    return table(("`max_expected_cost`", "sent to review", "wrong, of the rest", "too good, of the rest"), rows)


def _counted(counts: Mapping[str, int], left_out: str = "") -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if name != left_out) or "-"


def false_table(figures: RealFigures) -> list[str]:
    """Return the false positives on photos without damage, by label and kind."""
    kinds = [kind.value for kind in DefectKind]
    rows = ([label, *(str(counts[kind]) for kind in kinds)] for label, counts in figures.false_kinds.items())
    return table(("photos of", *kinds), rows)


def corruption_table(figures: RealFigures) -> list[str]:
    """Return the metrics of the photos as they are, under each corruption, and in the mean of all corruptions."""
    names = [metric.name for metric in CORRUPTED if metric.name in figures.key_metrics]
    by_corruption = {"as they are": figures.key_metrics, **figures.corrupted}
    rows = [
        [label, *(estimate_text(one[name], interval=False) for name in names)] for label, one in by_corruption.items()
    ]
    values = ([one[name].value for one in figures.corrupted.values()] for name in names)
    means = ["-" if None in each else f"{fmean(one for one in each if one is not None):.3f}" for each in values]
    return table(("photos", *names), [*rows, ["mean of the corruptions", *means]])


def number(value: float | None) -> str:
    """Return `value` with two decimals, or a dash."""
    return "-" if value is None else f"{value:.2f}"
