"""What every format of vectors must do: give the same set, in blocks, within limits."""

import hashlib
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.data import finite_values
from embaudit.errors import BudgetExceeded
from embaudit.files import Names, choose
from embaudit.files.file_status import StoredFile
from embaudit.files.shards import describe
from tests.files.corpus import X, Y, npy
from tests.files.writers import FLOAT32_ONLY, WRITERS

OPEN_THEMSELVES = ("lance",)  # libraries that are given a path
WIDE = np.random.default_rng(3).standard_normal((20, 4)) / 3


def saved(name: str, folder: Path, x: Any = X, y: Any = Y, stem: str = "x") -> Path:
    suffix, write = WRITERS[name]
    path = folder / f"{stem}.{suffix}"
    write(path, x, y)
    return path


def digest(path: Path) -> str:
    """Of a file, or of a line a file below a folder: its name and its digest."""
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    files = sorted((file for file in path.rglob("*") if file.is_file()), key=str)
    told = (f"{file.relative_to(path).as_posix()}\0{digest(file)}\n" for file in files)
    return hashlib.sha256("".join(told).encode()).hexdigest()


@pytest.mark.parametrize("name", WRITERS)
def test_the_numbers_that_were_saved(name: str, tmp_path: Path) -> None:
    loaded = embaudit.load(saved(name, tmp_path), npy(tmp_path / "y.npy", Y))
    assert loaded.vectors.dtype == np.float32
    assert np.array_equal(loaded.vectors, X[loaded.rows])
    (source,) = (one for one in loaded.sources if one.role == "embeddings")
    assert source.sha256 == digest(Path(source.path))
    assert (source.rows, source.dim, source.dtype) == (20, 4, "float32")


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in FLOAT32_ONLY])
def test_float64_stays_so(name: str, tmp_path: Path) -> None:
    path = saved(name, tmp_path, WIDE)
    loaded = embaudit.load(path, npy(tmp_path / "y.npy", Y))
    assert loaded.vectors.dtype == np.float64
    assert np.array_equal(loaded.vectors, WIDE[loaded.rows])


@pytest.mark.parametrize("name", WRITERS)
def test_labels_beside_the_vectors(name: str, tmp_path: Path) -> None:
    chosen = choose(saved(name, tmp_path), None, Names())
    if not chosen.classes:
        assert "no labels" in chosen.problems.found[0]
        return
    assert [str(label) for label in chosen.classes[0].read()] == [str(label) for label in Y]


@pytest.mark.parametrize("name", WRITERS)
def test_shards_are_the_whole(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    folder.mkdir()
    for number, start in enumerate(range(0, 20, 2)):
        part = slice(start, start + 2)
        saved(name, folder, X[part], Y[part], f"part-{number}")
    loaded = embaudit.load(folder, npy(tmp_path / "y.npy", Y))
    assert np.array_equal(loaded.vectors, X[loaded.rows])


@pytest.mark.parametrize("name", WRITERS)
def test_what_memory_cannot_hold_is_refused_from_the_headers(name: str, tmp_path: Path) -> None:
    path, labels = saved(name, tmp_path), npy(tmp_path / "y.npy", Y)
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(path, labels, memory_budget=1000)


@pytest.mark.parametrize("name", WRITERS)
def test_it_is_read_in_blocks(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finite_values, "BLOCK_BYTES", 100)
    (column,) = choose(saved(name, tmp_path), None, Names(), labelled=False).vectors or ()
    assert column.blocks is not None
    assert not column.whole
    assert np.array_equal(np.concatenate(list(column.blocks())), X)
    assert np.array_equal(column.read(), X)


@pytest.mark.parametrize("name", [name for name in WRITERS if name not in OPEN_THEMSELVES])
@pytest.mark.parametrize("calls", [1, 2])
def test_an_interrupt_is_none_of_its_faults(
    name: str, calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raised where a file is opened for the n-th time: nothing takes it for damage."""
    path, count, opened = saved(name, tmp_path), itertools.count(1), StoredFile.opened

    def interrupted(file: StoredFile) -> Any:
        if next(count) >= calls:
            raise KeyboardInterrupt
        return opened(file)

    monkeypatch.setattr(StoredFile, "opened", interrupted)
    with pytest.raises(KeyboardInterrupt):
        [column.read() for table in describe(path)[0] for column in table.columns]
