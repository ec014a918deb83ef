"""Faults injected into every call that writes an output: old or new, never torn, never exit 0 or 1.

The fault strikes inside a real run, in the process that writes; `os._exit` stands for a kill.
"""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.combined import in_part
from tests.faults.process import AUDIT, PASSING, data, embaudit, names, told

CALLS = ("open", "write", "fsync", "fstat", "chmod", "replace", "close")
FAULTS = ("ENOSPC", "EIO", "short", "kill")

# Strikes the first call about the temporary file (`.report.json.*.tmp`) or its descriptor.
INJECTION = """
import errno, io, os, sys
CALL, FAULT = {call!r}, {fault!r}
watched = set()

def strike(real, args, kwargs):
    if FAULT == "kill":
        os._exit(137)
    if FAULT == "short":
        if CALL == "write":
            return real(args[0], bytes(args[1])[:7])
        if CALL == "fsync":  # the disk says yes and keeps a part
            os.ftruncate(args[0], 7)
            return real(*args, **kwargs)
    raise OSError(getattr(errno, FAULT, errno.EIO), os.strerror(getattr(errno, FAULT, errno.EIO)))

def about(args):
    first = args[0] if args else None
    return first in watched or (isinstance(first, (str, os.PathLike)) and ".tmp" in str(first))

def wrap(name):
    real = getattr(os, name)
    def call(*args, **kwargs):
        if name == CALL and about(args):
            return strike(real, args, kwargs)
        out = real(*args, **kwargs)
        if name == "open" and about(args):
            watched.add(out)
        return out
    setattr(os, name, call)

for name in ("open", "write", "fsync", "fstat", "chmod", "replace"):
    wrap(name)

class Raw(io.FileIO):
    def write(self, data):
        if CALL == "write":
            done = strike(lambda _, part: io.FileIO.write(self, part), (self.fileno(), data), {{}})
            return done
        return super().write(data)
    def close(self):
        if CALL == "close" and not self.closed and FAULT != "short":
            super().close()
            strike(None, (), {{}})
        return super().close()

import builtins
real_open = builtins.open
def opened(file, mode="r", *args, **kwargs):
    if file in watched and "w" in mode:
        return io.BufferedWriter(Raw(file, "w"))
    return real_open(file, mode, *args, **kwargs)
builtins.open = opened
"""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("fault", in_part(FAULTS, 4))
def test_old_or_new_never_torn(call: str, fault: str, tmp_path: Path) -> None:
    data(tmp_path)
    (tmp_path / "report.json").write_text("the old report")
    strike = INJECTION.format(call=call, fault=fault)
    before = names(tmp_path)
    done = embaudit(tmp_path, *AUDIT, "-q", "--gate", PASSING, "-o", "report.json", before=strike)
    left = (tmp_path / "report.json").read_text()
    if left != "the old report":
        json.loads(left)
    if done.returncode in (0, 1):
        # a short write is taken up again, and closing in time harms nothing
        assert json.loads(left)["gate"]["verdict"] == "pass"
        assert fault == "short"
    elif fault == "kill":
        assert done.returncode == 137
    else:
        assert "report.json: cannot be written" in told(done, 5)
        assert left == "the old report"
    if fault != "kill":  # nobody can tidy up after a kill; the name says that it may go
        assert names(tmp_path) == before


def test_what_was_written_before_a_failure_is_said(tmp_path: Path) -> None:
    data(tmp_path)
    full = (
        "import os\nreal = os.replace\n"
        "def replace(a, b):\n"
        "    if str(b).endswith('.md'): raise OSError(28, 'No space left on device')\n"
        "    real(a, b)\n"
        "os.replace = replace\n"
    )
    done = embaudit(tmp_path, *AUDIT, "-o", "a.json", "-o", "b.md", "-o", "c.json", before=full)
    assert "Already written: a.json" in told(done, 5)
    assert {"a.json"} == names(tmp_path) & {"a.json", "b.md", "c.json"}


def test_outputs_of_one_run_share_their_id(tmp_path: Path) -> None:
    data(tmp_path)
    told(embaudit(tmp_path, *AUDIT, "-o", "a.json", "-o", "b.md"), 0)
    run = json.loads((tmp_path / "a.json").read_text())["run_id"]
    assert run[:12] in (tmp_path / "b.md").read_text()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_signal_while_writing(name: str, code: int, moment: str, tmp_path: Path) -> None:
    data(tmp_path)
    number = getattr(signal, name).value
    strike = (
        f"import os\nreal = os.{moment}\n"
        f"def strike(*a): os.kill(os.getpid(), {number}); return real(*a)\n"
        f"os.{moment} = strike\n"
    )
    before = names(tmp_path)
    done = embaudit(tmp_path, *AUDIT, "-o", "report.json", before=strike)
    told(done, code)
    assert names(tmp_path) - before <= {"report.json"}
    if os.path.exists(tmp_path / "report.json"):
        json.loads((tmp_path / "report.json").read_text())


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_signal_while_a_disk_is_slow_leaves_no_temporary_file(
    name: str, code: int, call: str, tmp_path: Path
) -> None:
    """The call does not return, whatever is raised; by then nothing else can tidy up."""
    number = getattr(signal, name).value
    slow = "import os, signal, time\nfrom embaudit.files import atomic_write\n"
    slow += "def stuck(*a):\n"
    slow += f"    os.kill(os.getpid(), {number})\n"
    slow += "    while True:\n"
    slow += "        try: time.sleep(100)\n"
    slow += "        except BaseException: pass\n"
    if call == "fsync":
        slow += "os.fsync = stuck\n"
    else:
        slow += "class Slow:\n"
        slow += "    def __init__(self, handle): self.handle = handle\n"
        slow += "    def __enter__(self): return self\n"
        slow += "    def __exit__(self, *a): self.handle.close()\n"
        slow += (
            "    def write(self, data): self.handle.write(data[:9]); self.handle.flush(); stuck()\n"
        )
        slow += "atomic_write.open = lambda *a: Slow(open(*a))\n"
    before = names(data(tmp_path))
    done = embaudit(tmp_path, *AUDIT, "-o", "report.json", before=slow)
    assert told(done, code).endswith("; nothing was written\n")
    assert names(tmp_path) == before


def test_a_signal_after_the_first_file_says_that_it_is_there(tmp_path: Path) -> None:
    data(tmp_path)
    strike = (
        "import os, signal\nreal = os.fsync\ncalls = []\n"
        "def strike(file):\n"
        "    calls.append(file)\n"
        "    if len(calls) == 3: os.kill(os.getpid(), signal.SIGINT)\n"  # the second is a folder's
        "    return real(file)\n"
        "os.fsync = strike\n"
    )
    done = embaudit(tmp_path, *AUDIT, "-o", "a.json", "-o", "b.md", before=strike)
    assert told(done, 130) == "interrupted; written: a.json\n"
    assert {"a.json"} == names(tmp_path) & {"a.json", "b.md"}
