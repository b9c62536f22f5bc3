"""Keys in the store: made, listed and revoked by the command, and all that a service with --stored-keys takes."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from phonegrade.cli.main import main
from phonegrade.core.errors import UsageError
from phonegrade.serve import create_app
from phonegrade.service.settings import ServiceSettings


def key(capsys: pytest.CaptureFixture[str], *arguments: str, fails: bool = False) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit) as exit_:
        main(["key", *arguments])
    assert bool(exit_.value.code) is fails
    return capsys.readouterr().out.strip()


def test_a_stored_key_opens_its_tenants_cases_until_it_is_revoked(
    settings: ServiceSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ("--data", str(tmp_path / "data"), "--tenant", "acme")
    text = key(capsys, "new", "boss", "--scope", "admin", "--expires", "2999-01-01", *data)
    assert text.startswith("pg_")
    key(capsys, "new", "boss", "--scope", "admin", *data, fails=True)
    assert key(capsys, "list", *data).startswith("boss of acme: admin, 120 a minute until 2999-01-01 (")
    assert key(capsys, "list", "--data", str(tmp_path / "data"), "--tenant", "other") == ""
    app = create_app(settings.model_copy(update={"data": str(tmp_path / "data"), "stored_keys": True}))
    with TestClient(app) as client:
        headers = {"Authorization": f"Bearer {text}"}
        assert client.get("/v1/cases").status_code == 401
        assert client.get("/v1/cases", headers=headers).status_code == 200
        key(capsys, "revoke", "boss", *data)
        assert client.get("/v1/cases", headers=headers).status_code == 401
    key(capsys, "revoke", "boss", *data, fails=True)
    assert key(capsys, "new", "boss", "--scope", "store", *data).startswith("pg_")
    assert text.split("_")[2].encode() not in (tmp_path / "data" / "phonegrade.sqlite").read_bytes()


def test_stored_keys_need_a_store(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="stored keys are for a service with --data"):
        ServiceSettings(stored_keys=True)


def test_the_options_of_a_warehouse_are_the_settings_of_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from phonegrade.cli import serve

    got: list[ServiceSettings] = []
    monkeypatch.setattr(serve, "_run", lambda settings, *_, **__: got.append(settings))
    given = ("--lock-command", "ask --now", "--lock-timeout", "2", "--audit-share", "0.1", "--stored-keys")
    with pytest.raises(SystemExit) as exit_:
        main(["serve", "--data", str(tmp_path), "--host", "0.0.0.0", *given])  # noqa: S104
    assert not exit_.value.code
    [settings] = got
    assert (settings.lock_command, settings.lock_timeout_s, settings.audit_share) == ("ask --now", 2.0, 0.1)
    assert (settings.stored_keys, settings.honeypot_share, settings.put_away) == (True, 0.02, None)
    with pytest.raises((SystemExit, UsageError)):
        main(["serve", "--stored-keys"])
    assert len(got) == 1
