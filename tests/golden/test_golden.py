"""The golden outputs are the same twice, know every option, and tell what is not the same."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
import typer
from pyarrow import parquet

from embaudit.cli import app
from tests.golden import compare, run
from tests.golden.cases import GROUPS, Program
from tests.golden.normal import normal

SUBSET = ("compare", "dry_run", "errors")
VERBS = typer.main.get_command(app).commands
PROGRAM = Program(tuple(VERBS), (), *run.outputs())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A few groups, by this process."""
    folder = tmp_path_factory.mktemp("golden") / "made"
    run.make(folder, SUBSET)
    return folder


@pytest.fixture
def other(made, tmp_path):
    """A copy that may be changed."""
    shutil.copytree(made, tmp_path / "other")
    return tmp_path / "other"


ENTRIES = """
[[accepted]]
outputs = "dry_run/*/stdout"
lines = "nothing was (computed|done)"
reason = "a better word"
[[accepted]]
outputs = "errors/*"
reason = "of no use"
"""


@pytest.fixture
def entries(tmp_path):
    path = tmp_path / "accepted.toml"
    path.write_text(ENTRIES)
    return path


def told(*arguments):
    """The command: its exit code and its lines."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.golden", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=run.HERE,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, done.stdout.splitlines()


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.thorough
def test_two_runs_in_two_processes_say_the_same(made):
    code, lines = told("check", made, "compare", "dry_run")
    assert (code, lines[:-1]) == (0, [])
    assert lines[-1].startswith("0 of ")


@pytest.mark.thorough
def test_every_kind_of_output_is_among_them(made):
    kinds = {path.suffix for path in made.rglob("files/*")}
    assert kinds == {".json", ".md", ".html", ".parquet"}
    assert {path.name for path in made.rglob("*") if path.parent.parent.parent == made} == {
        *("line", "exit", "stdout", "stderr", "files")
    }


@pytest.mark.thorough
def test_a_bad_input_is_refused_without_a_defect(made):
    codes = {path.parent.name: int(path.read_text()) for path in made.glob("errors/*/exit")}
    assert len(codes) > 20
    assert {name: code for name, code in codes.items() if code not in (2, 3, 4, 5, 6)} == {}


@pytest.mark.thorough
def test_a_changed_figure_a_changed_word_and_a_missing_file_are_told(made, other):
    edited(other / "compare/step2/files/step2.json", '"rows": 90', '"rows": 91')
    edited(other / "dry_run/exact/stdout", "nothing was computed", "nothing was done")
    (other / "compare/two/files/two.html").unlink()
    (other / "compare/two/files/two.xml").write_text("new")
    code, lines = told("compare", made, other)
    assert code == 1
    assert ["+", '"rows":', "91,"] in [line.split() for line in lines]
    assert "  +An audit would do this; nothing was done." in lines
    at = lines.index("compare/two/files/two.html")
    assert lines[at + 1].startswith("  -missing: ")
    assert lines[lines.index("compare/two/files/two.xml") + 1] == "  +new: 3 bytes"
    assert lines[-2:] == ["differ: compare 3, dry_run 1", lines[-1]]
    assert lines[-1].startswith("4 of ")


@pytest.mark.thorough
def test_a_changed_cell_of_a_table_is_told_as_its_row(made, other):
    path = other / "compare/step2/files/step2.parquet"
    table = parquet.read_table(path)
    row, column = table.to_pylist()[7], table.column_names.index("gap")
    field, values = table.schema.field(column), table.column(column).to_pylist()
    values[7] += 1e-9
    parquet.write_table(table.set_column(column, field, pa.array(values, field.type)), path)
    (found,) = compare.compare(made, other).differences
    assert len(found.lines) == 2
    assert found.lines[0].rstrip("\n") == f"-{row!r}"


@pytest.mark.thorough
def test_other_bytes_of_the_same_rows_are_told(made, other):
    path = other / "compare/step2/files/step2.parquet"
    parquet.write_table(parquet.read_table(path), path, compression="none")
    (found,) = compare.compare(made, other).differences
    assert found.whole


@pytest.mark.thorough
def test_a_group_may_stand_behind_an_option(made, other, entries):
    shutil.rmtree(other / "compare")
    assert told("compare", made, other, "--accept", entries, "dry_run")[0] == 0


def test_no_outputs_at_all_are_no_success(tmp_path):
    with pytest.raises(SystemExit):
        compare.compare(tmp_path, tmp_path)


@pytest.mark.thorough
def test_only_the_groups_that_are_asked_for_are_compared(made, other):
    shutil.rmtree(other / "compare")
    assert not compare.compare(made, other, ["dry_run"]).differences


@pytest.mark.thorough
def test_an_intended_difference_is_accepted_and_told(made, other, entries):
    edited(other / "dry_run/exact/stdout", "nothing was computed", "nothing was done")
    code, lines = told("compare", made, other, "--accept", entries)
    assert code == 0
    assert lines[0].startswith("accepted, 1 outputs: dry_run/*/stdout ~ nothing")
    assert lines[0].endswith(": a better word")
    assert lines[1].startswith("accepted, no longer of use: take it out: errors/*")


@pytest.mark.thorough
def test_an_entry_accepts_no_more_than_its_lines(made, other, entries):
    edited(other / "dry_run/exact/stdout", "nothing was computed", "nothing was done")
    edited(other / "dry_run/exact/stdout", "62 classes", "61 classes")
    (other / "dry_run/cosine/stdout").unlink()
    found = compare.compare(made, other, (), compare.accepted_in(entries)).differences
    assert [one.output for one in found] == ["dry_run/cosine/stdout", "dry_run/exact/stdout"]
    assert {line.strip() for line in found[1].lines} == {
        "-  labels      62 classes",
        "+  labels      61 classes",
    }


def test_what_is_accepted_now_can_be_read():
    assert all(one.reason for one in compare.accepted_in(compare.ACCEPTED))


# What varies is made alike, and nothing else.


def alike(text: str) -> str:
    return normal(text.encode(), Path("/tmp/work"), Path("/src/tree")).decode()


def test_environment_and_timing_keep_their_keys_and_nothing_else():
    document = '{\n  "a": 1.25,\n  "environment": {"threads": 2, "of": {"b": 1}},\n'
    document += '  "timing": {\n    "scan": 0.25\n  }\n}\n'
    found = alike(document)
    assert json.loads(found) == {
        "a": 1.25,
        "environment": {"threads": "~", "of": {"b": "~"}},
        "timing": {"scan": "~"},
    }
    assert found.startswith('{\n  "a": 1.25,\n')


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("time: scan 0.25 s, ranks 1.50 s; 7 a\n", "time: scan ~ s, ranks ~ s; 7 a\n"),
        ("within 0.25 s, 1.50 s\n", "within 0.25 s, 1.50 s\n"),
        ("a\nembaudit: scan: 17% after 10 s, 8/s, about 50 s left\nb\n", "a\nb\n"),
        ("embaudit: scan: 17% of it\n", "embaudit: scan: 17% of it\n"),
        ("no file /tmp/work/x.npy\n", "no file WORK/x.npy\n"),
        ('File "/src/tree/embaudit/x.py"\n', 'File "TREE/embaudit/x.py"\n'),
        ('{"timing": {"type": "object"}}', '{"timing": {"type": "object"}}'),
        ('"timing": {of a text', '"timing": {of a text'),
    ],
)  # fmt: skip
def test_what_varies_is_masked_and_what_is_like_it_is_not(text, wanted):
    assert alike(text) == wanted


def test_what_is_no_text_stays():
    assert normal(b"\xff/tmp/work", Path("/tmp/work"), Path("/src")) == b"\xff/tmp/work"


# The cases know the program.


def test_every_option_of_every_verb_is_asked_for():
    asked: dict[str, set[str]] = {verb: set() for verb in VERBS}
    for group in GROUPS.values():
        for case in group(PROGRAM):
            words = shlex.split(case.line)
            if words and words[0] in asked:
                asked[words[0]] |= set(words)
    missing = {
        (verb, param.opts[0])
        for verb, command in VERBS.items()
        for param in command.params
        if param.param_type_name == "option" and not asked[verb] & set(param.opts)
    }
    assert missing == set()


def test_no_two_cases_have_one_name():
    for group in GROUPS.values():
        names = [case.name for case in group(PROGRAM)]
        assert len(names) == len(set(names))
