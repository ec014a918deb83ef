"""A Lance dataset, a folder: its columns as those of Parquet are, read in batches (an extra).

https://lance.org/format/table.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from embaudit.errors import InputRefused
from embaudit.files.column import Table
from embaudit.files.extra_library import check_installed, elsewhere
from embaudit.files.file_status import StoredFile
from embaudit.files.library_process import table_of
from embaudit.files.library_rows import LibraryRows

if TYPE_CHECKING:
    import pyarrow as pa

FEW = {  # what is read ahead; by default it may be gigabytes
    "batch_readahead": 1,
    "fragment_readahead": 1,
    "io_buffer_size": 64 << 20,
    "scan_in_order": True,
}


def describe(file: StoredFile) -> Table:
    """The columns of the newest version. Needs embaudit[lance]."""
    check_installed("lance", "lance", file)
    if not file.at.local or file.seen.kind != "directory":
        what = "is in a store" if not file.at.local else "is a file, and a dataset is a folder"
        raise InputRefused(
            f"{file.path}: {what}: Lance is read from a folder of this machine.",
            f"Give that folder. {elsewhere('lance', file)}",
        )
    return table_of(file, dataset_rows, elsewhere("lance", file))


def dataset_rows(path: str, version: int | None = None) -> LibraryRows:
    """version: that of the first look."""
    import lance

    dataset = lance.dataset(path, version=version)
    if dataset.base_paths():
        raise InputRefused(
            "is a clone, whose rows are in another folder.",
            "Make one that holds them: dataset.deep_clone(path).",
        )

    def read(names: list[str], rows: int) -> Iterator["pa.RecordBatch"]:
        batches: Iterator[pa.RecordBatch]
        batches = dataset.scanner(columns=names, batch_size=rows, **FEW).to_batches()
        return batches

    return LibraryRows(dataset.schema, dataset.count_rows(), read, {"version": dataset.version})
