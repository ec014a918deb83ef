"""The paths of a series: their natural order, and what tells them apart."""

import re
from collections.abc import Sequence
from pathlib import PurePath

from embaudit.core.location import Location
from embaudit.errors import UsageError
from embaudit.files import identity, natural
from embaudit.files.formats import SUFFIXES

_SUFFIX = re.compile(rf"\.({'|'.join(SUFFIXES)})$", re.IGNORECASE)
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|.", re.DOTALL)  # a number, a word, or what stands between
_JOINTS = "_-=. "  # between a word and its number


def in_order(paths: Sequence[Location]) -> list[Location]:
    """The paths in natural order: folder by folder, numbers as numbers.

    Raises UsageError for fewer than two, and for a file that is there twice.
    """
    if len(paths) < 2:
        raise UsageError(
            f"A series takes two checkpoints at least, {len(paths)} is given.",
            "Name more of them, as in: embaudit trend step*.npy --labels labels.npy",
        )
    ordered = sorted(paths, key=_key)
    seen: dict[object, Location] = {}
    for path in ordered:
        own = identity(path) or path
        if own in seen:
            twice = "is given twice" if seen[own] == path else f"is the same file as {seen[own]}"
            raise UsageError(f"{path}: {twice}.", "Name every checkpoint once.")
        seen[own] = path
    return ordered


def names_of(paths: Sequence[str]) -> list[str]:
    """What tells the paths apart: their file names less what all begin and end with.

    Words and numbers stay whole, and a number keeps the word before it: `step00300`. Where file
    names are alike, the folders tell. The paths are distinct, and so are the names.
    """
    parts = [_TOKEN.findall(text) for text in _telling(paths)]
    room = min(map(len, parts)) - 1  # a name is never empty
    first = _common(parts, room)
    last = _common([part[first:][::-1] for part in parts], room - first)
    if any(part[first].isdecimal() for part in parts):
        first = _with_its_word(parts[0][:first])
    return ["".join(part[first : len(part) - last]) for part in parts]


def _key(path: Location) -> tuple[list[list[tuple[int, str]]], str]:
    told = str(path)
    return [natural(part) for part in PurePath(_SUFFIX.sub("", told)).parts], told


def _telling(paths: Sequence[str]) -> list[str]:
    """The shortest texts of the paths that are all different."""
    whole = [_SUFFIX.sub("", PurePath(path).as_posix()) for path in paths]
    for texts in ([PurePath(path).name for path in whole], whole):
        if len(set(texts)) == len(texts) and all(texts):
            return texts
    return list(paths)


def _common(parts: Sequence[Sequence[str]], most: int) -> int:
    """How many of the first tokens are the same in all parts, at most so many."""
    same = 0
    while same < most and len({part[same] for part in parts}) == 1:
        same += 1
    return same


def _with_its_word(before: Sequence[str]) -> int:
    """Where a number begins that these tokens stand before, together with its word."""
    word = len(before) - 1
    if word > 0 and before[word] in _JOINTS:
        word -= 1
    return word if word >= 0 and before[word].isalpha() else len(before)
