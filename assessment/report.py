"""An assessment as one HTML file that needs nothing else: what both sides of a dispute can hold in their hands."""

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
    labels,
    length_words,
    mark_rows,
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
from phonegrade.grading.explain.deciding import DecidingMark, deciding_marks
from phonegrade.grading.explain.odds_words import odds_words
from phonegrade.grading.explain.policy_words import codes_in_words
from phonegrade.grading.explain.price import price_lines, share_after
from phonegrade.inference.photo.decode import decode
from phonegrade.inference.photo.photo import Photo

LONG_SIDE_PX = 1200
"""Of the picture that stands for a surface: sharp on an A4 page, and six of them stay mailable."""
OTHER_SHOT_PX = 800
"""Of each further shot."""
MOST_CLOSE_UPS = 6
"""Of the marks that decide; the others stand in the table and on the photos."""

TOLD_ELSEWHERE = frozenset({"provisional", "surface_not_graded", "some_dirt", "uncertain_defects", "photo_not_used"})
"""Flags that the report tells where they belong: under the head, surface by surface, in captions, in the table."""


class CloseUp(NamedTuple):
    """A mark that decides, near."""

    mark: DecidingMark
    picture: Picture
    length: str
    width: str
    rules: tuple[tuple[str, str, str | None], ...]
    """Name of each rule that it trips, how, and what the rule allows."""
    file: str


class Drawn(NamedTuple):
    """A whole photo with what each outline in it is."""

    picture: Picture
    roles: dict[str, Role]
    labels: tuple[Label, ...]


def render_report(assessment: Assessment, photos: Photos, policy: Policy, answered_at: datetime) -> str:
    """HTML of `assessment`, judged by `policy`, with its `photos`, (file name, bytes) of every shot, as data URIs.

    `answered_at` is printed with its offset from UTC; raises ValueError for a time without one.
    """
    if answered_at.utcoffset() is None:
        raise ValueError(f"answered_at must say its time zone, got {answered_at!r}")
    decision, seen = assessment.decision, assessment.inspections
    deciding = deciding_marks(decision, seen)
    rows = mark_rows(assessment, policy, deciding)
    tests = _applied(assessment)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            a=assessment,
            d=decision,
            policy=policy,
            at=answered_at,
            sentence=customer_sentence(decision, seen, policy),
            odds=odds_words(decision, policy),
            prices=price_lines(decision, policy),
            steps=[
                (step, None if tests is None else share_after(step, tests, policy)) for step in decision.next_better
            ],
            codes=codes_in_words(policy.functional.codes),
            audit=audit(decision, seen, tests, policy),
            flags=_flags_elsewhere_untold(assessment),
            models=_models(assessment.versions.models),
            rows=rows,
            label_share=LABEL_SHARE,
            sub_pixel=any_sub_pixel(rows),
            close_ups=_close_ups(assessment, photos, deciding, policy),
            deciding=deciding,
            drawn=_drawn(assessment, photos, policy, deciding),
            tests=_tests_by_group(assessment.functional),
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
    environment.filters["percent"] = lambda share: f"{share:.1%}".replace(".0%", "%")
    return environment


def _applied(assessment: Assessment) -> FunctionalReport | None:
    """The tests as they were judged: with what the catalogue knows of the device."""
    report, device = assessment.functional, assessment.device
    return None if report is None else applied(report, None if device.assumed else find_device(device.name))


def _close_ups(
    assessment: Assessment, photos: Photos, marks: Iterable[DecidingMark], policy: Policy
) -> tuple[CloseUp, ...]:
    files = _files(photos)
    native: dict[str, Photo] = {}
    found = []
    for mark in [mark for mark in marks if mark.defect.polygon][:MOST_CLOSE_UPS]:
        inspection = _finest_with(mark, assessment)
        sha256 = inspection.photo_sha256
        native.setdefault(sha256, decode(files[sha256], long_side_px=NATIVE_PX))
        defect = next(one for one in inspection.defects if one.id == mark.defect.id)
        found.append(
            CloseUp(
                mark=mark,
                picture=close_up(native[sha256], inspection, defect, landscape=mark.surface.view is View.EDGE),
                length=length_words(mark.defect),
                width=width_words(mark.defect, assessment.inspections[mark.surface].scale.resolvable_mm),
                rules=tuple(
                    (r.rule, r.text.removeprefix(f"{r.surface}: "), rule_words(r.rule, policy)) for r in mark.reasons
                ),
                file=inspection.photo,
            )
        )
    return tuple(found)


def _finest_with(mark: DecidingMark, assessment: Assessment) -> Inspection:
    """The first used shot that itself shows the mark; the surface's own inspection where shots are unknown."""
    views = assessment.views.get(mark.surface)
    for shot in () if views is None else views.photos:
        if shot.used and shot.inspection and any(one.id == mark.defect.id for one in shot.inspection.defects):
            return shot.inspection
    return assessment.inspections[mark.surface]


def _drawn(
    assessment: Assessment, photos: Photos, policy: Policy, deciding: Iterable[DecidingMark]
) -> dict[str, Drawn]:
    """Every shot that shows something, by the photo's SHA-256; the one that is judged with all marks of its surface."""
    decide = {(mark.surface, mark.defect.id) for mark in deciding}
    files = _files(photos)
    found: dict[str, Drawn] = {}
    for surface, inspection, side_px in _shown(assessment):
        picture = surface_picture(
            files[inspection.photo_sha256], inspection, side_px, landscape=surface.view is View.EDGE
        )
        by_id = {defect.id: role for defect, role in roles(surface, inspection, policy, decide).items()}
        found[inspection.photo_sha256] = Drawn(picture, by_id, labels(picture, by_id))
    return found


def _shown(assessment: Assessment) -> list[tuple[Surface, Inspection, int]]:
    judged = [(surface, inspection, LONG_SIDE_PX) for surface, inspection in assessment.inspections.items()]
    known = {inspection.photo_sha256 for _, inspection, _ in judged}
    others = [
        (surface, shot.inspection, OTHER_SHOT_PX)
        for surface, views in assessment.views.items()
        for shot in views.photos
        if shot.inspection is not None and shot.sha256 not in known
    ]
    return [*judged, *others]


def _flags_elsewhere_untold(assessment: Assessment) -> list[Flag]:
    """Flags that neither a photo's caption nor the tables tell already."""
    told = {(s, flag.code) for s, seen in assessment.inspections.items() for flag in seen.quality}
    every = dict.fromkeys((*assessment.decision.flags, *assessment.flags))
    return [flag for flag in every if flag.code not in TOLD_ELSEWHERE and (flag.surface, flag.code) not in told]


def _models(used: ModelRef) -> list[tuple[str, str, str]]:
    """Name, version and SHA-256 of every model that answered."""
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
    """Every test that the report tells of, under its group, in the vocabulary's order."""
    groups: dict[str, list[tuple[str, TestResult]]] = {}
    for name, test in functional_vocabulary().tests.items():
        if report is not None and name in report.tests:
            groups.setdefault(test.group, []).append((name, report.tests[name]))
    return groups
