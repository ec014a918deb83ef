"""Interrupted or terminated: the right code, and nothing left behind."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.combined import in_part
from tests.faults.process import (
    AT_SEARCH,
    CODES,
    PATIENCE,
    WORDS,
    data,
    environment,
    injected,
    stopped,
)

READY = """
import pathlib, signal
real = signal.signal
def told(number, handler):
    before = real(number, handler)
    if number == signal.SIGTERM:
        pathlib.Path({started!r}).touch()
    return before
signal.signal = told
"""  # it is there once signals are caught: before, the interpreter itself is still starting


@pytest.fixture
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file, outside of the folder that is looked at, that says that it is time."""
    return tmp_path_factory.mktemp("beside") / "started"


def audit(*more: str) -> list[str]:
    command = [sys.executable, "-m", "embaudit", "audit", "x.npy", "--labels", "y.npy"]
    return [*command, "-o", "report.json", *more]


@pytest.mark.parametrize("number", in_part(CODES))
def test_a_search_is_stopped(number: signal.Signals, tmp_path: Path, started: Path) -> None:
    env = injected(started.parent, AT_SEARCH.format(started=str(started)))["PYTHONPATH"]
    stopped(data(tmp_path, 60_000, 64), audit("--measures", "all"), number, started, env)


@pytest.mark.parametrize("number", CODES)
def test_a_call_that_never_returns_is_stopped(
    number: signal.Signals, tmp_path: Path, started: Path
) -> None:
    """One call into a library, in which no Python runs: a lock that nobody will open."""
    code = (
        "import ctypes, pathlib, embaudit.cli, embaudit.__main__ as entry\n"
        "def stuck():\n"
        "    library, lock = ctypes.CDLL(None), ctypes.create_string_buffer(256)\n"
        "    library.pthread_mutex_init(lock, None)\n"
        "    library.pthread_mutex_lock(lock)\n"
        f"    pathlib.Path({str(started)!r}).touch()\n"
        "    library.pthread_mutex_lock(lock)\n"
        "embaudit.cli.app = stuck\n"
        "entry.main()\n"
    )
    stopped(tmp_path, [sys.executable, "-c", code], number, started)


@pytest.mark.parametrize("number", CODES)
def test_a_library_that_wraps_the_signal_hides_nothing(
    number: signal.Signals, tmp_path: Path, started: Path
) -> None:
    code = (
        "import pathlib, time, embaudit.cli, embaudit.__main__ as entry\n"
        "def wrapping():\n"
        "    try:\n"
        f"        pathlib.Path({str(started)!r}).touch()\n"
        "        while True: time.sleep(30)\n"
        "    except BaseException as error: raise ValueError('wrapped') from error\n"
        "embaudit.cli.app = wrapping\n"
        "entry.main()\n"
    )
    stopped(tmp_path, [sys.executable, "-c", code], number, started)


@pytest.mark.soak
def test_fifty_interrupts_at_random_times(tmp_path: Path, started: Path) -> None:
    data(tmp_path, 60_000, 64)
    chance = random.Random(0)
    env = injected(started.parent, READY.format(started=str(started)))["PYTHONPATH"]
    for i in range(50):
        stopped(tmp_path, audit(), list(CODES)[i % 2], started, env, chance.uniform(0, 4))
        started.unlink()


FINALISERS = {
    "a weakref's callback": "class A: pass\na = A(); keep = weakref.ref(a, strike); del a",
    "__del__": "class A:\n    def __del__(self): strike(self)\nA()",
}


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("finaliser", FINALISERS)
def test_a_stop_inside_a_finaliser_is_no_traceback_and_comes_through(
    finaliser: str, number: signal.Signals, tmp_path: Path
) -> None:
    """It is raised again outside: the program unwinds, before patience is at an end."""
    code = (
        "import embaudit.cli, embaudit.__main__ as entry, os, time, weakref\n"
        "entry.PATIENCE = 100\n"
        f"def strike(_): os.kill(os.getpid(), {number.value}); time.sleep(0)\n"
        "def slow():\n"
        "    exec(FINALISER)\n"
        "    try: time.sleep(50)\n"
        "    finally: print('unwound', flush=True)\n"
        "embaudit.cli.app = slow\n"
        "entry.main()\n"
    )
    code = f"FINALISER = {FINALISERS[finaliser]!r}\n" + code.replace(
        "exec(FINALISER)", "exec(FINALISER, globals())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == CODES[number], done.stderr
    assert done.stdout == "unwound\n"
    assert done.stderr == f"{WORDS[number]}; nothing was written\n"
