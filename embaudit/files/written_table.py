"""A table of rows as the bytes of a Parquet file and back, and an array as those of a .npy file."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.location import AnyPath, located
from embaudit.errors import InputRefused
from embaudit.files.file_status import opened
from embaudit.files.read_faults import reading


def arrow_table(
    columns: Mapping[str, NDArray[Any] | Sequence[Any]], about: Mapping[str, str] | None = None
) -> Any:
    """Columns of N values each: arrays (N,), arrays (N, n) as fixed-size lists, or plain lists.

    NaN and None become null. Lists that mix texts with other values become texts. about: texts
    that the table's metadata hold under their names.
    """
    import pyarrow as pa  # only where a table is made

    table = pa.table({name: _column(values) for name, values in columns.items()})
    return table.replace_schema_metadata(dict(about or {}) or None)


def parquet_of(
    columns: Mapping[str, NDArray[Any] | Sequence[Any]], about: Mapping[str, str] | None = None
) -> bytes:
    """`arrow_table` of the columns as the bytes of a Parquet file."""
    import pyarrow.parquet as pq

    table, sink = arrow_table(columns, about), io.BytesIO()
    with pq.ParquetWriter(sink, table.schema) as writer:
        writer.write(table)
    return sink.getvalue()


def plain_columns(table: Any, names: Sequence[str]) -> dict[str, NDArray[Any] | list[Any]]:
    """Those columns that a table of Arrow has: numbers as arrays, null as NaN, else lists."""
    return {name: _values(table[name]) for name in names if name in table.column_names}


def about_table(path: AnyPath) -> dict[str, str]:
    """What the metadata of a Parquet file say of it; nothing of a file that is none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with reading(path, pa.ArrowException), opened(located(path)) as stream:
            known = pq.read_metadata(stream).metadata or {}
    except InputRefused:
        return {}
    return {
        key.decode("utf-8", "replace"): text.decode("utf-8", "replace")
        for key, text in known.items()
    }


def table_of(
    path: AnyPath, columns: Sequence[str], about: Mapping[str, str]
) -> dict[str, NDArray[Any] | list[Any]]:
    """Those of the columns that a Parquet file of `parquet_of` has: numbers as arrays, else lists.

    Null numbers become NaN. Raises InputRefused for a damaged file, and one that is `about`
    something else.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with reading(path, pa.ArrowException), opened(located(path)) as stream:
        file = pq.ParquetFile(stream)
        known = {
            key.decode(): value.decode() for key, value in (file.metadata.metadata or {}).items()
        }
        strange = [name for name, text in about.items() if known.get(name) != text]
        if strange:
            raise InputRefused(f"{path}: is of another {strange[0]}.", "Write it with its report.")
        table = file.read([name for name in columns if name in file.schema_arrow.names])
    return plain_columns(table, columns)


def _values(column: Any) -> NDArray[Any] | list[Any]:
    import pyarrow as pa

    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        values: NDArray[Any] = column.to_numpy()
        return values
    listed: list[Any] = column.to_pylist()
    return listed


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
