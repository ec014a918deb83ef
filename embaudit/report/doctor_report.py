"""What embaudit finds where it runs: the machine, its libraries, and what stands in the way."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class BlasLibrary:
    """A library of dense algebra that is in force: whose it is, and what it computes with.

    architecture: the kernels that it chose, None where it does not tell.
    """

    of: str
    name: str
    version: str | None
    architecture: str | None
    threads: int


@dataclass(frozen=True)
class ExtraView:
    """An extra, whether all of it is installed, and the line that installs it."""

    name: str
    use: str
    installed: bool
    install: str


@dataclass(frozen=True)
class Trouble:
    """What costs time or memory, or looks worse than it could; and what to do about it."""

    id: str
    cause: str
    remedy: str


@dataclass(frozen=True)
class AuditCost:
    """What an audit of (rows, dim) float32 would take; memory in bytes, seconds at a guess.

    memory, seconds: None where it would be refused.
    """

    rows: int
    dim: int
    classes: int
    search: str
    memory: int | None
    disk: int
    seconds: float | None


@dataclass(frozen=True)
class Checkup:
    """Everything that is known of where embaudit runs.

    libraries: versions by name, None where one is missing. memory: bytes that an audit may take.
    encoding: of standard output. cost: of the shape that was asked about, if one was.
    """

    version: str
    python: str
    system: str
    libraries: Mapping[str, str | None]
    extras: tuple[ExtraView, ...]
    blas: tuple[BlasLibrary, ...]
    processors: int
    threads: int
    memory: int
    encoding: str
    cost: AuditCost | None
    problems: tuple[Trouble, ...]
