"""A receipt as one printed page."""

import io
import json
from collections.abc import Iterator
from functools import cache

from phonegrade.core.extras import needs_extra
from phonegrade.journeys.receipt import Receipt
from phonegrade.service.web_files import web_files

_PAGE = "receipt"
_MARGIN, _WIDTH, _TOP = 56.0, 595.0, 786.0
_LABEL_WIDTH, _QR = 150.0, 96.0
_JAPANESE = "HeiseiKakuGo-W5"
"""One of the fonts that every reader of PDF has, for Japanese; it is not embedded."""


def receipt_pdf(receipt: Receipt, signed: bytes, address: str, language: str) -> bytes:
    """Return the receipt as a PDF of one A4 page in a language; `address` is where the signed record is.

    Raises SetupError without reportlab.
    """
    with needs_extra("platform", "with --data"):
        from reportlab.graphics import renderPDF
        from reportlab.graphics.barcode.qr import QrCodeWidget
        from reportlab.graphics.shapes import Drawing
        from reportlab.lib.utils import simpleSplit
        from reportlab.pdfgen.canvas import Canvas
    plain, bold = _fonts(language)
    written = io.BytesIO()
    page = Canvas(written, pagesize=(_WIDTH, 842), invariant=True)
    page.setTitle(_word(language, "receipt.title"))
    page.setFont(bold, 22)
    page.drawString(_MARGIN, _TOP, _word(language, "receipt.title"))
    code = QrCodeWidget(address, barWidth=_QR, barHeight=_QR)
    drawing = Drawing(_QR, _QR)
    drawing.add(code)
    renderPDF.draw(drawing, page, _WIDTH - _MARGIN - _QR, _TOP - _QR + 20)
    y = _TOP - 40
    for label, text in _lines(receipt, signed, address, language):
        small = label.startswith("~")
        size = 7 if small else 10
        lines = simpleSplit(text, plain, size, _WIDTH - 2 * _MARGIN - _LABEL_WIDTH - (_QR if y > _TOP - _QR else 0))
        page.setFont(bold, size)
        page.drawString(_MARGIN, y, label.removeprefix("~"))
        page.setFont(plain, size)
        for line in lines or [""]:
            page.drawString(_MARGIN + _LABEL_WIDTH, y, line)
            y -= size + 5
        y -= 3
    page.save()
    return written.getvalue()


def _lines(receipt: Receipt, signed: bytes, address: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield label and text of each line; a label that begins with ~ is set small."""

    def word(key: str) -> str:
        return _word(language, key)

    storage = "" if receipt.storage_gb is None else f", {receipt.storage_gb} GB"
    yield word("receipt.phone"), f"{receipt.device or '-'}{storage}"
    for one in receipt.numbers:
        yield one.kind.upper(), f"... {one.last4}"
    yield word("receipt.at"), f"{receipt.at:%Y-%m-%d %H:%M} UTC"
    if receipt.grade is None:
        yield word("receipt.grade"), word("receipt.later")
    else:
        yield word("receipt.grade"), receipt.grade.grade or "-"
        for reason in receipt.grade.reasons:
            yield "", reason.text if reason.surface is None else f"{reason.surface}: {reason.text}"
    if receipt.offer is not None:
        amount = f"{receipt.offer.amount} {receipt.offer.currency}"
        yield word("receipt.offer"), f"{amount}, " + word("receipt." + receipt.offer.state)
        yield word("receipt.until"), f"{receipt.offer.valid_until:%Y-%m-%d %H:%M} UTC"
    yield "~" + word("receipt.case"), receipt.case
    if receipt.grade is not None:
        yield "~" + word("receipt.rules"), f"{receipt.grade.policy.name} {receipt.grade.policy.version}"
        for surface, sha256 in receipt.grade.photos.items():
            yield f"~SHA-256 {surface}", sha256
    content = json.loads(signed)
    yield "~" + word("receipt.key"), content["key"]
    yield "~" + word("receipt.signature"), content["signature"]
    yield "~" + word("receipt.check"), f"{address}?as=json"


@cache
def _fonts(language: str) -> tuple[str, str]:
    if language != "ja":
        return "Helvetica", "Helvetica-Bold"
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont

    pdfmetrics.registerFont(UnicodeCIDFont(_JAPANESE))
    return _JAPANESE, _JAPANESE


def _word(language: str, key: str) -> str:
    return web_files().word(_PAGE, language, key)
