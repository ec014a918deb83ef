"""What the loaders must not do: exhaust memory, import too much, hang, or follow a moving file."""

import math
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

import embaudit
from embaudit.data import finite_values
from embaudit.errors import BudgetExceeded, EmbauditError, InputRefused
from embaudit.files import Names, choose, read
from embaudit.files.format_check import stored_file
from embaudit.files.formats import arrow_ipc, npy, npz, txt
from embaudit.files.shards import natural
from tests.files.cases_npy import described, header
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


@pytest.mark.parametrize("labelled", [True, False])
def test_rows_without_dimensions_are_refused_by_their_headers(
    tmp_path: Path, labelled: bool
) -> None:
    """A file of 128 bytes may promise any number of them, and so may one of labels."""
    rows = 2**40
    none = described(shape=f"({rows}, 0)"), described("'<U0'", shape=f"({rows},)")
    paths = [tmp_path / "x.npy", tmp_path / "y.npy"]
    for path, text_of_header in zip(paths, none, strict=True):
        path.write_bytes(header(text_of_header))
    chosen = choose(paths[0], paths[1] if labelled else None, Names(), labelled=labelled)
    with pytest.raises(InputRefused, match=f"nothing to audit in {rows} rows of 0 dimensions"):
        _ = chosen.size


def test_lists_without_dimensions_are_refused_before_labels_are_read(tmp_path: Path) -> None:
    lists = pa.array([[]] * 20, pa.list_(pa.float32()))
    path = table(tmp_path / "x.parquet", {"emb": lists, "label": pa.array(["a"] * 20)})
    chosen = choose(path, None, Names())
    assert chosen.classes is not None
    chosen.classes[0] = replace(chosen.classes[0], read=lambda: pytest.fail("they were read"))
    with pytest.raises(InputRefused, match="nothing to audit in 20 rows of 0 dimensions"):
        read(chosen)


def zeros(tmp_path: Path, shape: tuple[int, int], **more: bytes) -> Path:
    """A .npz of compressed zeros in float32, written piece by piece."""
    path = tmp_path / "x.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("emb.npy", "w") as member:
            member.write(header(described(shape=str(shape))))
            for _ in range(math.prod(shape) * 4 >> 20):
                member.write(bytes(1 << 20))
        for name, data in more.items():
            archive.writestr(f"{name}.npy", data)
    return path


def test_a_member_that_expands_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    """80 MiB of zeros; as many bytes in 64 MiB are left to the budget."""
    path = zeros(tmp_path, (20 << 20, 1))
    told = "expand to 80.0 MiB, more than 200 times as much. If that is meant, store"
    with pytest.raises(InputRefused, match=told):
        _ = choose(path, None, Names(), labelled=False).size
    path = zeros(tmp_path, (16 << 20, 1))
    assert choose(path, None, Names(), labelled=False).size == (16 << 20, 1, 4)


def test_a_member_that_nobody_asked_for_may_be_a_bomb(tmp_path: Path) -> None:
    sound = header(described(), X.tobytes())
    path = zeros(tmp_path, (20 << 20, 1), sound=sound)
    labels = save(tmp_path / "y.npy", Y)
    assert embaudit.load(path, labels, embedding_column="sound").size == 20
    with pytest.raises(InputRefused, match="expand to 80"):
        embaudit.load(path, path, embedding_column="sound", label_column="emb")


def test_parquet_vectors_that_expand_beyond_measure_are_refused_unread(tmp_path: Path) -> None:
    """Labels may: those of one class after the other are a few bytes."""
    rows = 20 << 8
    none = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(rows << 12, np.float32)), 1 << 12)
    labels = pa.array(np.repeat([3, 4], rows // 2))
    path = table(tmp_path / "x.parquet", {"emb": none, "label": labels}, compression="zstd")
    with pytest.raises(InputRefused, match=r"'emb': .* expand to 80\.0 MiB"):
        _ = choose(path, None, Names()).size


@pytest.mark.parametrize("kind", ["stream", "file"])
def test_a_batch_that_expands_beyond_measure_is_refused_unread(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """80 MiB of zeros in one batch, whichever column holds them."""
    path = tmp_path / "x.arrow"
    held = pa.record_batch({"emb": [[1.0, 2.0]] * (20 << 9), "zeros": [bytes(1 << 13)] * (20 << 9)})
    options = ipc.IpcWriteOptions(compression="zstd")
    with getattr(ipc, f"new_{kind}")(path, held.schema, options=options) as into:
        into.write_batch(held)
    monkeypatch.setattr(arrow_ipc, "_opened", lambda *_: pytest.fail("it was read"))
    with pytest.raises(InputRefused, match=r"expand to 80\.\d MiB, more than 200 times as much"):
        _ = choose(path, None, Names(), labelled=False).size


def test_ids_and_kept_values_of_another_number_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, emb=X, y=Y, id=np.arange(30), path=np.arange(40))
    chosen = choose(path, None, Names(keep=("path",)))
    chosen.kept["path"][0] = replace(
        chosen.kept["path"][0], read=lambda: pytest.fail("they were read")
    )
    with pytest.raises(InputRefused, match="40 values for 20 embeddings"):
        read(chosen)
    chosen = choose(path, None, Names())
    assert chosen.ids
    chosen.ids[0] = replace(chosen.ids[0], read=lambda: pytest.fail("they were read"))
    assert [notice.code for notice in read(chosen).notices] == ["ids_ignored"]


def test_large_text_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(txt, "LARGEST_TEXT", 10)
    (tmp_path / "y.txt").write_text("a\n" * 20)
    with pytest.raises(InputRefused, match="Store the labels as"):
        embaudit.load(save(tmp_path / "x.npy", X), tmp_path / "y.txt")


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray])
def test_a_npy_is_read_in_blocks(
    layout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finite_values, "BLOCK_BYTES", 100)
    path = save(tmp_path / "x.npy", layout(X))
    column = npy.describe(stored_file(path, ("npy",))).columns[0]
    assert np.array_equal(column.read(), X)
    assert column.blocks is not None
    blocks = list(column.blocks())
    assert [len(block) for block in blocks] == [6, 6, 6, 2]
    assert np.array_equal(np.concatenate(blocks), X)
    assert not column.whole
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


def lance_of(path: Path, lists: pa.Array, **more: Any) -> Path:
    lance = pytest.importorskip("lance")
    labels = pa.array([0, 1] * (len(lists) // 2 + 1))[: len(lists)]
    lance.write_dataset(pa.table({"emb": lists, "label": labels, **more}), path)
    return path


def test_a_lance_dataset_that_holds_too_much_is_refused_unread(tmp_path: Path) -> None:
    zeros = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(2**22, np.float32)), 2**18)
    path = lance_of(tmp_path / "x.lance", zeros)
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(path, memory_budget=2**22)


@pytest.mark.writers
def test_a_vast_row_of_a_lance_dataset_ends_in_the_budget(tmp_path: Path) -> None:
    """One that no header tells of: the process that reads it may not have more memory."""
    offsets = pa.array([0, 2, 4, 4 + 2**26], pa.int64())
    values = np.zeros(4 + 2**26, np.float32)
    lists = pa.LargeListArray.from_arrays(offsets, pa.array(values))
    code, said = inspected_within("8M", lance_of(tmp_path / "x.lance", lists))
    assert (code, "more memory than" in said) == (4, True), said


@pytest.mark.writers
def test_a_vast_row_of_a_column_that_is_not_wanted_is_not_read(tmp_path: Path) -> None:
    short = pa.array([[0.5, 0.25], [0.5, 0.5]] * 2, pa.large_list(pa.float32()))
    blob = pa.array([bytes(2**28), b"", b"", b""], pa.large_binary())
    code, said = inspected_within("100M", lance_of(tmp_path / "x.lance", short, blob=blob))
    assert code == 0, said


def inspected_within(budget: str, path: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "embaudit", "inspect", str(path), "--memory-budget", budget]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr
