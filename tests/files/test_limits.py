"""What the loaders must not do: exhaust memory, import too much, hang, or follow a moving file."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import embaudit
from embaudit.data import values
from embaudit.errors import BudgetExceeded, EmbauditError, InputRefused
from embaudit.files import npy, npz, text
from embaudit.files.shards import natural
from embaudit.files.source import stored_file
from tests.files.cases_npz import zipped
from tests.files.cases_parquet import table
from tests.files.corpus import X, Y
from tests.files.corpus import npy as save


def test_a_small_parquet_that_holds_too_much_is_refused_unread(tmp_path: Path) -> None:
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(2**22, np.float32)), 2**18)
    path = table(tmp_path / "x.parquet", {"emb": zeros, "label": [0, 1] * 8})
    assert path.stat().st_size < 2**18
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(path, memory_budget=2**23)


def test_a_zip_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vast = np.lib.format.header_data_from_array_1_0(np.empty((2**20, 16), np.float32))
    head = tmp_path / "head"
    with head.open("wb") as handle:
        np.lib.format.write_array_header_1_0(handle, vast)
    content = head.read_bytes() + bytes(2**26)
    path = zipped(tmp_path / "x.npz", [("emb.npy", content)])
    monkeypatch.setattr(npz, "_blocks", lambda *_: pytest.fail("it was read"))
    labels = save(tmp_path / "y.npy", np.arange(2**20) % 2)
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(path, labels, memory_budget=2**25)


def test_large_text_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "LARGEST_TEXT", 10)
    (tmp_path / "y.txt").write_text("a\n" * 20)
    with pytest.raises(InputRefused, match="Store the labels as"):
        embaudit.load(save(tmp_path / "x.npy", X), tmp_path / "y.txt")


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_a_npy_is_mapped_or_read_in_blocks(
    layout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "BLOCK_BYTES", 100)
    path = save(tmp_path / "x.npy", layout(X))
    column = npy.describe(stored_file(path, ("npy",))).columns[0]
    assert not column.read().flags.owndata
    if column.blocks is not None:
        assert [len(block) for block in column.blocks()] == [6, 6, 6, 2]
    loaded = embaudit.load(path, save(tmp_path / "y.npy", Y))
    assert np.array_equal(loaded.vectors, X[loaded.rows])


def test_reading_a_npy_never_imports_pyarrow(tmp_path: Path) -> None:
    save(tmp_path / "x.npy", X)
    save(tmp_path / "y.npy", Y)
    (tmp_path / "y.csv").write_text("\n".join(["label", *map(str, Y)]))
    code = (
        "import sys, embaudit; embaudit.load('x.npy', 'y.npy'); embaudit.load('x.npy', 'y.csv');"
        "sys.exit('pyarrow' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(embaudit.__file__).parents[1])}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "x.npy", X)
    file = stored_file(path, ("npy",))
    assert file.sha256() == file.sha256()
    os.utime(path, ns=(0, 0))
    with pytest.raises(InputRefused, match="changed while"):
        file.sha256()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = save(tmp_path / "x.npy", X)
    path.chmod(0)
    with pytest.raises(InputRefused, match="Permission denied"):
        embaudit.load(path, save(tmp_path / "y.npy", Y))


def test_an_error_while_reading_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(npy, "filled", fail)
    with pytest.raises(InputRefused, match=r"x\.npy: cannot be read: Input/output error"):
        embaudit.load(save(tmp_path / "x.npy", X), save(tmp_path / "y.npy", Y))


def test_running_out_of_memory_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(npy, "filled", fail)
    with pytest.raises(EmbauditError, match="more memory"):
        embaudit.load(save(tmp_path / "x.npy", X), save(tmp_path / "y.npy", Y))


def test_natural_order() -> None:
    names = ["part-10", "part-2", "part-02", "a", "10", "9", "part", "part-2-b", "part-2-10"]
    expected = ["9", "10", "a", "part", "part-02", "part-2", "part-2-10", "part-2-b", "part-10"]
    assert sorted(sorted(names), key=natural) == expected
