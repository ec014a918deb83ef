"""A matrix that holds a vector a column: what turns it, as it is stored."""

from collections.abc import Mapping

from embaudit.files.file_status import StoredFile
from embaudit.files.format_check import conversion

LOADED: Mapping[str, str] = {  # by format, with the name of the column
    "npy": "numpy.load(NAME)",
    "npz": "numpy.load(NAME)[COLUMN]",
    "mat": "scipy.io.loadmat(NAME)[COLUMN]",
    "h5": "h5py.File(NAME)[COLUMN][:]",
    "hdf5": "h5py.File(NAME)[COLUMN][:]",
    "zarr": "zarr.open(NAME)[COLUMN][:]",
    "safetensors": "safetensors.numpy.load_file(NAME)[COLUMN]",
    "csv": "numpy.loadtxt(NAME, delimiter=',')",
    "txt": "numpy.loadtxt(NAME)",
}


def turned_remedy(file: StoredFile, column: str, rows: int) -> str:
    """What to do about vectors that stand in columns, of which there are as many as labels."""
    asked = f"Each of its {rows} columns is a vector? Then turn it"
    loaded = LOADED.get(file.format)
    if loaded is None:
        return f"{asked}: x.T instead of x."
    call = conversion(file.at, f"numpy.save(TURNED, {loaded}.T)")
    before, mark, after = call.rpartition("COLUMN")
    return f"{asked}: {before}{repr(column) if mark else ''}{after}"
