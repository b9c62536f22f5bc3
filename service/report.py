"""An appraisal as one HTML file that needs nothing else."""

import base64
from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from phonegrade.configs.functional import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.configs.vocabulary import Surface
from phonegrade.inference.overlay import KIND_RGB
from phonegrade.service.appraisal import Appraisal
from phonegrade.service.overlay import evidence_jpeg

LONG_SIDE_PX = 1200
"""Of each picture in the report: sharp on an A4 page, and six of them stay mailable."""


def render_report(appraisal: Appraisal, photos: Mapping[Surface, tuple[str, bytes]]) -> str:
    """HTML of `appraisal` with overlays drawn on `photos`, (file name, bytes) by surface, as data URIs."""
    environment = Environment(
        loader=PackageLoader("phonegrade.service", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    pictures = {
        surface: base64.b64encode(evidence_jpeg(data, appraisal.inspections[surface], LONG_SIDE_PX)).decode("ascii")
        for surface, (_, data) in photos.items()
    }
    return environment.get_template("report.html.j2").render(
        a=appraisal, pictures=pictures, colours=KIND_RGB, tests=_tests_by_group(appraisal.functional)
    )


def _tests_by_group(report: FunctionalReport | None) -> dict[str, list[tuple[str, TestResult]]]:
    """Every test that the report tells of, under its group, in the vocabulary's order."""
    groups: dict[str, list[tuple[str, TestResult]]] = {}
    for name, test in functional_vocabulary().tests.items():
        if report is not None and name in report.tests:
            groups.setdefault(test.group, []).append((name, report.tests[name]))
    return groups
