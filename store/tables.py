"""Tables of what is not itself a fact: cases, phones, their numbers, and the records that facts name by hash.

Every table has its `tenant`, every key begins with it, and so does every foreign key: a row cannot point into another
tenant's rows.
"""

from typing import get_args

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from phonegrade.journeys.device_facts import IdentifierKind
from phonegrade.journeys.facts import Channel
from phonegrade.store.columns import METADATA, id_column, json_column, one_of, time_column, word_column

SCOPES_OF_NUMBERS = tuple(sorted({kind.removesuffix("2") for kind in get_args(IdentifierKind)}))
"""The two IMEIs of a phone are of one kind here: which slot is which, is no one's to know."""


def in_tenant(column: str, table: str) -> ForeignKeyConstraint:
    """Return the foreign key from `column` to the row of `table` with that id, of the same tenant."""
    return ForeignKeyConstraint(["tenant", column], [f"{table}.tenant", f"{table}.id"])


PHONES = Table(
    "asset",
    METADATA,
    word_column("tenant"),
    id_column(),
    id_column("root_id"),
    time_column("at"),
    time_column("forgotten_at", nullable=True),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "root_id"),
)
"""One row a phone. Two that turned out to be one have one `root_id`, the older's id; their facts stay as they are."""

CASES = Table(
    "cases",
    METADATA,
    word_column("tenant"),
    id_column(),
    word_column("journey"),
    word_column("channel"),
    id_column("asset_id", nullable=True),
    word_column("customer_ref", nullable=True),
    time_column("at"),
    time_column("expires_at", nullable=True),
    time_column("forgotten_at", nullable=True),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    in_tenant("asset_id", "asset"),
    one_of("channel", get_args(Channel)),
    CheckConstraint("version >= 1", name="version"),
    CheckConstraint("sequence >= 0", name="sequence"),
    Index(None, "tenant", "asset_id"),
    Index(None, "tenant", "customer_ref"),
    Index(None, "tenant", "journey", "id"),
)
"""`version` counts changes of the case and of its phone; `sequence` counts its events. `asset_id` is a root."""

IDENTIFIERS = Table(
    "identifier",
    METADATA,
    word_column("tenant"),
    word_column("kind"),
    word_column("hmac"),
    id_column("asset_id"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "kind", "hmac"),
    in_tenant("asset_id", "asset"),
    one_of("kind", SCOPES_OF_NUMBERS),
    Index(None, "tenant", "asset_id"),
)
"""Which phone a number is: the first whose reading was confirmed."""

DATA_KEYS = Table(
    "data_key",
    METADATA,
    word_column("tenant"),
    id_column("case_id"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "case_id"),
    in_tenant("case_id", "cases"),
)
"""The key of a case's plain numbers, itself sealed by the installation's key; without it they are noise."""

NUMBERS = Table(
    "sealed_number",
    METADATA,
    word_column("tenant"),
    id_column("reading_id"),
    id_column("case_id"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant", "reading_id"),
    in_tenant("case_id", "cases"),
    Index(None, "tenant", "case_id"),
)
"""Plain numbers of phones, encrypted, by the reading that they came from."""

INSPECTIONS = Table(
    "inspection",
    METADATA,
    word_column("tenant"),
    word_column("photo_sha256"),
    word_column("fingerprint"),
    time_column("at"),
    Column("record", Text, nullable=False),
    Column("likeness", LargeBinary, nullable=True),
    PrimaryKeyConstraint("tenant", "photo_sha256", "fingerprint"),
)
"""`Inspection`s, shared by every case that has the photo; the fingerprint is of models, code and device.

`likeness` is what two photos are compared by, to find one that was sent twice.
"""

ASSESSMENTS = Table(
    "assessment",
    METADATA,
    word_column("tenant"),
    word_column("sha256"),
    time_column("at"),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("tenant", "sha256"),
)
"""Whole `Assessment`s by the hash of their JSON, which an assessment revision names."""

SENT_PHOTOS = Table(
    "sent_photo",
    METADATA,
    word_column("tenant"),
    word_column("sent_sha256"),
    word_column("sha256"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "sent_sha256", "sha256"),
    Index(None, "tenant", "sha256"),
)
"""Which stored photo a file became once its metadata was gone: a client knows the hash of what it sent alone."""

REVIEW_LEASES = Table(
    "review_lease",
    METADATA,
    word_column("tenant"),
    id_column("request_id"),
    word_column("leased_by"),
    time_column("leased_until"),
    PrimaryKeyConstraint("tenant", "request_id"),
)
"""Who has a case of the review queue open, and until when nobody else gets it."""

PRINCIPALS = Table(
    "principal",
    METADATA,
    word_column("tenant"),
    word_column("id"),
    word_column("kind"),
    word_column("name"),
    word_column("sha256"),
    json_column("scopes"),
    id_column("case_id", nullable=True),
    Column("per_minute", Integer, nullable=False),
    time_column("at"),
    time_column("expires_at", nullable=True),
    time_column("revoked_at", nullable=True),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("id"),
    in_tenant("case_id", "cases"),
    one_of("kind", ("key", "link")),
    CheckConstraint("per_minute > 0", name="per_minute"),
    CheckConstraint("kind <> 'link' OR case_id IS NOT NULL", name="link_has_case"),
)
"""Who may ask: API keys, and capture links of one case; hashes of their secrets only."""
