"""Records that their reader can check without asking anybody: canonical JSON, signed with Ed25519 (RFC 8032).

A signed record is one line: `{"key":…,"record":…,"signature":…}` with sorted names and no spaces. The signature is over
the bytes of `record` as they stand there; a file that differs from that form by one byte is refused.
"""

import base64
import binascii
import json
from typing import Any, NamedTuple

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from phonegrade.core.data_errors import SignedRecordError
from phonegrade.core.functional.report import parse_json
from phonegrade.core.strict import Strict

MAX_BYTES = 16 * 1024 * 1024
_MEMBERS = {"key", "record", "signature"}


class CheckedRecord(NamedTuple):
    """A record that is as it was signed."""

    record: dict[str, Any]
    key: str
    """Public key that signed it, base64."""


def public_key(seed: bytes) -> str:
    """Return the public key that belongs to a seed of 32 bytes, base64."""
    return _encoded(bytes(SigningKey(seed).verify_key))


def sign_record(record: Strict, seed: bytes) -> bytes:
    """Return the bytes of a signed record."""
    content = record.model_dump(mode="json")
    key = SigningKey(seed)
    signature = _encoded(key.sign(_canonical(content)).signature)
    return _canonical({"key": _encoded(bytes(key.verify_key)), "record": content, "signature": signature})


def check_record(data: bytes, key: str | None = None) -> CheckedRecord:
    """Return what was signed. `key` is the issuer's public key; without one, the key that the record names itself.

    Raises SignedRecordError for a file that is not a signed record, not as it was signed, or signed by another.
    """
    if len(data) > MAX_BYTES:
        raise SignedRecordError(f"a signed record has at most {MAX_BYTES} bytes")
    line = data.removesuffix(b"\n")
    try:
        content = parse_json(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise SignedRecordError("this is not a signed record: it is not JSON; download the file again") from error
    if not isinstance(content, dict) or set(content) != _MEMBERS or not isinstance(content["record"], dict):
        raise SignedRecordError("this is not a signed record: it has no record, key and signature")
    signer, signature = _bytes(content["key"], 32, "key"), _bytes(content["signature"], 64, "signature")
    if key is not None and content["key"] != key.strip():
        raise SignedRecordError(f"signed with another key, {content['key']}; ask the issuer which keys are theirs")
    if _canonical(content) != line:
        raise SignedRecordError("the file is not as it was signed; download it again, without an editor in between")
    try:
        VerifyKey(signer).verify(_canonical(content["record"]), signature)
    except BadSignatureError as error:
        raise SignedRecordError("the signature does not fit: the record was changed after it was signed") from error
    return CheckedRecord(content["record"], content["key"])


def _canonical(content: Any) -> bytes:  # noqa: ANN401  JSON
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _bytes(text: Any, size: int, name: str) -> bytes:  # noqa: ANN401  JSON
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise SignedRecordError(f"{name} is not base64") from error
    if len(data) != size or _encoded(data) != text:
        raise SignedRecordError(f"{name} is not {size} bytes in base64")
    return data


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
