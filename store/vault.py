"""The installation's key, and what it keeps: hashes of phones' numbers, the numbers themselves, webhook secrets.

A number is stored three ways: as a keyed hash, which finds it again and tells nothing without the key; by its last four
characters, for people; and encrypted under a key of its case, which forgetting the case destroys.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from pathlib import Path
from typing import NamedTuple

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from phonegrade.core.data_errors import DataError
from phonegrade.core.errors import UsageError
from phonegrade.core.files import write_text

KEY_FILE = "installation.key"
KEY_VARIABLE = "PHONEGRADE_DATA_KEY"
_KEY = re.compile(r"[0-9a-f]{64}")
_BETWEEN = re.compile(r"[\s./-]+")
_NUMBER = re.compile(r"[0-9A-Z]{4,64}")


class HashedNumber(NamedTuple):
    """What may be seen of a phone's number."""

    hmac: str
    last4: str


class Vault:
    """Hashes, seals and opens with the installation's key of 32 bytes; each use has a key of its own."""

    def __init__(self, key: bytes) -> None:
        if len(key) != SecretBox.KEY_SIZE:
            raise UsageError(f"the installation's key has {SecretBox.KEY_SIZE} bytes, not {len(key)}")
        self._key = key
        self._box = SecretBox(self._derived("sealing"))

    def hashed(self, tenant: str, number: str) -> HashedNumber:
        """Return the keyed hash and the last four characters of an IMEI, MEID, serial number or the like.

        Spaces, dots, slashes, dashes and case make no difference. Raises UsageError, without the number, for a text
        that is none.
        """
        plain = normalised_number(number)
        key = self._derived(f"numbers of {tenant}")
        return HashedNumber(hmac.new(key, plain.encode("ascii"), hashlib.sha256).hexdigest(), plain[-4:])

    def seal_bytes(self, data: bytes) -> bytes:
        """Return `data` encrypted and authenticated (XSalsa20-Poly1305)."""
        return bytes(self._box.encrypt(data))

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises DataError where it was sealed by another installation's key."""
        return _opened(self._box, sealed)

    def new_data_key(self) -> bytes:
        """Return a fresh key for the numbers of one case, sealed."""
        return self.seal_bytes(secrets.token_bytes(SecretBox.KEY_SIZE))

    def seal_number(self, data_key: bytes, number: str) -> bytes:
        """Return a number encrypted under a case's sealed key."""
        return bytes(SecretBox(self.unseal_bytes(data_key)).encrypt(normalised_number(number).encode("ascii")))

    def unseal_number(self, data_key: bytes, sealed: bytes) -> str:
        """Return the plain number. Raises DataError."""
        return _opened(SecretBox(self.unseal_bytes(data_key)), sealed).decode("ascii")

    def signing_seed(self) -> bytes:
        """Return the 32 bytes of the Ed25519 key that this installation signs passports and receipts with."""
        return self._derived("signing")

    def receipt_code(self, tenant: str, case: str) -> str:
        """Return what nobody can guess in the address of a case's receipt: 128 bits."""
        key = self._derived("receipts")
        return hmac.new(key, f"{tenant}/{case}".encode(), hashlib.sha256).hexdigest()[:32]

    def _derived(self, use: str) -> bytes:
        return hmac.new(self._key, f"phonegrade {use}".encode(), hashlib.sha256).digest()


def normalised_number(number: str) -> str:
    """Return a phone's number without what people put between its characters, in capitals. Raises UsageError."""
    plain = _BETWEEN.sub("", number).upper()
    if not _NUMBER.fullmatch(plain):
        raise UsageError("an identifier has 4 to 64 letters and digits")
    return plain


def open_vault(file: Path, *, make: bool) -> Vault:
    """Return the vault whose key stands in the environment, else in `file`, which `make` may make.

    Raises DataError for a file that others may read, that holds no key, or that is not there.
    """
    text = os.environ.get(KEY_VARIABLE)
    place = KEY_VARIABLE
    if text is None:
        text, place = _read(file, make=make), str(file)
    if not _KEY.fullmatch(text.strip()):
        raise DataError(f"{place} holds no key: 64 characters 0-9 a-f, such as `openssl rand -hex 32` prints")
    return Vault(bytes.fromhex(text.strip()))


def _read(file: Path, *, make: bool) -> str:
    if not file.exists():
        if not make:
            raise DataError(
                f"{file} is missing, and with it the key to stored numbers: put it back from its backup, or name it in "
                f"{KEY_VARIABLE}"
            )
        write_text(file, secrets.token_hex(SecretBox.KEY_SIZE) + "\n", 0o600)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise DataError(f"{file}: others may read the installation's key; run `chmod 600 {file}`")
    return file.read_text(encoding="ascii")


def _opened(box: SecretBox, sealed: bytes) -> bytes:
    try:
        return bytes(box.decrypt(sealed))
    except CryptoError as error:
        raise DataError("a stored secret cannot be opened: it was sealed by another installation's key") from error
