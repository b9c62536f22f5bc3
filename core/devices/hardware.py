"""Which functional tests apply to a device of the catalogue."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from phonegrade.core.devices.catalogue import Device
from phonegrade.core.functional.report import FunctionalReport, TestName, TestResult
from phonegrade.core.marked_yaml import parse_marked_yaml
from phonegrade.core.strict import Strict

_FILE = Path(__file__).with_name("hardware.yaml")


class HardwareRule(Strict):
    """What the phones of a brand, or those of its models that match, have and lack."""

    brand: str
    models: str = ".*"
    has: tuple[TestName, ...] = ()
    lacks: tuple[TestName, ...] = ()

    def speaks_of(self, device: Device) -> bool:
        """Whether the device is one of them."""
        return self.brand == device.brand and re.fullmatch(self.models, device.model, re.IGNORECASE) is not None


class HardwareRules(Strict):
    """All of them."""

    rules: tuple[HardwareRule, ...]


class Hardware(NamedTuple):
    """Tests whose part a device surely has or surely lacks."""

    has: frozenset[str]
    lacks: frozenset[str]


@cache
def hardware_rules() -> HardwareRules:
    """The rules of `hardware.yaml`; read once, at the first call."""
    return HardwareRules.model_validate(parse_marked_yaml(_FILE.read_text(encoding="utf-8")).value)


def hardware_of(device: Device) -> Hardware:
    """What is known of one device."""
    rules = [rule for rule in hardware_rules().rules if rule.speaks_of(device)]
    return Hardware(
        has=frozenset(test for rule in rules for test in rule.has),
        lacks=frozenset(test for rule in rules for test in rule.lacks),
    )


def applied(report: FunctionalReport, device: Device | None) -> FunctionalReport:
    """The report with the catalogue's knowledge: a part that is not there needs no test, one that is there does.

    A result of pass or fail is never touched. Without a device the report is left as it is.
    """
    if device is None:
        return report
    known = hardware_of(device)
    needless = {test: TestResult.NOT_APPLICABLE for test in known.lacks if report.result(test) is TestResult.NOT_RUN}
    left_out = {test: TestResult.NOT_RUN for test in known.has if report.result(test) is TestResult.NOT_APPLICABLE}
    return report.model_copy(update={"tests": {**report.tests, **needless, **left_out}})
