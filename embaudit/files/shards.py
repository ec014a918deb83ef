"""A file, or a directory of shards of one format: the same tables either way, in a stated order."""

import os
import re
from pathlib import PurePath

from embaudit.core.location import AnyPath, Location, located
from embaudit.data import Notice
from embaudit.errors import InputRefused, Problem
from embaudit.files.column import Column, Table
from embaudit.files.column_roles import Role, find, listed
from embaudit.files.file_status import StoredFile, status_of
from embaudit.files.folder_as_file import stored_folder
from embaudit.files.format_check import folder_problem, stored_file
from embaudit.files.formats import SUFFIXES, folder_format, format_of
from embaudit.files.named_files import mixed_problem, named_problem
from embaudit.files.npy_folder import holds_a_row, row_table
from embaudit.files.read_faults import reading
from embaudit.files.saved_dataset import data_files, is_saved_dataset

TEMPORARY = (".tmp", ".temp", ".part", ".partial", ".crdownload", ".swp", "~")


def describe(
    path: AnyPath, suffixes: tuple[str, ...] = SUFFIXES, *, vectors: bool = True
) -> tuple[list[Table], list[Notice]]:
    """The tables at `path`, from their headers: one of a file, one a shard of a directory.

    vectors: whether these are wanted: a directory may then hold a file a row, or a folder of such
    files a class, which is one table. Else labels are.
    Raises InputRefused, listing the problems of all shards.
    """
    at = located(path)
    if status_of(at).kind != "directory":
        return [_table(stored_file(at, suffixes, vectors=vectors))], []
    if known := _folder_of(at):
        return [_table(stored_folder(at, known))], []
    if vectors and (problem := named_problem(at, entries_of(at))):
        raise InputRefused(problem)
    if vectors and (table := _table_of_rows(at)) is not None:
        return [table], []
    names, skipped = _shard_names(at)
    tables: list[Table] = []
    problems: list[str] = []
    for name in names:
        try:
            tables.append(_table(_stored(at / name, suffixes, vectors)))
        except InputRefused as refusal:
            problems += refusal.problems
    if problems:
        raise InputRefused(problems)
    notices = []
    if skipped:
        shown = ", ".join(map(repr, skipped[:5])) + (", ..." if len(skipped) > 5 else "")
        message = f"{at}: {len(skipped)} entries are no shards and were not read: {shown}"
        notices.append(Notice("skipped_entries", message))
    return tables, notices


def _stored(at: Location, suffixes: tuple[str, ...], vectors: bool) -> StoredFile:
    """A shard: a file, or a folder that has the suffix of one value; nobody else is asked."""
    known = folder_format(_suffix(at))
    if known is None or status_of(at).kind != "directory":
        return stored_file(at, suffixes, vectors=vectors)
    return stored_folder(at, known)


def _folder_of(at: Location) -> str | None:
    """The format of a folder that is one value, None where it is none."""
    return folder_format(_suffix(at)) or folder_format("", entries_of(at, hidden=True))


def _suffix(at: Location) -> str:
    return at.suffix.lower().removeprefix(".")


def _table(file: StoredFile) -> Table:
    return format_of(file.format).describe(file)


def natural(name: str) -> list[tuple[int, str]]:
    """Sort key by which part-2 comes before part-10."""
    parts = re.split(r"([0-9]+)", name)
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]


def find_all(
    tables: list[Table], role: Role, asked: str | None, *, sole: bool = False
) -> list[Column] | None:
    """The column for a role in every shard, or None; chosen in the first, the same in the others.

    Raises InputRefused where a shard lacks it, or disagrees in dimension or dtype.
    """
    first = find(tables[0], role, asked, sole=sole)
    if first is None:
        return None
    columns, problems = [first], []
    for table in tables[1:]:
        found = next((c for c in table.columns if c.name == first.name), None)
        if found is None:
            there = f"{table.file.path}: {listed(table.columns)}"
            cause = f"{there}, not {first.name!r} like {tables[0].file.path}."
            problems.append(Problem(cause, "Save all shards with the same columns."))
        elif problem := role.problem(found := role.view(found)):
            problems.append(problem)
        else:
            columns.append(found)
    if problems:
        raise InputRefused(problems)
    return columns


def disagreements(columns: list[Column]) -> list[str]:
    """Vector shards of another dimension or dtype than the first: joining would inflate or fail."""
    filled = [column for column in columns if column.rows]
    problems: list[str] = []
    for column in filled[1:]:
        for what, own, other in (
            ("dimension", column.shape[1], filled[0].shape[1]),
            ("dtype", column.stored, filled[0].stored),
        ):
            if own != other:
                cause = f"{column.where}: {what} {own}, but {filled[0].path} has {other}."
                problems.append(Problem(cause, "Embed all shards with one model."))
    return problems


def _shard_names(at: Location) -> tuple[list[str], list[str]]:
    """Names of the shards in natural order, and of the entries left out that were not hidden.

    Raises InputRefused where the shards are of several formats or none, and for subdirectories:
    leaving those out in silence would audit a part and call it the whole.
    """
    kinds = entries_of(at)
    folders = sorted(name for name, kind in kinds.items() if kind == "directory")
    linked = sorted(name for name, kind in kinds.items() if kind == "link to a directory")
    suffixes = {name: PurePath(name).suffix.lower().removeprefix(".") for name in kinds}
    if any(folder_format(suffixes[name]) is None for name in folders):
        raise InputRefused(folder_problem(at, kinds, folders))
    if is_saved_dataset(kinds):
        return data_files(at, kinds), linked
    names = sorted((name for name in kinds if name not in linked), key=natural)
    shards = [name for name in names if suffixes[name] in SUFFIXES]
    formats = sorted({suffixes[name] for name in shards})
    if len(formats) > 1:
        raise InputRefused(mixed_problem(at, shards, formats))
    if not shards:
        raise InputRefused(folder_problem(at, names, ()))
    return shards, linked + [name for name in names if name not in shards]


def entries_of(at: Location, *, hidden: bool = False) -> dict[str, str]:
    """What each entry of a directory is; hidden: those too that are no part of shards."""
    with reading(at):
        kinds = _entries(at) if at.local else _entries_of_store(at)
    return {name: kind for name, kind in kinds.items() if hidden or _visible(name)}


def _table_of_rows(at: Location) -> Table | None:
    """The table of a directory of files of a row each; None where the first is none."""
    kinds = entries_of(at)
    names = sorted(kinds, key=natural)
    folders = [name for name in names if kinds[name] == "directory"]
    if not folders:
        files = [at / name for name in names]
        several = len(files) > 1 and holds_a_row(files[0], (1,))  # of (1, d) are shards
        return row_table(at, files, None) if several else None
    if len(folders) < max(2, len(names)):
        return None
    below = [
        (folder, at / folder / name)
        for folder in folders
        for name in sorted(entries_of(at / folder), key=natural)
    ]
    if not below or not holds_a_row(below[0][1], (1, 2)):
        return None
    return row_table(at, [file for _, file in below], [folder for folder, _ in below])


def _entries(at: Location) -> dict[str, str]:
    """What each entry of a directory is; a loop of symlinks is told by who reads it."""
    kinds = {}
    with os.scandir(at) as entries:
        for entry in entries:
            linked = "link to a directory" if entry.is_symlink() else "directory"
            kinds[entry.name] = linked if os.path.isdir(entry) else "other"
    return kinds


def _entries_of_store(at: Location) -> dict[str, str]:
    from embaudit.files import store

    listed = store.listing(at)
    return {entry.base_name: store.KINDS.get(entry.type, "other") for entry in listed}


def _visible(name: str) -> bool:
    return not name.startswith((".", "_")) and not name.lower().endswith(TEMPORARY)
