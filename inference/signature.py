"""Signed models: Ed25519 over the hashes of a folder's files, so that a changed or foreign model is noticed.

`signature.json` beside the models holds each file's SHA-256 and one signature of them all. The project's public key is
below; an operator who trains models signs them with a key of his own (`phonegrade dev sign`) and trusts that.
"""

import base64
import binascii
import hashlib
import json
from pathlib import Path

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey
from pydantic import ValidationError

from phonegrade.core.errors import ModelFileError, UsageError
from phonegrade.core.files import write_text
from phonegrade.core.strict import Strict

SIGNATURE = "signature.json"
PROJECT_KEY = "M3n0b/aJ/PnllJ8gKfWPDDNUqUwDKiKJA+7a63ecmng="
"""Public key that the shipped models are signed with."""
_WAY_OUT = "Install phonegrade again, sign your own models with `phonegrade dev sign`, or accept unsigned ones by name."


class Signature(Strict):
    """What `signature.json` holds."""

    files: dict[str, str]
    """SHA-256 of every model, by file name."""
    key: str
    """Public key, base64."""
    signature: str
    """Of `files` as JSON with sorted names and no spaces, base64."""


def new_signing_key() -> str:
    """Return a fresh secret key, base64: keep it where no one else reads."""
    return _encoded(bytes(SigningKey.generate()))


def sign(folder: Path, secret: str) -> Signature:
    """Sign every .onnx file of `folder` and write `signature.json`. Raises UsageError for a key that is none."""
    try:
        key = SigningKey(base64.b64decode(secret, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise UsageError("the signing key is not 32 bytes in base64; make one with `phonegrade dev sign`") from error
    files = _hashes(folder)
    if not files:
        raise UsageError(f"{folder} holds no .onnx file to sign")
    signed = Signature(
        files=files, key=_encoded(bytes(key.verify_key)), signature=_encoded(key.sign(_message(files)).signature)
    )
    write_text(folder / SIGNATURE, signed.model_dump_json(indent=1) + "\n")
    return signed


def check_signature(folder: Path, trusted: tuple[str, ...] = (PROJECT_KEY,)) -> Signature:
    """Return the signature of `folder`'s models. Raises ModelFileError where it is missing, foreign or does not fit."""
    try:
        signed = Signature.model_validate_json((folder / SIGNATURE).read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelFileError(f"The models are not signed: {SIGNATURE} is missing. {_WAY_OUT}") from error
    except ValidationError as error:
        raise ModelFileError(f"{SIGNATURE} is damaged. {_WAY_OUT}") from error
    if signed.key not in trusted:
        raise ModelFileError(f"The models are signed with a key that is not trusted ({signed.key[:12]}...). {_WAY_OUT}")
    try:
        VerifyKey(base64.b64decode(signed.key)).verify(_message(signed.files), base64.b64decode(signed.signature))
    except (BadSignatureError, ValueError) as error:
        raise ModelFileError(f"{SIGNATURE} does not fit its own list of files. {_WAY_OUT}") from error
    present = _hashes(folder)
    for name in sorted(signed.files.keys() | present.keys()):
        if signed.files.get(name) != present.get(name):
            how = "missing" if name not in present else "not signed" if name not in signed.files else "changed"
            raise ModelFileError(f"Model file {name} is {how}. {_WAY_OUT}")
    return signed


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.onnx"))}


def _message(files: dict[str, str]) -> bytes:
    return json.dumps(files, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
