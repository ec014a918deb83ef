"""What is not read: by its name, what it is, and the line that makes of it what is."""

from collections.abc import Collection, Mapping
from pathlib import PurePath

from embaudit.errors import Problem, option
from embaudit.location import Location

RUNS_CODE = "which can run code when it is read"

# What it is, and the call that converts it once: NAME is the file, NPY and TABLE what to make.
TORCH = (f"is a PyTorch file, {RUNS_CODE}", "numpy.save(NPY, torch.load(NAME).float().numpy())")
PICKLE = (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, numpy.stack(pandas.read_pickle(NAME)))")
HDF5 = ("is an HDF5 file", "numpy.save(NPY, h5py.File(NAME)['embeddings'][:])")
ARROW = ("is an Arrow file", "pandas.read_feather(NAME).to_parquet(TABLE)")
LANCE = ("is a Lance dataset", "pyarrow.parquet.write_table(lance.dataset(NAME).to_table(), TABLE)")
ZARR = ("is a Zarr array", "numpy.save(NPY, zarr.open(NAME)[:])")
DATASET = (
    "is a dataset that Dataset.save_to_disk wrote",
    "datasets.load_from_disk(NAME).to_parquet(TABLE)",
)
TEXT = "table['embedding'].map(json.loads)"
FILES: Mapping[str, tuple[str, str]] = {
    "pt": TORCH,
    "pth": TORCH,
    "bin": TORCH,
    "pkl": PICKLE,
    "pickle": PICKLE,
    "joblib": (f"is a pickle, {RUNS_CODE}", "numpy.save(NPY, joblib.load(NAME))"),
    "safetensors": (
        "is a safetensors file, of which many arrays may be part",
        "numpy.save(NPY, safetensors.numpy.load_file(NAME)['embeddings'])",
    ),
    "csv": (
        "is text, and vectors are not read from text",
        "table = pandas.read_csv(NAME); numpy.save(NPY, numpy.stack(" + TEXT + "))",
    ),
    "tsv": (
        "is text, and vectors are not read from text",
        "numpy.save(NPY, numpy.loadtxt(NAME, delimiter='\\t', dtype='float32'))",
    ),
    "txt": (
        "is text, and vectors are not read from text",
        "numpy.save(NPY, numpy.loadtxt(NAME, dtype='float32'))",
    ),
    "json": (
        "is JSON, and vectors are not read from text",
        "numpy.save(NPY, numpy.array(json.load(open(NAME)), 'float32'))",
    ),
    "jsonl": (
        "is JSON, and vectors are not read from text",
        "pandas.read_json(NAME, lines=True).to_parquet(TABLE)",
    ),
    "h5": HDF5,
    "hdf5": HDF5,
    "feather": ARROW,
    "arrow": ARROW,
    "mat": ("is a MATLAB file", "numpy.save(NPY, scipy.io.loadmat(NAME)['embeddings'])"),
    "xlsx": ("is a spreadsheet", "pandas.read_excel(NAME).to_parquet(TABLE)"),
    "orc": ("is an ORC file", "pandas.read_orc(NAME).to_parquet(TABLE)"),
    "fvecs": (
        "is a file of vectors, each after its length",
        "a = numpy.fromfile(NAME, '<i4'); numpy.save(NPY, "
        "a.reshape(-1, a[0] + 1)[:, 1:].view('<f4'))",
    ),
    "index": (
        "is a FAISS index",
        "i = faiss.read_index(NAME); numpy.save(NPY, i.reconstruct_n(0, i.ntotal))",
    ),
    "faiss": (
        "is a FAISS index",
        "i = faiss.read_index(NAME); numpy.save(NPY, i.reconstruct_n(0, i.ntotal))",
    ),
}
PACKED = ("gz", "bz2", "xz", "zst", "zip", "tar", "tgz", "7z")
FOLDERS: Mapping[str, tuple[str, str]] = {"lance": LANCE, "zarr": ZARR}


def file_problem(at: Location, formats: Collection[str]) -> Problem:
    """Why a file of another suffix than these is not read."""
    suffix = at.suffix.lower().removeprefix(".")
    known = ", ".join(f".{name}" for name in formats)
    if suffix in PACKED:
        return Problem(f"{at}: is compressed or packed.", f"Unpack it; what is read is {known}.")
    labels = "txt" in formats
    what, call = FILES.get(suffix, ("", ""))
    if labels and RUNS_CODE in what:
        return Problem(f"{at}: {what}.", f"Save the labels as {known}.")
    if labels or not what:
        told = f"the suffix '.{suffix}'" if suffix else "a name without a suffix"
        return Problem(f"{at}: {told} is not supported here.", f"Give {known}.")
    return _convertible(at, (what, call))


def folder_problem(at: Location, names: Collection[str], folders: Collection[str]) -> Problem:
    """Why a directory of these files and folders holds no shards."""
    suffix = at.suffix.lower().removeprefix(".")
    if suffix in FOLDERS:
        return _convertible(at, FOLDERS[suffix])
    if {"dataset_info.json", "state.json"} & {*names}:
        return _convertible(at, DATASET)
    if not folders:
        return Problem(f"{at}: a directory without shards.", "Give one with embedding files.")
    shown = ", ".join(map(repr, sorted(folders)[:5]))
    first = at / next((name for name in sorted(folders) if "emb" in name.lower()), min(folders))
    beside = f", and {option('labels')} {at / 'metadata'}" if "metadata" in folders else ""
    return Problem(
        f"{at}: has subdirectories ({shown}), which are not searched: they may hold different "
        "things.",
        f"Name one of them, for example {first}{beside}. If all hold shards of one set, move "
        "these into one directory.",
    )


def _convertible(at: Location, known: tuple[str, str]) -> Problem:
    what, call = known
    name = PurePath(str(at)).name
    stem = name.removesuffix(at.suffix)
    for mark, own in (("NAME", name), ("NPY", f"{stem}.npy"), ("TABLE", f"{stem}.parquet")):
        call = call.replace(mark, repr(own), 1)
    return Problem(f"{at}: {what}.", f"Convert it once: {call}")
