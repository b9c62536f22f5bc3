"""Whether the errors that are told of sizes are the errors that sizes have."""

from collections.abc import Sequence

from phonegrade.evaluation.bootstrap import Bootstrap
from phonegrade.evaluation.figures import ErrorCoverage
from phonegrade.evaluation.key_metrics import DAMAGE, LINEAR, coverage_pairs, mean_of
from phonegrade.evaluation.outcome import PhotoOutcome

MEASURED = {"length": DAMAGE, "width": LINEAR}
"""Of patches, whose truth is an outline and not a box, the width is no figure."""


def error_coverage(outcomes: Sequence[PhotoOutcome], bootstrap: Bootstrap) -> tuple[ErrorCoverage, ...]:
    """By size and kind, of marks told one as one and of every found mark; kinds without a mark are left out."""
    found = []
    for size, kinds in MEASURED.items():
        for name, part in (("all", kinds), *((kind, (kind,)) for kind in kinds)):
            for alone in (True, False):
                one, two = (coverage_pairs(outcomes, size, errors, part, alone=alone) for errors in (1.0, 2.0))
                if one:
                    within_one, within_two = mean_of(bootstrap, one), mean_of(bootstrap, two)
                    found.append(
                        ErrorCoverage(size=size, kind=name, alone=alone, within_one=within_one, within_two=within_two)
                    )
    return tuple(found)
