"""A size stands in only where nothing names a device whose size is known."""

import pytest

from phonegrade.assessment.choose_device import known_device
from phonegrade.core.devices.own_devices import read_own_devices
from phonegrade.core.errors import UsageError
from phonegrade.core.functional.report import FunctionalReport

OWN = read_own_devices(b"brand,model,year,height_mm,width_mm,depth_mm\nAcme,Brick 1,2024,160.5,75,8.1\n", "my.csv")


def _tests_of(device: str | None) -> FunctionalReport:
    return FunctionalReport.model_validate({"device": device, "tests": {}})


@pytest.mark.parametrize("named", [None, "Acme Brick 9"])
def test_a_size_counts_where_the_tests_name_no_known_device(named: str | None) -> None:
    device = known_device(None, "150x70x8", _tests_of(named), OWN).device
    assert device is not None
    assert device.height_mm == 150.0


@pytest.mark.parametrize("named", ["iphone 13", "acme brick 1"])
def test_a_size_beside_tests_of_a_known_device_is_refused(named: str) -> None:
    with pytest.raises(UsageError, match="whose size is known"):
        known_device(None, "150x70x8", _tests_of(named), OWN)


def test_tests_may_name_an_own_device() -> None:
    device = known_device(None, None, _tests_of("acme brick 1"), OWN).device
    assert device is not None
    assert device.name == "Acme Brick 1"
