"""Rows of a Lance dataset, as a stream of Arrow on standard output: a process of its own.

Run by `formats/lance_dataset.py`, with the dataset, a version or -1, a JSON list of columns and the
rows of a batch. What a damaged dataset breaks in the library, it breaks here.
"""

import json
import sys

ROWS, VERSION, CLONE = b"rows", b"version", b"clone"  # told beside the schema
FEW = {  # what is read ahead; by default it may be gigabytes
    "batch_readahead": 1,
    "fragment_readahead": 1,
    "io_buffer_size": 64 << 20,
    "scan_in_order": True,
}


def main(path: str, version: int, names: list[str] | None, rows: int) -> None:
    """Write the schema, what is told beside it, and these columns; None: the first row of all."""
    import lance
    import pyarrow as pa

    dataset = lance.dataset(path, version=None if version < 0 else version)
    told = {
        ROWS: str(dataset.count_rows()).encode(),
        VERSION: str(dataset.version).encode(),
        CLONE: b"1" if dataset.base_paths() else b"",
    }
    limit = 1 if names is None else None
    scanner = dataset.scanner(columns=names, batch_size=rows, limit=limit, **FEW)
    schema: pa.Schema = scanner.projected_schema
    kept = dataset.schema.metadata or {}
    with pa.ipc.new_stream(sys.stdout.buffer, schema.with_metadata({**kept, **told})) as into:
        for batch in scanner.to_batches():
            into.write_batch(batch)


if __name__ == "__main__":
    path, version, names, rows = sys.argv[1:]
    main(path, int(version), json.loads(names), int(rows))
