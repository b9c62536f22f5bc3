"""A table for every kind of fact: the whole record as JSON, and beside it the columns that are searched or unique.

Facts are append-only, and the databases hold it: a trigger refuses to change or delete one, unless its case, or its
phone, has been forgotten (see `store/append_only.py`).
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, UniqueConstraint, text
from sqlalchemy.schema import SchemaItem

from phonegrade.journeys import deal_facts, device_facts, evidence_facts, facts, lot_facts
from phonegrade.journeys.fact import Fact
from phonegrade.store.columns import METADATA, id_column, one_of, time_column, word_column
from phonegrade.store.tables import in_tenant

Owner = Literal["case", "asset", "tenant"]


@dataclass(frozen=True)
class FactTable:
    """Where one kind of fact is kept."""

    model: type[Fact]
    table: Table
    owner: Owner
    """Whose facts they are: those of a case, of a phone, or of nobody in particular."""
    copied: dict[str, str] = field(default_factory=dict)
    """Column -> member of the record that it repeats."""

    @property
    def word(self) -> str:
        """The kind of fact, as its member `fact` names it."""
        return str(self.model.model_fields["fact"].default)


def _table(name: str, owner: Owner, *own: SchemaItem) -> Table:
    owners = {"case": ("case_id", "cases"), "asset": ("asset_id", "asset")}
    items: list[SchemaItem] = [word_column("tenant"), id_column()]
    if owner != "tenant":
        column, table = owners[owner]
        items += [id_column(column), in_tenant(column, table), Index(None, "tenant", column)]
    items += [time_column("at"), word_column("recorded_by"), id_column("visit_id", nullable=True)]
    if name != "visit":
        items.append(in_tenant("visit_id", "visit"))
    return Table(
        name, METADATA, *items, Column("record", Text, nullable=False), PrimaryKeyConstraint("tenant", "id"), *own
    )


def _of_case(model: type[Fact], *own: SchemaItem, **copied: str) -> FactTable:
    word = str(model.model_fields["fact"].default)
    return FactTable(model, _table(word, "case", *own), "case", copied)


def _of_phone(model: type[Fact], *own: SchemaItem, name: str = "", **copied: str) -> FactTable:
    word = str(model.model_fields["fact"].default)
    return FactTable(model, _table(name or word, "asset", *own), "asset", copied)


def _of_tenant(model: type[Fact], *own: SchemaItem, **copied: str) -> FactTable:
    word = str(model.model_fields["fact"].default)
    return FactTable(model, _table(word, "tenant", *own), "tenant", copied)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


FACT_TABLES: tuple[FactTable, ...] = (
    _of_case(facts.Visit, word_column("channel"), one_of("channel", get_args(facts.Channel)), channel="channel"),
    _of_case(facts.ConsentChange),
    _of_case(
        evidence_facts.StoredPhoto,
        word_column("sha256"),
        UniqueConstraint("tenant", "case_id", "sha256"),
        Index(None, "tenant", "sha256"),
        sha256="sha256",
    ),
    _of_case(
        evidence_facts.Inspected,
        word_column("photo_sha256"),
        word_column("fingerprint"),
        UniqueConstraint("tenant", "case_id", "photo_sha256", "fingerprint"),
        photo_sha256="photo_sha256",
        fingerprint="fingerprint",
    ),
    _of_case(evidence_facts.TestRun),
    _of_case(evidence_facts.Complaint),
    _of_case(
        evidence_facts.AssessmentRevision,
        _number("number"),
        word_column("record_sha256"),
        UniqueConstraint("tenant", "case_id", "number"),
        number="number",
        record_sha256="record_sha256",
    ),
    _of_case(evidence_facts.Dispute, id_column("assessment_id"), assessment_id="assessment"),
    _of_case(
        evidence_facts.ReviewRequest,
        id_column("assessment_id"),
        word_column("reason"),
        time_column("due_at", nullable=True),
        one_of("reason", get_args(evidence_facts.ReviewReason)),
        assessment_id="assessment",
        reason="reason",
        due_at="due_at",
    ),
    _of_case(
        evidence_facts.Review,
        id_column("assessment_id"),
        id_column("request_id", nullable=True),
        word_column("verdict"),
        in_tenant("request_id", "review_request"),
        UniqueConstraint("tenant", "request_id"),
        one_of("verdict", get_args(evidence_facts.Verdict)),
        Index(None, "tenant", "assessment_id"),
        assessment_id="assessment",
        request_id="request",
        verdict="verdict",
    ),
    _of_case(
        evidence_facts.ReviewedDefect,
        id_column("review_id"),
        word_column("photo_sha256"),
        in_tenant("review_id", "review"),
        review_id="review",
        photo_sha256="photo_sha256",
    ),
    _of_case(
        deal_facts.Qualification,
        word_column("result"),
        one_of("result", get_args(deal_facts.QualificationResult)),
        result="result",
    ),
    _of_case(deal_facts.Quote, time_column("valid_until"), valid_until="valid_until"),
    _of_case(
        deal_facts.QuoteEvent,
        id_column("quote_id"),
        word_column("event"),
        in_tenant("quote_id", "quote"),
        one_of("event", ("accepted", "declined", "expired", "withdrawn")),
        # a quote is accepted once, whatever is sent twice, and not after it was declined
        Index(
            "uq_quote_event_answer",
            "tenant",
            "quote_id",
            unique=True,
            sqlite_where=text("event IN ('accepted', 'declined')"),
            postgresql_where=text("event IN ('accepted', 'declined')"),
        ),
        quote_id="quote",
        event="event",
    ),
    _of_case(deal_facts.Settlement, id_column("quote_id"), in_tenant("quote_id", "quote"), quote_id="quote"),
    _of_case(deal_facts.Override),
    _of_case(
        deal_facts.OfferOutcome,
        word_column("rule"),
        word_column("outcome"),
        one_of("outcome", ("shown", "accepted", "declined")),
        Index(None, "tenant", "rule", "outcome"),
        rule="rule",
        outcome="outcome",
    ),
    _of_case(
        device_facts.HandOff,
        word_column("token_sha256"),
        time_column("expires_at"),
        UniqueConstraint("token_sha256"),
        token_sha256="token_sha256",  # noqa: S106  its column's name
        expires_at="expires_at",
    ),
    _of_case(
        device_facts.HandOffClaim,
        id_column("hand_off_id"),
        in_tenant("hand_off_id", "hand_off"),
        UniqueConstraint("tenant", "hand_off_id"),  # a token works once
        hand_off_id="hand_off",
    ),
    _of_phone(device_facts.Asset, name="asset_record"),
    _of_phone(
        device_facts.Identifier,
        word_column("kind"),
        word_column("hmac"),
        one_of("kind", get_args(device_facts.IdentifierKind)),
        Index(None, "tenant", "hmac"),
        name="identifier_reading",
        kind="kind",
        hmac="hmac",
    ),
    _of_phone(device_facts.Holding),
    _of_phone(device_facts.LockCheck),
    _of_phone(
        device_facts.ErasureCertificate,
        word_column("identifier_hmac"),
        word_column("document", nullable=True),
        Index(None, "tenant", "document"),
        identifier_hmac="identifier_hmac",
        document="document",
    ),
    _of_phone(
        device_facts.CustodyMove,
        word_column("moved_to"),
        one_of("moved_to", get_args(device_facts.Custody)),
        moved_to="to",
    ),
    _of_tenant(lot_facts.Lot, word_column("reference"), Index(None, "tenant", "reference"), reference="reference"),
    _of_tenant(
        lot_facts.LotScan,
        id_column("lot_id"),
        id_column("asset_id", nullable=True),
        word_column("outcome"),
        Column("line", Integer, nullable=True),
        in_tenant("lot_id", "lot"),
        in_tenant("asset_id", "asset"),
        one_of("outcome", get_args(lot_facts.ScanOutcome)),
        Index(None, "tenant", "lot_id"),
        lot_id="lot",
        asset_id="asset",
        outcome="outcome",
        line="line",
    ),
    _of_tenant(
        lot_facts.LotClosed,
        id_column("lot_id"),
        in_tenant("lot_id", "lot"),
        UniqueConstraint("tenant", "lot_id"),
        lot_id="lot",
    ),
    _of_phone(
        lot_facts.LotItem,
        id_column("lot_id"),
        in_tenant("lot_id", "lot"),
        Index(None, "tenant", "lot_id"),
        lot_id="lot",
    ),
)
"""In the order in which facts that come together are written: what others point at comes first."""
BY_MODEL: dict[type[Fact], FactTable] = {one.model: one for one in FACT_TABLES}
