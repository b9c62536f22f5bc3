"""Calibrations fitted to labelled devices: what the detections miss, and the threshold of a prediction set."""

import hashlib
import json
import math
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, PositiveInt, ValidationError, model_validator

from phonegrade.configs.policy import Policy
from phonegrade.core.errors import PolicyError
from phonegrade.core.problems import first_problem
from phonegrade.core.strict import Strict

_FOLDER = Path(__file__).with_name("calibrations")
_MAX_BYTES = 4 * 1024 * 1024
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
_SUM_ERROR = 1e-6
_NO_RULES = frozenset({"name", "version", "sha256", "description", "source", "resolvable_source", "confidence_source"})
"""Keys of a policy that say nothing about how a phone is graded."""


class Calibration(Strict):
    """The calibration of one policy with one pair of models, on labelled devices that no model was trained on."""

    policy: str
    rules_sha256: Sha256
    """Of the rules of the policy; a change of its texts keeps the calibration."""
    segmenter_sha256: Sha256
    frame_segmenter_sha256: Sha256 | None = None
    """None where one segmenter covers faces and edges."""
    data_sha256: Sha256
    """Of the file of labelled devices."""
    devices: PositiveInt
    scores: tuple[Probability, ...]
    """Ascending: for each device, the probability of the grades included before the true one."""
    confusion: dict[str, dict[str, Probability]] = Field(default_factory=dict)
    """confusion[given][true]: share of the devices with one grade by their detections that truly have another, through
    missed defects and false positives. Fitted to all devices, and for the scores to the other half of them."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len(self.scores) != self.devices:
            raise ValueError(f"{self.devices} devices, but {len(self.scores)} scores")
        if list(self.scores) != sorted(self.scores):
            raise ValueError("scores must ascend")
        for given, row in self.confusion.items():
            if list(row) != list(self.confusion) or abs(math.fsum(row.values()) - 1.0) > _SUM_ERROR:
                raise ValueError(f"confusion of {given} must name the same grades and add up to 1")
        return self

    def threshold(self, coverage: float) -> float:
        """Return the score up to which grades are included so that the true one is among them with this probability.

        Split conformal prediction: the ceil((n + 1) * coverage)-th smallest score; infinite for too few devices.
        """
        rank = math.ceil((self.devices + 1) * coverage - 1e-9)
        return math.inf if rank > self.devices else self.scores[rank - 1]


def rules_sha256(policy: Policy) -> str:
    """Return the SHA-256 of the rules of a policy: everything but its name, version, texts and sources.

    Keys at their default are left out, so that a setting added later does not change it.
    """
    rules = _without_texts(policy.model_dump(mode="json", exclude_defaults=True))
    return hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _without_texts(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_texts(inner) for key, inner in value.items() if key not in _NO_RULES}
    return [_without_texts(inner) for inner in value] if isinstance(value, list) else value


def shipped_calibration(policy: Policy) -> Calibration | None:
    """Return the calibration shipped for the rules of this policy; None where there is none or the rules differ."""
    file = _FOLDER / f"{policy.name}.json"
    if not file.is_file():
        return None
    calibration = load_calibration(file)
    return calibration if calibration.rules_sha256 == rules_sha256(policy) else None


def load_calibration(file: Path) -> Calibration:
    """Return the calibration in a file. Raises PolicyError with the file and the problem."""
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
        raise PolicyError(f"{file}: {first_problem(error, 'calibration')}") from error
