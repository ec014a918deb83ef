"""embaudit as a process of its own, in a folder with data, under whatever fault a test likes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from tests.faults.forked import Forker

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
PATIENCE = 600  # seconds after which a process hangs, however busy the machine is
QUICK = ("--measures", "violating_anchors", "--no-progress")
PASSING, FAILING = "violating_anchors <= 1", "violating_anchors > 1"
AUDIT = ("audit", "x.npy", "--labels", "y.npy", *QUICK)


def data(folder: Path, rows: int = 120, dim: int = 8) -> Path:
    """x.npy and y.npy: six overlapping classes."""
    rng = np.random.default_rng(0)
    np.save(folder / "x.npy", rng.normal(size=(rows, dim)).astype(np.float32))
    np.save(folder / "y.npy", np.arange(rows) % 6)
    return folder


def environment(**changes: str) -> dict[str, str]:
    own = os.pathsep.join(sys.path)
    path = changes.pop("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{own}" if path else own, **changes}


FORKER = Forker()


def embaudit(
    folder: Path,
    *arguments: object,
    python: Iterable[str] = (),
    env: Mapping[str, str] | None = None,
    timeout: float = PATIENCE,
    before: str = "",
    **options: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run it. python: options of the interpreter. env: changes to the environment.

    before: code that runs before it does, with everything imported: see `injected` for what has to
    be earlier. In a fresh interpreter where something about one is asked for, else in a forked one.
    """
    changed, words = environment(**(env or {})), list(map(str, arguments))
    if not python and not options and hasattr(os, "fork") and FORKER.suits(changed, environment()):
        return FORKER.run(folder, words, changed, timeout, before)
    with tempfile.TemporaryDirectory() as beside:  # the folder is compared with what it was
        if before:
            first = injected(Path(beside), before)["PYTHONPATH"]
            changed["PYTHONPATH"] = os.pathsep.join((first, changed["PYTHONPATH"]))
        return subprocess.run(
            [sys.executable, *python, "-m", "embaudit", *words],
            cwd=folder,
            env=changed,
            timeout=timeout,
            **{"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
        )


def told(done: "subprocess.CompletedProcess[str]", code: int) -> str:
    """It ended with that code, in words for people."""
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in (done.stderr or "")
    return done.stderr


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def injected(folder: Path, code: str) -> dict[str, str]:
    """An environment in which `code` runs before embaudit does."""
    (folder / "inject").mkdir(exist_ok=True)
    (folder / "inject" / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder / "inject")}


AT_SEARCH = """
import pathlib, embaudit.evidence as e
real = e.Evidence.__init__
def told(*a, **k):
    real(*a, **k)
    pathlib.Path({started!r}).touch()
e.Evidence.__init__ = told
"""


def waited_for(path: Path, process: "subprocess.Popen[Any]") -> None:
    """Until the file is there, which a process writes; it fails if that ends before."""
    begun = time.monotonic()
    while not path.exists():
        assert process.poll() is None, "it was over before it could be stopped"
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.05)


def stopped(
    folder: Path,
    command: list[str],
    number: signal.Signals,
    when: Path,
    env: str = "",
    after: float = 0.0,
) -> None:
    """Send the signal some seconds after a file is there: the right code, and nothing is left."""
    before = names(folder)
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment(PYTHONPATH=env, TMPDIR=str(folder)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    waited_for(when, process)
    time.sleep(after)
    assert process.poll() is None, "it was over before it could be stopped"
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == CODES[number], said
    assert said.endswith(f"{WORDS[number]}; nothing was written\n")
    assert "Traceback" not in said
    assert "Aborted" not in said
    assert names(folder) == before
