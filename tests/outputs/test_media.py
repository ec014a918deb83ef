"""The table of media: a row is all that writers, options, help and messages know of a medium."""

import inspect
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
import typer

from embaudit import outputs
from embaudit.cli import app
from embaudit.core.location import located
from embaudit.errors import UsageError
from embaudit.outputs import media
from embaudit.outputs.media import (
    MEDIA,
    VERBS,
    Medium,
    files_in_words,
    files_of,
    formats_in_words,
    formats_of,
)
from embaudit.outputs.writers import Writers
from tests.docs import generated
from tests.golden import run

COMMANDS = typer.main.get_command(app).commands
KINDS = get_args(media.Holds)


def test_every_file_of_the_folder_has_a_row_and_every_row_a_file() -> None:
    files = {path.stem for path in Path(media.__file__).parent.glob("*.py")} - {"__init__"}
    assert [one.module for one in MEDIA] == list(dict.fromkeys(one.module for one in MEDIA))
    assert {one.module for one in MEDIA} == files


@pytest.mark.parametrize("one", MEDIA, ids=lambda one: one.module)
def test_a_medium_shows_the_verbs_of_its_row_and_no_other(one: Medium) -> None:
    module = import_module(f"{media.__name__}.{one.module}")
    shown = {name for name in VERBS if hasattr(module, name)}
    assert shown == {*one.verbs}
    for verb in one.verbs:
        assert list(inspect.signature(one.of(verb)).parameters) == ["found", "options"]
    assert one.suffix or one.format
    assert bool(one.noun) == bool(one.packages) == bool(one.extra)


@pytest.mark.parametrize("verb", VERBS)
def test_a_suffix_and_a_format_name_one_medium(verb: str) -> None:
    there = [one for one in MEDIA if verb in one.verbs]
    assert len(files_of(verb)) == sum(one.suffix is not None for one in there)
    assert [*formats_of(verb).values()].count(there[0]) == 1
    assert {*formats_of(verb).values()} == {*there}
    assert [*formats_of(verb)][:3] == ["text", "json", "markdown"]


@pytest.mark.parametrize("verb", sorted({*VERBS} & {*COMMANDS}))
def test_help_and_messages_name_every_file(verb: str) -> None:
    told = next(one.help for one in COMMANDS[verb].params if one.name == "output")
    assert all(suffix in told for suffix in files_of(verb))
    words = [files_in_words(verb, kind) for kind in KINDS if _any(verb, kind)]
    assert all(suffix in " ".join(words) for suffix in files_of(verb))
    with pytest.raises(UsageError) as refused:
        Writers(verb).check([located("x.xyz")])
    assert refused.value.hint == f"Use one of {', '.join(files_of(verb))}."


def _any(verb: str, kind: str) -> bool:
    return any(one.holds == kind for one in files_of(verb).values())


def test_a_list_of_one_of_two_and_of_more_is_a_phrase() -> None:
    assert files_in_words("mine", "table") == ".parquet"
    assert files_in_words("manual") == ".json or .md"
    assert files_in_words("mine") == ".json, .md or .html"
    assert files_in_words("trend") == ".json, .md or .html"
    audits = formats_in_words("audit")  # of which the last has words of its own, with a comma
    assert audits.startswith("text, json, markdown, ")
    assert audits.endswith(", or github, annotations of a workflow run")


def test_a_row_is_all_that_lists_of_outputs_need(monkeypatch: pytest.MonkeyPatch) -> None:
    """Help, the manual and the golden outputs."""
    new = Medium("as_new", "robots: a line", ".new", "newer", verbs=("audit",))
    monkeypatch.setattr(media, "MEDIA", (*MEDIA, new))
    assert ".new" in files_in_words("audit")
    assert "newer" in formats_in_words("audit")
    assert "| `.new`, `--format newer` | `audit` | robots: a line |" in generated.outputs()
    suffixes, formats = run.outputs()
    assert ".new" in suffixes
    assert "newer" in formats


def test_every_writer_is_of_a_verb() -> None:
    made = [getattr(outputs, name)() for name in outputs.__all__ if name.endswith("_writers")]
    assert sorted(one.verb for one in made) == sorted(VERBS)
