"""What was learnt on devices of known grade: what the found marks leave out, and how far a promise must reach."""

import math
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveInt, ValidationError, model_validator

from phonegrade.configs.policy import Policy
from phonegrade.core.errors import PolicyError
from phonegrade.core.strict import Strict

_FOLDER = Path(__file__).with_name("calibrations")
_MAX_BYTES = 4 * 1024 * 1024
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
_SUM_ERROR = 1e-6


class Calibration(Strict):
    """One policy with one pair of models, on devices whose true look is known and that taught nobody anything."""

    policy: str
    policy_sha256: Sha256
    segmenter_sha256: Sha256
    frame_segmenter_sha256: Sha256 | None = None
    """None where one segmenter sees faces and edges."""
    data_sha256: Sha256
    """Of the set the devices are from."""
    devices: PositiveInt
    scores: tuple[Probability, ...]
    """Ascending: for each device, the probability given to looks that were taken before the true one."""
    confusion: dict[str, dict[str, Probability]] = Field(default_factory=dict)
    """confusion[seen][true]: how many of the devices that have one look by their found marks truly have another: marks
    that nobody found, and found ones that are not there. Learnt on all of the devices, and for the scores on the other
    half of them."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len(self.scores) != self.devices:
            raise ValueError(f"{self.devices} devices, but {len(self.scores)} scores")
        if list(self.scores) != sorted(self.scores):
            raise ValueError("scores must ascend")
        for seen, row in self.confusion.items():
            if list(row) != list(self.confusion) or abs(math.fsum(row.values()) - 1.0) > _SUM_ERROR:
                raise ValueError(f"confusion of {seen} must name the same looks and make 1 in all")
        return self

    def threshold(self, coverage: float) -> float:
        """The score up to which looks are taken for the true one to be among them with at least this probability.

        Split conformal prediction: the ceil((n + 1) * coverage)-th smallest score; infinite for too few devices.
        """
        place = math.ceil((self.devices + 1) * coverage - 1e-9)
        return math.inf if place > self.devices else self.scores[place - 1]


def shipped_calibration(policy: Policy) -> Calibration | None:
    """The calibration that phonegrade ships for exactly this policy; None where there is none or the policy differs."""
    file = _FOLDER / f"{policy.name}.json"
    if not file.is_file():
        return None
    found = load_calibration(file)
    return found if found.policy_sha256 == policy.sha256 else None


def load_calibration(file: Path) -> Calibration:
    """A calibration file. Raises PolicyError that names the file and what is wrong."""
    try:
        with file.open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(f"{file}: cannot be read: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise PolicyError(f"{file}: a calibration has at most {_MAX_BYTES} bytes")
    try:
        return Calibration.model_validate_json(data)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"]) or "calibration"
        raise PolicyError(f"{file}: {where}: {problem['msg'].removeprefix('Value error, ')}") from error
