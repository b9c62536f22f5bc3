"""A look-up of locks answers what the operator's list or command says, and unknown for whatever goes wrong."""

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from phonegrade.core.errors import UsageError
from phonegrade.journeys.device_facts import IdentifierKind
from phonegrade.service.lock_lookup import CommandLookup, ListLookup, LockLookups, LockQuestion, LockWord
from phonegrade.service.settings import ServiceSettings
from phonegrade.tests.service.deal_service import DealService, deal_service
from phonegrade.tests.store.example import ASSET, NUMBER, TENANT

pytest.importorskip("segno")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
UNKNOWN = LockWord(activation="unknown", blocklist="unknown")
IMEI = "352099001761481"


def question(hmac: str = "a" * 64, kind: IdentifierKind = "imei", number: str | None = IMEI) -> LockQuestion:
    return LockQuestion(kind, hmac, number)


def command(text: str, timeout_s: float = 5.0) -> CommandLookup:
    return CommandLookup(
        [sys.executable, "-c", f"import json, os, sys, time\ngot = json.load(sys.stdin)\n{text}"], timeout_s
    )


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    file = tmp_path / "blocked.csv"
    file.write_text(f"hmac,blocklist,activation\n{'a' * 64},listed,\n{'b' * 64},clear,on\n", encoding="utf-8")
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    return file


def test_a_list_names_what_is_blocked_and_a_fresh_one_clears_the_rest(blocked: Path) -> None:
    lookup = ListLookup(blocked, lambda: NOW)
    assert lookup.ask(question()) == LockWord(blocklist="listed")
    assert lookup.ask(question("b" * 64)) == LockWord(blocklist="clear", activation="on")
    assert lookup.ask(question("c" * 64)) == LockWord(blocklist="clear")
    assert lookup.ask(question("c" * 64, "serial")) == LockWord()


def test_an_old_a_lost_and_a_broken_list_clear_nobody(blocked: Path) -> None:
    unknown = LockWord(blocklist="unknown")
    assert ListLookup(blocked, lambda: NOW + timedelta(days=3)).ask(question("c" * 64)) == unknown
    lookup = ListLookup(blocked, lambda: NOW)
    blocked.write_text("hmac\nnothing\n", encoding="utf-8")
    assert lookup.ask(question("c" * 64)) == unknown
    with pytest.raises(UsageError, match="line 2: hmac is no keyed hash"):
        ListLookup(blocked, lambda: NOW)
    blocked.unlink()
    assert lookup.ask(question("c" * 64)) == unknown


def test_a_renewed_list_counts_at_once(blocked: Path) -> None:
    lookup = ListLookup(blocked, lambda: NOW)
    blocked.write_text(f"hmac\n{'c' * 64}\n", encoding="utf-8")
    assert lookup.ask(question("c" * 64)) == LockWord(blocklist="listed")


def test_a_command_is_asked_on_its_input_and_sees_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHONEGRADE_DATA_KEY", "f" * 64)
    says = command(
        f"assert got == {{'kind': 'imei', 'number': '{IMEI}'}} and len(sys.argv) == 1\n"
        "assert not [name for name in os.environ if name.startswith('PHONEGRADE')]\n"
        "print(json.dumps({'blocklist': 'clear', 'activation': 'off'}))"
    )
    assert says.ask(question()) == LockWord(activation="off", blocklist="clear")


@pytest.mark.parametrize(
    "text",
    [
        "sys.exit(1)",
        "print('clear')",
        "print('{}')",
        'print(\'{"blocklist": "fine"}\')',
        "print('{\"blocklist\": \"clear\"}' + ' ' * 20000)",
        "time.sleep(60)",
    ],
)
def test_a_command_that_fails_is_unknown(text: str) -> None:
    assert command(text, 0.5 if "sleep" in text else 5.0).ask(question()) == UNKNOWN


def test_a_missing_command_and_a_forgotten_number_are_unknown(tmp_path: Path) -> None:
    assert CommandLookup([str(tmp_path / "none")], 1.0).ask(question()) == UNKNOWN
    assert command('print(\'{"blocklist": "clear"}\')').ask(question(number=None)) == UNKNOWN
    with pytest.raises(UsageError, match="is empty"):
        CommandLookup([], 1.0)


class Said:
    """A source that says what it was made with."""

    def __init__(self, *words: LockWord) -> None:
        self.name, self._words = "said", list(words)

    def ask(self, question: LockQuestion) -> LockWord:
        return self._words.pop(0)


@pytest.mark.parametrize(
    ("words", "activation", "blocklist"),
    [
        (["clear", "clear"], None, "clear"),
        (["clear", "listed"], None, "listed"),
        (["clear", "unknown"], None, "unknown"),
        (["clear", None], None, "clear"),
        ([None, None], None, "unknown"),
    ],
)
def test_the_worst_answer_counts(words: list[str | None], activation: str | None, blocklist: str) -> None:
    said = Said(*(LockWord.model_validate({"blocklist": one}) for one in words))
    answer = LockLookups((said,)).ask([question(), question("b" * 64)])
    assert (answer.activation, answer.blocklist) == (activation, blocklist)
    with pytest.raises(UsageError, match="start it with --lock-list or --lock-command"):
        LockLookups().ask([question()])


@pytest.fixture
def service(settings: ServiceSettings, tmp_path: Path) -> Iterator[DealService]:
    with deal_service(settings, tmp_path) as running:
        yield running


def test_an_answer_is_recorded_with_its_source_and_a_repeat_asks_nobody(service: DealService, tmp_path: Path) -> None:
    path = f"/v1/assets/{ASSET}/locks/lookup"
    assert "--lock-list" in service.admin.post(path, {}).json()["detail"]
    file = tmp_path / "blocked.csv"
    file.write_text(f"hmac\n{service.cases.store.vault.hashed(TENANT, NUMBER).hmac}\n", encoding="utf-8")
    locks = LockLookups((ListLookup(file, lambda: datetime.now(UTC)),))
    service.app.state.parts.cases = replace(service.cases, deals=replace(service.cases.deals, locks=locks))
    listed = service.admin.post(path, {}, once="look-1")
    assert listed.status_code == 201, listed.text
    assert (listed.json()["blocklist"], listed.json()["activation"], listed.json()["source"]) == (
        "listed",
        None,
        "list",
    )
    gate = service.admin.get(f"/v1/assets/{ASSET}/resale").json()["gate"]
    assert "blocklist_listed" in {reason["rule"] for reason in gate["reasons"]}
    file.unlink()
    assert service.admin.post(path, {}, once="look-1").content == listed.content
    lost = service.admin.post(path, {}).json()
    assert (lost["blocklist"], lost["activation"]) == ("unknown", None)
    assert service.stranger.post(path, {}).status_code == 404
    assert NUMBER.replace("-", "") not in listed.text
