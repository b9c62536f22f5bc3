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
_KEYS = re.compile(r"[0-9a-f]{64}(?:\s+[0-9a-f]{64})*")
_BETWEEN = re.compile(r"[\s./-]+")
_NUMBER = re.compile(r"[0-9A-Z]{4,64}")


class HashedNumber(NamedTuple):
    """What may be seen of a phone's number."""

    hmac: str
    last4: str


class KeyLines(NamedTuple):
    """What a key file holds."""

    root: bytes
    """The installation's key: of the hashes, for as long as there are facts."""
    sealing: tuple[bytes, ...] = ()
    """What is sealed with, the newest first; without any, a key that is derived from `root`."""

    @property
    def derived(self) -> bytes:
        """What is sealed with until the first rotation."""
        return _derived(self.root, "sealing")


class Vault:
    """Hashes, seals and opens with the installation's key of 32 bytes; each use has a key of its own."""

    def __init__(self, key: bytes, sealing: tuple[bytes, ...] = (), file: Path | None = None) -> None:
        """`file` is read again where it has changed, such as by a rotation of the key while the service runs."""
        if len(key) != SecretBox.KEY_SIZE:
            raise UsageError(f"the installation's key has {SecretBox.KEY_SIZE} bytes, not {len(key)}")
        self._key, self._file = key, file
        self._stamp = _stamp(file)
        self._boxes = tuple(map(SecretBox, sealing or (_derived(key, "sealing"),)))

    @property
    def is_rotating(self) -> bool:
        """Whether a rotation of the key has not ended."""
        self._renew()
        return len(self._boxes) > 1

    def hashed(self, tenant: str, number: str) -> HashedNumber:
        """Return the keyed hash and the last four characters of an IMEI, MEID, serial number or the like.

        Spaces, dots, slashes, dashes and case make no difference. Raises UsageError, without the number, for a text
        that is none.
        """
        plain = normalised_number(number)
        key = _derived(self._key, f"numbers of {tenant}")
        return HashedNumber(hmac.new(key, plain.encode("ascii"), hashlib.sha256).hexdigest(), plain[-4:])

    def seal_bytes(self, data: bytes) -> bytes:
        """Return `data` encrypted and authenticated (XSalsa20-Poly1305)."""
        self._renew()
        return bytes(self._boxes[0].encrypt(data))

    def unseal_bytes(self, sealed: bytes) -> bytes:
        """Return what was sealed. Raises DataError where it was sealed by another installation's key."""
        for box in (*self._boxes, *(self._boxes if self._renew() else ())):
            try:
                return bytes(box.decrypt(sealed))
            except CryptoError:
                continue
        raise DataError("a stored secret cannot be opened: it was sealed by another installation's key")

    def opens(self, sealed: bytes) -> bool:
        """Return whether something stored can be opened."""
        try:
            self.unseal_bytes(sealed)
        except DataError:
            return False
        return True

    def new_data_key(self) -> bytes:
        """Return a fresh key for the numbers of one case, sealed."""
        return self.seal_bytes(secrets.token_bytes(SecretBox.KEY_SIZE))

    def seal_number(self, data_key: bytes, number: str) -> bytes:
        """Return a number encrypted under a case's sealed key."""
        return bytes(SecretBox(self.unseal_bytes(data_key)).encrypt(normalised_number(number).encode("ascii")))

    def unseal_number(self, data_key: bytes, sealed: bytes) -> str:
        """Return the plain number. Raises DataError."""
        return _opened(SecretBox(self.unseal_bytes(data_key)), sealed).decode("ascii")

    def _renew(self) -> bool:
        """Read the key file again where it has changed, and return whether it had."""
        stamp = _stamp(self._file)
        if self._file is None or stamp in (None, self._stamp):
            return False
        keys = read_keys(self._file)
        self._boxes, self._stamp = tuple(map(SecretBox, keys.sealing or (keys.derived,))), stamp
        return True


def _derived(key: bytes, use: str) -> bytes:
    return hmac.new(key, f"phonegrade {use}".encode(), hashlib.sha256).digest()


def _stamp(file: Path | None) -> tuple[int, int] | None:
    try:
        stat = None if file is None else file.stat()
    except OSError:
        return None
    return None if stat is None else (stat.st_ino, stat.st_mtime_ns)


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
    text = environment_key()
    if text is not None:
        keys = _parsed(text, KEY_VARIABLE)
        return Vault(keys.root, keys.sealing)
    if make and not file.exists():
        write_text(file, secrets.token_hex(SecretBox.KEY_SIZE) + "\n", 0o600)
    keys = read_keys(file)
    return Vault(keys.root, keys.sealing, file)


def environment_key() -> str | None:
    """Return the key that stands in the environment, if any."""
    return os.environ.get(KEY_VARIABLE)


def read_keys(file: Path) -> KeyLines:
    """Return what a key file holds. Raises DataError for one that is missing, that others may read, or that is none."""
    if not file.exists():
        raise DataError(
            f"{file} is missing, and with it the key to stored numbers: put it back from its backup, or name it in "
            f"{KEY_VARIABLE}"
        )
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise DataError(f"{file}: others may read the installation's key; run `chmod 600 {file}`")
    return _parsed(file.read_text(encoding="ascii"), str(file))


def write_keys(file: Path, keys: KeyLines) -> None:
    """Put keys into a file, whole or not at all."""
    write_text(file, "".join(f"{key.hex()}\n" for key in (keys.root, *keys.sealing)), 0o600)


def fresh_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(SecretBox.KEY_SIZE)


def _parsed(text: str, place: str) -> KeyLines:
    if not _KEYS.fullmatch(text.strip()):
        raise DataError(f"{place} holds no key: 64 characters 0-9 a-f, such as `openssl rand -hex 32` prints")
    root, *sealing = map(bytes.fromhex, text.split())
    return KeyLines(root, tuple(sealing))


def _opened(box: SecretBox, sealed: bytes) -> bytes:
    try:
        return bytes(box.decrypt(sealed))
    except CryptoError as error:
        raise DataError("a stored secret cannot be opened: it was sealed by another installation's key") from error
