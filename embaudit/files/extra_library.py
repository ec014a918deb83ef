"""A library that only some formats need, and an extra of the package brings."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from embaudit.core.package_extras import install_line
from embaudit.errors import InputRefused, Problem
from embaudit.files.file_status import StoredFile
from embaudit.files.format_check import conversion

CALLS = {  # by the extra that reads them
    "hdf5": "numpy.save(NPY, h5py.File(NAME)['embeddings'][:])",
    "lance": "pyarrow.parquet.write_table(lance.dataset(NAME).to_table(), TABLE)",
    "zarr": "numpy.save(NPY, zarr.open(NAME)['embeddings'][:])",
}


def needed(library: str, extra: str, file: StoredFile) -> Any:
    """The module; raises InputRefused, which names the extra, where it is not installed."""
    try:
        return import_module(library)
    except ImportError as error:
        raise InputRefused(_missing(library, extra, file)) from error


def check_installed(library: str, extra: str, file: StoredFile) -> None:
    """Raise InputRefused, which names the extra, where a library is not installed."""
    if find_spec(library) is None:
        raise InputRefused(_missing(library, extra, file))


def _missing(library: str, extra: str, file: StoredFile) -> Problem:
    cause = f"{file.path}: .{file.format} is read by {library}, which is not installed."
    return Problem(cause, f"{install_line(extra)}. {elsewhere(extra, file)}")


def elsewhere(extra: str, file: StoredFile) -> str:
    """How what an extra reads is converted where its library is."""
    return f"Or convert it once, where its library is: {conversion(file.at, CALLS[extra])}"
