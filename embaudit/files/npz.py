"""A `.npz` file: a zip of .npy members, never extracted to disk and never unpickled."""

import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np

from embaudit.data import Array
from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table
from embaudit.files.npy import Header, filled, read_header, row_stream
from embaudit.files.source import StoredFile, reading

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
    with reading(file.path, *FAULTS), zipfile.ZipFile(file.path) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):  # a damaged name must not hide a member:
                archive.open(info).close()  # this compares it with the name beside the data
        members = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        names = [info.filename.removesuffix(".npy") for info in members]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            shown = ", ".join(map(repr, twice))
            raise InputRefused(f"{file.path}: several members are named {shown}; save it again.")
        columns = tuple(_describe_member(archive, info, file.path) for info in members)
    if not columns:
        raise InputRefused(f"{file.path}: holds no arrays; save it with numpy.savez.")
    return Table(file, columns)


def _describe_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> Column:
    name = info.filename.removesuffix(".npy")
    where = f"{path}, column {name!r}"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputRefused(f"{where}: is neither stored nor deflated; use numpy.savez_compressed.")
    if info.file_size > (info.compress_size + 1) * DEFLATE_LIMIT:
        raise InputRefused(
            f"{where}: declares {info.file_size} bytes, which {info.compress_size} compressed "
            "bytes cannot hold; the file is damaged or hostile."
        )
    with archive.open(info) as stream:
        header = read_header(stream, info.file_size, where)
    return Column(
        path,
        name,
        header.shape,
        header.dtype,
        header.stored,
        header.nbytes,
        partial(_read, path, info.filename, header),
        partial(_blocks, path, info.filename, header) if header.in_rows else None,
        whole=not header.in_rows,
    )


def _read(path: str, member: str, header: Header) -> Array:
    assert header.dtype is not None
    with reading(path, *FAULTS), zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        stream.read(header.offset)
        order: Literal["C", "F"] = "F" if header.fortran else "C"
        data = np.empty(header.shape, header.dtype, order=order)
        if not filled(stream, data) or stream.read(1):
            raise InputRefused(f"{path}: member {member!r} is truncated; save the file again.")
        return data


def _blocks(path: str, member: str, header: Header) -> Iterator[Array]:
    with reading(path, *FAULTS), zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        yield from row_stream(stream, header, f"{path}: member {member!r}")
