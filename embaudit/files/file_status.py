"""A file before anyone parses it: that it is there, is regular, and stays as it was."""

import hashlib
import os
import stat
from dataclasses import dataclass, field
from functools import cached_property
from io import BufferedReader
from typing import Literal
from urllib.parse import unquote

from embaudit.core.location import AnyPath, Location, located
from embaudit.data.finite_values import BLOCK_BYTES
from embaudit.errors import InputRefused, Problem
from embaudit.files.read_faults import reading

Kind = Literal["file", "directory", "other"]
KINDS: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "directory"}


@dataclass(frozen=True)
class Status:
    """What is at a location.

    version: of the content, another one once the bytes or the file have changed: times in ns, and
    at a path the inode. `cp -p` keeps the time of the content; that of the inode nobody can set.
    """

    kind: Kind
    size: int
    version: tuple[int | None, ...]


@dataclass(frozen=True)
class StoredFile:
    """A regular file of a known format, as it was when first seen.

    format: its suffix, in lower case.
    """

    at: Location
    format: str
    seen: Status
    met: dict[int, bytes] = field(default_factory=dict, compare=False, repr=False)  # see `Ranges`

    @property
    def size(self) -> int:
        """In bytes."""
        return self.seen.size

    @cached_property
    def path(self) -> str:
        """How messages and reports call it."""
        return str(self.at)

    def sha256(self) -> str:
        """Of the file's bytes. Raises InputRefused if the file changed since it was first seen."""
        with reading(self.at), self.opened() as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        self.check_unchanged()
        return digest

    def opened(self) -> BufferedReader:
        """Its bytes. Raises InputRefused if another file took its place, or it changed."""
        if not self.at.local:
            return _ranges(self.at, self.met)
        handle = opened(self.at)
        try:
            self._check(_status_from(os.fstat(handle.fileno())))
        except InputRefused:
            handle.close()
            raise
        return handle

    def check_unchanged(self) -> None:
        """Raise InputRefused if the file is not as it was when first seen."""
        self._check(status_of(self.at))

    def _check(self, now: Status) -> None:
        if now != self.seen:
            raise InputRefused(
                f"{self.path}: changed while it was read.", "Wait until its writer is done."
            )


def irregular(at: Location) -> Problem:
    """Why what is no file is not read."""
    return Problem(f"{at}: is no regular file (a device, pipe or socket).", "Save a file.")


def status_of(path: AnyPath) -> Status:
    """What is there. Raises InputRefused for missing paths, symlink loops and the like."""
    at = located(path)
    try:
        with reading(at):
            return _status(at)
    except ValueError as error:  # a NUL in the name
        cause = f"{str(at)!r}: is no file name: {error}."
        raise InputRefused(cause, "Check the path.") from error


def _status(at: Location) -> Status:
    if not at.local:
        from embaudit.files import store

        known = store.information(at)
        return Status(store.KINDS.get(known.type, "other"), known.size or 0, (known.mtime_ns,))
    return _status_from(os.stat(at))


def _status_from(known: os.stat_result) -> Status:
    kind = KINDS.get(stat.S_IFMT(known.st_mode), "other")
    version = known.st_dev, known.st_ino, known.st_mtime_ns, known.st_ctime_ns
    return Status(kind, known.st_size, version)


def opened(at: Location) -> BufferedReader:
    """The bytes of a file, to be read and searched.

    Raises InputRefused for a pipe or device at a path: what was a file when it was looked at may
    be another thing by now, for which opening or reading would never end.
    """
    if at.local:
        handle = open(at, "rb", opener=_without_waiting)  # noqa: SIM115 - the caller closes it
        if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
            handle.close()
            raise InputRefused(irregular(at))
        return handle
    return _ranges(at, {})


def _ranges(at: Location, met: dict[int, bytes]) -> BufferedReader:
    from embaudit.files.store_ranges import Ranges

    return BufferedReader(Ranges(at, met), BLOCK_BYTES)  # not every small read is a request


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def content_of(path: AnyPath) -> bytes:
    """All bytes of a file. Raises InputRefused, or BudgetExceeded when memory runs out."""
    at = located(path)
    with reading(at), opened(at) as handle:
        return handle.read()


def kind_of(path: AnyPath) -> Kind | None:
    """What is at a path or address, None where nothing is.

    Raises InputRefused where that cannot be told: a store that does not answer, or forbids it.
    """
    at = located(path)
    with reading(at):
        try:
            return _status(at).kind
        except (FileNotFoundError, NotADirectoryError, ValueError):  # a NUL in the name
            return None


def identity(path: AnyPath) -> tuple[int, int] | str | None:
    """The same for two names of one file or directory; None where there is none at a path."""
    at = located(path)
    if not at.local:
        return unquote(str(at)).rstrip("/")
    try:
        status = os.stat(at)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
