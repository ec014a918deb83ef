"""Threads of the program take memory from one heap."""

import platform
import subprocess
import sys

import pytest

HEAPS = """
import ctypes, sys, threading
from embaudit.__main__ import _share_one_heap
if sys.argv[1] == "shared":
    _share_one_heap()
c = ctypes.CDLL(None)
c.malloc.restype = c.fdopen.restype = ctypes.c_void_p
all_there = threading.Barrier(4)
def take():
    all_there.wait()
    c.malloc(1 << 16)
    all_there.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
for one in threads:
    one.start()
for one in threads:
    one.join()
out = ctypes.c_void_p(c.fdopen(1, b"w"))
c.malloc_info(0, out)
c.fflush(out)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has many heaps")
def test_threads_share_one_heap() -> None:
    def heaps(how: str) -> int:
        done = subprocess.run([sys.executable, "-c", HEAPS, how], capture_output=True, text=True)
        return done.stdout.count("<heap nr=")

    assert heaps("shared") == 1
    assert heaps("apart") > 1


def test_arrow_takes_memory_from_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ARROW_DEFAULT_MEMORY_POOL", raising=False)
    shared = "from embaudit.__main__ import _share_one_heap; _share_one_heap()"
    asked = "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    done = subprocess.run([sys.executable, "-c", f"{shared}; {asked}"], capture_output=True)
    assert done.stdout.strip() == b"system"
