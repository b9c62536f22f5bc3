"""Looks once a second for cases that only the clock has changed, or another process; and folds sums, until the end."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Thread

from phonegrade.configs.journey import Journey
from phonegrade.core.errors import PhonegradeError
from phonegrade.store.engines import Database
from phonegrade.store.standings import AT_ONCE, sweep
from phonegrade.store.tallies import FOLD_OVER, fold, row_count

log = logging.getLogger(__name__)
IDLE_S = 1.0
JOIN_S = 35.0
"""Longer than one case may take on a busy database."""


class Sweeper:
    """A thread that sweeps; several services of one store may have one each, as every case is locked."""

    def __init__(
        self,
        database: Database,
        journeys: Mapping[str, Journey],
        clock: Callable[[], datetime],
        idle_s: float = IDLE_S,
    ) -> None:
        self._database, self._journeys, self._clock, self._idle_s = database, journeys, clock, idle_s
        self._folded = 0  # rows that the last fold left: so many sums there are
        self._ended = Event()
        self._thread = Thread(target=self._run, name="sweeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the cases at hand."""
        self._ended.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                now = self._clock()
                self._fold(now)
                if sweep(self._database, self._journeys, now) == AT_ONCE:
                    continue
            except PhonegradeError as error:  # such as a busy database: the next round tries again
                log.warning("the clock's changes wait: [%s]", error.code)
            self._ended.wait(self._idle_s)

    def _fold(self, now: datetime) -> None:
        """Fold sums once there are three times as many rows as there need be."""
        over = FOLD_OVER + 2 * self._folded
        before = row_count(self._database)
        if before > over:
            self._folded = fold(self._database, now, self._folded)
