"""Facts about the state of a phone: photos, inspections, test runs, assessments, disputes and reviews."""

from typing import Annotated, Literal, Self

from pydantic import Field, FiniteFloat, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from phonegrade.core.functional.report import FunctionalReport, TestName, TestResult
from phonegrade.core.inspection import Defect, Point
from phonegrade.core.strict import Strict
from phonegrade.core.vocabulary import DefectKind, Surface, Zone
from phonegrade.grading.decision import Decision
from phonegrade.grading.explain.comparison import VERIFIED, Source
from phonegrade.journeys.fact import CaseFact, FactId, Label, Sha256, Text, Utc

PhotoState = Literal["stored", "inspected", "unusable", "erased"]
ReviewReason = Literal["uncertain", "near_limit", "disputed", "identity", "price", "audit", "honeypot"]
Verdict = Literal["accepted", "fixed", "rejected", "second_opinion"]


Quantities = Annotated[dict[Label, FiniteFloat], Field(max_length=24)]
TestEvidence = Annotated[dict[Label, Quantities], Field(max_length=32)]
"""Numbers behind test results; never a position, and no text."""


class StoredPhoto(CaseFact):
    """One stored photo; unique by case and content. `journeys.evidence.photo_state` says what became of it."""

    fact: Literal["photo"] = "photo"
    purpose: Literal["surface", "identifier", "settings", "box", "closeup"]
    surface: Surface | None = None
    """Of a photo of a surface."""
    sha256: Sha256
    """Of the stored bytes, from which the position was stripped."""
    size_bytes: PositiveInt
    state: PhotoState = "stored"
    """As the store last wrote it; `erased` means that only this record is left."""
    retake_of: FactId | None = None
    client_gates: dict[Label, bool] = Field(default_factory=dict)
    """What the page measured before the shutter, by gate; true where it passed."""
    degraded: bool = False
    """The customer chose "use anyway" against the gates."""
    session_code_shown: bool = False
    """The one-time code of this session is legible in the photo: it was not taken before."""

    @model_validator(mode="after")
    def _names_its_surface(self) -> Self:
        if (self.purpose == "surface") != (self.surface is not None):
            raise ValueError("a photo of purpose surface names its surface, and no other does")
        return self


class Inspected(CaseFact):
    """A photo was inspected once by one set of models; the record itself lies beside, by both of its keys."""

    fact: Literal["inspected"] = "inspected"
    photo_sha256: Sha256
    fingerprint: Sha256
    """Of models, code and device: with the photo's hash it names the record."""
    surface: Surface | None = None
    problem: Label | None = None
    """The error code of a photo that could not be used; None where it was inspected."""
    retake_on: tuple[str, ...] = ()
    """Quality flags for which the policy wants another photo of this surface."""
    px_per_mm: PositiveFloat | None = None
    resolvable_mm: PositiveFloat | None = None


class TestRun(CaseFact):
    """Results of functional tests, and why some could not be run: those stay `not_run`, never passed."""

    __test__ = False

    fact: Literal["test_run"] = "test_run"
    method: Literal["browser", "import", "operator", "agent"]
    report: FunctionalReport
    why_not: dict[TestName, Text] = Field(default_factory=dict)
    """Of tests that this method cannot run, such as the battery's health in a browser."""
    evidence: TestEvidence = Field(default_factory=dict)
    """What was measured, by the step of the diagnostics and the quantity, such as motion: gravity_m_s2."""

    @model_validator(mode="after")
    def _not_testable_is_not_run(self) -> Self:
        both = [name for name in self.why_not if self.report.result(name) is not TestResult.NOT_RUN]
        if both:
            raise ValueError(f"given as not testable, yet with a result: {', '.join(both)}")
        if self.report.imei is not None:
            raise ValueError("the report of a test run must not hold the plain IMEI; record it as an identifier")
        return self


class CountedDefect(Strict):
    """One defect that counted towards a grade, as far as journeys need it."""

    id: str
    surface: Surface
    kind: DefectKind
    zone: Zone | None = None
    length_mm: NonNegativeFloat | None = None


class AssessmentRevision(CaseFact):
    """One assessment of a case: the parts that journeys decide on; the whole record lies beside, by its hash."""

    fact: Literal["assessment_revision"] = "assessment_revision"
    number: PositiveInt
    """Counts from 1; the highest that is not superseded is the current one."""
    source: Source
    """The channel that the evidence comes from; `person` is one with the phone at hand."""
    decision: Decision
    functional: FunctionalReport | None = None
    counted: tuple[CountedDefect, ...] = ()
    photos: dict[Surface, Sha256] = Field(default_factory=dict)
    """The photo behind each surface's grade."""
    device: Annotated[str, Field(max_length=200)] | None = None
    """The catalogue device that it was measured with; None where a typical body stood in."""
    record_sha256: Sha256
    """Of the stored `Assessment`."""
    journey_sha256: Sha256 | None = None
    """Of the journey's file that the case was on at that moment."""

    @property
    def at_hand(self) -> bool:
        """Whether the phone was at hand; only then a grade can be verified."""
        return self.source in VERIFIED


class Dispute(CaseFact):
    """The customer disputes an assessment; a review with a deadline answers."""

    fact: Literal["dispute"] = "dispute"
    assessment: FactId
    text: Text
    photos: tuple[FactId, ...] = ()


class ReviewRequest(CaseFact):
    """A person is asked to review an assessment."""

    fact: Literal["review_request"] = "review_request"
    assessment: FactId
    reason: ReviewReason
    due_at: Utc | None = None


class Review(CaseFact):
    """A person's verdict on an assessment; `fixed` leads to another revision."""

    fact: Literal["review"] = "review"
    assessment: FactId
    request: FactId | None = None
    reason: ReviewReason
    verdict: Verdict
    why: Text | None = None
    seconds: NonNegativeFloat | None = None
    """Time that the case was open on the reviewer's screen."""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.verdict == "rejected" and self.why is None:
            raise ValueError("a rejection needs why")
        return self


class ReviewedDefect(CaseFact):
    """One defect as a person judged it: what training learns from."""

    fact: Literal["judged_defect"] = "judged_defect"
    review: FactId
    surface: Surface
    photo_sha256: Sha256
    defect_id: str | None = None
    """The detection that was judged; None for a defect that the person drew."""
    polygon: tuple[Point, ...] = ()
    """Outline (x, y) in pixels of the photo; empty where the detection's own is right."""
    kind: DefectKind | None
    """None: there is no damage."""
    measured: Defect | None = None
    """Sizes and zone of the person's own outline; None where there is none, or no damage."""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.defect_id is None and len(self.polygon) < 3:
            raise ValueError("give the id of a detection, or an outline of three points or more")
        return self


class Complaint(CaseFact):
    """What the customer says is wrong."""

    fact: Literal["complaint"] = "complaint"
    symptoms: tuple[TestName, ...] = ()
    """Functions that the customer says fail, in the vocabulary's names."""
    incident: Literal["none", "drop", "liquid", "loss", "theft", "unknown"] = "unknown"
    text: Text | None = None
