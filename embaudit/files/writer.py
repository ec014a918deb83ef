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

from embaudit.core.location import WEB, AnyPath, Location, located
from embaudit.errors import InputRefused, OutputFailed, UsageError

HINTS = {
    errno.ENOSPC: "Free some space, or write to another disk.",
    errno.EDQUOT: "Free some space, or write to another disk.",
    errno.EACCES: "Write to a directory that you may write to.",
    errno.EPERM: "Write to a directory that you may write to.",
    errno.EROFS: "Write to a directory that is not read-only.",
    errno.ENOENT: "Create the directory first, or write to another one.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}
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
    target = _target(path)
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
        raise _failure(path, error) from error
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
        raise _failure(located(path), error) from error
    if empty:
        write_atomically(path / ".gitignore", IGNORED)


def check_writable(path: AnyPath) -> None:
    """Find out before a long computation that `path` cannot be written.

    Raises OutputFailed for a missing or read-only directory, a path that is a directory, a
    device or a pipe, and a symlink loop; for a store that does not answer, or has no such bucket.
    Nothing is created.
    """
    path = located(path)
    if path.scheme in WEB:
        raise UsageError(f"{path}: can be read, and not written.", "Write to a path or a bucket.")
    if not path.local:
        _check_store(path)
        return
    try:
        target = _target(path)
        parent = os.stat(target.parent)
        try:
            mode = os.stat(target).st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
    except (OSError, ValueError, RuntimeError) as error:
        raise _failure(path, error) from error
    if not stat.S_ISDIR(parent.st_mode):
        raise OutputFailed(f"{path}: {target.parent} is no directory.", "Choose another path.")
    if stat.S_ISDIR(mode):
        raise OutputFailed(f"{path}: is a directory.", "Give the name of a file in it.")
    if not stat.S_ISREG(mode):
        raise OutputFailed(
            f"{path}: is a device, pipe or socket, which cannot be replaced atomically.",
            "Write to a regular file; results also go to standard output (--format).",
        )
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise OutputFailed(
            f"{path}: the directory {target.parent} cannot be written to.",
            "Write to a directory that you may write to.",
        )


def _check_store(at: Location) -> None:
    """What may be written there without being read, only the write itself can tell."""
    from embaudit.files import store

    try:
        kind = store.KINDS.get(store.information(at).type)
    except FileNotFoundError:
        return
    except OSError as error:
        if store.denied(error):
            return
        raise _failure(at, error) from error
    if kind == "directory":
        raise OutputFailed(f"{at}: is a directory.", "Give the name of a file in it.")


def _put(at: Location, data: bytes) -> None:
    """A bucket shows an object once all of it arrived; HDFS shows a file from its first byte."""
    from embaudit.files import store

    try:
        system, path = store.found(at)
        put = _put_beside if at.scheme == "hdfs" else _put_whole
        store.answered(lambda: put(system, path, data), len(data))
    except OSError as error:
        raise _failure(at, error) from error


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


def _target(path: Location) -> Path:
    """The file behind any symlinks, which need not exist. Raises OSError for a loop of them."""
    with suppress(FileNotFoundError):
        os.stat(path)  # `realpath` leaves a loop unresolved without a word
    return Path(os.path.realpath(path))


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


def _failure(path: Location, error: Exception) -> OutputFailed:
    if not path.local:
        from embaudit.files import store

        problem, _, hint = store.reason(error).partition("; ")
        if problem:
            cause = f"{path}: cannot be written: {problem}."
            return OutputFailed(cause, hint[:1].upper() + hint[1:])
    reason = getattr(error, "strerror", None) or str(error)
    hint = HINTS.get(getattr(error, "errno", None) or 0, "Write to another path.")
    return OutputFailed(f"{path}: cannot be written: {reason}; what stood there is intact.", hint)
