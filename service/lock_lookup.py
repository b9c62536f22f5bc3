"""Looking locks up: an operator's own list or command is asked; whatever goes wrong is `unknown`, never `clear`.

This process opens no socket for it. A list holds keyed hashes alone (`phonegrade data hash-list` makes them); a command
of the operator's gets one number on its standard input, and may ask whom it likes. Nothing is kept but the answer.
"""

import csv
import json
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import BoundedSemaphore
from typing import NamedTuple, Protocol

from pydantic import ValidationError

from phonegrade.core.errors import UsageError
from phonegrade.core.strict import Strict
from phonegrade.journeys.device_facts import ActivationLock, Blocklist, IdentifierKind

log = logging.getLogger(__name__)
MAX_ANSWER_BYTES = 10_000
AT_ONCE = 4
"""Commands that run side by side; the next one waits."""
BLOCKLIST_KINDS: tuple[IdentifierKind, ...] = ("imei", "imei2", "meid")
LIST_MAX_AGE = timedelta(days=2)
"""A list that has not been renewed for longer says `unknown` of every number that it does not name."""


class LockQuestion(NamedTuple):
    """One number of a phone."""

    kind: IdentifierKind
    hmac: str
    number: str | None
    """In plain; None where it is not stored."""


class LockWord(Strict):
    """What one source says; None of what it does not know about at all."""

    activation: ActivationLock | None = None
    blocklist: Blocklist | None = None


class LockLookup(Protocol):
    """A source of answers about locks."""

    @property
    def name(self) -> str:
        """What facts name as the source."""

    def ask(self, question: LockQuestion) -> LockWord:
        """Return what the source says of a number; `unknown` where it does not answer. Raises nothing."""


class ListLookup:
    """A CSV file of `hmac,blocklist,activation` that the operator renews; read again when it changes."""

    name = "list"

    def __init__(self, file: Path, clock: Callable[[], datetime]) -> None:
        """Raises UsageError for a file that cannot be read now: a service does not start on a wrong path."""
        self._file, self._clock = file, clock
        self._stamp = (0, 0)
        self._words: dict[str, LockWord] = {}
        try:
            self._renew()
        except (OSError, ValueError) as error:
            raise UsageError(f"--lock-list {file}: {error}") from error

    def ask(self, question: LockQuestion) -> LockWord:
        """Return the line of a number; an IMEI or MEID that a fresh list does not name is clear.

        Blocklists know phones by these numbers alone: of a serial number it says nothing.
        """
        if question.kind not in BLOCKLIST_KINDS:
            return LockWord()
        try:
            age = self._renew()
        except (OSError, ValueError) as error:
            log.warning("the list of locks cannot be used: %s", type(error).__name__)
            return LockWord(blocklist="unknown")
        missing = LockWord(blocklist="clear" if age <= LIST_MAX_AGE else "unknown")
        return self._words.get(question.hmac, missing)

    def _renew(self) -> timedelta:
        """Return the age of the list, read again where it has changed."""
        stat = self._file.stat()
        if self._stamp != (stat.st_mtime_ns, stat.st_size):
            with self._file.open(encoding="utf-8", newline="") as lines:
                self._words = dict(_lines(csv.DictReader(lines)))
            self._stamp = (stat.st_mtime_ns, stat.st_size)
        return self._clock() - datetime.fromtimestamp(stat.st_mtime, UTC)


class CommandLookup:
    """A command of the operator's: JSON `{"kind", "number"}` in, `{"blocklist", "activation"}` out."""

    name = "command"

    def __init__(self, command: Sequence[str], timeout_s: float) -> None:
        """Raises UsageError for an empty command."""
        if not command:
            raise UsageError("--lock-command is empty; name a program and its arguments")
        self._command, self._timeout_s = tuple(command), timeout_s
        self._room = BoundedSemaphore(AT_ONCE)

    def ask(self, question: LockQuestion) -> LockWord:
        """Return what the command says; unknown where it fails, is late, or says something else."""
        unknown = LockWord(activation="unknown", blocklist="unknown")
        if question.number is None:
            return unknown
        sent = json.dumps({"kind": question.kind, "number": question.number}).encode()
        try:
            with self._room:
                answer = self._run(sent)
            word = LockWord.model_validate_json(answer)
        except (OSError, subprocess.SubprocessError, ValidationError) as error:
            log.warning("the look-up of locks did not answer: %s", type(error).__name__)  # never its text
            return unknown
        return word if word != LockWord() else unknown

    def _run(self, sent: bytes) -> bytes:
        """Return what the command prints. Raises OSError or SubprocessError where it fails or is late."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHONEGRADE_")}
        process = subprocess.Popen(  # noqa: S603  the operator's own command, from the service's start
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        try:
            answer, _ = process.communicate(sent, self._timeout_s)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)  # with whatever it has started
            process.communicate()
            raise
        if process.returncode != 0 or len(answer) > MAX_ANSWER_BYTES:
            raise subprocess.SubprocessError(f"exit status {process.returncode}")
        return answer


class LockLookups(NamedTuple):
    """Every source that the operator has configured."""

    sources: tuple[LockLookup, ...] = ()

    @property
    def name(self) -> str:
        """What facts name as the source."""
        return "+".join(source.name for source in self.sources)

    def ask(self, questions: Sequence[LockQuestion]) -> LockWord:
        """Return what all sources say of all numbers of a phone: the worst counts, and good only what all call good.

        Raises UsageError where no source is configured.
        """
        if not self.sources:
            raise UsageError("this service looks no locks up; start it with --lock-list or --lock-command")
        words = [source.ask(question) for source in self.sources for question in questions]
        activation = _worst((word.activation for word in words), "on", "off")
        blocklist = _worst((word.blocklist for word in words), "listed", "clear")
        if activation is None and blocklist is None:
            blocklist = "unknown"
        return LockWord.model_validate({"activation": activation, "blocklist": blocklist})


def _worst(given: Iterable[str | None], bad: str, good: str) -> str | None:
    words = {word for word in given if word is not None}
    if not words:
        return None
    return bad if bad in words else good if words == {good} else "unknown"


def _lines(rows: Iterable[dict[str, str]]) -> Iterable[tuple[str, LockWord]]:
    for number, row in enumerate(rows, 2):
        hmac = (row.get("hmac") or "").strip().lower()
        if len(hmac) != 64 or not set(hmac) <= set("0123456789abcdef"):
            raise ValueError(f"line {number}: hmac is no keyed hash; `phonegrade data hash-list` makes them")
        words = {name: row[name] for name in ("activation", "blocklist") if row.get(name)}
        try:
            yield hmac, LockWord.model_validate({"blocklist": "listed", **words})
        except ValidationError:
            valid = "blocklist is clear, listed or unknown; activation off, on or unknown"
            raise ValueError(f"line {number}: {valid}") from None
