"""What one photo says about which phone it is: the record that the command prints and the service answers."""

from typing import Literal

from pydantic import Field, NonNegativeInt

from phonegrade.core.strict import Strict
from phonegrade.recognition.numbers import NumberKind
from phonegrade.recognition.parsing import CodeKind

Reader = Literal["barcode", "ocr"]
Box = tuple[float, float, float, float]
"""Left, top, width and height in pixels."""
Verdict = Literal["accepted", "confirm", "unusable"]
"""`accepted`: two reads agree, all checks hold; `confirm`: for a person to compare; `unusable`: it cannot be right."""
Why = Literal[
    "one_read", "reads_disagree", "no_check_digit", "too_many", "check_digit", "reporting_body", "unknown_code"
]


class ReadAt(Strict):
    """One read of a value: by what, at which enlargement, and where it stands in the photo."""

    reader: Reader
    scale: float
    """Pixels of the picture that was read per pixel of the photo."""
    box: Box
    """In pixels of the photo at full size."""


class ReadValue(Strict):
    """What a read number and a read model code have in common."""

    verdict: Verdict
    why: Why | None = None
    """Why it is not accepted."""
    advice: str
    """What was read, how often, and what to do next; never the number itself."""
    source: Reader
    """`barcode` where any of the reads is one."""
    agreeing: NonNegativeInt
    """Reads that agree: of two enlargements, or of a barcode and of print."""
    reads: tuple[ReadAt, ...]
    crop: Box
    """What to show a person, in pixels of the photo at full size."""
    crop_jpeg: str = Field(repr=False)
    """That part of the photo as JPEG, base64."""


class ReadNumber(ReadValue):
    """One number as a photo shows it."""

    kind: NumberKind
    slot: Literal[1, 2] | None = None
    """Of an IMEI whose label says which."""
    value: str = Field(repr=False)
    last4: str
    tac: str | None = None


class ReadModel(ReadValue):
    """One model code or name, and the devices that carry it."""

    kind: CodeKind
    code: str
    devices: tuple[str, ...]
    """Names of the catalogue; several where a maker used a code twice, none where it is not known."""
    storage_gb: int | None = None
    colour: str | None = None


class Identification(Strict):
    """Everything that one photo says about which phone it is."""

    photo: str
    photo_sha256: str
    readers: tuple[Reader, ...]
    """What read the photo: without the extra `ocr`, print is not read."""
    numbers: tuple[ReadNumber, ...]
    """Accepted ones first, then from the top."""
    models: tuple[ReadModel, ...]
    device: str | None
    """The one device that the accepted codes mean."""
    advice: str

    @property
    def accepted(self) -> tuple[ReadNumber, ...]:
        """The numbers that may be taken as read."""
        return tuple(one for one in self.numbers if one.verdict == "accepted")
