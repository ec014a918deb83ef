"""A library in a process of its own: one process, and whatever ends it is a refusal."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embaudit.core.location import located
from embaudit.errors import BudgetExceeded, EmbauditError, InputRefused
from embaudit.files import library_process
from embaudit.files.column import Column
from embaudit.files.file_status import StoredFile, status_of
from embaudit.files.library_process import ended_after, table_of
from tests.combined import in_part
from tests.files.library_reader import ROWS, read_as_told


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    with ended_after():
        yield


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes, each as it is started."""
    found, start = [], library_process.subprocess.Popen

    def kept(*given: Any, **named: Any) -> Any:
        found.append(start(*given, **named))
        return found[-1]

    monkeypatch.setattr(library_process.subprocess, "Popen", kept)
    return found


def columns(path: Path, todo: str) -> dict[str, Column]:
    path.write_text(todo)
    table = table_of(StoredFile(located(path), "x", status_of(path)), read_as_told, "Or so.")
    return {column.name: column for column in table.columns}


def blocks(column: Column) -> Iterator[Any]:
    assert column.blocks is not None
    return column.blocks()


def test_one_process_reads_all_files_and_ends(tmp_path: Path, started: list[Any]) -> None:
    with ended_after():
        first, other = (columns(tmp_path / name, "nothing") for name in "ab")
        vectors = first["emb_0..1"].read()
        assert np.array_equal(vectors, np.arange(ROWS)[:, None].repeat(2, axis=1))
        assert next(blocks(other["emb_0..1"])).shape == (ROWS, 2)  # and no more is wanted
        assert np.array_equal(other["label"].read(), np.arange(ROWS))
    (process,) = started
    assert process.poll() is not None


def test_streams_that_are_read_by_turns_are_each_whole(tmp_path: Path) -> None:
    found = [columns(tmp_path / name, "nothing")["label"] for name in "ab"]
    there = [one.read.args[0].read(["label"], 2) for one in found]  # type: ignore[attr-defined]
    both = [*itertools.chain(*zip(*there, strict=True))]
    assert [one.column(0).to_pylist() for one in both[::2]] == [[0, 1], [2, 3], [4, 5], [6]]
    assert both[::2] == both[1::2]


SAID = [
    ("raise", "it is cut short.", InputRefused, "x: cannot be read: it is cut short. Save or copy"),
    ("refuse", "is a clone.", InputRefused, "x: is a clone. Do better."),
    ("abort", "what?", InputRefused, "x: cannot be read: the library broke off. Save or copy"),
    ("abort", "terminate called\n  what():  bad footer\n", InputRefused, "read: bad footer. Save"),
    ("abort", "memory allocation of 99 bytes failed", BudgetExceeded, "more memory than there is."),
]


@pytest.mark.parametrize(("how", "said", "error", "told"), in_part(SAID, 3))
def test_what_ends_it_is_refused(
    how: str, said: str, error: type[EmbauditError], told: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as refusal:
        columns(tmp_path / "x", f"open {how} {said}")
    (problem,) = refusal.value.problems
    assert told in problem
    assert problem.startswith(str(tmp_path / "x"))
    if how == "abort":  # and the next file has another process
        assert columns(tmp_path / "y", "nothing")["label"].read()[-1] == ROWS - 1


def test_a_library_that_does_not_go_on_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    label = columns(tmp_path / "x", "read sleep long")["label"]
    rows = label.read.args[0].read(["label"], 2)  # type: ignore[attr-defined]
    assert next(rows).column(0).to_pylist() == [0, 1]
    monkeypatch.setattr(library_process, "PATIENCE", 0.1)
    with pytest.raises(InputRefused, match=r"the library does not go on.\nAllow more memory. Save"):
        next(rows)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    found = columns(tmp_path / "x", "nothing")
    (tmp_path / "x").write_text("nothing more")
    with pytest.raises(InputRefused, match="changed while it was read"):
        found["label"].read()
