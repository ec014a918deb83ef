"""The corpus: named inputs in every form, and what loading them must give or say.

`CASES` is all of them. A case builds its files in a directory and returns the arguments of
`embaudit.load`; it is accepted (with these notices) or refused (with these words).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

X = np.random.default_rng(7).standard_normal((20, 4)).astype(np.float32)
Y = np.array([3, -1, 3, 8, 8, -1, 3, 3, 8, -1] * 2)
NAMES = [{3: "cat", -1: "dog", 8: 'o\'hare, "jr"'}[label] for label in Y.tolist()]

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """says: words a refusal must contain; none for an accepted case. notices: codes, in order."""

    name: str
    build: Callable[[Path], Arguments]
    says: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def npy(path: Path, array: Any) -> Path:
    np.save(path, array, allow_pickle=True)
    return path


def raw(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def files(build: Callable[[Path], Any]) -> Callable[[Path], Arguments]:
    """Embeddings that `build` makes, with sound labels in a file of their own."""
    return lambda tmp: {"path": build(tmp), "labels": npy(tmp / "y.npy", Y)}


def labels(build: Callable[[Path], Any]) -> Callable[[Path], Arguments]:
    """Labels that `build` makes, with sound embeddings in a file of their own."""
    return lambda tmp: {"path": npy(tmp / "x.npy", X), "labels": build(tmp)}


def alone(build: Callable[[Path], Any], **columns: str) -> Callable[[Path], Arguments]:
    """One path that holds everything."""
    return lambda tmp: {"path": build(tmp), **columns}


def cases() -> Iterator[Case]:
    """Of every file `cases_NAME.py` beside this one."""
    for path in sorted(Path(__file__).parent.glob("cases_*.py")):
        yield from import_module(f"tests.files.{path.stem}").CASES
