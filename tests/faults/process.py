"""embaudit as a process of its own, in a folder with data, under whatever fault a test likes."""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

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


def embaudit(
    folder: Path, *arguments: object, python: Iterable[str] = (), **options: Any
) -> "subprocess.CompletedProcess[str]":
    """Run it. python: options of the interpreter. env: changes to the environment."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120, **options}
    return subprocess.run(
        [sys.executable, *python, "-m", "embaudit", *map(str, arguments)],
        cwd=folder,
        text=True,
        **{**options, "env": environment(**options.get("env", {}))},
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
