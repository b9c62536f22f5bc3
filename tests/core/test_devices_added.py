"""Devices that were added to the catalogue: plausible, sourced, new, and found by their makers' codes."""

import csv
import hashlib
from pathlib import Path

import pytest

from phonegrade.core.devices.catalogue import (
    Device,
    by_model_code,
    catalogue,
    find_device,
    model_codes,
    rendered_devices,
    screen_size_mm,
)
from phonegrade.core.devices.own_devices import wrong_size
from phonegrade.rendering.set_plan import plan_set

DEVICES = Path(__file__).parents[2] / "core" / "devices"
RENDERED_SHA256 = "f700cbc66a3512a8809845f3a4ebd0a628e655b84a0e3ce7b69a8320543fb0af"
FIRST_FIVE = ["Xiaomi Civi", "Samsung Galaxy C7 (2017)", "BLU F91", "Lenovo A859", "Lenovo K12 Pro"]


def _rows(file: str) -> list[dict[str, str]]:
    with (DEVICES / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _added() -> tuple[Device, ...]:
    return catalogue()[len(rendered_devices()) :]


def test_rendered_sets_draw_from_the_file_that_they_were_recorded_with() -> None:
    data = (DEVICES / "devices.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == RENDERED_SHA256
    assert len(rendered_devices()) == 2293
    assert catalogue()[:2293] == rendered_devices()


def test_a_rendered_set_holds_the_phones_that_it_always_held() -> None:
    plan = plan_set("kiosk", 1, 7)
    drawn = [plan.device(index).device.name for index in range(5)]
    assert drawn == FIRST_FIVE
    assert {plan.device(index).device for index in range(200)} <= set(rendered_devices())


def test_every_added_body_is_a_phones() -> None:
    assert [device.name for device in _added() if wrong_size(device)] == []
    ratios = [device.height_mm / device.width_mm for device in _added()]
    assert min(ratios) > 1.75
    assert max(ratios) < 2.5
    assert all(2017 <= device.year <= 2026 for device in _added())


def test_every_added_screen_fits_its_body_and_fills_most_of_it() -> None:
    for device in _added():
        size = screen_size_mm(device)
        if size is not None:
            assert 0.55 <= size[0] * size[1] / (device.width_mm * device.height_mm) <= 0.96, device.name
    assert sum(screen_size_mm(device) is None for device in _added()) < 10


def test_no_device_is_named_twice() -> None:
    names = ["".join(device.name.casefold().split()) for device in catalogue()]
    assert len(set(names)) == len(names)


def test_every_added_fact_has_a_source_that_is_explained() -> None:
    reported = (DEVICES / "devices_sources.md").read_text(encoding="utf-8")
    for row in (*_rows("devices_added.csv"), *_rows("device_codes.csv")):
        for source in row["source"].split("+"):
            assert f"`{source}`" in reported, row


def test_every_code_is_of_a_known_device() -> None:
    names = {device.name for device in catalogue()}
    assert {f"{row['brand']} {row['model']}" for row in _rows("device_codes.csv")} <= names


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("A2633", "Apple iPhone 13"),
        ("iphone14,5", "Apple iPhone 13"),
        ("SM-G991B", "Samsung Galaxy S21 5G"),
        ("sm g991b/ds", "Samsung Galaxy S21 5G"),
        ("SM-G991BZADEUB", "Samsung Galaxy S21 5G"),
        ("GVU6C", "Google Pixel 7"),
        ("CPH2449", "OnePlus 11"),
        ("XT2347-1", "Motorola Moto G84 5G"),
        ("A3256", "Apple iPhone 17 Pro"),
    ],
)
def test_a_model_code_means_its_device(code: str, name: str) -> None:
    assert [device.name for device in by_model_code(code)] == [name]


@pytest.mark.parametrize("code", ["", "sm", "SM-", "A0000", "SM-X999Z", "iphone 13", "5G"])
def test_an_unknown_code_means_no_device(code: str) -> None:
    assert by_model_code(code) == ()


def test_a_code_that_its_maker_used_twice_means_both_devices() -> None:
    assert {device.name for device in by_model_code("YAL-L21")} == {"Honor 20", "Huawei nova 5T"}


def test_every_code_leads_back_to_its_device() -> None:
    wrong = [
        (device.name, code)
        for device in catalogue()
        for code in model_codes(device)
        if device not in by_model_code(code)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "size_mm"),
    [
        ("pixel 9a", (154.7, 73.3, 8.9)),
        ("Google Pixel 3a", (151.3, 70.1, 8.2)),
        ("iphone 16 pro", (149.6, 71.5, 8.25)),
        ("galaxy s25 ultra", (162.8, 77.6, 8.2)),
        ("oneplus 12", (164.3, 75.8, 9.2)),
        ("nothing phone 2", (162.1, 76.4, 8.6)),
        ("BLU Vivo 5R", (154.5, 75.6, 8.3)),
    ],
)
def test_a_phone_of_today_is_found_by_name(name: str, size_mm: tuple[float, float, float]) -> None:
    device = find_device(name)
    assert (device.height_mm, device.width_mm, device.depth_mm) == size_mm
