"""Memory of a worker: Dask has malloc give all back at once, which costs us half of our time."""

import ctypes
import os
from contextlib import suppress

import psutil

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's numbers of these parameters
KEPT, MAPPED = 256 << 20, 32 << 20  # bytes: free on top of the heap; of what is mapped by itself
SHARE = 16  # parts of a worker's memory, of which no more than one is kept
FULL = 0.65  # of a worker's memory
USUAL = 128 << 10  # glibc's own value of both
VARIABLE = "MALLOC_TRIM_THRESHOLD_"


def keep(memory: int) -> None:
    """Let malloc hold on to what tasks give back: the next one takes as much.

    memory: bytes that the worker may take.
    """
    _set(min(KEPT, memory // SHARE), min(MAPPED, memory // SHARE))


def relieve(memory: int) -> None:
    """Give back what is free, where little is left of a worker's memory: Dask pauses it at 80 %."""
    if psutil.Process().memory_info().rss > FULL * memory:
        _trim()


def give_back() -> None:
    """Let it do as before, and give back what is free."""
    _set(int(os.environ.get(VARIABLE, USUAL)), USUAL)
    _trim()


def _trim() -> None:
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def _set(trim: int, mmap: int) -> None:
    with suppress(AttributeError, OSError):  # only glibc has this
        libc = ctypes.CDLL(None)
        libc.mallopt(TRIM_THRESHOLD, trim)
        libc.mallopt(MMAP_THRESHOLD, mmap)
