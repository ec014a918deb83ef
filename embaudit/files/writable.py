"""Whether a path can be written: found out before a long computation, or told after it."""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from embaudit.core.location import WEB, AnyPath, Location, located
from embaudit.errors import OutputFailed, UsageError

HINTS = {
    errno.ENOSPC: "Free some space, or write to another disk.",
    errno.EDQUOT: "Free some space, or write to another disk.",
    errno.EACCES: "Write to a directory that you may write to.",
    errno.EPERM: "Write to a directory that you may write to.",
    errno.EROFS: "Write to a directory that is not read-only.",
    errno.ENOENT: "Create the directory first, or write to another one.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


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
        target = target_of(path)
        parent = os.stat(target.parent)
        try:
            mode = os.stat(target).st_mode
        except FileNotFoundError:
            mode = stat.S_IFREG
    except (OSError, ValueError, RuntimeError) as error:
        raise failure(path, error) from error
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
        raise failure(at, error) from error
    if kind == "directory":
        raise OutputFailed(f"{at}: is a directory.", "Give the name of a file in it.")


def target_of(path: Location) -> Path:
    """The file behind any symlinks, which need not exist. Raises OSError for a loop of them."""
    with suppress(FileNotFoundError):
        os.stat(path)  # `realpath` leaves a loop unresolved without a word
    return Path(os.path.realpath(path))


def failure(path: Location, error: Exception) -> OutputFailed:
    """Why nothing was written there, and the remedy."""
    if not path.local:
        from embaudit.files import store

        problem, _, hint = store.reason(error).partition("; ")
        if problem:
            cause = f"{path}: cannot be written: {problem}."
            return OutputFailed(cause, hint[:1].upper() + hint[1:])
    reason = getattr(error, "strerror", None) or str(error)
    hint = HINTS.get(getattr(error, "errno", None) or 0, "Write to another path.")
    return OutputFailed(f"{path}: cannot be written: {reason}; what stood there is intact.", hint)
