"""A `.npz` file: a zip of .npy members, never extracted to disk and never unpickled."""

import zipfile
import zlib
from functools import partial
from typing import IO, Literal

import numpy as np

from embaudit.data import Array
from embaudit.errors import InputRefused
from embaudit.files.column import Column, Table
from embaudit.files.npy import Header, column_of, read_header
from embaudit.files.source import StoredFile, reading

DEFLATE_LIMIT = 1032  # deflate cannot expand a byte to more: whoever declares more is lying
BLOCK = 1 << 20
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
    return column_of(header, path, name, partial(_read, path, info.filename, header))


def _read(path: str, member: str, header: Header) -> Array:
    assert header.dtype is not None
    with reading(path, *FAULTS), zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        stream.read(header.offset)
        data = np.empty(header.nbytes, np.uint8)
        if not _fill(stream, data.data) or stream.read(1):
            raise InputRefused(f"{path}: member {member!r} is truncated; save the file again.")
        order: Literal["C", "F"] = "F" if header.fortran else "C"
        return data.view(header.dtype).reshape(header.shape, order=order)


def _fill(stream: IO[bytes], into: "memoryview[int]") -> bool:
    """Fill the buffer in blocks; False if the stream ends early. Its end is where zip checks."""
    done = 0
    while done < len(into):
        block = stream.read(min(BLOCK, len(into) - done))
        if not block:
            return False
        into[done : done + len(block)] = block
        done += len(block)
    return True
