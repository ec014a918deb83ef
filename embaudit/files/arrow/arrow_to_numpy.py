"""Plain values of Arrow as numpy has them: numbers, booleans and text; None for null."""

from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import types

from embaudit.data import Array

NUMBERS: dict[pa.DataType, "np.dtype[Any]"] = {  # `to_pandas_dtype` may want pandas itself
    pa.bool_(): np.dtype(bool),
    **{
        getattr(pa, f"{sign}int{bits}")(): np.dtype(f"{sign}int{bits}")
        for sign in ("", "u")
        for bits in (8, 16, 32, 64)
    },
    **{getattr(pa, f"float{bits}")(): np.dtype(f"float{bits}") for bits in (16, 32, 64)},
}


def plain_dtype(kind: pa.DataType) -> "np.dtype[Any] | None":
    """The numpy dtype of a plain type; None for nested types, decimals, times and nulls."""
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return np.dtype("U")
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_binary_view(kind):
        return np.dtype("S")
    return NUMBERS.get(kind)


def plain_values(array: pa.Array) -> Array:
    """The values of an array; objects with None for null where there are nulls or text."""
    if types.is_dictionary(array.type):  # by value: codes mean nothing beyond this block
        values: Array = np.empty(len(array.dictionary) + 1, object)  # the last stays None, for null
        values[:-1] = array.dictionary.to_pylist()
        return values[_codes(array)]
    if array.null_count or not types.is_primitive(array.type):
        return np.array([*array.to_pylist(), None], object)[:-1]
    plain: Array = array.to_numpy(zero_copy_only=False)
    return plain


def _codes(array: pa.Array) -> Array:
    """Indices into the dictionary, null as the one after its end."""
    codes: Array = array.indices.cast(pa.int64()).fill_null(len(array.dictionary)).to_numpy()
    return codes


def decoded(array: pa.Array) -> pa.Array:
    """The values of a dictionary; any other array as it is."""
    return array.dictionary_decode() if types.is_dictionary(array.type) else array
