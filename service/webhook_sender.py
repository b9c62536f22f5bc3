"""Sends due webhooks beside the service's own work, in a thread, until the service ends."""

import logging
import os
import socket
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from phonegrade.core.errors import PhonegradeError
from phonegrade.store.deliveries import make_deliveries
from phonegrade.store.store import Store
from phonegrade.store.webhooks import Send, WebhookRules, post, send_one

log = logging.getLogger(__name__)
IDLE_S = 1.0
"""Between two looks for new events."""
JOIN_S = 35.0
"""Longer than the attempt that is under way may take."""


class WebhookSender:
    """A thread that sends; deliveries are leased, so several services of one store may have one each."""

    def __init__(
        self,
        store: Store,
        rules: WebhookRules,
        clock: Callable[[], datetime],
        send: Send = post,
        idle_s: float = IDLE_S,
    ) -> None:
        self._store, self._rules, self._clock, self._send, self._idle_s = store, rules, clock, send, idle_s
        self._worker = f"{socket.gethostname()}-{os.getpid()}"
        self._ended = Event()
        self._thread = Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End after the attempt that is under way; one that is cut off is repeated once its lease is over."""
        self._ended.set()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._send_due()
            except PhonegradeError as error:  # such as a busy database: the next round tries again
                log.warning("webhooks wait: [%s] %s", error.code, error)
            self._ended.wait(self._idle_s)

    def _send_due(self) -> None:
        database, vault = self._store.database, self._store.vault
        make_deliveries(database, self._clock())
        while not self._ended.is_set():
            if not send_one(database, vault, self._worker, self._clock, self._rules, self._send):
                return
