"""Columns that have numbers for names: whether the first or last is a dimension is asked."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.files.cases_parquet import table
from tests.files.corpus import X, Y, npy

WHOLE = (Y % 5).astype("f8")


def parquet(tmp: Path, columns: list[Any]) -> Path:
    return table(tmp / "x.parquet", {str(at): one for at, one in enumerate(columns)})


def feather(tmp: Path, columns: list[Any]) -> Path:
    held = pa.table({str(at): one for at, one in enumerate(columns)})
    pyarrow.feather.write_feather(held, tmp / "x.arrow")
    return tmp / "x.arrow"


def csv(tmp: Path, columns: list[Any]) -> Path:
    head = ",".join(map(str, range(len(columns))))
    np.savetxt(tmp / "x.csv", np.stack(columns, axis=1), delimiter=",", header=head, comments="")
    return tmp / "x.csv"


def pandas_fixed(tmp: Path, columns: list[Any], names: Any = None) -> Path:
    """As pandas.DataFrame.to_hdf lays out a frame of one dtype."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp / "x.h5", "w") as root:
        root["df/axis1"] = np.arange(len(columns[0]))
        root["df/block0_items"] = np.arange(len(columns)) if names is None else names
        root["df/block0_values"] = np.stack(columns, axis=1)
    return tmp / "x.h5"


WRITERS = [parquet, feather, csv, pandas_fixed]
DIMS = [*X.T.astype("f8")]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("columns", "place"), [([*DIMS, WHOLE], "column 5 of 5"), ([WHOLE, *DIMS], "column 1 of 5")]
)
def test_a_last_or_first_column_of_whole_numbers_is_asked_about(
    write: Callable[..., Path], columns: list[Any], place: str, tmp_path: Path
) -> None:
    path = write(tmp_path, columns)
    with pytest.raises(InputRefused, match=f"{place} holds whole numbers only"):
        embaudit.load(path, npy(tmp_path / "y.npy", Y))


def test_so_is_one_whose_type_is_of_whole_numbers(tmp_path: Path) -> None:
    path = parquet(tmp_path, [*DIMS, WHOLE.astype("i8")])
    with pytest.raises(InputRefused, match="column 5 of 5 holds whole numbers only"):
        embaudit.load(path, npy(tmp_path / "y.npy", Y))


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("scale", [1, 0], ids=["fractions", "whole numbers"])
def test_dimensions_alike_are_not_asked_about(
    write: Callable[..., Path], scale: int, tmp_path: Path
) -> None:
    columns = DIMS if scale else [np.round(10 * one) for one in DIMS]
    loaded = embaudit.load(write(tmp_path, columns), npy(tmp_path / "y.npy", Y))
    assert loaded.dim == 4


NAMES_OF_BLOCKS = {
    "numbered": (np.array([b"emb_0", b"emb_1", b"emb_2", b"emb_3"]), True),
    "another": (np.array([b"emb_0", b"emb_1", b"emb_2", b"age"]), False),
    "gap": (np.array([0, 1, 2, 7]), False),
}


@pytest.mark.parametrize("names", NAMES_OF_BLOCKS)
def test_blocks_of_pandas_are_vectors_where_their_names_are_of_dimensions(
    names: str, tmp_path: Path
) -> None:
    held, fit = NAMES_OF_BLOCKS[names]
    path, labels = pandas_fixed(tmp_path, DIMS, held), npy(tmp_path / "y.npy", Y)
    if fit:
        assert embaudit.load(path, labels).dim == 4
        return
    with pytest.raises(InputRefused, match=r"may be no dimension.*read_hdf"):
        embaudit.load(path, labels)


@pytest.mark.parametrize(("names", "fit"), [([*range(4)], True), ([0, 1, 2, "age"], False)])
def test_pickled_names_of_a_block_are_told_from_the_codes_and_not_unpickled(
    names: list[Any], fit: bool, tmp_path: Path
) -> None:
    h5py = pytest.importorskip("h5py")
    path, labels = pandas_fixed(tmp_path, DIMS), npy(tmp_path / "y.npy", Y)
    with h5py.File(path, "a") as root:
        del root["df/block0_items"]
        held = root.create_dataset("df/block0_items", (1,), h5py.vlen_dtype("u1"))
        held[0] = np.frombuffer(pickle.dumps(np.array(names, object)), "u1")
    if fit:
        assert embaudit.load(path, labels).dim == 4
        return
    with pytest.raises(InputRefused, match=r"'age'.*may be no dimension"):
        embaudit.load(path, labels)


def test_a_group_in_the_place_of_names_is_none(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = pandas_fixed(tmp_path, DIMS)
    with h5py.File(path, "a") as root:
        del root["df/block0_items"]
        root.create_group("df/block0_items")
    assert embaudit.load(path, npy(tmp_path / "y.npy", Y)).dim == 4
