"""Drawn pictures of phones' numbers, as they are photographed: screens, box labels, settings pages, engravings.

Each is drawn from a seed, with the font that Pillow brings along (Aileron, CC0) and with zxing-cpp's own barcodes.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import cv2
import numpy as np
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from phonegrade.core.arrays import RGB

Kind = Literal["dial_bars", "dial_text", "box", "settings", "engraving"]
Level = Literal["clean", "mild", "hard"]
KINDS: tuple[Kind, ...] = ("dial_bars", "dial_text", "box", "settings", "engraving")
LEVELS: tuple[Level, ...] = ("clean", "mild", "hard")
PER_KIND = 7
"""Pictures of each kind at each level: 105 in all."""
_BODIES = ("35", "86", "01", "99")
_MODELS = ("A2633", "A2483", "SM-G991B", "SM-S911B", "A2849", "GVU6C")
_ORDERS = ("MLPF3LL/A", "MLPG3ZD/A", "MPUF3QN/A")
_SERIAL_SIGNS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class DrawnLabel:
    """One picture and what stands on it."""

    kind: Kind
    level: Level
    rgb: RGB = field(repr=False)
    imeis: tuple[str, ...]
    serial: str | None = None
    eid: str | None = None
    gtin: str | None = None
    model: str | None = None

    @property
    def jpeg(self) -> bytes:
        """As a phone's camera would save it."""
        quality = {"clean": 95, "mild": 85, "hard": 70}[self.level]
        _, encoded = cv2.imencode(
            ".jpg", np.ascontiguousarray(self.rgb[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, quality]
        )
        return encoded.tobytes()

    @property
    def values(self) -> frozenset[str]:
        """Every number on it."""
        return frozenset(one for one in (*self.imeis, self.serial, self.eid, self.gtin) if one)


def drawn_labels(per_kind: int = PER_KIND) -> list[tuple[Kind, Level, int]]:
    """The kind, level and seed of every picture."""
    return [(kind, level, seed) for kind in KINDS for level in LEVELS for seed in range(per_kind)]


def drawn_label(kind: Kind, level: Level, seed: int) -> DrawnLabel:
    """Draw one picture."""
    rng = np.random.default_rng([KINDS.index(kind), LEVELS.index(level), seed])
    draw = {"dial_bars": _dial_bars, "dial_text": _dial_text, "box": _box, "settings": _settings}
    drawn = draw[kind](rng) if kind in draw else _engraving(rng)
    return DrawnLabel(kind, level, _degraded(drawn[0], level, rng), **drawn[1])


def imei(rng: np.random.Generator) -> str:
    """A number that could be an IMEI."""
    body = str(rng.choice(_BODIES)) + "".join(map(str, rng.integers(0, 10, 12)))
    return body + check_digit(body)


def check_digit(digits: str) -> str:
    """What Luhn's rule puts behind `digits`."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value if value < 10 else value - 9
    return str(-total % 10)


def eid(rng: np.random.Generator) -> str:
    """An EID with its check digits."""
    body = "89049032" + "".join(map(str, rng.integers(0, 10, 22)))
    return body + f"{98 - int(body + '00') % 97:02d}"


def gtin(rng: np.random.Generator) -> str:
    """A GTIN-13."""
    body = "19" + "".join(map(str, rng.integers(0, 10, 10)))
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def serial(rng: np.random.Generator) -> str:
    """A serial number with letters and digits."""
    return "F" + "".join(rng.choice(list(_SERIAL_SIGNS), 8)) + str(rng.integers(0, 10)) + "K7"


class _Page:
    def __init__(self, width: int, height: int, paper: tuple[int, int, int], ink: tuple[int, int, int]) -> None:
        self.image = Image.new("RGB", (width, height), paper)
        self._draw = ImageDraw.Draw(self.image)
        self._ink = ink

    def text(self, x: int, y: int, text: str, size: int) -> None:
        self._draw.text((x, y), text, font=ImageFont.load_default(size), fill=self._ink)

    def bars(self, x: int, y: int, text: str, width: int, height: int, kind: str = "Code128") -> None:
        code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
        modules = np.asarray(zxingcpp.write_barcode_to_image(code, 1))
        scale = max(1, width // modules.shape[1])
        row = np.repeat(modules[modules.shape[0] // 2][None], 1, 0)
        bars = np.asarray(Image.fromarray(row).resize((modules.shape[1] * scale, height), Image.Resampling.NEAREST))
        self.image.paste(Image.fromarray(bars), (x, y))

    @property
    def rgb(self) -> RGB:
        return np.asarray(self.image)


def _dial_bars(rng: np.random.Generator) -> tuple[RGB, dict[str, Any]]:
    page = _Page(900, 1200, (255, 255, 255), (20, 20, 20))
    numbers = tuple(imei(rng) for _ in range(int(rng.integers(1, 3))))
    page.text(60, 120, "Device information", 44)
    for index, number in enumerate(numbers):
        label = "IMEI" if len(numbers) == 1 else f"IMEI{index + 1}"
        y = 260 + index * 360
        page.text(70, y, label, 38)
        page.bars(60, y + 60, number, 780, 120)
        page.text(200, y + 200, number, 40)
    return page.rgb, {"imeis": numbers}


def _dial_text(rng: np.random.Generator) -> tuple[RGB, dict[str, Any]]:
    dark = bool(rng.integers(2))
    page = _Page(900, 1000, (28, 28, 30) if dark else (242, 242, 247), (235, 235, 235) if dark else (10, 10, 10))
    numbers = tuple(imei(rng) for _ in range(int(rng.integers(1, 3))))
    style = int(rng.integers(3))
    for index, number in enumerate(numbers):
        grouped = f"{number[:2]} {number[2:8]} {number[8:14]} {number[14]}"
        text = {
            0: f"IMEI{index + 1}{number}",
            1: f"IMEI: {grouped}",
            2: f"IMEI/MEID{number}" if index == 0 else f"IMEI2 {number} / 01",
        }[style]
        page.text(60, 240 + index * 160, text, 46)
    page.text(360, 760, "OK", 48)
    return page.rgb, {"imeis": numbers}


def _box(rng: np.random.Generator) -> tuple[RGB, dict[str, Any]]:
    page = _Page(1400, 1000, (250, 250, 248), (15, 15, 15))
    number, serial_number, card, trade = imei(rng), serial(rng), eid(rng), gtin(rng)
    order = str(rng.choice(_ORDERS))
    page.text(60, 40, f"iPhone 13, Midnight, 128GB   Model A2633   {order}", 34)
    for y, label, value, bars in (
        (120, f"(S) Serial No. {serial_number}", serial_number, "Code128"),
        (320, f"IMEI/MEID {number}", number, "Code128"),
        (520, f"EID {card}", card, "Code128"),
    ):
        page.text(60, y, label, 34)
        page.bars(40, y + 50, value, 900, 80, bars)
    page.text(60, 720, f"UPC {trade}", 34)
    page.bars(40, 770, trade, 420, 110, "EAN13")
    return page.rgb, {"imeis": (number,), "serial": serial_number, "eid": card, "gtin": trade, "model": "A2633"}


def _settings(rng: np.random.Generator) -> tuple[RGB, dict[str, Any]]:
    page = _Page(1000, 1100, (242, 242, 247), (20, 20, 22))
    number, serial_number, model = imei(rng), serial(rng), str(rng.choice(_MODELS))
    rows = (
        ("Model Number", model),
        ("Serial Number", serial_number),
        ("IMEI", f"{number[:2]} {number[2:8]} {number[8:14]} {number[14]}"),
        ("Software Version", "17.5.1"),
    )
    page.text(400, 60, "About", 46)
    for index, (label, value) in enumerate(rows):
        page.text(50, 220 + index * 130, label, 38)
        page.text(500, 220 + index * 130, value, 38)
    return page.rgb, {"imeis": (number,), "serial": serial_number, "model": model}


def _engraving(rng: np.random.Generator) -> tuple[RGB, dict[str, Any]]:
    tone = int(rng.integers(90, 170))
    step = int(rng.integers(28, 48))
    page = _Page(1000, 700, (tone, tone, tone + 4), (tone + step,) * 3)
    number = imei(rng)
    page.text(120, 240, "Designed in California   Model A2633", 26)
    page.text(120, 300, f"IMEI: {number}", 28)
    noise = rng.normal(0, 3, (700, 1000, 1))
    rgb = np.clip(page.rgb.astype(np.float32) + noise, 0, 255).astype(np.uint8)
    return rgb, {"imeis": (number,), "model": "A2633"}


def _degraded(rgb: RGB, level: Level, rng: np.random.Generator) -> RGB:
    """Photograph a page: from an angle, out of focus, with a lamp's reflection; nothing of that when clean."""
    if level == "clean":
        return rgb
    if level == "hard":
        rgb = np.asarray(cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    warp_px, blur = (25.0, 0.8) if level == "mild" else (30.0, 1.3)
    height, width = rgb.shape[:2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = (corners + rng.uniform(-warp_px, warp_px, (4, 2))).astype(np.float32)
    turn = cv2.getPerspectiveTransform(corners, moved)
    rgb = np.asarray(cv2.warpPerspective(rgb, turn, (width, height), borderValue=(60, 55, 50)), np.uint8)
    rgb = np.asarray(cv2.GaussianBlur(rgb, (0, 0), blur), np.uint8)
    if level == "hard":
        y, x = np.mgrid[0:height, 0:width]
        centre = rng.uniform(0.2, 0.8, 2) * (height, width)
        spot = 120 * np.exp(-(((y - centre[0]) / (0.25 * height)) ** 2 + ((x - centre[1]) / (0.25 * width)) ** 2))
        rgb = np.clip(rgb.astype(np.float32) + spot[..., None], 0, 255).astype(np.uint8)
    noise = rng.normal(0, 2 if level == "mild" else 4, rgb.shape)
    return np.clip(rgb.astype(np.float32) + noise, 0, 255).astype(np.uint8)
