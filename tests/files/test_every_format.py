"""What each format must do that is read, or will be: bear damage, limits, shards and signals."""

import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import embaudit
from embaudit.errors import BudgetExceeded, EmbauditError
from embaudit.files.column import Column
from embaudit.files.formats import SUFFIXES, format_of
from tests.combined import in_part
from tests.faults.process import CODES, injected, stopped
from tests.files.corpus import npy
from tests.files.every_format import FOLDERS, LABELS, SAVED, X, Y, files_of, saved
from tests.files.test_fuzz import HANG, damaged

KINDS = (*SUFFIXES, *FOLDERS)  # of vectors
FEW = slice(0, 200, 10)  # of the rows, for what is read many times
OF_CLASSES = ("bvecs", "ivecs")  # hold bytes and integers: what is saved is the classes


def arguments(kind: str, folder: Path, x: Any, y: Any) -> dict[str, Path]:
    """For `load`: vectors of a kind and labels beside, or labels alone of it."""
    if kind not in LABELS:
        return {"path": saved(folder, kind, x, y), "labels": npy(folder / "y.npy", y)}
    return {"path": npy(folder / "vectors.npy", x), "labels": saved(folder, kind, x, y)}


def test_each_has_a_way_to_be_saved(tmp_path: Path) -> None:
    assert {*SAVED} == {*SUFFIXES}


def hammered(kind: str, folder: Path, rounds: int) -> None:
    given = arguments(kind, folder, X[FEW], Y[FEW])
    path = given["path" if kind not in LABELS else "labels"]
    sound = {file: file.read_bytes() for file in files_of(path)}
    embaudit.load(**given)
    for seed in range(rounds):
        chance = random.Random(f"{kind} {seed}")
        file = chance.choice([*sound])
        file.write_bytes(damaged(sound[file] or b" ", chance))
        began = time.process_time()
        try:
            embaudit.load(**given)
        except EmbauditError:
            pass
        except Exception as error:
            pytest.fail(f"{kind}, seed {seed}, {file}: {type(error).__name__}: {error}")
        assert time.process_time() - began < HANG, f"{kind}, seed {seed}: hangs"
        file.write_bytes(sound[file])


@pytest.mark.parametrize("kind", in_part([*KINDS, *LABELS], 4))
def test_damage_is_refused_or_read_and_never_a_crash(kind: str, tmp_path: Path) -> None:
    hammered(kind, tmp_path, 20)


@pytest.mark.soak
@pytest.mark.parametrize("kind", [*KINDS, *LABELS])
def test_much_damage_of_each_format(kind: str, tmp_path: Path) -> None:
    hammered(kind, tmp_path, 1000)


@pytest.mark.parametrize("kind", in_part(KINDS, 4))
def test_what_memory_cannot_hold_is_refused_unread(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, labels = saved(tmp_path, kind), npy(tmp_path / "y.npy", Y)
    made = Column.__init__

    def unread(column: Column, *values: object, **named: object) -> None:
        made(column, *values, **named)
        for name in ("read", "blocks"):
            object.__setattr__(column, name, lambda: pytest.fail(f"{column.where} was read"))

    monkeypatch.setattr(Column, "__init__", unread)
    with pytest.raises(BudgetExceeded, match="of memory"):
        embaudit.load(path, labels, memory_budget=1000)


@pytest.mark.parametrize("kind", in_part(SUFFIXES, 4, 1))
def test_its_shards_are_the_whole(kind: str, tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    for number in range(12):
        part = slice(20 * number, 20 * number + 20)
        if len(Y[part]):
            saved(tmp_path / "shards", kind, X[part], Y[part], f"part-{number}")
    loaded = embaudit.load(tmp_path / "shards", npy(tmp_path / "y.npy", Y))
    assert loaded.size == 200
    assert len({one.path for one in loaded.sources if one.role == "embeddings"}) == 10
    if kind in OF_CLASSES:
        assert np.array_equal(loaded.vectors[:, 0], Y[loaded.rows])
    elif kind != "index":  # which holds codes
        assert np.array_equal(loaded.vectors, X[loaded.rows])


AGAIN = """
import pathlib
import embaudit.files.set_reader as reader
from embaudit.files.formats import Format
described, blocks, plain = Format.describe, reader._stored_blocks, reader.read_row_values
wanted, stage, started = {wanted!r}, {stage!r}, pathlib.Path({started!r})

def describe(format, file):
    while stage == "headers" and format.suffixes[0] == wanted:
        described(format, file)
        started.touch()
    return described(format, file)

def values(columns):
    while stage == "values":
        for block in blocks(columns):
            pass
        started.touch()
    yield from blocks(columns)

def labels(*given, **named):
    while stage == "labels":
        plain(*given, **named)
        started.touch()
    return plain(*given, **named)

Format.describe, reader._stored_blocks, reader.read_row_values = describe, values, labels
"""  # the file is read again and again, so that the signal comes while it is
STAGES = [
    (kind, stage)
    for kind in [*KINDS, *LABELS]
    for stage in ("headers", "labels" if kind in LABELS else "values")
    if kind in SUFFIXES or stage != "headers"
]


STOPPED = [
    pytest.param(*one, [*CODES][at // 2 % 2], marks=() if at % 8 == 5 else pytest.mark.soak)
    for at, one in enumerate(STAGES)
]  # a process each: two of them each time, a few more if thorough


@pytest.mark.parametrize(("kind", "stage", "number"), in_part(STOPPED, 3))
def test_a_signal_while_it_is_read_leaves_nothing(
    kind: str,
    stage: str,
    number: signal.Signals,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    given = arguments(kind, tmp_path, X, Y)
    beside = tmp_path_factory.mktemp("beside")
    wanted = format_of(kind).suffixes[0] if stage == "headers" else ""
    told = {"wanted": wanted, "stage": stage}
    code = AGAIN.format(**told, started=str(beside / "started"))
    command = [sys.executable, "-m", "embaudit", "audit", given["path"].name]
    command += ["--labels", given["labels"].name]
    env = injected(beside, code)["PYTHONPATH"]
    command += ["-o", "report.json", "-o", "report.parquet"]
    stopped(tmp_path, command, number, beside / "started", env)
