"""What lots keep beside their facts: the numbers that one expects or that were scanned."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from phonegrade.store.columns import METADATA, id_column, word_column
from phonegrade.store.tables import in_tenant

LOT_NUMBERS = Table(
    "lot_number",
    METADATA,
    word_column("tenant"),
    id_column("lot_id"),
    word_column("hmac"),
    Column("line", Integer, nullable=True),
    id_column("scan_id", nullable=True),
    PrimaryKeyConstraint("tenant", "lot_id", "hmac"),
    in_tenant("lot_id", "lot"),
    Index(None, "tenant", "hmac"),
)
"""Keyed hashes by lot: `line` expects that number, `scan_id` read it. No fact: forgetting a phone deletes its own."""
