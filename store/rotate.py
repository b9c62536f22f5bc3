"""A new key for what is sealed: numbers' keys and webhook secrets are sealed anew, while the service runs.

Until everything is, the key file holds both keys, the new one first; whoever reads it seals with the new one and opens
with either. Stopped at any moment, the next run goes on. The first line stays: the hashes by which phones are found are
in facts, which nobody changes.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Column, Connection, Table, and_, select, update

from phonegrade.core.errors import UsageError
from phonegrade.store.engines import Database
from phonegrade.store.tables import DATA_KEYS
from phonegrade.store.vault import KeyLines, Vault, environment_key, fresh_key, read_keys, write_keys
from phonegrade.store.work_tables import SUBSCRIPTIONS

SETTLE_S = 3.0
"""Whoever read the key file before it changed has sealed and stored by then."""
BATCH = 500


class SealedColumn(NamedTuple):
    """Where something sealed by the installation is kept."""

    table: Table
    column: Column[bytes]

    @property
    def key(self) -> tuple[Column[str], ...]:
        """The columns that name a row."""
        return tuple(self.table.primary_key.columns)


SEALED = (SealedColumn(DATA_KEYS, DATA_KEYS.c.sealed), SealedColumn(SUBSCRIPTIONS, SUBSCRIPTIONS.c.secret))
"""All of them; the numbers themselves are sealed under the keys in the first."""


def rotate_key(database: Database, file: Path, wait: Callable[[float], None] = time.sleep) -> int:
    """Seal everything with a fresh key, drop the old one from `file`, and return how many values were sealed anew.

    Raises UsageError where the key stands in the environment, DataError for a value that no key of the file opens.
    """
    if environment_key() is not None:
        raise UsageError("the key stands in the environment, where it cannot be changed: move it to a file first")
    keys = read_keys(file)
    if len(keys.sealing) < 2:
        keys = KeyLines(keys.root, (fresh_key(), *(keys.sealing or (keys.derived,))))
        write_keys(file, keys)
    newest = Vault(keys.root, keys.sealing[:1])
    changed = _seal_anew(database, Vault(keys.root, keys.sealing), newest)
    wait(SETTLE_S)
    while late := _seal_anew(database, Vault(keys.root, keys.sealing), newest):
        changed += late
        wait(SETTLE_S)
    write_keys(file, KeyLines(keys.root, keys.sealing[:1]))
    return changed


def unopened(connection: Connection, vault: Vault) -> int:
    """Return how many stored values none of the vault's keys opens."""
    return sum(not vault.opens(sealed) for one in SEALED for sealed in connection.execute(select(one.column)).scalars())


def _seal_anew(database: Database, vault: Vault, newest: Vault) -> int:
    changed = 0
    for one in SEALED:
        with database.read() as connection:
            rows = connection.execute(select(*one.key, one.column.label("sealed"))).all()
        old = [row for row in rows if not newest.opens(row.sealed)]
        for first in range(0, len(old), BATCH):
            with database.write() as connection:
                for row in old[first : first + BATCH]:
                    same = and_(*(column == value for column, value in zip(one.key, row, strict=False)))
                    sealed = newest.seal_bytes(vault.unseal_bytes(row.sealed))
                    unchanged = and_(same, one.column == row.sealed)
                    changed += connection.execute(
                        update(one.table).where(unchanged).values({one.column.name: sealed})
                    ).rowcount
    return changed
