"""Devices are found as people type them, and never by guess."""

from statistics import median

import pytest

from phonegrade.core.devices.catalogue import (
    ASSUMED_DEVICE,
    catalogue,
    catalogue_device,
    find_device,
    rendered_devices,
    screen_size_mm,
    surface_size_mm,
)
from phonegrade.core.errors import AmbiguousDeviceError, DeviceNameError
from phonegrade.core.vocabulary import Surface


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("iphone 13 pro", "Apple iPhone 13 Pro"),
        ("iphone13pro", "Apple iPhone 13 Pro"),
        ("Apple iPhone 13 Pro Max", "Apple iPhone 13 Pro Max"),
        ("IPHONE-13-PRO 5G 128GB", "Apple iPhone 13 Pro"),
        ("Apple Apple iPhone SE (2022), 64 GB", "Apple iPhone SE (2022)"),
        ("iphone se 2016", "Apple iPhone SE"),
        ("SAMSUNG Galaxy S21 5G", "Samsung Galaxy S21 5G"),
        ("samsung samsung galaxy s21", "Samsung Galaxy S21 5G"),
        ("s21", "Samsung Galaxy S21 5G"),
        ("Galaxy S21 Plus 8GB/256GB", "Samsung Galaxy S21+ 5G"),
        ("galaxy s20 lte", "Samsung Galaxy S20"),
        ("Galaxy A52", "Samsung Galaxy A52"),
        ("Galaxy A52 5G", "Samsung Galaxy A52 5G"),
        ("redmi note 9s", "Xiaomi Redmi Note 9S"),
        ("Nokia 8.1", "Nokia 8.1 (Nokia X7)"),
    ],
)
def test_a_tolerant_name_finds_its_device(typed: str, name: str) -> None:
    assert find_device(typed).name == name


def test_every_device_is_found_by_its_own_name_and_year() -> None:
    wrong = []
    for device in catalogue()[::9]:
        try:
            match = find_device(device.name)
        except AmbiguousDeviceError:  # another one has the same name and a year
            match = find_device(f"{device.name} ({device.year})")
        if match != device:
            wrong.append(device.name)
    assert wrong == []


def test_a_stored_name_is_its_device_to_the_letter() -> None:
    assert all(catalogue_device(device.name) == device for device in catalogue()[::9])
    with pytest.raises(DeviceNameError):
        catalogue_device("apple iphone 13")


@pytest.mark.parametrize(
    ("typed", "fits"),
    [
        ("14 pro", ("Apple iPhone 14 Pro", "Xiaomi 14 Pro")),
        ("note10", ("Samsung Galaxy Note10", "Infinix Note 10")),
        ("iphone se", ("Apple iPhone SE (2016)", "Apple iPhone SE (2020)", "Apple iPhone SE (2022)")),
        ("Galaxy S21 SM-G998B", ("Samsung Galaxy S21 5G", "Samsung Galaxy S21 Ultra 5G")),
    ],
)
def test_a_tie_between_brands_years_or_name_and_code_is_ambiguous(typed: str, fits: tuple[str, ...]) -> None:
    with pytest.raises(AmbiguousDeviceError) as raised:
        find_device(typed)
    assert all(name in str(raised.value) for name in fits)


@pytest.mark.parametrize(
    "typed", ["iPhone 13 プロマックス", "iPhone X\u0280", "iPhone 12 \u041f\u0440\u043e", "iPhone 13 128GB 红"]
)
def test_letters_of_other_scripts_never_vanish(typed: str) -> None:
    with pytest.raises(DeviceNameError) as raised:
        find_device(typed)
    assert raised.value.code == "unknown_device"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("iPhone 15 Pro Max 256GB Natural Titanium A3106", "Apple iPhone 15 Pro Max"),
        ("iPhone 13 128GB Midnight", "Apple iPhone 13"),
        ("iPhone 13 128 Go", "Apple iPhone 13"),
        ("iPhone 13 (128GB) - Space Gray - Unlocked", "Apple iPhone 13"),
        ("iPhone 12 (PRODUCT)RED", "Apple iPhone 12"),
        ("iPhone XS Max 64", "Apple iPhone XS Max"),
        ("Samsung S9 Plus T-Mobile", "Samsung Galaxy S9+"),
        ("Samsung Galaxy S10+ 8/128 prism white dual sim", "Samsung Galaxy S10+"),
        ("iphone se 2", "Apple iPhone SE (2020)"),
        ("iPhone SE (3rd generation)", "Apple iPhone SE (2022)"),
        ("iPhone 10", "Apple iPhone X"),
        ("iPhone14,5", "Apple iPhone 13"),
        ("A2633", "Apple iPhone 13"),
        ("iPhone 13 A2633", "Apple iPhone 13"),
        ("SM-G998B/DS", "Samsung Galaxy S21 Ultra 5G"),
        ("Samsung SM-G998U1 Phantom Black", "Samsung Galaxy S21 Ultra 5G"),
    ],
)
def test_storage_colour_carrier_and_code_are_no_part_of_the_name(typed: str, name: str) -> None:
    assert find_device(typed).name == name


@pytest.mark.parametrize(
    "typed", ["iphnoe 13 pro", "Pixel 77", "", "5G", "samsung", "apple galaxy s21", "🤖", "x" * 300]
)
def test_an_unknown_name_is_refused(typed: str) -> None:
    with pytest.raises(DeviceNameError):
        find_device(typed)


def test_an_unknown_name_lists_the_nearest_five() -> None:
    with pytest.raises(DeviceNameError, match="nearest: Apple iPhone 13 Pro;") as raised:
        find_device("iphnoe 13 pro")
    assert str(raised.value).count(";") == 5
    assert raised.value.code == "unknown_device"


def test_an_ambiguous_name_lists_what_it_fits() -> None:
    with pytest.raises(AmbiguousDeviceError, match="Samsung Galaxy Note9") as raised:
        find_device("note 9")
    assert "Xiaomi Redmi Note 9;" in str(raised.value)
    assert raised.value.code == "ambiguous_device"


def test_the_assumed_body_is_the_median_of_recent_phones() -> None:
    recent = [device for device in rendered_devices() if device.year >= 2018]
    assert median(device.height_mm for device in recent) == pytest.approx(ASSUMED_DEVICE.height_mm)
    assert median(device.width_mm for device in recent) == pytest.approx(ASSUMED_DEVICE.width_mm)
    assert median(device.depth_mm for device in recent) == pytest.approx(ASSUMED_DEVICE.depth_mm)
    assert median(device.screen_in or 0.0 for device in recent) == pytest.approx(ASSUMED_DEVICE.screen_in)


def test_edges_lie_flat() -> None:
    device = find_device("iphone 13 pro")
    assert surface_size_mm(device, Surface.FRONT) == surface_size_mm(device, Surface.BACK) == (71.5, 146.7)
    assert surface_size_mm(device, Surface.LEFT) == surface_size_mm(device, Surface.RIGHT) == (146.7, 7.7)
    assert surface_size_mm(device, Surface.TOP) == surface_size_mm(device, Surface.BOTTOM) == (71.5, 7.7)


def test_the_screen_is_upright_and_has_the_stated_diagonal() -> None:
    size = screen_size_mm(find_device("iphone 13 pro"))
    assert size is not None
    width_mm, height_mm = size
    assert (width_mm**2 + height_mm**2) ** 0.5 == pytest.approx(6.1 * 25.4)
    assert height_mm / width_mm == pytest.approx(2532 / 1170)


def test_a_screen_whose_pixels_are_swapped_in_the_source_is_upright_too() -> None:
    size = screen_size_mm(find_device("Xperia XZ Premium"))
    assert size is not None
    assert size[1] > size[0]


@pytest.mark.parametrize("name", ["LG Stylus 2 Plus", "LG W41"])
def test_a_screen_that_the_catalogue_does_not_know_has_no_size(name: str) -> None:
    assert screen_size_mm(find_device(name)) is None


def test_every_screen_size_fits_its_body() -> None:
    for device in catalogue():
        size = screen_size_mm(device)
        assert size is None or (size[0] <= device.width_mm and size[1] <= device.height_mm)
