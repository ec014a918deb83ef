"""The formats of files that are read: one a file of this folder, and a row of FORMATS each.

A format knows how bytes become columns, and how headers can lie. It knows nothing of what a column
is wanted for, of shards or of stores. Its interface is one function, in the module its row names:

    describe(file: "StoredFile") -> "Table"

It reads headers alone, through `file.opened()`, and refuses what contradicts itself, naming the
file; a `Column` then fetches its values once they are wanted. What the format's own reader raises
for damage becomes a refusal inside `reading(file.at, *FAULTS)`. A library that ends the process on
a damaged file reads in one of its own, by `library_process.table_of`.

To add one: write NAME.py here and a row below; where vectors of it were told to be converted, drop
its rows of CONVERSIONS. Of a schema and record batches of Arrow, `files.arrow` makes the table.
Shards, series of checkpoints, messages and help read the rows; tests/files/test_formats.py holds
each to the interface, test_every_format.py to what all must bear: every_format.py wants a way to
save one.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # help reads the rows, and costs no numpy
    from embaudit.files.column import Table
    from embaudit.files.file_status import StoredFile


@dataclass(frozen=True)
class Format:
    """A way in which values are stored.

    suffixes: of file names, in lower case; prose has the first. module: of this folder.
    magic: bytes that a file begins with, and none of another format; where these could be letters
    of a text, bytes that are none follow soon. typed: whether 1 is not '1'.
    folder: whether it is a folder of files, which has the suffix or holds one of `marks`.
    """

    suffixes: tuple[str, ...]
    module: str
    magic: tuple[bytes, ...] = ()
    typed: bool = True
    folder: bool = False
    marks: tuple[str, ...] = ()

    def describe(self, file: "StoredFile") -> "Table":
        """The columns of a file, from its headers; imports what the format takes only now."""
        table: Table = import_module(f"{__name__}.{self.module}").describe(file)
        return table


FORMATS = (
    Format(("npy",), "npy", (b"\x93NUMPY",)),
    Format(("npz",), "npz"),
    Format(("parquet", "pq"), "parquet", (b"PAR1",)),
    Format(("arrow", "feather", "ipc"), "arrow_ipc", (b"ARROW1", b"\xff\xff\xff\xff")),
    Format(("h5", "hdf5"), "hdf5", (b"\x89HDF\r\n\x1a\n",)),
    Format(("safetensors",), "safetensors"),
    Format(("mat",), "matlab"),
    Format(("zarr", "zip"), "zarr_store", folder=True, marks=("zarr.json", ".zgroup", ".zarray")),
    Format(("lance",), "lance_dataset", folder=True, marks=("_versions",)),
    Format(("fvecs", "bvecs", "ivecs"), "counted_vectors"),
    Format(("faiss", "index"), "faiss_index"),
    Format(("json", "jsonl", "ndjson"), "json_values"),
    Format(("csv", "tsv"), "delimited", typed=False),
    Format(("txt", "vec"), "txt", typed=False),
)

# What no vectors are read from: what it is, and the call that converts it once. NAME is the file,
# NPY and TABLE what to make: `known_formats.MADE`.
RUNS_CODE = "which can run code when it is read"
_TORCH = (f"is a PyTorch file, {RUNS_CODE}", "numpy.save(NPY, torch.load(NAME).float().numpy())")
_PICKLE = (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, numpy.stack(pandas.read_pickle(NAME)))")
_COUNTED = {"fbin": "float32", "u8bin": "uint8", "i8bin": "int8"}


def _counted(dtype: str) -> tuple[str, str]:
    """Of rows behind how many they are and how long, as benchmarks of search have them."""
    shape = "numpy.fromfile(NAME, 'uint32', 2)"
    return f"is values of {dtype} behind their shape", (
        f"numpy.save(NPY, numpy.fromfile(NAME, {dtype!r}, offset=8).reshape({shape}))"
    )


CONVERSIONS: Mapping[str, tuple[str, str]] = {
    "pt": _TORCH,
    "pth": _TORCH,
    "bin": _TORCH,
    "pkl": _PICKLE,
    "pickle": _PICKLE,
    "joblib": (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, joblib.load(NAME))"),
    "xlsx": ("is a spreadsheet", "pandas.read_excel(NAME).to_parquet(TABLE)"),
    "h5ad": (
        "is an AnnData file",
        "numpy.save(NPY, anndata.read_h5ad(NAME).obsm['X_pca'])",
    ),
    **{suffix: _counted(dtype) for suffix, dtype in _COUNTED.items()},
    "orc": ("is an ORC file", "pandas.read_orc(NAME).to_parquet(TABLE)"),
}

FIRST, CONTROLS = 64, re.compile(rb"[\0-\x08\x0e-\x1f]")  # bytes, of which a text has none there
SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)


def format_of(suffix: str) -> Format:
    """The row of a suffix that is known; raises KeyError."""
    return _BY_SUFFIX[suffix]


def folder_format(suffix: str, names: Collection[str] = ()) -> str | None:
    """The format of a folder of a suffix that holds these entries, None where it is of none."""
    for one in FORMATS:
        if one.folder and (suffix in one.suffixes or not {*one.marks}.isdisjoint(names)):
            return one.suffixes[0]
    return None


def format_begun(head: bytes) -> str | None:
    """The format that a file of these first bytes is of, whatever its name, if they tell."""
    if CONTROLS.search(head, 0, FIRST) is None:
        return None  # a text, whatever its first letters
    return next((one.suffixes[0] for one in FORMATS if head.startswith(one.magic)), None)


def in_prose() -> str:
    """The formats for a sentence, each by its first suffix: `.npy, .npz or .parquet`."""
    names = [f".{one.suffixes[0]}" for one in FORMATS]
    return f"{', '.join(names[:-1])} or {names[-1]}"


_BY_SUFFIX = {suffix: one for one in FORMATS for suffix in one.suffixes}
