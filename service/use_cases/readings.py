"""From what a photo says to a case's facts: numbers as keyed hashes, model codes, crops, and what the phone is."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection

from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import Asset, Identifier, IdentifierKind, ModelReading
from phonegrade.journeys.evidence import AGREEING_READS, device_of
from phonegrade.journeys.evidence_facts import StoredPhoto
from phonegrade.journeys.fact import FactId
from phonegrade.journeys.facts import AnyFact, CaseFacts
from phonegrade.recognition.identification import Box, Identification, ReadModel, ReadNumber, ReadValue, Verdict, Why
from phonegrade.recognition.tac_votes import suggested_device
from phonegrade.service.case_parts import Cases
from phonegrade.store.blobs import Blobs
from phonegrade.store.tac_votes import tac_votes


class ReadingView(Strict):
    """One number or model code of a photo, as it was recorded or why it was not; never the number itself."""

    id: FactId | None
    """Of the fact; None for what cannot be right, and for a GTIN, which goes to the description of the phone."""
    kind: str
    verdict: Verdict
    why: Why | None
    advice: str
    agreeing: int
    """Reads that agree, of this photo and of earlier ones."""
    last4: str | None = None
    """Of a number that can be right."""
    code: str | None = None
    """Of a model."""
    devices: tuple[str, ...] = ()
    suggested: str | None = None
    """The device that the number's TAC suggests, by the operator's own confirmed phones."""
    crop: FactId | None = None
    """Photo of this number alone; see /v1/photos/{id}/image."""
    box: Box
    """Where that is in the photo: left, top, width and height in its pixels."""


class SavedCrop(NamedTuple):
    """A crop in the blob store."""

    sha256: str
    size_bytes: int


@dataclass
class Readings:
    """What is to be recorded of one photo."""

    facts: list[AnyFact] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    """Plain numbers by their fact's id, for the vault alone."""
    views: list[ReadingView] = field(default_factory=list)
    described: str | None = None
    """The device that the phone is described as by this photo; None where it says none or a person had said it."""


def save_crops(blobs: Blobs, tenant: str, identification: Identification) -> dict[str, SavedCrop]:
    """Store the crop of every value that becomes a fact, and return where by the JPEG's base64 text."""
    saved = {}
    for one in (*identification.numbers, *identification.models):
        if one.verdict != "unusable":
            data = base64.b64decode(one.crop_jpeg)
            saved[one.crop_jpeg] = SavedCrop(blobs.put(tenant, data), len(data))
    return saved


class Recorder:
    """Makes the facts of one photo of one case, within the transaction that stores them."""

    def __init__(
        self, cases: Cases, facts: CaseFacts, photo: str, visit: str | None, crops: dict[str, SavedCrop]
    ) -> None:
        self._cases, self._facts, self._photo = cases, facts, photo
        self._visit = cases.visit_of(facts, visit)
        self._asset: str = cases.of_phone(facts, visit)["asset"]
        self._crops = crops
        self._crop_ids: dict[str, str] = {}
        self.readings = Readings()

    def record(self, connection: Connection, identification: Identification) -> Readings:
        """Return the facts and what to answer of each value."""
        taken: dict[IdentifierKind, str] = {}
        for number in identification.numbers:
            self._number(connection, number, taken)
        for model in identification.models:
            self._model(model)
        self._describe(identification)
        return self.readings

    def _number(self, connection: Connection, number: ReadNumber, taken: dict[IdentifierKind, str]) -> None:
        if number.verdict == "unusable" or number.kind == "gtin":
            self._view(number, None, None, kind=number.kind)
            return
        hashed = self._cases.store.vault.hashed(self._cases.tenant, number.value)
        before = [one for one in self._facts.current(Identifier) if one.hmac == hashed.hmac]
        kind = before[-1].kind if before else _kind_of(number, taken, hashed.hmac)
        taken[kind] = hashed.hmac
        known = next((one for one in before if one.photo == self._photo or one.confirmed), None)
        if known is not None:
            self._view(number, known.id, known.crop, kind=kind, agreeing=known.reads, suggested=known.suggested)
            return
        suggested = None
        if number.tac is not None:
            votes = tac_votes(connection, self._cases.tenant, number.tac)
            suggested = suggested_device(votes, number.tac, self._facts.case.asset)
        reads = _reads_of(number, before)
        crop = self._crop_of(number)
        fact = Identifier(
            **self._of_phone(),
            supersedes=before[-1].id if before else None,
            kind=kind,
            hmac=hashed.hmac,
            last4=hashed.last4,
            tac=number.tac,
            source=number.source,
            reads=reads,
            photo=self._photo,
            crop=crop,
            suggested=suggested,
        )
        self.readings.facts.append(fact)
        self.readings.numbers[fact.id] = number.value
        self._view(number, fact.id, crop, kind=kind, agreeing=reads, suggested=suggested)

    def _model(self, model: ReadModel) -> None:
        if not model.devices:
            self._view(model, None, None, kind=model.kind, code=model.code)
            return
        same = (one for one in self._facts.current(ModelReading) if (one.photo, one.code) == (self._photo, model.code))
        known = next(same, None)
        if known is not None:
            self._view(model, known.id, known.crop, kind=model.kind, code=model.code, devices=model.devices)
            return
        crop = self._crop_of(model)
        fact = ModelReading(
            **self._of_phone(),
            code=model.code,
            devices=model.devices[:20],
            storage_gb=model.storage_gb,
            colour=model.colour,
            source=model.source,
            reads=model.agreeing if model.verdict == "accepted" else 1,
            photo=self._photo,
            crop=crop,
        )
        self.readings.facts.append(fact)
        self._view(model, fact.id, crop, kind=model.kind, code=model.code, devices=model.devices)

    def _describe(self, identification: Identification) -> None:
        """Say what the phone is where nobody has yet, and add storage and colour where the description lacks them."""
        described = device_of(self._facts)
        named = None if described is None else described.device
        if identification.device is None or named not in (None, identification.device):
            return
        sure = [one for one in identification.models if one.verdict == "accepted"]
        members: dict[str, Any] = {
            "device": identification.device,
            "storage_gb": next((one.storage_gb for one in sure if one.storage_gb), None),
            "colour": next((one.colour for one in sure if one.colour), None),
            "gtin": next((one.value for one in identification.accepted if one.kind == "gtin"), None),
        }
        if described is not None:
            kept = {name: getattr(described, name) for name in members}
            members = {name: value if kept[name] is None else kept[name] for name, value in members.items()}
            if members == kept:
                return
        self.readings.facts.append(Asset(**self._of_phone(), **members))
        self.readings.described = identification.device

    def _of_phone(self) -> dict[str, Any]:
        return {**self._cases.stamp(), "asset": self._asset, "visit": self._visit}

    def _crop_of(self, value: ReadValue) -> str:
        """Return the photo of the crop: that of an earlier reading where it is the same."""
        saved = self._crops[value.crop_jpeg]
        known = next((one.id for one in self._facts.every(StoredPhoto) if one.sha256 == saved.sha256), None)
        crop = known or self._crop_ids.get(saved.sha256)
        if crop is None:
            fact = StoredPhoto(
                **self._cases.stamp(),
                case=self._facts.case.id,
                visit=self._visit,
                purpose="closeup",
                sha256=saved.sha256,
                size_bytes=saved.size_bytes,
            )
            self.readings.facts.append(fact)
            crop = self._crop_ids[saved.sha256] = fact.id
        return crop

    def _view(self, value: ReadValue, fact: str | None, crop: str | None, **members: Any) -> None:  # noqa: ANN401
        last4 = value.last4 if isinstance(value, ReadNumber) and value.verdict != "unusable" else None
        view = {
            "id": fact,
            "verdict": value.verdict,
            "why": value.why,
            "advice": value.advice,
            "agreeing": value.agreeing,
            "last4": last4,
            "crop": crop,
            "box": value.crop,
        }
        self.readings.views.append(ReadingView.model_validate({**view, **members}))


def with_second_frame(views: Sequence[ReadingView]) -> Iterator[ReadingView]:
    """Yield the views, those accepted that only together with an earlier photo have two agreeing reads."""
    for view in views:
        if view.why == "one_read" and view.id is not None and view.code is None and view.agreeing >= AGREEING_READS:
            advice = f"{view.kind} ending in {view.last4}: read in two photos, and the reads agree"
            yield view.model_copy(update={"verdict": "accepted", "why": None, "advice": advice})
        else:
            yield view


def _kind_of(number: ReadNumber, taken: dict[IdentifierKind, str], hmac: str) -> IdentifierKind:
    """Return a number's kind in the case: the second IMEI of one photo is of the second slot, whatever it says."""
    if number.kind == "gtin":
        raise ValueError("a GTIN names a product, not a phone")
    if number.kind != "imei":
        return number.kind
    wanted: IdentifierKind = "imei2" if number.slot == 2 else "imei"
    other: IdentifierKind = "imei" if wanted == "imei2" else "imei2"
    return other if taken.get(wanted, hmac) != hmac and other not in taken else wanted


def _reads_of(number: ReadNumber, before: Sequence[Identifier]) -> int:
    """Return how many reads agree: those of an earlier photo count where every check of the number holds.

    A number that waits for a person counts as one read, however often it was read: its reads prove nothing.
    """
    if number.verdict == "accepted":
        return number.agreeing
    earlier = max((one.reads for one in before if one.source in ("barcode", "ocr")), default=0)
    return 1 + earlier if number.why == "one_read" else 1
