"""The types of Arrow that hold vectors, each with its way to plain lists of numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types

from embaudit.files.arrow.arrow_to_numpy import plain_dtype
from embaudit.files.arrow.list_columns import NULL, is_list, plain_lists
from embaudit.files.arrow.spark_vectors import is_spark_vector, spark_lists
from embaudit.files.arrow.text_vectors import text_lists

BLOCK_VALUES = 1 << 22  # of vectors, converted at a time


@dataclass(frozen=True)
class VectorForm:
    """How a column holds vectors.

    dtype: of the values. dim: where the type tells it. lists: a batch as lists of these values,
    null where there is no vector. axes: of a tensor that is a vector but for axes of one.
    unfit: what a null of these lists means. at_once: values converted at a time.
    """

    dtype: "np.dtype[Any]"
    dim: int | None
    lists: Callable[[pa.Array], pa.Array] = plain_lists
    axes: tuple[int, ...] | None = None
    unfit: str = NULL
    at_once: int = BLOCK_VALUES


_FLOAT64 = np.dtype(np.float64)
SPARK = VectorForm(
    _FLOAT64, None, spark_lists, unfit="vectors that are null or contradict themselves"
)
TEXT = VectorForm(
    _FLOAT64,
    None,
    text_lists,
    unfit="texts that are no vector of numbers",
    at_once=BLOCK_VALUES // 16,
)


def form_of(kind: pa.DataType) -> VectorForm | None:
    """How a type holds vectors; None where it holds none."""
    if isinstance(kind, pa.FixedShapeTensorType):
        return _of_tensor(kind)
    if is_spark_vector(kind):
        return SPARK
    if not is_list(kind):
        return None
    value = kind.value_type
    if wrapped := _single_field(value):
        dtype, lists = plain_dtype(wrapped), _unwrapped_lists
    elif types.is_dictionary(value):
        dtype, lists = plain_dtype(value.value_type), _decoded_lists
    else:
        dtype, lists = plain_dtype(value), plain_lists
    if dtype is None or dtype.kind not in "fiu":
        return None
    return VectorForm(dtype, kind.list_size if types.is_fixed_size_list(kind) else None, lists)


def _of_tensor(kind: Any) -> VectorForm | None:
    """A tensor of one axis, but for axes of one, is stored as a list of fixed size."""
    form = form_of(kind.storage_type)
    if form is None or sum(size != 1 for size in kind.shape) > 1:
        return None
    if form.dim != math.prod(kind.shape):
        return None
    axes = tuple(kind.shape) if len(kind.shape) > 1 else None
    return VectorForm(form.dtype, form.dim, form.lists, axes)


def _single_field(kind: pa.DataType) -> pa.DataType | None:
    """The type within a struct of one field: DuckDB 0.10 wrote its arrays as lists of such."""
    return kind.field(0).type if types.is_struct(kind) and kind.num_fields == 1 else None


def _unwrapped_lists(lists: pa.Array) -> pa.Array:
    plain = plain_lists(lists)
    return _with_values(plain, plain.values.flatten()[0])  # its nulls are those of the structs too


def _decoded_lists(lists: pa.Array) -> pa.Array:
    plain = plain_lists(lists)
    return _with_values(plain, plain.values.dictionary_decode())


def _with_values(lists: pa.Array, values: pa.Array) -> pa.Array:
    """The same lists of other values, one for each that there was."""
    null = lists.is_null()
    if types.is_fixed_size_list(lists.type):
        size = lists.type.list_size
        values = values.slice(lists.offset * size, len(lists) * size)
        return pa.FixedSizeListArray.from_arrays(values, size, mask=null)
    make = pa.LargeListArray if types.is_large_list(lists.type) else pa.ListArray
    offsets = lists.offsets
    first, last = offsets[0].as_py(), offsets[-1].as_py()
    offsets = pa.array(offsets.to_numpy() - first, offsets.type)
    return make.from_arrays(offsets, values.slice(first, last - first), mask=null)
