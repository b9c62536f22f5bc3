"""Idempotency-Key, the rules that hold wherever answers are kept (IETF httpapi draft).

The same key with other content is 422, while the first is still being answered 409, afterwards the first answer byte
for byte.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from phonegrade.core.errors import UsageError

KEPT = timedelta(days=7)
"""How long an answer is given again: kiosks sleep over a week's end."""
_KEY = re.compile(r'^"?[\x21\x23-\x7e]{1,255}"?$')


def read_idempotency_key(text: str) -> str:
    """Return the key without the quotes that the draft puts round it. Raises UsageError for what is no key."""
    if not _KEY.fullmatch(text):
        raise UsageError("Idempotency-Key must be 1 to 255 printable characters without spaces, such as a UUID")
    return text.strip('"')


def fingerprint(parts: Sequence[tuple[str, str]], options: Mapping[str, str]) -> str:
    """Return the hash of a request's content: (part, SHA-256 of its file) of each file, and its texts.

    Of these and never of the multipart bytes, whose boundary changes.
    """
    lines = sorted(f"{name}\0{value}" for name, value in (*parts, *options.items()))
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()
