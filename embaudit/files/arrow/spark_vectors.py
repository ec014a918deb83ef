"""Vectors of Spark ML: a struct that holds all values, or those that are not zero by position."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute
from pyarrow import types

from embaudit.data import Array
from embaudit.files.arrow.list_columns import is_list, plain_lists

SPARSE, DENSE = 0, 1
FIELDS = ("type", "size", "indices", "values")
MOST_VALUES = 1 << 26  # of a batch, once zeros are written out


def is_spark_vector(kind: pa.DataType) -> bool:
    """Whether the type is that of `pyspark.ml.linalg.VectorUDT`."""
    if not types.is_struct(kind) or tuple(field.name for field in kind) != FIELDS:
        return False
    which, size, indices, values = (field.type for field in kind)
    return bool(
        types.is_integer(which)
        and types.is_integer(size)
        and is_list(indices)
        and types.is_integer(indices.value_type)
        and is_list(values)
        and values.value_type == pa.float64()
    )


def spark_lists(vectors: pa.Array) -> pa.Array:
    """A batch as lists of float64; null where there is no vector, or one that contradicts itself.

    A dense vector is its values; a sparse one has so many zeros, but at its indices, which ascend.
    Raises ValueError for sizes that no batch can have.
    """
    kinds = _integers(_field(vectors, "type"))
    values = plain_lists(_field(vectors, "values"))
    if (kinds == DENSE).all():
        return values
    indices = plain_lists(_field(vectors, "indices"))
    sparse, lengths = kinds == SPARSE, _lengths(values)
    sizes = np.where(sparse, _integers(_field(vectors, "size")), lengths)
    sound = (sparse & (_lengths(indices) == lengths) | (kinds == DENSE)) & (lengths >= 0)
    if sound.all():
        at, owner = _positions(indices, sparse, lengths)
        lost = (at < 0) | (at >= sizes[owner])
        lost[1:] |= (owner[1:] == owner[:-1]) & (at[1:] <= at[:-1])
        sound[owner[lost]] = False
    sound &= sizes >= 0
    if not sound.all():
        rows = np.cumsum(sound) - 1
        return spark_lists(vectors.filter(pa.array(sound))).take(pa.array(rows, mask=~sound))
    if sizes.sum() > MOST_VALUES:
        raise ValueError("the sizes of its sparse vectors are more than a batch can hold")
    starts = np.concatenate(([0], np.cumsum(sizes)))
    whole = np.zeros(starts[-1])
    whole[starts[owner] + at] = values.flatten().to_numpy(zero_copy_only=False)
    return pa.LargeListArray.from_arrays(pa.array(starts), pa.array(whole))


def _positions(indices: pa.Array, sparse: Array, lengths: Array) -> tuple[Array, Array]:
    """Where each value stands in its vector, and the row of that."""
    owner = np.repeat(np.arange(len(lengths)), lengths)
    at = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    of_sparse = indices.filter(pa.array(sparse)).flatten()
    at[sparse[owner]] = _integers(of_sparse)
    return at, owner


def _field(vectors: pa.Array, name: str) -> pa.Array:
    return compute.struct_field(vectors, [name])


def _integers(values: pa.Array) -> Array:
    """Null as -1."""
    plain: Array = values.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    return plain


def _lengths(lists: pa.Array) -> Array:
    """Of each list, -1 for null."""
    return _integers(compute.list_value_length(lists))
