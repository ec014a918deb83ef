"""The header of .npy data, checked by us before numpy sees the file."""

import ast
import math
import re
import warnings
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import IO, Any, Literal

import numpy as np

from embaudit.data.array_coercion import squeezed_shape
from embaudit.errors import InputRefused, shown
from embaudit.files.column import stored_name

MAGIC = b"\x93NUMPY"
LENGTH_BYTES = {(1, 0): 2, (2, 0): 4, (3, 0): 4}  # of the header length, by format version
LONGEST_HEADER = 10_000
LARGEST_DIMENSION = 2**63 - 1
MALFORMED = (
    ValueError,
    SyntaxError,
    TypeError,
    KeyError,
    ArithmeticError,  # a sum of complex and huge numbers
    MemoryError,
    RecursionError,
)
PLAIN = re.compile(r"[<>|=]?(b1|[iu][1248]|f[248]|[US]0*[1-9][0-9]{0,8})")
OTHER = re.compile(r"[<>|=]?([OcMmVf]|[US](?=0+$))[0-9]{0,9}(\[[0-9]{0,9}[A-Za-z]{1,7}\])?")
BFLOAT16 = "<V2"  # numpy has no such type: what ml_dtypes registers is saved as void
NAMES = {
    "O": "object (pickled)",
    "c": "complex",
    "M": "datetime",
    "m": "timedelta",
    "V": "void",
    "U": "text of no width",
    "S": "bytes of no width",
}


@dataclass(frozen=True)
class Header:
    """What a .npy file says of itself; dtype is None where it holds no plain values.

    offset: of the first data byte.
    """

    shape: tuple[int, ...]
    fortran: bool
    dtype: "np.dtype[Any] | None"
    stored: str
    offset: int

    @property
    def in_rows(self) -> bool:
        """Whether it is a matrix whose rows follow each other, and can be had in blocks."""
        return not self.fortran and len(self.shape) == 2 and self.nbytes > 0

    def squeezed(self) -> "Header | None":
        """The header of the same values as (N, d), where all other axes are of one; else None."""
        shape = squeezed_shape(self.shape)
        return None if shape is None else replace(self, shape=shape)

    @property
    def order(self) -> Literal["C", "F"]:
        """As numpy calls it."""
        return "F" if self.fortran else "C"

    @property
    def nbytes(self) -> int:
        """Of the data, in Python integers: the product of hostile dimensions overflows others."""
        return math.prod(self.shape) * (self.dtype.itemsize if self.dtype else 0)


def read_header(handle: IO[bytes], size: int, where: str) -> Header:
    """Header of .npy bytes of which there are `size`.

    Raises InputRefused unless the header is sound and exactly its data follows: numpy itself
    ignores trailing bytes, so that of two arrays in one file the second would be lost.
    """
    start = handle.read(len(MAGIC) + 2)
    if start[: len(MAGIC)] != MAGIC or len(start) < len(MAGIC) + 2:
        raise InputRefused(f"{where}: is no .npy data.", "Save it with numpy.save.")
    version = (start[-2], start[-1])
    if version not in LENGTH_BYTES:
        raise InputRefused(f"{where}: .npy version {version} is unknown.", "Save with numpy.save.")
    width = LENGTH_BYTES[version]
    length = int.from_bytes(handle.read(width), "little")
    if length > LONGEST_HEADER:
        raise InputRefused(
            f"{where}: the header is {length} bytes long, more than {LONGEST_HEADER}.",
            "Save plain numbers with numpy.save.",
        )
    text = handle.read(length)
    offset = len(start) + width + length
    if len(text) < length:
        raise InputRefused(f"{where}: truncated within its header.", "Save it again.")
    header = _parsed(text, offset, where)
    if header.dtype is not None:
        _check_size(header, size, where)
    return header


def _parsed(text: bytes, offset: int, where: str) -> Header:
    try:
        fields = _fields(text)
        descr, fortran, shape = fields["descr"], fields["fortran_order"], fields["shape"]
        sound = len(fields) == 3 and isinstance(fortran, bool) and isinstance(shape, tuple)
    except MALFORMED as error:
        raise InputRefused(
            f"{where}: the header is malformed.", "Save it with numpy.save."
        ) from error
    if not sound:
        raise InputRefused(f"{where}: the header is malformed.", "Save it with numpy.save.")
    for dimension in shape:
        if type(dimension) is not int or not 0 <= dimension <= LARGEST_DIMENSION:
            raise InputRefused(
                f"{where}: the header has an impossible dimension {shown(dimension)}.",
                "Save it with numpy.save.",
            )
    dtype, stored = _dtype(descr, where)
    return Header(shape, fortran, dtype, stored, offset)


@lru_cache(maxsize=256)
def _fields(text: bytes) -> Any:
    """What a header says, whatever that is; the members of a zip often say the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Python, about a text that is none of its programs
        return ast.literal_eval(text.decode("utf-8").strip())


def _dtype(descr: Any, where: str) -> tuple["np.dtype[Any] | None", str]:
    """The dtype of plain values, and its name; numpy sees no text that is not known to be one.

    It parses others with code of its own: of some of them, it ends the process.
    """
    if not isinstance(descr, str):
        return None, "a structured array"
    if descr == BFLOAT16:
        return None, "bfloat16 (ml_dtypes)"
    other = OTHER.fullmatch(descr)
    if PLAIN.fullmatch(descr):
        with suppress(TypeError):  # text wider than numpy has
            dtype = np.dtype(descr)
            return dtype, stored_name(dtype)
    elif other:
        return None, NAMES.get(other[1], f"float of an uncommon width ({descr})")
    raise InputRefused(
        f"{where}: the header has an unknown dtype {descr[:40]!r}.", "Save it with numpy.save."
    )


def _check_size(header: Header, size: int, where: str) -> None:
    promised, present = header.nbytes, size - header.offset
    if present < promised:
        raise InputRefused(
            f"{where}: truncated: the header promises {promised} bytes of data, there are "
            f"{present}.",
            "Save or copy it again.",
        )
    if present > promised:
        raise InputRefused(
            f"{where}: {present - promised} bytes follow the data (two arrays in one file?).",
            "Save one array a file.",
        )
