"""What the core depends on, and what it does without: the extras, and how each is installed."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

CORE = (  # distributions, as pyproject.toml has them
    "faiss-cpu",
    "junitparser",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "threadpoolctl",
    "typer",
)


@dataclass(frozen=True)
class Extra:
    """An extra of the package: what it is for, and the modules that it brings."""

    name: str
    use: str
    modules: tuple[str, ...]

    @property
    def missing(self) -> Sequence[str]:
        """Those of its modules that are not installed."""
        return [name for name in self.modules if find_spec(name) is None]


EXTRAS = (
    Extra("report", "pages in HTML", ("jinja2", "matplotlib")),
    Extra("dask", "many machines, and --workers", ("distributed", "cryptography")),
    Extra("hdf5", ".h5 and .hdf5 files, and .mat of MATLAB 7.3", ("h5py",)),
    Extra("lance", "Lance datasets", ("lance",)),
    Extra("zarr", "Zarr stores", ("zarr",)),
    Extra("web", "https:// and hf:// addresses", ("fsspec", "aiohttp", "huggingface_hub")),
)


def install_line(extra: str) -> str:
    """How an extra is installed: from the checkout, since no released package has the name yet."""
    return f"In the checkout of embaudit: pip install '.[{extra}]'"


def version_of(distribution: str) -> str | None:
    """The version of what is installed under a name, None where nothing is."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
