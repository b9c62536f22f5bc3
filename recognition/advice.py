"""What to say to the person who holds the phone: what was read, how often, and what to do next; never the number."""

from collections.abc import Sequence

from phonegrade.recognition.acceptance import Judged
from phonegrade.recognition.identification import ReadModel, ReadNumber, Verdict
from phonegrade.recognition.models import MeantModel
from phonegrade.recognition.parsing import Parsed

_NAMES = {"imei": "IMEI", "meid": "MEID", "eid": "EID", "serial": "serial number", "gtin": "GTIN"}
_AGAIN = "photograph it again, closer and without glare, or type it"
_NOTHING = "nothing was read: dial *#06# and photograph that screen, straight from above, so that it fills the picture"
_NO_PRINT = "; print is not read here, for the extra 'ocr' is not installed"


def name_of(one: Judged) -> str:
    """Return what a number is called, with its slot where its label says it."""
    slot = "" if one.parsed.slot is None else f" {one.parsed.slot}"
    return f"{_NAMES[one.parsed.kind]}{slot}"


def number_advice(one: Judged) -> str:
    """Return what is to be done about one number."""
    name, last4 = name_of(one), one.parsed.value[-4:]
    by = " and ".join(sorted({"barcode" if read.reader == "barcode" else "print" for read in one.reads}))
    times = f"read {'once' if one.agreeing == 1 else f'{one.agreeing} times'} ({by})"
    match one.why:
        case None:
            return f"{name} ending in {last4}: {times}, and the reads agree"
        case "one_read":
            return f"{name} ending in {last4}: {times}; compare it with the phone, or photograph it again"
        case "reads_disagree":
            return f"{name} ending in {last4}: another number was read at the same place; compare it with the phone"
        case "no_check_digit":
            return f"{name} ending in {last4}: {times}; it has no check digit, so compare every character"
        case "too_many":
            return f"{name} ending in {last4}: more numbers are here than one phone has; photograph one phone alone"
        case "check_digit":
            return f"{name}: {times}, but its check digit is wrong; {_AGAIN}"
        case _:
            return f"{name}: {times}, but no phone's number begins so; {_AGAIN}"


def model_advice(parsed: Parsed, meant: MeantModel, verdict: Verdict, agreeing: int) -> str:
    """Return what is to be done about a model code."""
    if verdict == "unusable":
        return f"{parsed.value}: no device of the catalogue has this code; name the device"
    devices = " or ".join(meant.devices)
    if verdict == "confirm":
        return f"{parsed.value}, {devices}: read once; confirm it"
    if len(meant.devices) > 1:
        return f"{parsed.value}: read {agreeing} times; it may be {devices}, say which"
    return f"{parsed.value}, {devices}: read {agreeing} times"


def photo_advice(numbers: Sequence[ReadNumber], models: Sequence[ReadModel], *, reads_print: bool) -> str:
    """Return what to do next, in one sentence."""
    verdicts = {one.verdict for one in numbers}
    if "accepted" in verdicts:
        rest = ", the others are to be confirmed" if "confirm" in verdicts else ""
        return f"{sum(one.verdict == 'accepted' for one in numbers)} numbers were read{rest}".replace(
            "1 numbers were", "1 number was"
        )
    if "confirm" in verdicts:
        return "please confirm: compare the last four characters with the picture, or photograph it again"
    if "unusable" in verdicts:
        return f"a number is there but cannot be right; {_AGAIN}"
    if models:
        return "no number was read, only the model; dial *#06# and photograph that screen"
    return _NOTHING + ("" if reads_print else _NO_PRINT)
