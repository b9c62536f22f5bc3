"""Whether an HEVC decoder had to invent a part of a picture.

libheif does not pass on the warnings of its decoder, libde265, even in strict mode: a picture of which half was
destroyed comes back whole, with invented pixels. So the decoder is run again, by itself, and its warnings are read. It
is the very library that pillow-heif brings along.
"""

import ctypes
import re
import sys
from ctypes import POINTER, c_char_p, c_int, c_int64, c_void_p
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from phonegrade.core.errors import SetupError
from phonegrade.inference.photo.heif_items import CodedPicture

_BENIGN = frozenset({1000, 1001, 1022, 1024, 1025})
"""Warnings of threads, buffers and side information, which cost no pixel (`de265_error` in libde265's de265.h)."""
_DISABLE_DEBLOCKING, _DISABLE_SAO = 7, 8
"""Filters that only smooth what was decoded: without them the question is answered sooner."""
_FORBIDDEN = re.compile(rb"\0\0[\0-\2]")
"""What no NAL unit may hold (ITU-T H.265, 7.4.2): emulation prevention keeps it out."""
_ERASED = b"\xff" * 64
"""Erased flash memory; the bits of an arithmetic coder never run on like this."""
_FIRST_PARAMETER_SET = 32
"""NAL units of lower types are slices."""
_MOST_STEPS = 100_000
_WANTED = "de265_new_decoder"


def invented(picture: CodedPicture) -> str | None:
    """Return what the decoder had to conceal in `picture`, in its words; None for a picture that is whole.

    Raises SetupError where this installation's decoder cannot be run.
    """
    slices = [nal for nal in picture.nals if nal[0] >> 1 & 63 < _FIRST_PARAMETER_SET]
    if any(_FORBIDDEN.search(nal) or _ERASED in nal for nal in slices):
        return "a part of the picture was written over"
    library = _library()
    decoder = library.de265_new_decoder()
    try:
        for parameter in (_DISABLE_DEBLOCKING, _DISABLE_SAO):
            library.de265_set_parameter_bool(decoder, parameter, 1)
        for nal in picture.nals:
            library.de265_push_NAL(decoder, nal, len(nal), 0, None)
        library.de265_flush_data(decoder)
        return _problem(library, decoder)
    finally:
        library.de265_free_decoder(decoder)


def _problem(library: ctypes.CDLL, decoder: int) -> str | None:
    more, pictures = c_int(1), 0
    for _ in range(_MOST_STEPS):
        more.value = 0
        error = library.de265_decode(decoder, ctypes.byref(more))
        while warning := library.de265_get_warning(decoder):
            if warning not in _BENIGN:
                return _text(library, warning)
        while library.de265_get_next_picture(decoder):
            pictures += 1
        if error:
            return _text(library, error)
        if not more.value:
            return None if pictures else "no picture came out"
    return "it has no end"


def _text(library: ctypes.CDLL, code: int) -> str:
    return (library.de265_get_error_text(code) or b"?").decode("ascii", "replace")


@cache
def _library() -> ctypes.CDLL:
    """libde265, through pillow-heif's own module, which links it, or beside it."""
    module = Path(_module())
    beside = sorted((module.parent / "pillow_heif.libs").glob("*de265*")) if sys.platform == "win32" else []
    for file in (module, *beside):
        library = ctypes.CDLL(str(file))
        if hasattr(library, _WANTED):
            return _declared(library)
    raise SetupError(
        "HEIC photos cannot be checked for damage: this build of pillow-heif hides its decoder libde265; install its "
        "wheel (pip install --force-reinstall pillow-heif), or send JPEG photos"
    )


def _module() -> str:
    spec = find_spec("_pillow_heif")
    return "" if spec is None or spec.origin is None else spec.origin


def _declared(library: ctypes.CDLL) -> ctypes.CDLL:
    library.de265_new_decoder.restype = c_void_p
    library.de265_get_next_picture.restype = c_void_p
    library.de265_get_error_text.restype = c_char_p
    library.de265_push_NAL.argtypes = [c_void_p, c_char_p, c_int, c_int64, c_void_p]
    library.de265_set_parameter_bool.argtypes = [c_void_p, c_int, c_int]
    library.de265_decode.argtypes = [c_void_p, POINTER(c_int)]
    for name in ("de265_free_decoder", "de265_flush_data", "de265_get_warning", "de265_get_next_picture"):
        getattr(library, name).argtypes = [c_void_p]
    return library
