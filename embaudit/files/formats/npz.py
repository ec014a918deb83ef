"""A `.npz` file: a zip of .npy members, never extracted to disk and never unpickled."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from embaudit.data import Array
from embaudit.data.array_coercion import squeezed
from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table, repeated
from embaudit.files.file_status import StoredFile
from embaudit.files.formats.npy import array_of, row_stream
from embaudit.files.npy_header import Header, read_header
from embaudit.files.read_faults import reading

DEFLATE_LIMIT = 1032  # deflate cannot expand a byte to more: whoever declares more is lying
FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    NotImplementedError,  # a compression that zipfile does not know
    RuntimeError,  # an encrypted member
)


def describe(file: StoredFile) -> Table:
    """One column a .npy member, from the zip directory and each member's own header."""
    with reading(file.at, *FAULTS), _archive(file) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):  # a damaged name must not hide a member:
                archive.open(info).close()  # this compares it with the name beside the data
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        names = [info.filename.removesuffix(".npy") for info in members]
        if problem := repeated(names, "members"):
            raise InputRefused(f"{file.path}: {problem}.", "Save it again.")
        columns = tuple(_describe_member(archive, info, file) for info in members)
    if not columns:
        raise InputRefused(f"{file.path}: holds no arrays.", "Save it with numpy.savez.")
    return Table(file, columns)


def _describe_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: StoredFile) -> Column:
    name = info.filename.removesuffix(".npy")
    where = f"{file.path}, column {name!r}"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputRefused(
            f"{where}: is neither stored nor deflated.", "Use numpy.savez_compressed."
        )
    if info.file_size > (info.compress_size + 1) * DEFLATE_LIMIT:
        raise InputRefused(
            f"{where}: declares {info.file_size} bytes, which {info.compress_size} compressed "
            "bytes cannot hold.",
            "It is damaged or hostile: get the file again.",
        )
    with archive.open(info) as stream:
        header = read_header(stream, info.file_size, where)
    column = _column(file, info, header)
    if flat := header.squeezed():
        matrix = replace(
            _column(file, info, flat), notice=squeezed(column.where, header.shape, flat.shape)
        )
        column = replace(column, vectors=lambda: matrix)
    return column


def _column(file: StoredFile, info: zipfile.ZipInfo, header: Header) -> Column:
    return Column(
        file.path,
        info.filename.removesuffix(".npy"),
        header.shape,
        header.dtype,
        header.stored,
        header.nbytes,
        partial(_read, file, info.filename, header),
        partial(_blocks, file, info.filename, header) if header.in_rows else None,
        whole=not header.in_rows,
        packed=info.compress_size,
    )


def _read(file: StoredFile, member: str, header: Header) -> Array:
    with reading(file.at, *FAULTS), _archive(file) as archive, archive.open(member) as stream:
        return array_of(stream, header, f"{file.path}: member {member!r}")


def _blocks(file: StoredFile, member: str, header: Header) -> Iterator[Array]:
    with reading(file.at, *FAULTS), _archive(file) as archive, archive.open(member) as stream:
        yield from row_stream(stream, header, f"{file.path}: member {member!r}")


@contextmanager
def _archive(file: StoredFile) -> Iterator[zipfile.ZipFile]:
    with file.opened() as handle, zipfile.ZipFile(handle) as archive:
        yield archive
