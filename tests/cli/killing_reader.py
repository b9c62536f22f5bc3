"""Reads device folders, and ends its process at one of them; a module of its own, so that workers can import it."""

import os
from pathlib import Path

from phonegrade.batch.grade_folders import DeviceInput
from phonegrade.cli.device_folders import read_device


def read_or_die(folder: Path) -> DeviceInput:
    """Read a folder, unless its name is "fatal"."""
    if folder.name == "fatal":
        os._exit(9)
    return read_device(folder)
