"""Tables of upkeep: files that are to be deleted, and up to when events have been deleted."""

from sqlalchemy import PrimaryKeyConstraint, Table

from phonegrade.store.columns import METADATA, id_column, time_column, word_column

FILE_DELETIONS = Table(
    "file_deletion",
    METADATA,
    word_column("tenant"),
    word_column("sha256"),
    time_column("at"),
    PrimaryKeyConstraint("tenant", "sha256"),
)
"""Files that a forgotten case had: each is deleted unless something needs it by then, whoever dies in between."""

EVENT_HORIZONS = Table("event_horizon", METADATA, id_column(primary_key=True), time_column("until"), time_column("at"))
"""Events of before `until` may be deleted since `at`: the one way by which the database lets an event go."""
