"""Tables of an evaluation in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from phonegrade.core.vocabulary import SEGMENTER_CLASSES, DefectKind
from phonegrade.evaluation.bootstrap import Estimate
from phonegrade.evaluation.figures import Headlines, RealFigures, RenderedFigures, SizeError
from phonegrade.evaluation.key_metrics import AIMS
from phonegrade.grading.uncertainty.agreement import Agreement, ReviewPoint

CHANGED = (
    "crack AUROC",
    "crack recall at 5 % false alarms",
    "crack recall, shipped limits",
    "clean photos told cracked, shipped limits",
    "scratch F1, best threshold",
    "scratch F1, shipped limits",
    "false defects per clean photo",
)
GROUPED = (
    "damage recall, of any kind",
    "damage precision, of any kind",
    "crack recall",
    "scratch recall, 3 mm and longer",
    "scuff recall",
    "false defects per sound surface",
    "length error, median",
    "outline IoU of 0.97 and more",
)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of one table, and an empty one."""
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def told(estimate: Estimate, *, interval: bool = True) -> str:
    """`0.912 [0.870, 0.950]`, or a dash where there was nothing to measure."""
    if estimate.value is None:
        return "-"
    if not interval or estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def key_metric_table(figures: Headlines) -> list[str]:
    """Every headline with its interval, what it stands on, and the bound that it is to reach."""
    rows = ([name, told(one), str(one.count), _aim(name, one)] for name, one in figures.items())
    return table(("figure", "value [95 %]", "n", "aim"), rows)


def _aim(name: str, estimate: Estimate) -> str:
    aim = AIMS.get(name)
    if aim is None:
        return ""
    sign = "≤" if aim.most else "≥"
    met = "" if estimate.value is None else ", met" if aim.met(estimate.value) else ", not met"
    return f"{sign} {aim.bound:g}{met}"


def kind_table(figures: RenderedFigures) -> list[str]:
    """Instances, pixels and sizes by class."""
    head = ("class", "marks", "recall", "precision", "AP", "mask IoU", "pixel F1", "pieces a mark")
    rows = []
    for name, kind in figures.kinds.items():
        estimates = [told(one) for one in (kind.recall, kind.precision, kind.average_precision)]
        numbers = [number(one) for one in (kind.mask_iou, kind.pixel_f1, kind.pieces_per_found_mark)]
        rows.append([name, str(kind.recall.count), *estimates, *numbers])
    return table(head, rows)


def cell_table(figures: RenderedFigures) -> list[str]:
    """Recall by true size, precision by told size, on fronts, backs and edges."""
    head = ("kind", "surface", "length", "marks", "recall", "told", "precision")
    return table(
        head,
        (
            [c.kind, c.surface, c.size, str(c.recall.count), told(c.recall), str(c.precision.count), told(c.precision)]
            for c in figures.cells
        ),
    )


def contrast_table(figures: RenderedFigures) -> list[str]:
    """Recall by contrast."""
    head = ("kind", "grey levels", "marks", "recall", "recall, as any kind of damage")
    rows = ([c.kind, c.bin, str(c.recall.count), told(c.recall), told(c.recall_any)] for c in figures.contrasts)
    return table(head, rows)


def error_table(errors: Sequence[SizeError], head: str) -> list[str]:
    """Median and 90th percentile by kind and bin."""
    return table(
        ("kind", head, "marks", "median", "90th percentile"),
        ([e.kind, e.bin, str(e.median.count), told(e.median), told(e.p90)] for e in errors),
    )


def coverage_table(figures: RenderedFigures) -> list[str]:
    """How often the truth lies within one and two of the errors told of a size."""
    head = ("size", "kind", "of marks", "n", "within one error", "within two")
    rows = []
    for one in figures.error_coverage:
        marks, shares = "told one as one" if one.alone else "found", [told(one.within_one), told(one.within_two)]
        rows.append([one.size, one.kind, marks, str(one.within_one.count), *shares])
    return table(head, rows)


def group_table(figures: RenderedFigures) -> list[str]:
    """Some headline figures by route, preset and surface."""
    return table(
        ("by", "group", "photos", *GROUPED),
        (
            [g.by, g.name, str(g.photos), *(told(g.figures[name], interval=False) for name in GROUPED)]
            for g in figures.groups
        ),
    )


def call_table(figures: RenderedFigures) -> list[str]:
    """What marks are told as: rows are true, columns are told."""
    columns = (*SEGMENTER_CLASSES, "nothing")
    rows = []
    for call in figures.calls:
        shares = [f"{call.called[kind] / call.marks:.2f}" if kind in call.called else "" for kind in columns]
        rows.append([call.true, str(call.marks), *shares, number(call.false_defects_per_mark)])
    return table(("true", "marks", *columns, "false defects on it"), rows)


def locator_tables(figures: RenderedFigures) -> list[str]:
    """Views, cut-off phones, outlines."""
    locator = figures.locator
    views = list(locator.views)
    rows = ([true, *(str(locator.views[true][one]) for one in views)] for true in views)
    low, median = locator.outline_iou
    corner, corner_p90 = locator.corner_error
    return [
        *table(("true view", *(f"told {view}" for view in views)), rows),
        *table(("cut off", "photos"), ([name, str(count)] for name, count in locator.cut_off.items())),
        *table(
            ("outline, of photos that show the whole device", "value [95 %]"),
            [
                ["IoU, median", told(median)],
                ["IoU, 5th percentile", told(low)],
                ["corner error over diagonal, median", told(corner)],
                ["corner error over diagonal, 90th percentile", told(corner_p90)],
                ["no outline told", f"{locator.outlines_missed} of {median.count}"],
            ],
        ),
    ]


def calibration_table(figures: RenderedFigures) -> list[str]:
    """Calibration error by kind."""
    calibration = figures.calibration
    rows = [["all", str(calibration.error.count), told(calibration.error)]]
    rows += [[kind, str(one.count), told(one)] for kind, one in calibration.by_kind.items()]
    return table(("defects told", "n", "expected calibration error"), rows)


def usable_table(figures: RealFigures) -> list[str]:
    """Which photos could be graded alone, and why the others could not."""
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
    return table(("view", "label", "photos", "usable", "in the way of the others"), rows)


def phone_table(figures: RealFigures) -> list[str]:
    """What whole phones made of real photos get."""
    rows = [[one.group, str(one.phones), _counted(one.outcomes), str(one.needs_review)] for one in figures.phones]
    return table(("phones", "number", "grade", "needs review"), rows)


def agreement_table(found: Agreement) -> list[str]:
    """How the grades of phones agree with the truth."""
    rows = [
        ("rounds of photos", str(found.devices)),
        ("graded", number(found.graded / max(found.devices, 1))),
        ("exactly right, of the graded", number(found.exact)),
        ("within one grade", number(found.within_one)),
        ("better than the truth", number(found.over)),
        ("worse than the truth", number(found.under)),
        ("sent to review", number(found.review)),
        ("exactly right, of the rest", number(found.exact_without_review)),
        ("truth in the prediction set (promised, held)", f"{number(found.promised)}, {number(found.covered)}"),
        ("grades in a prediction set", number(found.mean_set_size)),
        ("phones with the same answer from each round", number(found.repeatable)),
    ]
    return table(("figure", "value"), rows)


def curve_table(curve: Sequence[ReviewPoint]) -> list[str]:
    """Review against wrong grades."""
    rows = [[f"{one.max_expected_cost:g}", number(one.review), number(one.wrong), number(one.over)] for one in curve]
    return table(("`max_expected_cost`", "sent to review", "wrong, of the rest", "too good, of the rest"), rows)


def _counted(counts: Mapping[str, int], left_out: str = "") -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items() if name != left_out) or "-"


def false_table(figures: RealFigures) -> list[str]:
    """What is told of photos without damage, by label and kind."""
    kinds = [kind.value for kind in DefectKind]
    rows = ([label, *(str(counts[kind]) for kind in kinds)] for label, counts in figures.false_kinds.items())
    return table(("photos of", *kinds), rows)


def changed_table(figures: RealFigures) -> list[str]:
    """What is told of the photos as they are, under each change, and in the mean of all changes."""
    known = [name for name in CHANGED if name in figures.key_metrics]
    rows = {"as they are": figures.key_metrics, **figures.changed}
    shown = [[name, *(told(one[figure], interval=False) for figure in known)] for name, one in rows.items()]
    values = ([one[figure].value for one in figures.changed.values()] for figure in known)
    means = ["-" if None in each else f"{fmean(one for one in each if one is not None):.3f}" for each in values]
    return table(("photos", *known), [*shown, ["mean of the changes", *means]])


def number(value: float | None) -> str:
    """Two decimals, or a dash."""
    return "-" if value is None else f"{value:.2f}"
