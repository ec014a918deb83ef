"""What an output must not do: replace an input, or join its shards."""

import os
from collections.abc import Sequence
from pathlib import Path

from embaudit.core.location import Location
from embaudit.errors import UsageError
from embaudit.files.formats import SUFFIXES


def check_spares(path: Location, inputs: Sequence[Location]) -> None:
    """Raise UsageError for an output that would replace an input, or join its shards."""
    for one in inputs:
        if path.local != one.local:
            continue
        same, below = _overlap(path, one) if path.local else _overlap_in_store(path, one)
        if same or (below and path.suffix.lower().removeprefix(".") in SUFFIXES):
            raise UsageError(
                f"{path}: would overwrite or join the input {one}.", "Give another name."
            )


def _overlap(path: Location, own: Location) -> tuple[bool, bool]:
    """Whether two paths are of one file, and whether the first is in the other, a directory.

    What is wrong with a path, such as a loop of symlinks, those tell who read or write it.
    """
    from embaudit.files import identity

    target, there = (Path(os.path.realpath(one)) for one in (path, own))
    known = identity(path)
    same = target == there or (known is not None and known == identity(own))
    return same, os.path.isdir(there) and there in target.parents


def _overlap_in_store(path: Location, own: Location) -> tuple[bool, bool]:
    from embaudit.files import identity

    output, one = (str(identity(at)) for at in (path, own))
    return output == one, output.startswith(f"{one}/")
