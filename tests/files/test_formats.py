"""The table of formats: a row is all that shards, series, messages and help know of a format."""

from importlib import import_module
from pathlib import Path

import pytest
import typer

from embaudit.cli import app
from embaudit.errors import InputRefused
from embaudit.files import formats
from embaudit.files.format_check import stored_file
from embaudit.files.formats import (
    CONVERSIONS,
    FORMATS,
    SUFFIXES,
    Format,
    format_of,
    in_prose,
)
from embaudit.verbs.trend.paths import names_of


def test_every_file_of_the_folder_has_a_row_and_every_row_a_file() -> None:
    folder = Path(formats.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {one.module for one in FORMATS} == files


@pytest.mark.parametrize("one", FORMATS, ids=lambda one: one.suffixes[0])
def test_every_format_has_the_interface(one: Format, tmp_path: Path) -> None:
    """A file of noise is refused by its name, or is text: whatever happens, no other error."""
    module = import_module(f"{formats.__name__}.{one.module}")
    assert module.describe.__annotations__ == {"file": stored_file_type(), "return": table_type()}
    path = tmp_path / f"x.{one.suffixes[0]}"
    path.write_bytes(b"\x00\xff" * 40)
    with pytest.raises(InputRefused, match=path.name):
        one.describe(stored_file(path, SUFFIXES))


def stored_file_type() -> type:
    from embaudit.files.file_status import StoredFile

    return StoredFile


def table_type() -> type:
    from embaudit.files.column import Table

    return Table


def test_a_suffix_is_of_one_format() -> None:
    assert len({*SUFFIXES}) == len(SUFFIXES)
    assert all(suffix == suffix.lower().strip(".") for suffix in SUFFIXES)
    assert [format_of(suffix).suffixes for suffix in SUFFIXES] == [
        one.suffixes for one in FORMATS for _ in one.suffixes
    ]


def test_what_is_read_needs_no_conversion() -> None:
    assert {*CONVERSIONS}.isdisjoint(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_series_is_named_without_its_suffix(suffix: str) -> None:
    assert names_of([f"step1.{suffix}", f"step20.{suffix.upper()}"]) == ["step1", "step20"]


@pytest.mark.parametrize("vectors", [False, True])
def test_a_message_has_all_suffixes(vectors: bool, tmp_path: Path) -> None:
    (tmp_path / "x.xyz").touch()
    with pytest.raises(InputRefused) as refusal:
        stored_file(tmp_path / "x.xyz", SUFFIXES, vectors=vectors)
    assert f"Give {', '.join(f'.{suffix}' for suffix in SUFFIXES)}." in str(refusal.value)


def test_help_has_every_format() -> None:
    commands = typer.main.get_command(app).commands

    def told(verb: str, name: str) -> str:
        (option,) = (one for one in commands[verb].params if one.name == name)
        return str(option.help)

    for one in FORMATS:
        assert f".{one.suffixes[0]}" in in_prose()
    assert in_prose() in told("audit", "embeddings")
    assert in_prose() in told("trend", "checkpoints")
    assert in_prose() in told("audit", "labels")
