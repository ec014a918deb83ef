"""A file on disk before anyone parses it: that it is there, is regular, and stays as it was."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embaudit.errors import BudgetExceeded, InputRefused
from embaudit.memory import HINT


@dataclass(frozen=True)
class StoredFile:
    """A regular file of a known format, with its size and time of change when first seen."""

    path: str
    format: str
    size: int
    changed: int

    def sha256(self) -> str:
        """Of the file's bytes. Raises InputRefused if the file changed since it was first seen."""
        with reading(self.path), open(self.path, "rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
        self.check_unchanged()
        return digest

    def check_unchanged(self) -> None:
        """Raise InputRefused if the file is not as it was when first seen."""
        with reading(self.path):
            now = os.stat(self.path)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.changed):
            raise InputRefused(
                f"{self.path}: changed while it was read; wait until its writer is done."
            )


def stored_file(path: str | Path, formats: Collection[str]) -> StoredFile:
    """The file at `path`, if it is a regular one with the suffix of one of the `formats`.

    Raises InputRefused for anything else, without opening it: opening a FIFO would hang.
    """
    status = file_status(path)
    if not stat.S_ISREG(status.st_mode):
        raise InputRefused(f"{path}: is no regular file (a device, pipe or socket); save a file.")
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in formats:
        known = ", ".join(f".{name}" for name in formats)
        raise InputRefused(f"{path}: the suffix '.{suffix}' is not supported here; give {known}.")
    return StoredFile(str(path), suffix, status.st_size, status.st_mtime_ns)


def file_status(path: str | Path) -> os.stat_result:
    """What `stat` says. Raises InputRefused for missing paths, symlink loops and the like."""
    try:
        with reading(path):
            return os.stat(path)
    except ValueError as error:  # a NUL in the name
        raise InputRefused(f"{str(path)!r}: is no file name: {error}.") from error


def identity(path: str | Path) -> tuple[int, int] | None:
    """The same for two paths that lead to one file or directory; None where none is there."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


@contextmanager
def reading(path: str | Path, *faults: type[Exception]) -> Iterator[None]:
    """Turn what goes wrong while reading `path` into a refusal that names it.

    faults: what the format's own reader raises for a damaged file.
    Raises InputRefused, or BudgetExceeded when memory runs out.
    """
    try:
        yield
    except FileNotFoundError as error:
        raise InputRefused(
            f"{path}: there is no such file or directory; check the path."
        ) from error
    except MemoryError as error:
        message = f"{path}: reading it needs more memory than there is (or the file is damaged)."
        raise BudgetExceeded(message, HINT) from error
    except Exception as error:
        if not isinstance(error, (OSError, *faults)):
            raise
        reason = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "")
        kind = "" if reason else f" ({type(error).__name__})"
        raise InputRefused(
            f"{path}: cannot be read{kind}: {reason[:200].rstrip('. ')}; "
            "check the file and its permissions, or save it again."
        ) from error
