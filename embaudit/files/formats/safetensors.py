"""A `.safetensors` file: a header in JSON, checked here, and the bytes of tensors behind it.

https://huggingface.co/docs/safetensors/index#format
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from embaudit.data import Array
from embaudit.data.finite_values import rows_at_once
from embaudit.errors import InputRefused, shown
from embaudit.files.column import Column, Table, repeated
from embaudit.files.file_status import StoredFile
from embaudit.files.formats.npy import filled
from embaudit.files.read_faults import reading

LENGTH_BYTES = 8
LONGEST_HEADER = 100_000_000  # as the format has it
LARGEST_DIMENSION = 2**63 - 1
BFLOAT16 = "BF16"
DTYPES = {
    "BOOL": np.dtype(bool),
    **{
        f"{kind}{bits}": np.dtype(f"<{kind.lower()}{bits // 8}")
        for kind in "UI"
        for bits in (8, 16, 32, 64)
    },
    **{f"F{bits}": np.dtype(f"<f{bits // 8}") for bits in (16, 32, 64)},
    BFLOAT16: np.dtype("<u2"),  # the upper half of a float32, which numpy has no type for
}


@dataclass(frozen=True)
class Tensor:
    """Values in a file; dtype: of its bytes, None where numpy has no such values. start: in it."""

    name: str
    shape: tuple[int, ...]
    kind: str
    dtype: "np.dtype[Any] | None"
    start: int

    @property
    def values(self) -> "np.dtype[Any] | None":
        """The dtype as which they are read."""
        return np.dtype(np.float32) if self.kind == BFLOAT16 else self.dtype


def describe(file: StoredFile) -> Table:
    """A column a tensor. Raises InputRefused unless the header fits the bytes there are."""
    with reading(file.at), file.opened() as handle:
        length = int.from_bytes(handle.read(LENGTH_BYTES), "little")
        if length > min(LONGEST_HEADER, file.size - LENGTH_BYTES):
            _refuse(file, f"promises a header of {length} bytes")
        text = handle.read(length)
    tensors = _tensors(file, text, LENGTH_BYTES + length)
    if not tensors:
        raise InputRefused(f"{file.path}: holds no tensors.", "Save them with save_file.")
    return Table(file, tuple(_column(file, tensor) for tensor in tensors))


def _tensors(file: StoredFile, text: bytes, begin: int) -> list[Tensor]:
    """What the header tells, in the order of the bytes."""
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=partial(_unique, file))
        header.pop("__metadata__", None)
        told = [
            (one["data_offsets"], name, one["dtype"], one["shape"]) for name, one in header.items()
        ]
        told.sort()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputRefused(
            f"{file.path}: the header is malformed.", "Save it again with safetensors."
        ) from error
    tensors, end = [], 0
    for offsets, name, kind, shape in told:
        tensor = _tensor(file, name, kind, shape, offsets, begin)
        if offsets[0] != end:
            _refuse(file, f"has tensor {name[:100]!r} at byte {offsets[0]} instead of {end}")
        end = offsets[1]
        tensors.append(tensor)
    if begin + end != file.size:
        _refuse(file, f"promises {end} bytes of tensors, there are {file.size - begin}")
    return tensors


def _unique(file: StoredFile, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if problem := repeated([name for name, _ in pairs], "tensors"):
        raise InputRefused(f"{file.path}: {problem}.", "Save it again.")
    return dict(pairs)


def _tensor(file: StoredFile, name: str, kind: Any, shape: Any, offsets: Any, begin: int) -> Tensor:
    numbers = [*shape, *offsets] if isinstance(shape, list) and isinstance(offsets, list) else [-1]
    for number in numbers:
        if type(number) is not int or not 0 <= number <= LARGEST_DIMENSION:
            _refuse(file, f"has an impossible size {shown(number)} of tensor {name[:100]!r}")
    if not isinstance(kind, str) or len(offsets) != 2 or offsets[1] < offsets[0]:
        _refuse(file, f"has a malformed tensor {name[:100]!r}")
    dtype = DTYPES.get(kind)
    size = offsets[1] - offsets[0]
    if dtype is not None and math.prod(shape) * dtype.itemsize != size:
        _refuse(file, f"has {size} bytes for the shape {tuple(shape)} of tensor {name[:100]!r}")
    return Tensor(name, tuple(shape), kind, dtype, begin + offsets[0])


def _refuse(file: StoredFile, why: str) -> None:
    raise InputRefused(
        f"{file.path}: is truncated, damaged or no safetensors file: it {why}.",
        "Save or copy it again.",
    )


def _column(file: StoredFile, tensor: Tensor) -> Column:
    dtype = tensor.values
    stored = "bfloat16" if tensor.kind == BFLOAT16 else f"{tensor.kind[:40]} of safetensors"
    if dtype is None:
        return Column(file.path, tensor.name, tensor.shape, None, stored, 0, _unreadable)
    nbytes = math.prod(tensor.shape) * dtype.itemsize
    return Column(
        file.path,
        tensor.name,
        tensor.shape,
        dtype,
        stored if tensor.kind == BFLOAT16 else dtype.name,
        nbytes,
        partial(_read, file, tensor),
        partial(_blocks, file, tensor) if len(tensor.shape) == 2 and nbytes else None,
    )


def _read(file: StoredFile, tensor: Tensor) -> Array:
    with reading(file.at), file.opened() as handle:
        handle.seek(tensor.start)
        return _part(file, handle, tensor, tensor.shape)


def _blocks(file: StoredFile, tensor: Tensor) -> Iterator[Array]:
    assert tensor.dtype is not None
    rows, dim = tensor.shape
    step = rows_at_once(dim, tensor.dtype.itemsize)
    with reading(file.at), file.opened() as handle:
        handle.seek(tensor.start)
        for start in range(0, rows, step):
            yield _part(file, handle, tensor, (min(step, rows - start), dim))


def _part(file: StoredFile, handle: Any, tensor: Tensor, shape: tuple[int, ...]) -> Array:
    """The next values; those of bfloat16 as the float32 that they are the upper half of."""
    values = np.empty(shape, tensor.dtype)
    if not filled(handle, values):
        raise InputRefused(f"{file.path}: is truncated.", "Save or copy it again.")
    if tensor.kind != BFLOAT16:
        return values
    wide: Array = (values.astype(np.uint32) << 16).view(np.float32)
    return wide


def _unreadable() -> Array:
    raise AssertionError("a column without a dtype is refused before it is read")
