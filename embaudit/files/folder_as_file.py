"""A folder whose files are one value together, as one file: a Zarr store, a file a row."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

from embaudit.core.location import Location
from embaudit.errors import InputRefused
from embaudit.files.file_status import StoredFile, irregular, status_of
from embaudit.files.read_faults import reading

DEEPEST = 32  # folders within folders


@dataclass(frozen=True)
class StoredFolder(StoredFile):
    """Files as they were when first seen, as one; at: the folder.

    Its digest is of their names and digests, in the order of files.
    """

    files: tuple[StoredFile, ...] = ()

    @property
    def size(self) -> int:
        """Of all, in bytes."""
        return sum(file.size for file in self.files)

    @cached_property
    def by_name(self) -> dict[str, StoredFile]:
        """The files by their names below the folder, with / between the folders."""
        return {name_of(file, self.at): file for file in self.files}

    def sha256(self) -> str:
        """Of a line a file: its name and its digest."""
        digest = hashlib.sha256()
        for name, file in self.by_name.items():
            digest.update(f"{name}\0{file.sha256()}\n".encode("utf-8", "surrogateescape"))
        return digest.hexdigest()

    def check_unchanged(self) -> None:
        """Raise InputRefused if one of them is not as it was when first seen."""
        for file in self.files:
            file.check_unchanged()


def stored_folder(at: Location, format: str) -> StoredFolder:
    """All files of a folder and those below it, by their names.

    Links to folders are not followed. Raises InputRefused for what is neither file nor folder.
    """
    files = []
    for path in sorted(_files_below(at, DEEPEST), key=str):
        status = status_of(path)
        if status.kind != "file":
            raise InputRefused(irregular(path))
        files.append(StoredFile(path, format, status))
    return StoredFolder(at, format, status_of(at), files=tuple(files))


def name_of(file: StoredFile, folder: Location) -> str:
    """The name of a file below its folder."""
    return PurePath(str(file.at)).relative_to(PurePath(str(folder))).as_posix()


def _files_below(at: Location, deepest: int) -> Iterator[Location]:
    with reading(at):
        kinds = _kinds(at)
    for name, folder in kinds.items():
        if not folder:
            yield at / name
        elif deepest:
            yield from _files_below(at / name, deepest - 1)


def _kinds(at: Location) -> dict[str, bool]:
    """The entries of a folder, and whether each is one; links to folders are left out."""
    if not at.local:
        from embaudit.files import store

        listed = store.listing(at)
        return {one.base_name: store.KINDS.get(one.type) == "directory" for one in listed}
    with os.scandir(at) as entries:
        return {
            entry.name: entry.is_dir()
            for entry in entries
            if not (entry.is_symlink() and os.path.isdir(entry))
        }
