"""One photo as somebody sent it."""

import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from phonegrade.core.vocabulary import Surface


class PhotoName(NamedTuple):
    """What a photo was called and sent as; what messages name it by."""

    name: str
    surface: Surface | None


@dataclass(frozen=True)
class PhotoFile:
    """The bytes of one photo, what they were called, and the surface that they were sent as; hashed once."""

    name: str
    data: bytes = field(repr=False)
    surface: Surface | None = None
    """None: not stated."""
    sha256: str = field(init=False)
    """Of `data`."""

    @property
    def named(self) -> PhotoName:
        """What it was called and sent as."""
        return PhotoName(self.name, self.surface)

    @property
    def size_bytes(self) -> int:
        """How large the file is."""
        return len(self.data)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.data).hexdigest())
