"""The report on one assessment: a single HTML file that needs no other, for both sides of a dispute."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from phonegrade.assessment.assessment import Assessment
from phonegrade.assessment.inspect_photos import Photos
from phonegrade.assessment.report_pictures import NATIVE_PX, Picture, close_up, surface_picture
from phonegrade.assessment.report_rows import (
    LABEL_SHARE,
    Label,
    Role,
    any_sub_pixel,
    defect_rows,
    labels,
    length_words,
    roles,
    rule_words,
    width_words,
)
from phonegrade.configs.policy import Policy
from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.devices.hardware import applied
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Inspection, ModelRef
from phonegrade.core.vocabulary import Surface, View
from phonegrade.grading.decision import Flag
from phonegrade.grading.explain.audit import audit
from phonegrade.grading.explain.customer_sentence import customer_sentence
from phonegrade.grading.explain.deciding import DecidingDefect, deciding_defects
from phonegrade.grading.explain.functional_words import amount, listed
from phonegrade.grading.explain.odds_words import odds_words
from phonegrade.grading.explain.policy_words import codes_in_words
from phonegrade.grading.explain.price import price_lines, share_after
from phonegrade.grading.gradability import clause
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.photo import Photo

LONG_SIDE_PX = 1200
"""Of the picture of a surface: sharp on an A4 page, and six of them still fit into an e-mail."""
OTHER_VIEW_PX = 800
"""Of each further view."""
MOST_CLOSE_UPS = 6
"""Of the deciding defects; the others are in the table and on the photos."""

SHOWN_ELSEWHERE = frozenset({"provisional", "surface_not_graded", "some_dirt", "uncertain_defects", "photo_not_used"})
"""Flags that the report shows where they belong: under the head, surface by surface, in captions, in the table."""


class CloseUp(NamedTuple):
    """The close-up of a deciding defect."""

    deciding: DecidingDefect
    picture: Picture
    length: str
    width: str
    rules: tuple[tuple[str, str, str | None], ...]
    """Name of each rule that it breaks, how, and what the rule allows."""
    file: str


class AnnotatedPhoto(NamedTuple):
    """A whole photo with the role of each outlined defect."""

    picture: Picture
    roles: dict[str, Role]
    labels: tuple[Label, ...]


def render_report(assessment: Assessment, photos: Photos, policy: Policy, answered_at: datetime) -> str:
    """Return the HTML of `assessment` under `policy`, with its `photos` (file name, bytes) as data URIs.

    `answered_at` is printed with its offset from UTC; raises ValueError for a time without one.
    """
    if answered_at.utcoffset() is None:
        raise ValueError(f"answered_at must have a time zone, got {answered_at!r}")
    decision, inspections = assessment.decision, assessment.inspections
    deciding = deciding_defects(decision, inspections)
    rows = defect_rows(assessment, policy, deciding)
    tests = _applied(assessment)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            a=assessment,
            d=decision,
            policy=policy,
            at=answered_at,
            sentence=customer_sentence(decision, inspections, policy),
            odds=odds_words(decision, policy),
            prices=price_lines(decision, policy),
            steps=[
                (step, None if tests is None else share_after(step, tests, policy)) for step in decision.next_better
            ],
            codes=codes_in_words(policy.functional.codes),
            audit=audit(decision, inspections, tests, policy),
            flags=_other_flags(assessment),
            models=_models(assessment.versions.models),
            rows=rows,
            label_share=LABEL_SHARE,
            sub_pixel=any_sub_pixel(rows),
            close_ups=_close_ups(assessment, photos, deciding, policy),
            deciding=deciding,
            annotated=_annotated(assessment, photos, policy, deciding),
            tests=_tests_by_group(assessment.functional),
            measures=_measures(assessment.functional),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("phonegrade.assessment", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["sentence"] = lambda text: f"{text[:1].upper()}{text[1:]}"
    environment.filters["clause"] = clause
    environment.filters["percent"] = lambda share: f"{share:.1%}".replace(".0%", "%")
    return environment


def _applied(assessment: Assessment) -> FunctionalReport | None:
    """Return the tests as they were graded, completed with what the catalogue knows of the device."""
    report, device = assessment.functional, assessment.device
    return None if report is None else applied(report, None if device.assumed else find_device(device.name))


def _close_ups(
    assessment: Assessment, photos: Photos, deciding: Iterable[DecidingDefect], policy: Policy
) -> tuple[CloseUp, ...]:
    files = _files(photos)
    native: dict[str, Photo] = {}
    close_ups = []
    for one in [one for one in deciding if one.defect.polygon][:MOST_CLOSE_UPS]:
        inspection = _finest_with(one, assessment)
        sha256 = inspection.photo_sha256
        native.setdefault(sha256, decode(files[sha256], long_side_px=NATIVE_PX))
        defect = next(defect for defect in inspection.defects if defect.id == one.defect.id)
        close_ups.append(
            CloseUp(
                deciding=one,
                picture=close_up(native[sha256], inspection, defect, landscape=one.surface.view is View.EDGE),
                length=length_words(one.defect),
                width=width_words(one.defect, assessment.inspections[one.surface].scale.resolvable_mm),
                rules=tuple((r.rule, r.text, rule_words(r.rule, policy)) for r in one.reasons),
                file=inspection.photo,
            )
        )
    return tuple(close_ups)


def _finest_with(deciding: DecidingDefect, assessment: Assessment) -> Inspection:
    """Return the first used view that itself shows the defect; that of the surface where views are not recorded."""
    views = assessment.views.get(deciding.surface)
    for view in () if views is None else views.photos:
        own = assessment.inspection_of(deciding.surface, view)
        if view.used and own and any(one.id == deciding.defect.id for one in own.defects):
            return own
    return assessment.inspections[deciding.surface]


def _annotated(
    assessment: Assessment, photos: Photos, policy: Policy, deciding: Iterable[DecidingDefect]
) -> dict[str, AnnotatedPhoto]:
    """Return every inspected view by the SHA-256 of its photo; the graded one with all defects of its surface."""
    decide = {(one.surface, one.defect.id) for one in deciding}
    files = _files(photos)
    annotated: dict[str, AnnotatedPhoto] = {}
    for surface, inspection, side_px in _shown(assessment):
        picture = surface_picture(
            files[inspection.photo_sha256], inspection, side_px, landscape=surface.view is View.EDGE
        )
        by_id = {defect.id: role for defect, role in roles(surface, inspection, policy, decide).items()}
        annotated[inspection.photo_sha256] = AnnotatedPhoto(picture, by_id, labels(picture, by_id))
    return annotated


def _shown(assessment: Assessment) -> list[tuple[Surface, Inspection, int]]:
    graded = [(surface, inspection, LONG_SIDE_PX) for surface, inspection in assessment.inspections.items()]
    known = {inspection.photo_sha256 for _, inspection, _ in graded}
    others = [
        (surface, view.inspection, OTHER_VIEW_PX)
        for surface, views in assessment.views.items()
        for view in views.photos
        if view.inspection is not None and view.sha256 not in known
    ]
    return [*graded, *others]


def _other_flags(assessment: Assessment) -> list[Flag]:
    """Return the flags that neither the captions nor the tables show."""
    in_captions = {(s, flag.code) for s, one in assessment.inspections.items() for flag in one.quality}
    every = dict.fromkeys((*assessment.decision.flags, *assessment.flags))
    return [flag for flag in every if flag.code not in SHOWN_ELSEWHERE and (flag.surface, flag.code) not in in_captions]


def _models(used: ModelRef) -> list[tuple[str, str, str]]:
    """Return name, version and SHA-256 of every model used."""
    every = (
        ("Locator", used.locator, used.locator_sha256),
        ("Boundary refiner", used.boundary_refiner, used.boundary_refiner_sha256),
        ("Segmenter", used.segmenter, used.segmenter_sha256),
        ("Frame segmenter", used.frame_segmenter, used.frame_segmenter_sha256),
    )
    return [(name, version, sha256) for name, version, sha256 in every if version is not None and sha256 is not None]


def _files(photos: Photos) -> Mapping[str, bytes]:
    return {photo.sha256: photo.data for views in photos.values() for photo in views}


def _tests_by_group(report: FunctionalReport | None) -> dict[str, list[tuple[str, TestResult]]]:
    """Return the display name and result of every reported test under its group, in the order of the vocabulary."""
    groups: dict[str, list[tuple[str, TestResult]]] = {}
    for name, test in functional_vocabulary().tests.items():
        if report is not None and name in report.tests:
            groups.setdefault(test.group, []).append((test.display_name, report.tests[name]))
    return groups


def _measures(report: FunctionalReport | None) -> list[str]:
    """Return every reported measure with its unit: "battery health 88%"."""
    return (
        [] if report is None else [f"{listed([name])} {amount(name, value)}" for name, value in report.measures.items()]
    )
