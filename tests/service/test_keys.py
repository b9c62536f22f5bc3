"""API keys: only the right text counts, nothing but hashes is stored, and nobody asks more often than allowed."""

import os
import stat
from datetime import date
from pathlib import Path

import pytest

from phonegrade.core.errors import KeysFileError, RateLimitError
from phonegrade.service.keys import KeyRing, Scope, new_key, read_keys, write_keys
from phonegrade.service.rate_limits import RateLimits


def test_a_key_opens_and_a_changed_one_does_not() -> None:
    text, stored = new_key("kiosk-7")
    ring = KeyRing((stored, new_key("app").stored))
    assert ring.find(text) == stored
    for wrong in ("", "pg", text[:-1], text + "x", text.replace("pg_", "px_"), text.upper(), f"pg_{stored.id}_"):
        assert ring.find(wrong) is None


def test_an_expired_key_no_longer_counts() -> None:
    text, stored = new_key("kiosk-7", expires=date(2026, 12, 1))
    ring = KeyRing((stored,))
    assert ring.find(text, date(2026, 11, 30)) == stored
    assert ring.find(text, date(2026, 12, 1)) is None


def test_the_file_holds_hashes_alone_and_is_its_owners(tmp_path: Path) -> None:
    text, stored = new_key("kiosk-7", (Scope.GRADE,), 30)
    file = tmp_path / "keys.yaml"
    write_keys(file, (stored,))
    assert read_keys(file) == (stored,)
    assert text.split("_", 2)[2] not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    write_keys(file, ())
    file.chmod(0o640)
    group = max(os.getgroups(), default=os.getgid())
    os.chown(file, -1, group)
    write_keys(file, (new_key("kiosk-7").stored,))
    assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_gid) == (0o640, group)


@pytest.mark.parametrize("content", ["a: b", "- 3", "- {id: 1}", "[", "- {}"])
def test_a_file_that_is_no_list_of_keys_is_refused_by_name(content: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(KeysFileError, match=r"keys\.yaml: .*phonegrade key new"):
        read_keys(file)
    with pytest.raises(KeysFileError, match="cannot be read"):
        read_keys(tmp_path / "none.yaml")


def test_a_key_that_asks_too_often_is_told_how_long_to_wait() -> None:
    now_s = 100.0
    limits = RateLimits(lambda: now_s)
    key = new_key("kiosk-7", per_minute=12).stored
    for _ in range(2):
        limits.take(key, Scope.GRADE)
    with pytest.raises(RateLimitError) as refused:
        limits.take(key, Scope.GRADE)
    assert refused.value.retry_after_s == 5
    limits.take(key, Scope.READ)
    limits.take(new_key("other").stored, Scope.GRADE)
    now_s += 5.0
    limits.take(key, Scope.GRADE)
