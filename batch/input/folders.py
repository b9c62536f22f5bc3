"""A folder of device folders, the same in a .zip file, or below a URL: one device a folder with photos."""

from collections import defaultdict
from pathlib import Path, PurePosixPath

from phonegrade.batch.input.device_files import is_photo_name, sort_device_files
from phonegrade.batch.input.places import PlacedFile, find_files
from phonegrade.batch.input.stock import Problem, Stock, StockDevice, StockPhoto
from phonegrade.core.errors import InputError, UsageError


def stock_of_folders(source: str) -> Stock:
    """Return the devices below `source`: every folder that holds photos is one, called by its path from there.

    A folder whose files contradict each other is a device that cannot be graded. Raises UsageError where there is no
    photo at all, and what `find_files` raises.
    """
    folders: dict[str, dict[str, PlacedFile]] = defaultdict(dict)
    for path, file in find_files(source):
        parent, _, name = path.rpartition("/")
        folders[parent][name] = file
    stock = Stock()
    for folder, files in sorted(folders.items()):
        if any(is_photo_name(name) for name in files):
            device = folder or PurePosixPath(Path(source).stem if "://" not in source else source).name
            _add(stock, device, files)
    if not stock.devices:
        raise UsageError(f"{source}: no folder in it holds a photo named front.jpg, back.jpg, left.jpg ... bottom.jpg")
    return stock


def _add(stock: Stock, folder: str, files: dict[str, PlacedFile]) -> None:
    device = stock.devices.setdefault(folder, StockDevice(folder))
    try:
        chosen = sort_device_files(folder, files)
    except InputError as error:
        device.error = error
        return
    stock.problems += [Problem("left_out", text, device=folder) for text in chosen.left_out]
    device.functional = None if chosen.functional is None else files[chosen.functional].location
    device.photos = [
        StockPhoto(surface, files[name].location, name, None, files[name].size_bytes, files[name].stamp)
        for surface, names in chosen.photos.items()
        for name in names
    ]
