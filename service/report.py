"""An appraisal as one HTML file that needs nothing else."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined

from phonegrade.configs.functional import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.inference.overlay import KIND_RGB
from phonegrade.service.appraisal import Appraisal
from phonegrade.service.look import Photos
from phonegrade.service.overlay import evidence_jpeg

LONG_SIDE_PX = 1200
"""Of the picture that stands for a surface: sharp on an A4 page, and six of them stay mailable."""
OTHER_SHOT_PX = 800
"""Of each further shot."""


def render_report(appraisal: Appraisal, photos: Photos) -> str:
    """HTML of `appraisal` with overlays drawn on its `photos`, (file name, bytes) of every shot, as data URIs."""
    environment = Environment(
        loader=PackageLoader("phonegrade.service", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    return environment.get_template("report.html.j2").render(
        a=appraisal,
        pictures=_pictures(appraisal, photos),
        colours=KIND_RGB,
        tests=_tests_by_group(appraisal.functional),
    )


def _pictures(appraisal: Appraisal, photos: Photos) -> dict[str, str]:
    """Every shot that shows something with its own marks drawn, as base64 by the photo's SHA-256."""
    files = {hashlib.sha256(data).hexdigest(): data for shots in photos.values() for _, data in shots}
    pictures: dict[str, str] = {}
    for shots in appraisal.shots.values():
        for number, shot in enumerate(shots.photos):
            if shot.inspection is not None:
                side_px = OTHER_SHOT_PX if number else LONG_SIDE_PX
                drawn = evidence_jpeg(files[shot.sha256], shot.inspection, side_px)
                pictures[shot.sha256] = base64.b64encode(drawn).decode("ascii")
    return pictures


def _tests_by_group(report: FunctionalReport | None) -> dict[str, list[tuple[str, TestResult]]]:
    """Every test that the report tells of, under its group, in the vocabulary's order."""
    groups: dict[str, list[tuple[str, TestResult]]] = {}
    for name, test in functional_vocabulary().tests.items():
        if report is not None and name in report.tests:
            groups.setdefault(test.group, []).append((name, report.tests[name]))
    return groups
