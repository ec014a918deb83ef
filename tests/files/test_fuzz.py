"""Damaged files are refused or read, never a crash: cut, flipped and stretched."""

import random
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.errors import EmbauditError
from tests.files.corpus import NAMES, Case, X, cases

FUZZED = ("npy", "npz", "par", "csv vectors", "tsv vectors", "json", "arrow", "safe")
WHOLE = [case for case in cases() if not case.says and case.name.startswith(FUZZED)]
HANG = 100.0  # seconds of processor time: a thousand times what any of these needs


def damaged(data: bytes, chance: random.Random) -> bytes:
    content = bytearray(data)
    match chance.randrange(4):
        case 0:
            del content[chance.randrange(len(content)) :]
        case 1:
            content += chance.randbytes(chance.randrange(1, 20))
        case 2:
            start = chance.randrange(len(content))
            del content[start : start + chance.randrange(1, 9)]
        case _:
            for _ in range(chance.randrange(1, 5)):
                # headers stand at either end, and are where damage hurts
                near = chance.choice((len(content), min(len(content), 200)))
                place = chance.randrange(near)
                content[chance.choice((place, -place - 1))] = chance.randrange(256)
    return bytes(content)


def hammer(case: Case, tmp: Path, rounds: int) -> None:
    arguments = case.build(tmp)
    path = Path(arguments["path"])
    sound = path.read_bytes()
    whole = embaudit.load(**arguments)
    for seed in range(rounds):
        path.write_bytes(damaged(sound, random.Random(f"{case.name} {seed}")))
        began = time.process_time()
        try:
            loaded = embaudit.load(**arguments)
        except EmbauditError:
            assert time.process_time() - began < HANG, f"{case.name}, seed {seed}: hangs"
            continue
        except Exception as error:
            pytest.fail(f"{case.name}, seed {seed}: {type(error).__name__}: {error}")
        assert time.process_time() - began < HANG, f"{case.name}, seed {seed}: hangs"
        if path.suffix == ".npz":  # every member of a zip has a checksum
            assert same(loaded, whole), f"{case.name}, seed {seed}: silently different"


def same(one: EmbeddingSet, other: EmbeddingSet) -> bool:
    return (
        np.array_equal(one.vectors, other.vectors)
        and np.array_equal(one.rows, other.rows)
        and one.classes == other.classes
    )


@pytest.mark.parametrize("case", WHOLE[::6], ids=lambda case: case.name)
def test_a_little_damage(case: Case, tmp_path: Path) -> None:
    hammer(case, tmp_path, 30)


@pytest.mark.soak
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_much_damage(case: Case, tmp_path: Path) -> None:
    hammer(case, tmp_path, 500)


@pytest.mark.soak
def test_checksums_of_pages_are_checked(tmp_path: Path) -> None:
    """Any damage to the values is noticed; what pages say of themselves has no checksum."""
    values = pa.array(X.tolist(), pa.list_(pa.float32(), 4))
    contents = pa.table({"emb": values, "label": NAMES})
    path = tmp_path / "x.parquet"
    pq.write_table(
        contents, path, write_page_checksum=True, use_dictionary=False, compression="none"
    )
    sound, whole = path.read_bytes(), embaudit.load(path)
    data = X.tobytes()
    start = sound.index(data)
    for place in range(start, start + len(data)):
        damage = bytearray(sound)
        damage[place] ^= 1 << place % 8
        path.write_bytes(damage)
        with pytest.raises(EmbauditError):
            embaudit.load(path)
    path.write_bytes(sound)
    assert same(embaudit.load(path), whole)
