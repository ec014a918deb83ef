"""Every command and every snippet of the documentation does what the page says: they are run.

All of a page run one after the other, as a reader would, in a folder of small files that all pages
share. What needs a store, a cluster or an installation is only understood, not run.
"""

import ast
import re
import shlex
import sqlite3
import tomllib
from importlib.util import find_spec

import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from embaudit.cli import app
from tests.docs.folder import made
from tests.docs.generated import SAMPLE
from tests.docs.pages import PAGES, Snippet, commands, snippets

PROGRAM = typer.main.get_command(app)
ELSEWHERE = re.compile(r"s3://|--scheduler|--workers")  # run by -m store and -m cluster
OTHERS = (  # commands that are not run here: what they begin with
    "pip install ",
    "python3 -m venv ",
    "export ",
    "python -m pytest",
    f"embaudit audit {SAMPLE}",  # in test_readme.py
)
BASELINE = (
    "embaudit audit emb.parquet -q -o baseline.json -o baseline.parquet",
    "embaudit audit new.parquet -q -o report.json",
)
LOOP = "for epoch in "  # of the snippet that is a training loop
OWN_PARTS = (".github/actions/audit", "embaudit-inspect")  # of tests/package/test_workflows.py
WATCHED = "if watch(step, model):"  # and of the one with a callback
TRAINERS = ("LightningCallback", "TransformersCallback")  # run by -m training


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder that all pages share."""
    path = tmp_path_factory.mktemp("docs")
    names = made(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        for command in BASELINE:
            run(command)
    return path, names


def run(command: str, codes: tuple[int, ...] = (0,)) -> str:
    """What a command line prints that ends with one of these exit codes."""
    words = shlex.split(re.sub(r" > \S+$", "", command))
    if words[0] != "embaudit":
        raise AssertionError(f"who runs {command!r}?")
    if ELSEWHERE.search(command):
        assert PROGRAM.commands[words[1]].make_context(words[1], words[2:])
        return ""
    done = CliRunner().invoke(app, words[1:])
    assert done.exit_code in codes, f"{command}\n{done.output}"
    return done.stdout


def of_shell(snippet: Snippet) -> str:
    """Run the lines of a block; what they printed."""
    printed = ""
    for command in commands(snippet):
        words = shlex.split(command)
        if words[:2] == ["python", "-c"]:
            exec(compile(words[2], "<docs>", "exec"), {})
        elif not command.startswith(OTHERS):
            printed += run(command.replace("step*.npy", "step0000.npy step1000.npy step2000.npy"))
    return printed


def of_python(snippet: Snippet, names: dict[str, object]) -> None:
    """Run it with the names that a page takes for granted, if what it imports is installed."""
    tree = ast.parse(snippet.code)
    imports = {one.name for node in tree.body if isinstance(node, ast.Import) for one in node.names}
    imports |= {node.module for node in tree.body if isinstance(node, ast.ImportFrom)}
    if all(find_spec(name) for name in imports):
        exec(compile(tree, "<docs>", "exec"), dict(names))


def of_yaml(snippet: Snippet) -> None:
    """Run every command of a workflow, wherever it stands."""
    yaml = pytest.importorskip("yaml")
    found = [line for text in strings(yaml.safe_load(snippet.code)) for line in text.splitlines()]
    told = [line for line in found if line.startswith("embaudit ")]
    assert told or any(own in snippet.code for own in OWN_PARTS)
    for line in told:
        run(line)


def strings(tree: object) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for part in parts for text in strings(part)]


def of_toml(snippet: Snippet) -> None:
    """An audit understands it: its rules may fail here, but are decided."""
    assert tomllib.loads(snippet.code)
    with open("page.toml", "w") as file:
        file.write(snippet.code)
    run("embaudit audit emb.parquet -q --config page.toml", (0, 1))


def of_sql(snippet: Snippet) -> None:
    """A database has the columns; the table of anchors was written by the page before."""
    table = pq.read_table("anchors.parquet")
    with sqlite3.connect(":memory:") as base:
        base.execute(f"create table 'anchors.parquet' ({', '.join(table.column_names)})")
        marks = ", ".join("?" for _ in table.column_names)
        rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
        base.executemany(f"insert into 'anchors.parquet' values ({marks})", rows)
        queries = [query for query in snippet.code.split(";") if query.strip()]
        assert all(base.execute(query).description for query in queries)


@pytest.mark.thorough
@pytest.mark.parametrize("name", PAGES)
def test_everything_of_a_page_runs(name, folder, monkeypatch):
    path, names = folder
    monkeypatch.chdir(path)
    printed = ""
    for snippet in snippets(PAGES[name]):
        if has_its_own_test(name, snippet):
            continue
        match snippet.language:
            case "sh":
                printed = of_shell(snippet)
            case "text":
                assert set(snippet.code.splitlines()) <= set(printed.splitlines())
            case "python":
                of_python(snippet, names)
            case "yaml":
                of_yaml(snippet)
            case "toml":
                of_toml(snippet)
            case "sql":
                of_sql(snippet)
            case language:
                assert language == "", f"who runs {language}?"  # or an illustration of other data


def has_its_own_test(name: str, snippet: Snippet) -> bool:
    """The first screen of the README, the training loops, and what needs a Trainer."""
    own = (LOOP, WATCHED, *TRAINERS)
    return (name == "README" and snippet.language == "text") or any(
        one in snippet.code for one in own if snippet.language == "python"
    )


def test_the_training_loop_stops_where_collapse_begins(capsys):
    (loop,) = (one for one in snippets(PAGES["training"]) if LOOP in one.code)
    exec(compile(loop.code, "<docs>", "exec"), {})
    states = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    assert len(states) > 1
    assert set(states[:-1]) == {"none"}
    assert states[-1] != "none"


def test_the_callback_of_a_loop_stops_it(folder, capsys):
    (loop,) = (one for one in snippets(PAGES["training"]) if WATCHED in one.code)
    names = dict(folder[1])
    exec(compile(loop.code, "<docs>", "exec"), names)
    assert names["step"] == names["watch"].stopped == 100
    assert "embaudit/precision_at_1" in capsys.readouterr().out


def test_a_command_that_errs_is_seen(folder, monkeypatch):
    monkeypatch.chdir(folder[0])
    with pytest.raises(AssertionError, match="no_such_measure"):
        of_shell(Snippet("sh", "embaudit audit emb.parquet --measures no_such_measure\n"))
