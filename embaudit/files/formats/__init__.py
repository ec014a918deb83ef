"""The formats of files that are read: one a file of this folder, and a row of FORMATS each.

A format knows how bytes become columns, and how headers can lie. It knows nothing of what a column
is wanted for, of shards or of stores. Its interface is one function, in the module its row names:

    describe(file: "StoredFile") -> "Table"

It reads headers alone, through `file.opened()`, and refuses what contradicts itself, naming the
file; a `Column` then fetches its values once they are wanted. What the format's own reader raises
for damage becomes a refusal inside `reading(file.at, *FAULTS)`.

To add one: write NAME.py here and a row below; where vectors of it were told to be converted, drop
its rows of CONVERSIONS. Of a schema and record batches of Arrow, `files.arrow` makes the table.
Shards, series of checkpoints, messages and help read the rows; tests/files/test_formats.py holds
each to the interface, and test_swapped.py and test_forms.py want a way to save one.
"""

from collections.abc import Mapping
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
    vectors: whether embeddings may be in it; labels may be in any. typed: whether 1 is not '1'.
    """

    suffixes: tuple[str, ...]
    module: str
    vectors: bool = True
    typed: bool = True

    def describe(self, file: "StoredFile") -> "Table":
        """The columns of a file, from its headers; imports what the format takes only now."""
        table: Table = import_module(f"{__name__}.{self.module}").describe(file)
        return table


FORMATS = (
    Format(("npy",), "npy"),
    Format(("npz",), "npz"),
    Format(("parquet",), "parquet"),
    Format(("arrow", "feather", "ipc"), "arrow_ipc"),
    Format(("safetensors",), "safetensors"),
    Format(("json", "jsonl", "ndjson"), "json_values"),
    Format(("csv", "tsv"), "delimited", typed=False),
    Format(("txt",), "lines", vectors=False, typed=False),
)

# What no vectors are read from: what it is, and the call that converts it once. NAME is the file,
# NPY and TABLE what to make.
RUNS_CODE = "which can run code when it is read"
_TORCH = (f"is a PyTorch file, {RUNS_CODE}", "numpy.save(NPY, torch.load(NAME).float().numpy())")
_PICKLE = (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, numpy.stack(pandas.read_pickle(NAME)))")
_HDF5 = ("is an HDF5 file", "numpy.save(NPY, h5py.File(NAME)['embeddings'][:])")
_FAISS = (
    "is a FAISS index",
    "i = faiss.read_index(NAME); numpy.save(NPY, i.reconstruct_n(0, i.ntotal))",
)
_TEXT = "is text, and vectors are not read from text"
CONVERSIONS: Mapping[str, tuple[str, str]] = {
    "pt": _TORCH,
    "pth": _TORCH,
    "bin": _TORCH,
    "pkl": _PICKLE,
    "pickle": _PICKLE,
    "joblib": (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, joblib.load(NAME))"),
    "txt": (_TEXT, "numpy.save(NPY, numpy.loadtxt(NAME, dtype='float32'))"),
    "h5": _HDF5,
    "hdf5": _HDF5,
    "mat": ("is a MATLAB file", "numpy.save(NPY, scipy.io.loadmat(NAME)['embeddings'])"),
    "xlsx": ("is a spreadsheet", "pandas.read_excel(NAME).to_parquet(TABLE)"),
    "orc": ("is an ORC file", "pandas.read_orc(NAME).to_parquet(TABLE)"),
    "fvecs": (
        "is a file of vectors, each after its length",
        "a = numpy.fromfile(NAME, '<i4'); numpy.save(NPY, "
        "a.reshape(-1, a[0] + 1)[:, 1:].view('<f4'))",
    ),
    "index": _FAISS,
    "faiss": _FAISS,
}

VECTOR_SUFFIXES = tuple(suffix for one in FORMATS if one.vectors for suffix in one.suffixes)
SUFFIXES = tuple(suffix for one in FORMATS for suffix in one.suffixes)  # labels may be in any


def format_of(suffix: str) -> Format:
    """The row of a suffix that is known; raises KeyError."""
    return _BY_SUFFIX[suffix]


def in_prose(*, vectors: bool = False) -> str:
    """The formats for a sentence, each by its first suffix: `.npy, .npz or .parquet`."""
    names = [f".{one.suffixes[0]}" for one in FORMATS if one.vectors or not vectors]
    return f"{', '.join(names[:-1])} or {names[-1]}"


_BY_SUFFIX = {suffix: one for one in FORMATS for suffix in one.suffixes}
