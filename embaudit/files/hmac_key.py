"""A secret of this user on this machine, which tells what it wrote itself from what others did."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from embaudit.errors import OutputFailed
from embaudit.files.atomic_write import create_private

SIZE = 32  # bytes


def private_key() -> bytes:
    """Bytes that nobody else may read, made when they are first asked for.

    They lie in the user's cache directory: who removes them loses what was kept, no more.
    Raises OutputFailed.
    """
    folder = _cache_home() / "embaudit"
    path = folder / "key"
    try:
        folder.mkdir(0o700, parents=True, exist_ok=True)
        if not _own(folder.stat(), stat.S_IWGRP | stat.S_IWOTH):
            raise OutputFailed(f"{folder}: others may write to it.", f"chmod 700 {folder}")
        with suppress(FileExistsError):
            create_private(path, secrets.token_bytes(SIZE))
        found = _read(path)
    except OSError as error:
        raise OutputFailed(f"{path}: {error.strerror or error}.", "Give a home to it.") from error
    if found is None:
        raise OutputFailed(f"{path}: is no key of this user alone.", "Remove it: one is made anew.")
    return found


def _cache_home() -> Path:
    given = os.environ.get("XDG_CACHE_HOME", "")
    return Path(given if os.path.isabs(given) else os.path.expanduser("~/.cache"))


def _read(path: Path) -> bytes | None:
    """The key, None for what is none; never through a symlink."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as handle:
        status = os.fstat(handle.fileno())
        if not stat.S_ISREG(status.st_mode) or not _own(status, stat.S_IRWXG | stat.S_IRWXO):
            return None
        content = handle.read(SIZE + 1)
    return content if len(content) == SIZE else None


def _own(status: os.stat_result, barred: int) -> bool:
    """Whether it is this user's, and nobody else may do what is barred."""
    return status.st_uid == os.geteuid() and not status.st_mode & barred
