"""A Lance dataset, a folder: its columns as those of Parquet are, read in batches (an extra).

https://lance.org/format/table
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa

from embaudit.errors import InputRefused
from embaudit.files.arrow.fields import first_lengths, table_from
from embaudit.files.arrow.record_batches import FAULTS, RecordBatches
from embaudit.files.column import Table
from embaudit.files.extra_library import needed
from embaudit.files.file_status import StoredFile
from embaudit.files.read_faults import reading
from embaudit.files.stored_folder import StoredFolder

DAMAGE = (*FAULTS, RuntimeError)
FEW: dict[str, Any] = {  # what is read ahead; by default it may be gigabytes
    "batch_readahead": 1,
    "fragment_readahead": 1,
    "io_buffer_size": 64 << 20,
    "scan_in_order": True,
}


def describe(file: StoredFile) -> Table:
    """The columns of the newest version. Needs embaudit[lance]."""
    needed("lance", "lance", file)
    if not file.at.local or not isinstance(file, StoredFolder):
        what = "is in a store" if not file.at.local else "is a file, and a dataset is a folder"
        raise InputRefused(
            f"{file.path}: {what}: Lance is read from a folder of this machine.",
            "Give that folder, or save the rows as Parquet.",
        )
    with reading(file.at, *DAMAGE):
        dataset = _opened(file, None)
        schema, rows, version = dataset.schema, dataset.count_rows(), dataset.version
        batches = partial(_batches, file, version)
        lengths = first_lengths(schema, partial(batches, rows=1), file.path)
    return table_from(RecordBatches(file, batches), schema, rows, lengths)


def _opened(file: StoredFile, version: int | None) -> Any:
    lance = needed("lance", "lance", file)
    dataset = lance.dataset(str(file.at), version=version)
    if dataset.base_paths():
        raise InputRefused(
            f"{file.path}: is a clone, whose rows are in another folder.",
            "Make one that holds them: dataset.deep_clone(path).",
        )
    return dataset


def _batches(
    file: StoredFile, version: int, names: list[str], rows: int
) -> Iterator[pa.RecordBatch]:
    file.check_unchanged()
    with reading(file.at, *DAMAGE):
        yield from _opened(file, version).to_batches(columns=names, batch_size=rows, **FEW)
