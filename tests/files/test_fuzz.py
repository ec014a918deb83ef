"""Damaged files are refused or read, never a crash: cut, flipped and stretched."""

import random
from pathlib import Path

import pytest

import embaudit
from embaudit.errors import EmbauditError
from tests.files.corpus import Case, cases

WHOLE = [case for case in cases() if not case.says and case.name.startswith(("npy", "npz", "par"))]


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
    for seed in range(rounds):
        path.write_bytes(damaged(sound, random.Random(f"{case.name} {seed}")))
        try:
            embaudit.load(**arguments)
        except EmbauditError:
            continue
        except Exception as error:
            pytest.fail(f"{case.name}, seed {seed}: {type(error).__name__}: {error}")


@pytest.mark.parametrize("case", WHOLE[::6], ids=lambda case: case.name)
def test_a_little_damage(case: Case, tmp_path: Path) -> None:
    hammer(case, tmp_path, 30)


@pytest.mark.soak
@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_much_damage(case: Case, tmp_path: Path) -> None:
    hammer(case, tmp_path, 500)
