"""What a user meets on real photos: whether each could be graded as its surface, and the grades of whole phones."""

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from phonegrade.configs.policy import Policy, shipped_policy
from phonegrade.core.devices.catalogue import Device, find_device
from phonegrade.core.errors import InputError, UsageError
from phonegrade.core.functional.report import FunctionalReport, TestResult, functional_vocabulary
from phonegrade.core.inspection import Inspection
from phonegrade.core.photo_file import PhotoFile
from phonegrade.core.vocabulary import Surface, View
from phonegrade.evaluation.figures import PhoneOutcomes, UsablePhotos
from phonegrade.evaluation.real_photos import RealPhoto
from phonegrade.grading.cosmetic import grade_surface
from phonegrade.grading.decision import Decision, Status
from phonegrade.grading.uncertainty.agreement import ReviewPoint, review_curve
from phonegrade.inference.inspector import LISTED_FROM, Inspector

PHONES = "devices.csv"
POLICY = "ctia-like"
"""Whose grades are told."""
SEED = 0
USABLE = "usable"
BETTER, RIGHT, WORSE, BOUNDED = "better than the truth", "right", "worse than the truth", "bounded rightly"


Photos = Mapping[Surface, Sequence[PhotoFile]]
Grade = Callable[[Photos, FunctionalReport, Device | None, Policy, Inspector], Decision]
"""Grades one phone from its photos: the product's own way, which stands above this room and is handed in."""
Graded = Decision | InputError


class RealPhone(NamedTuple):
    """One phone made of real photos, and the best and the worst cosmetic grade that is true of it."""

    name: str
    device: Device | None
    photos: tuple[tuple[Surface, str], ...]
    """Surface and file of each."""
    true: tuple[str, str]

    @property
    def group(self) -> str:
        """Such as sound, of sound-1."""
        return self.name.rsplit("-", 1)[0]


def read_phones(root: Path, policy: Policy) -> list[RealPhone]:
    """The phones of `root`'s devices.csv (device, model, surface, file, truth); none where there is no such file.

    `truth` is a grade, which D and worse ones share, or such as `B or worse`. Raises UsageError for a wrong line.
    """
    path = root / PHONES
    if not path.is_file():
        return []
    rows = defaultdict[str, list[dict[str, str]]](list)
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            rows[row["device"]].append(row)
    try:
        return [_phone(name, told, policy) for name, told in rows.items()]
    except (KeyError, ValueError, InputError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def _phone(name: str, rows: Sequence[dict[str, str]], policy: Policy) -> RealPhone:
    names, truth = policy.cosmetic.names, rows[0]["truth"]
    best = truth.removesuffix(" or worse")
    broken = names.index(best) >= names.index("D")
    photos = tuple((Surface(row["surface"]), row["file"]) for row in rows)
    device = find_device(rows[0]["model"]) if rows[0]["model"] else None
    return RealPhone(name, device, photos, (best, names[-1] if broken or best != truth else best))


def phone_outcome(phone: RealPhone, decision: Graded, policy: Policy) -> str:
    """How the answer stands to the truth, or why there is no grade."""
    if isinstance(decision, InputError):
        return f"no grade: {decision.code}"
    names = policy.cosmetic.names
    best, worst = (names.index(grade) for grade in phone.true)
    if decision.cosmetic_grade is None:
        bound = decision.cosmetic_at_best
        is_answer = bound is not None and best > 0 and best <= names.index(bound) <= worst and phone.true[0] == "D"
        return BOUNDED if is_answer else f"no grade: {decision.status.replace('_', ' ')}"
    given = names.index(decision.cosmetic_grade)
    return BETTER if given < best else WORSE if given > worst else RIGHT


def grade_phone(phone: RealPhone, root: Path, inspector: Inspector, policy: Policy, grade: Grade) -> Graded:
    """Return the decision of `grade` on a phone whose functional tests all pass, or why it gives none."""
    photos: dict[Surface, list[PhotoFile]] = {}
    for surface, file in phone.photos:
        photos.setdefault(surface, []).append(PhotoFile(file, (root / file).read_bytes(), surface))
    try:
        return grade(photos, everything_passes(policy), phone.device, policy, inspector)
    except InputError as error:
        return error


def everything_passes(policy: Policy) -> FunctionalReport:
    """A report in which nothing stands against a phone."""
    tests = dict.fromkeys(functional_vocabulary().tests, TestResult.PASS)
    return FunctionalReport(tests=tests, measures={limit.measure: 100.0 for limit in policy.functional.measures})


def why_unusable(photo: RealPhoto, root: Path, device: Device | None, inspector: Inspector) -> str:
    """Why a photo alone, as its surface, could not be graded: the rule in the way; USABLE where none is."""
    policy, surface = shipped_policy(POLICY), surface_of(photo)
    answer = _inspect(root / photo.file, surface, device, inspector)
    if isinstance(answer, InputError):
        return answer.code
    outcome = grade_surface(surface, answer, policy)
    return USABLE if outcome.status is Status.GRADED else outcome.reasons[0].rule


def surface_of(photo: RealPhoto) -> Surface:
    """The surface that a photo is graded as; an edge of which nobody said which it is, as the left one."""
    if photo.surface is not None:
        return photo.surface
    return {View.FRONT: Surface.FRONT, View.BACK: Surface.BACK}.get(photo.view, Surface.LEFT)


def count_usable(photos: Sequence[RealPhoto], why: Sequence[str]) -> tuple[UsablePhotos, ...]:
    """By view and label, how many photos could be graded, and what stood in the way of the others."""
    found = defaultdict[tuple[str, str], Counter[str]](Counter)
    for photo, reason in zip(photos, why, strict=True):
        found[photo.view.value, ";".join(sorted(photo.labels))][reason] += 1
    return tuple(
        UsablePhotos(view=view, label=label, photos=sum(counts.values()), why=dict(counts.most_common()))
        for (view, label), counts in sorted(found.items())
    )


def count_outcomes(
    phones: Sequence[RealPhone], decisions: Sequence[Graded], outcome: Callable[[RealPhone, Graded], str]
) -> tuple[PhoneOutcomes, ...]:
    """By group of phones, what became of them and how many need review."""
    found = defaultdict[str, list[tuple[str, bool]]](list)
    for phone, decision in zip(phones, decisions, strict=True):
        found[phone.group].append((outcome(phone, decision), isinstance(decision, Decision) and decision.needs_review))
    return tuple(
        PhoneOutcomes(
            group=group,
            phones=len(each),
            needs_review=sum(review for _, review in each),
            outcomes=dict(Counter(said for said, _ in each).most_common()),
        )
        for group, each in found.items()
    )


def curve_of(
    phones: Sequence[RealPhone], decisions: Sequence[Graded], outcome: Callable[[RealPhone, Graded], str]
) -> tuple[ReviewPoint, ...]:
    """Review against wrong grades, of the phones that have one with its odds."""
    graded = []
    for phone, decision in zip(phones, decisions, strict=True):
        if isinstance(decision, Decision) and decision.cosmetic_grade is not None and decision.certainty is not None:
            said = outcome(phone, decision)
            graded.append(
                (decision.certainty.expected_cost[decision.cosmetic_grade], said in (BETTER, WORSE), said == BETTER)
            )
    return review_curve(graded)


def _inspect(path: Path, surface: Surface, device: Device | None, inspector: Inspector) -> Inspection | InputError:
    try:
        return inspector.inspect(
            PhotoFile(path.name, path.read_bytes(), surface), device=device, min_confidence=LISTED_FROM
        )
    except InputError as error:
        return error
