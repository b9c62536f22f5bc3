"""An operator's own devices are read strictly, and a size alone makes a device of that name."""

import pytest

from phonegrade.core.devices.catalogue import find_device
from phonegrade.core.devices.own_devices import device_of_size, read_own_devices
from phonegrade.core.devices.search import search_devices
from phonegrade.core.errors import DeviceNameError, DevicesFileError, UsageError

HEAD = "brand,model,year,height_mm,width_mm,depth_mm"
FILE = f"{HEAD}\nAcme,Brick 1,2024,160.5,75,8.1\n"


def test_own_devices_are_found_by_name_beside_the_catalogues() -> None:
    own = read_own_devices(FILE.encode(), "my.csv")
    device = find_device("acme brick 1", own)
    assert (device.name, device.height_mm, device.width_mm, device.depth_mm) == ("Acme Brick 1", 160.5, 75.0, 8.1)
    assert find_device("iphone 13", own).name == "Apple iPhone 13"
    with pytest.raises(DeviceNameError):
        find_device("acme brick 1")


def test_a_screen_a_byte_order_mark_and_spaces_are_read_too() -> None:
    text = f"{HEAD}, screen_in ,screen_height_px,screen_width_px\r\nAcme, Brick 2 ,2024,160,75,8,6.5,2400,1080\r\n"
    (device,) = read_own_devices(text.encode("utf-8-sig"), "my.csv")
    assert (device.name, device.screen_in, device.screen_height_px) == ("Acme Brick 2", 6.5, 2400)


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("", r"my\.csv, line 1: needs the columns"),
        ("brand,model\nAcme,1\n", r"line 1: needs the columns .* it has brand, model"),
        (f"{HEAD},colour\nAcme,1,2024,160,75,8,red\n", "line 1: needs the columns"),
        (f"{HEAD},year\nAcme,1,2024,160,75,8,2024\n", "line 1: needs the columns .* each once"),
        (f"{HEAD}\n", "holds no device"),
        (f"{HEAD}\nAcme,1,2024,160,75\n", "line 2: has not the 6 cells"),
        (f"{HEAD}\nAcme,1,2024,160,75,8,9\n", "line 2: has not the 6 cells"),
        (f"{HEAD}\nAcme,1,2024,160,,8\n", "line 2: width_mm: .*required"),
        (f"{HEAD}\nAcme,1,2024,160,seventy,8\n", "line 2: width_mm: .*'seventy'"),
        (f"{HEAD}\nAcme,1,2024,nan,75,8\n", "line 2: height_mm"),
        (f"{HEAD}\nAcme,1,2024,6.3,75,8\n", "line 2: height must be from 100 to 190 mm, got 6.3"),
        (f"{HEAD}\nAcme,1,2024,160,75,0.3\n", "line 2: thickness must be from 4 to 20 mm"),
        (f"{HEAD}\nAcme,1,2024,160,160,8\n", "line 2: width must be from 50 to 95 mm"),
        (f"{FILE}acme,brick 1,2024,161,75,8\n", "line 3: 'acme brick 1': line 2 has it already"),
        (f"{HEAD}\napple,iphone 13,2021,146,71,8\n", "line 2: 'apple iphone 13': the catalogue has it already"),
        (f'{HEAD}\nAcme,"1,2024,160,75,8\n', "line"),
    ],
)
def test_an_unusable_file_is_refused_by_file_and_line(text: str, reported: str) -> None:
    with pytest.raises(DevicesFileError, match=reported) as raised:
        read_own_devices(text.encode(), "my.csv")
    assert str(raised.value).startswith("my.csv")
    assert raised.value.code == "devices_file"


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(DevicesFileError, match=r"my\.csv: is not UTF-8 text"):
        read_own_devices(b"\xff\xfe\x00", "my.csv")


@pytest.mark.parametrize(
    "size", ["152.8x72x8.5", "152.8 X 72 x 8.5 mm", " 152.8*72*8.50", "152.8\N{MULTIPLICATION SIGN}72x8.5"]
)
def test_a_size_makes_a_device_that_is_named_after_it(size: str) -> None:
    device = device_of_size(size)
    assert device.name == "152.8 \N{MULTIPLICATION SIGN} 72 \N{MULTIPLICATION SIGN} 8.5 mm as given"
    assert (device.height_mm, device.width_mm, device.depth_mm) == (152.8, 72.0, 8.5)
    assert device.screen_in is None


@pytest.mark.parametrize(
    "size",
    ["", "152.8x72", "152.8x72x8.5x1", "1.2.3x72x8", "72x152.8x8.5", "6x2.8x0.3", "-152x72x8", "nanx72x8", "15e1x72x8"],
)
def test_a_size_that_no_phone_has_is_refused(size: str) -> None:
    with pytest.raises(UsageError):
        device_of_size(size)


def test_a_search_finds_names_and_codes_and_puts_the_model_itself_first() -> None:
    assert search_devices("pixel 7")[0].name == "Google Pixel 7"
    assert {"Google Pixel 7", "Google Pixel 7 Pro", "Google Pixel 7a"} <= {d.name for d in search_devices("pixel 7")}
    (device,) = search_devices("A2633")
    assert (device.name, device.year, device.height_mm) == ("Apple iPhone 13", 2021, 146.7)
    assert {"A2633", "iPhone14,5"} <= set(device.codes)


def test_a_search_finds_own_devices() -> None:
    assert search_devices("brick", read_own_devices(FILE.encode(), "my.csv"))[0].name == "Acme Brick 1"


@pytest.mark.parametrize("query", ["pixle 7", "", "???"])
def test_a_search_without_a_find_lists_the_nearest(query: str) -> None:
    with pytest.raises(DeviceNameError, match="nearest: "):
        search_devices(query)
