"""Mitsuba, with LLVM where this machine has one that works."""

import logging
import os
import re
from pathlib import Path
from types import ModuleType

from phonegrade.core.errors import SetupError

_LOG = logging.getLogger(__name__)
_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/opt/homebrew/opt/llvm/lib")
_OLDEST_LLVM = 16
"""Mitsuba's process aborts with LLVM 14 and 15 ("Cannot select fminimum")."""
REMEDY = "on Debian: sudo apt-get install libllvm19; elsewhere install LLVM 16 or newer, or set DRJIT_LIBLLVM_PATH"


def mitsuba() -> ModuleType:
    """The module `mitsuba` with its variant set: llvm_ad_rgb, or the seven times slower scalar_rgb without LLVM.

    Raises SetupError without the `render` extra.
    """
    llvm = os.environ.get("DRJIT_LIBLLVM_PATH") or find_llvm()
    if llvm is not None:
        os.environ["DRJIT_LIBLLVM_PATH"] = str(llvm)
    try:
        import mitsuba as mi
    except ModuleNotFoundError as error:
        raise SetupError(
            "path tracing needs mitsuba: pip install 'phonegrade[render]' (in a clone: pip install -e '.[render]'), "
            "or render with --route rasterised"
        ) from error
    if mi.variant() is None:
        if llvm is None:
            _LOG.warning(
                "no LLVM of version %d or newer: tracing is about seven times slower; %s", _OLDEST_LLVM, REMEDY
            )
        mi.set_variant("scalar_rgb" if llvm is None else "llvm_ad_rgb")
    return mi


def find_llvm(folders: tuple[str, ...] = _FOLDERS) -> Path | None:
    """The newest libLLVM in `folders` that Mitsuba can use, or None."""
    libraries = {}
    for folder in folders:
        for path in Path(folder).glob("libLLVM*"):
            version = re.search(r"libLLVM(?:-|\.so\.|\.)(\d+)", path.name)
            if version and int(version[1]) >= _OLDEST_LLVM:
                libraries[int(version[1]), path.name] = path
    return libraries[max(libraries)] if libraries else None
