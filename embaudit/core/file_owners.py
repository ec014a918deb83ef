"""Who may change a file: what is found by looking around is believed only where no stranger may."""

import grp
import os
import pwd
import stat
from pathlib import Path


def stranger_to(path: Path) -> str:
    """What is said of a file that others than this user and root may change; nothing of another.

    As git's safe.directory and ssh see it: by its owner, and by who may write it. A symlink must
    be nobody else's either. Raises OSError.
    """
    for status in (path.lstat(), path.stat()):
        if status.st_uid not in _ours():
            return f"belongs to {_user(status.st_uid)}"
        if stat.S_ISLNK(status.st_mode):
            continue  # its mode says nothing
        if status.st_mode & stat.S_IWOTH:
            return "anybody may write it"
        if status.st_mode & stat.S_IWGRP and not _private(status.st_gid):
            return f"its group {_group(status.st_gid)} may write it"
    return ""


def _ours() -> set[int]:
    """Root, this user, and under sudo who asked for it."""
    ours, asked = {0, os.geteuid()}, os.environ.get("SUDO_UID", "")
    return ours | {int(asked)} if os.geteuid() == 0 and asked.isdecimal() else ours


def _private(gid: int) -> bool:
    """Whether a group is this user's alone, as where every user has one of the same name."""
    name = _user(os.geteuid())
    try:
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    return group.gr_name == name and set(group.gr_mem) <= {name}


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
