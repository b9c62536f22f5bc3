"""`phonegrade` with a planted leak: what a soak must catch, or it proves nothing.

    python benchmarks/serving/leaking.py serve --port 8000

Every process keeps PHONEGRADE_LEAK_KB kilobytes for each photo that it takes in hand; one that is spawned runs this
file again, as `multiprocessing` does with the main one, and so leaks as well.
"""

import os

from phonegrade.cli.main import main
from phonegrade.core.photo_file import PhotoFile

LEAK_KB = "PHONEGRADE_LEAK_KB"
_kept: list[bytes] = []
_hashed = PhotoFile.__post_init__


def _leaky(self: PhotoFile) -> None:
    _hashed(self)
    _kept.append(os.urandom(1000) * int(os.environ[LEAK_KB]))


def plant() -> None:
    """Let this process leak from now on."""
    PhotoFile.__post_init__ = _leaky  # type: ignore[method-assign]


if __name__ in ("__main__", "__mp_main__"):
    plant()
if __name__ == "__main__":
    main()
