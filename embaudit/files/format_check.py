"""Whether a file is of a format that is read; if not, what it is, and the line that converts it."""

import re
import shlex
from collections.abc import Collection
from pathlib import PurePath

from embaudit.core.location import AnyPath, Location, located
from embaudit.errors import InputRefused, Problem, option
from embaudit.files.file_status import StoredFile, irregular, status_of
from embaudit.files.first_bytes import another_problem, format_told, told_by_bytes
from embaudit.files.formats import CONVERSIONS, RUNS_CODE

PACKED = {  # and what unpacks it
    "gz": "gunzip -k",
    "bz2": "bunzip2 -k",
    "xz": "unxz -k",
    "zst": "unzstd",
    "tar": "tar -xf",
    "tgz": "tar -xf",
    "7z": "7z x",
}

MADE = {  # by a call of conversion, with its suffix; NAME is what there is
    "NAME": "",
    "NPY": "npy",
    "TURNED": "T.npy",
    "NPZ": "npz",
    "TABLE": "parquet",
    "TEXT": "txt",
}
MARK = re.compile(rf"\b({'|'.join(MADE)})\b")


def stored_file(path: AnyPath, suffixes: Collection[str], *, vectors: bool = True) -> StoredFile:
    """The file at `path`, if it is a regular one with one of the suffixes: ("npy",).

    vectors: whether these are wanted, else labels: of what is told where it is of no such format.
    Raises InputRefused for anything else, without opening it: opening a FIFO would hang.
    """
    at = located(path)
    status = status_of(at)
    if status.kind != "file":
        raise InputRefused(irregular(at))
    suffix = at.suffix.lower().removeprefix(".")
    if suffix not in suffixes:
        raise InputRefused(file_problem(at, suffixes, vectors=vectors))
    if not status.size:
        raise InputRefused(f"{at}: is empty: 0 bytes.", "Save it again, to the end.")
    if at.local and (problem := another_problem(at, suffix)):
        raise InputRefused(problem)
    return StoredFile(at, suffix, status)


def file_problem(at: Location, suffixes: Collection[str], *, vectors: bool) -> Problem:
    """Why a file of another suffix than these is not read."""
    suffix = at.suffix.lower().removeprefix(".")
    known = ", ".join(f".{name}" for name in suffixes)
    if suffix in PACKED:
        how = f"Unpack it: {PACKED[suffix]} {shlex.quote(str(at))}."
        return Problem(f"{at}: is compressed or packed.", how)
    told = format_told(at)
    if told in suffixes:
        name = PurePath(str(at))
        renamed = str(name.with_suffix(f".{told}"))
        how = f"Rename it: mv {shlex.quote(str(at))} {shlex.quote(renamed)}"
        return Problem(f"{at}: is a .{told} file, by its first bytes.", how)
    known_as = CONVERSIONS.get(suffix)
    what, call = told_by_bytes(at, known_as) if known_as else ("", "")
    if not vectors and RUNS_CODE in what:
        return Problem(f"{at}: {what}.", f"Save the labels as {known}.")
    if not vectors or not what:
        cause = f"the suffix '.{suffix}'" if suffix else "a name without a suffix"
        return Problem(f"{at}: {cause} is not supported here.", f"Give {known}.")
    return _convertible(at, (what, call))


def folder_problem(at: Location, names: Collection[str], folders: Collection[str]) -> Problem:
    """Why a directory of these files and folders holds no shards."""
    if not folders:
        return Problem(f"{at}: a directory without shards.", "Give one with embedding files.")
    shown = ", ".join(map(repr, sorted(folders)[:5]))
    if all("=" in name for name in folders):
        table = f"pyarrow.dataset.dataset({str(at)!r}, partitioning='hive').to_table()"
        into = f"{PurePath(str(at)).name}.parquet"
        return Problem(
            f"{at}: is partitioned by values ({shown}), which its files do not hold.",
            f"Save it as one: pyarrow.parquet.write_table({table}, {into!r})",
        )
    first = at / next((name for name in sorted(folders) if "emb" in name.lower()), min(folders))
    beside = f", and {option('labels')} {at / 'metadata'}" if "metadata" in folders else ""
    return Problem(
        f"{at}: has subdirectories ({shown}), which are not searched: they may hold different "
        "things.",
        f"Name one of them, for example {first}{beside}. If all hold shards of one set, move "
        "these into one directory.",
    )


def _convertible(at: Location, known: tuple[str, str]) -> Problem:
    what, call = known
    return Problem(f"{at}: {what}.", f"Convert it once: {conversion(at, call)}")


def conversion(at: Location, call: str) -> str:
    """The call that converts a file, with its own names in the place of those of MADE."""
    name = PurePath(str(at)).name
    stem = name.removesuffix(at.suffix)
    own = {mark: repr(f"{stem}.{suffix}" if suffix else name) for mark, suffix in MADE.items()}
    return MARK.sub(lambda found: own[found[0]], call)
