"""The installation's key: what it hides, what finds it again, and who may read it."""

from pathlib import Path

import pytest

from phonegrade.core.data_errors import DataError
from phonegrade.core.errors import UsageError
from phonegrade.store.vault import KEY_VARIABLE, Vault, open_vault

VAULT, OTHER = Vault(bytes(32)), Vault(bytes([1] * 32))
IMEI = "352099001761481"


def test_a_number_has_one_hash_however_it_is_written() -> None:
    written = [IMEI, "35-209900-176148-1", "35 2099 0017 6148 1", "35.209900/176148-1"]
    assert len({VAULT.hashed("acme", one) for one in written}) == 1
    assert VAULT.hashed("acme", "f2lx1234abcd") == VAULT.hashed("acme", "F2LX1234ABCD")
    assert VAULT.hashed("acme", IMEI).last4 == "1481"


def test_a_hash_means_nothing_to_another_tenant_or_installation() -> None:
    assert len({VAULT.hashed("acme", IMEI), VAULT.hashed("other", IMEI), OTHER.hashed("acme", IMEI)}) == 3


@pytest.mark.parametrize("number", ["", "12", "3520990017 6148é", "x" * 65])
def test_what_is_no_number_is_refused_without_showing_it(number: str) -> None:
    with pytest.raises(UsageError) as refused:
        VAULT.hashed("acme", number)
    assert number == "" or number not in str(refused.value)


def test_a_sealed_number_opens_with_its_cases_key_alone() -> None:
    key, another = VAULT.new_data_key(), VAULT.new_data_key()
    sealed = VAULT.seal_number(key, IMEI)
    assert IMEI.encode() not in sealed
    assert VAULT.seal_number(key, IMEI) != sealed
    assert VAULT.unseal_number(key, sealed) == IMEI
    for vault, data_key in ((VAULT, another), (OTHER, key)):
        with pytest.raises(DataError):
            vault.unseal_number(data_key, sealed)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    made = open_vault(file, make=True)
    assert file.stat().st_mode & 0o777 == 0o600
    assert open_vault(file, make=False).hashed("a", IMEI) == made.hashed("a", IMEI)


def test_a_key_that_is_missing_open_to_others_or_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    with pytest.raises(DataError, match="missing"):
        open_vault(file, make=False)
    file.write_text("no key")
    file.chmod(0o600)
    with pytest.raises(DataError, match="64 characters"):
        open_vault(file, make=True)
    file.chmod(0o640)
    with pytest.raises(DataError, match="chmod 600"):
        open_vault(file, make=True)


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, bytes(32).hex() + "\n")
    assert open_vault(tmp_path / "none", make=False).hashed("a", IMEI) == VAULT.hashed("a", IMEI)
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(DataError, match=KEY_VARIABLE):
        open_vault(tmp_path / "none", make=False)
