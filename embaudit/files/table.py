"""A table of rows as the bytes of a Parquet file, and an array as those of a .npy file."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def parquet_of(columns: Mapping[str, NDArray[Any] | Sequence[Any]]) -> bytes:
    """Columns of N values each: arrays (N,), arrays (N, n) as fixed-size lists, or plain lists.

    NaN and None become null. Lists that mix texts with other values become texts.
    """
    import pyarrow as pa  # only where a table is written
    import pyarrow.parquet as pq

    table = pa.table({name: _column(values) for name, values in columns.items()})
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def _column(values: NDArray[Any] | Sequence[Any]) -> Any:
    import pyarrow as pa

    if not isinstance(values, np.ndarray):
        mixed = len({type(value) for value in values} - {type(None)}) > 1
        return pa.array([_text(value) for value in values] if mixed else list(values))
    if values.ndim == 1:
        return pa.array(values, from_pandas=True)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def npy_of(values: NDArray[Any]) -> bytes:
    """An array as the bytes of a .npy file."""
    sink = io.BytesIO()
    np.lib.format.write_array(sink, values, allow_pickle=False)
    return sink.getvalue()
