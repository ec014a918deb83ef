"""The atomic writer: an output is there whole, or what stood there before is."""

import errno
import os
import secrets
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from embaudit.core.location import AnyPath, Location, located
from embaudit.errors import InputRefused, OutputFailed
from embaudit.files.writable import check_writable, failure, target_of

IGNORED = b"# Made by embaudit; this directory may be deleted at any time.\n*\n"

_UNFINISHED: set[Path] = set()  # temporary files
_BEGUN: dict[str, tuple[Path, tuple[int, int]]] = {}  # where each goes, and its file's identity
_SENT: list[str] = []  # to stores


def given_up() -> list[str]:
    """What was written until now; the temporary files of what was not are removed.

    For a process that is about to end, whatever its other threads are doing.
    """
    for temporary in tuple(_UNFINISHED):
        with suppress(OSError):
            os.unlink(temporary)
    done = []
    for cause, (target, own) in tuple(_BEGUN.items()):
        with suppress(OSError):
            there = os.stat(target)
            if (there.st_dev, there.st_ino) == own:
                done.append(cause)
    return done + _SENT


def write_atomically(path: AnyPath, data: bytes) -> None:
    """Replace the content of `path` by `data`, whole or not at all.

    A symlink stays one: the file it points to is replaced. Whatever happens on the way, even an
    interrupt, leaves the old file as it was and no temporary behind. An object of a store takes
    its place once all of it arrived; on HDFS there may be no file while a new one replaces it.
    Raises OutputFailed, naming the path, the reason and a remedy.
    """
    path = located(path)
    if not path.local:
        _put(path, data)
        _SENT.append(str(path))
        return
    check_writable(path)
    target = target_of(path)
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        try:
            _UNFINISHED.add(temporary)
            _BEGUN[str(path)] = target, _write_whole(temporary, data)
            with suppress(FileNotFoundError):
                os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
            os.replace(temporary, target)
        finally:  # after the rename there is nothing left to remove
            with suppress(OSError):
                os.unlink(temporary)
            _UNFINISHED.discard(temporary)
    except OSError as error:
        raise failure(path, error) from error
    _sync_directory(target.parent)


@contextmanager
def temporary_file(suffix: str, parts: Iterable[bytes]) -> Iterator[Path]:
    """A file that holds these bytes as long as this lasts, and that this user alone may read.

    Raises InputRefused where there is no room for it.
    """
    try:
        handle, name = tempfile.mkstemp(suffix, "embaudit-")
    except OSError as error:
        raise _no_room(error) from error
    path = Path(name)
    _UNFINISHED.add(path)
    try:
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines(parts)
        except OSError as error:
            raise _no_room(error) from error
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)
        _UNFINISHED.discard(path)


def _no_room(error: OSError) -> InputRefused:
    cause = f"Standard input cannot be kept in {tempfile.gettempdir()}: {error.strerror}."
    return InputRefused(cause, "Let TMPDIR name a folder with room for it.")


def create_private(path: Path, data: bytes) -> None:
    """A new file, there whole, that this user alone may read.

    Raises FileExistsError, which leaves what is there as it is, or another OSError.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        _write_whole(temporary, data, 0o600)
        os.link(temporary, path)
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def create_ignored(path: Path) -> None:
    """Create a directory that git ignores, with those above it, unless it is there.

    One that holds anything is left as it is: ignoring everything would hide a user's own files.
    Raises OutputFailed.
    """
    try:
        os.makedirs(path, exist_ok=True)
        empty = not os.listdir(path)
    except FileExistsError as error:  # a file, or a symlink to nothing or to itself
        raise OutputFailed(f"{path}: is no directory.", "Choose another path.") from error
    except OSError as error:
        raise failure(located(path), error) from error
    if empty:
        write_atomically(path / ".gitignore", IGNORED)


def _put(at: Location, data: bytes) -> None:
    """A bucket shows an object once all of it arrived; HDFS shows a file from its first byte."""
    from embaudit.files import store

    try:
        system, path = store.found(at)
        put = _put_beside if at.scheme == "hdfs" else _put_whole
        store.answered(lambda: put(system, path, data), len(data))
    except OSError as error:
        raise failure(at, error) from error


def _put_whole(system: Any, path: str, data: bytes) -> None:
    with system.open_output_stream(path) as stream:
        stream.write(data)


def _put_beside(system: Any, path: str, data: bytes) -> None:
    """A new file that then takes the name, which a rename cannot take from an old one."""
    folder, _, name = path.rpartition("/")
    temporary = f"{folder}/.{name[:40]}.{secrets.token_hex(8)}.tmp"
    try:
        _put_whole(system, temporary, data)
    except BaseException:
        with suppress(OSError):
            system.delete_file(temporary)
        raise
    if system.get_file_info(path).is_file:
        system.delete_file(path)
    system.move(temporary, path)


def _write_whole(temporary: Path, data: bytes, mode: int = 0o666) -> tuple[int, int]:
    """A new file with all of `data` on disk; its mode follows the umask. Its device and inode."""
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
        known = os.fstat(handle.fileno())
        if known.st_size != len(data):
            raise OSError(errno.EIO, "fewer bytes arrived than were written")
    return known.st_dev, known.st_ino


def _sync_directory(directory: Path) -> None:
    """Make the rename itself durable, where a directory can be synced at all."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
