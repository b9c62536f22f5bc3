"""What the C library is told about memory, so that a step does not spend a third of its time on fresh pages."""

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of glibc's malloc.h
_LARGEST = 2**31 - 1
_PAD_BYTES = 256 * 2**20


def keep_freed_memory() -> bool:
    """Let this process keep and reuse the memory of large tensors; return whether its C library can be told so.

    glibc maps every tensor above 32 MB anew and gives it back when freed: half a million page faults a training step.
    What is kept is given back when the process ends.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return False  # another C library
    settings = ((_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _LARGEST), (_TOP_PAD, _PAD_BYTES))
    return [mallopt(name, value) for name, value in settings] == [1, 1, 1]
