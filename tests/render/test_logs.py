"""Text from data in the log of a CI job: no line of it is a command to the runner.

What runners take for commands, from their documentation: GitHub and Gitea `::name props::data` at
the start of a line, blanks aside, and `##[name]` anywhere; Azure Pipelines `##vso[area.action]`
and `##[name]`; TeamCity `##teamcity[name ...]`; GitLab `section_start:TIME:NAME`, CR and an ANSI
erase. Long texts are wrapped: a marker may begin a line only then.
"""

import json
import re

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.report.report_sha256 import digest_of
from tests.combined import in_part

GITHUB = (
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
)  # fmt: skip
BRACKETS = ("command", "debug", "endgroup", "error", "group", "section", "warning")
AZURE = (
    "artifact.upload", "build.addbuildtag", "build.updatebuildnumber", "build.uploadlog",
    "task.addattachment", "task.complete", "task.debug", "task.logdetail", "task.logissue",
    "task.prependpath", "task.setendpoint", "task.setprogress", "task.setvariable",
    "task.uploadfile", "task.uploadsummary",
)  # fmt: skip
TEAMCITY = (
    "addBuildTag", "blockClosed", "blockOpened", "buildNumber", "buildProblem", "buildStatus",
    "buildStop", "importData", "message", "progressMessage", "publishArtifacts", "setParameter",
    "testFailed", "testStarted",
)  # fmt: skip
GITLAB = (
    "section_start:1560896352:a[collapsed=true]\r\x1b[0K",
    "section_end:1560896353:a\r\x1b[0K",
)
ANSI = ("\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202eabc")
COMMANDS = (
    *(f"::{name}::x" for name in GITHUB),
    *(f"::{name} file=a,line=1::x" for name in ("error", "warning", "set-output")),
    *(f"##[{name}]x" for name in BRACKETS),
    *(f"##vso[{name} a=b;]x" for name in AZURE),
    *(f"##teamcity[{name} 'x']" for name in TEAMCITY),
    *GITLAB,
    *ANSI,
)
EACH_WAY = ("::error::x", "##[error]x", "##vso[task.complete]x", "##teamcity[message 'x']")
AS_COMMAND = re.compile(
    rf"^\s*::({'|'.join(GITHUB)})( |::)|##\[|##vso\[|##teamcity\[|section_\w+:\d+:\S*\r\x1b", re.I
)
HARMLESS = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]*")
QUICK = ("--no-progress", "--threads", "1")
WIDTHS = (40, 63)
# where a long word is folded, its rest begins a line: at any of these lengths before the marker
PADS = ("", "aa bb cc ", "x" * 17, "x" * 33)


def is_inert(text):
    """Whether no line of it is a command, nor moves a cursor."""
    for line in text.split("\n"):
        assert not AS_COMMAND.search(line), line
        assert HARMLESS.fullmatch(line), repr(line)
    return True


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_are_seen_by_the_test_itself(command):
    with pytest.raises(AssertionError):
        is_inert(f"a line\n {command}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A set whose labels, ids, columns and file are all commands, and what may stand beside it."""
    folder = tmp_path_factory.mktemp("logs")
    rng = np.random.default_rng(0)
    padded = [PADS[place % len(PADS)] + command for place, command in enumerate(COMMANDS)]
    labels = sorted({*padded, *(pad + command for pad in PADS for command in EACH_WAY)})
    rows = [label for label in labels for _ in range(2)]
    columns = {
        "::error::emb": pa.array(rng.normal(size=(len(rows), 4)).tolist(), pa.list_(pa.float32())),
        "##vso[task.complete]label": rows,
        "##teamcity[message 'id']": [f"::notice::{row}" for row in range(len(rows))],
        "\x1b[2Jkept": ["::warning::x"] * len(rows),
    }
    names = ["::error::e.parquet", "::stop-commands::e2.parquet"]
    for name in names:
        pq.write_table(pa.table(columns), folder / name)
    return folder


def columns_of():
    return (
        "--embedding-column", "::error::emb", "--label-column", "##vso[task.complete]label",
        "--id-column", "##teamcity[message 'id']",
    )  # fmt: skip


def said(folder, monkeypatch, width, *arguments):
    """What a verb prints, on both streams."""
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(app, [*map(str, arguments)], env={"COLUMNS": str(width)})
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.stdout + "\n" + done.stderr


VERBS = {
    "audit": ("audit", "{0}", *columns_of(), "--margin", "1", *QUICK),
    "gate": (
        "audit", "{0}", *columns_of(), "--gate", "worst_class.violated_triplets <= 0", "-v", *QUICK
    ),
    "inspect": ("inspect", "{0}", *columns_of()),
    "mine": ("mine", "{0}", *columns_of(), *QUICK),
    "project": ("project", "{0}", *columns_of(), "--sample", "200", *QUICK),
    "forecast": ("forecast", "{0}", *columns_of(), "--margin", "1", *QUICK),
    "trend": ("trend", "{0}", "{1}", *columns_of(), "--no-cache", *QUICK),
    "compare": ("compare", "::error::r.json", "##vso[task.complete]r.json"),
    "baseline": ("baseline", "::error::r.json", "-o", "::error::b.json"),
}  # fmt: skip
FORMATS = [
    (verb, form)
    for verb in VERBS
    for form in ("text", "markdown", "json", "github")
    if form == "text"
    or (verb in ("audit", "gate"))
    or (form == "json" and verb != "baseline")
    or (form == "markdown" and verb not in ("inspect", "baseline"))
]


@pytest.fixture(scope="module")
def reports(folder):
    """The set and its reports; the second is of one measure that moved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name in ("::error::r.json", "##vso[task.complete]r.json"):
            done = CliRunner().invoke(
                app, ["audit", "::error::e.parquet", *columns_of(), *QUICK, "-o", name]
            )
            assert done.exit_code == 0, done.output
        second = json.loads((folder / name).read_text())
        for row in second["classes"]:
            row["violated_triplets"] = 0.0
        (folder / name).write_text(json.dumps(second | {"digest": digest_of(second)}))
    return folder


@pytest.mark.parametrize(("verb", "form"), in_part(FORMATS, 6))
def test_what_a_verb_prints_is_no_command(verb, form, reports, monkeypatch):
    asked = [one.format("::error::e.parquet", "::stop-commands::e2.parquet") for one in VERBS[verb]]
    asked += ["--format", form] if form != "text" else []
    ours = re.compile(r"^::(error|warning|notice) title=[^:]*::", re.M)  # annotations of our own
    for width in WIDTHS if form == "text" else (80,):
        text = said(reports, monkeypatch, width, *asked)
        assert len(text) > 40
        if form == "json":
            json.loads(text.split("\nsettings (")[0])
        assert is_inert(ours.sub("", text) if form == "github" else text)


ERRORS = {
    "no such file": ("audit", "{}"),
    "no such column": ("audit", "::error::e.parquet", "--label-column", "{}"),
    "columns that there are": ("audit", "::error::e.parquet"),
    "a verb": ("{}",),
    "an option": ("audit", "--{}"),
    "a second set": ("audit", "::error::e.parquet", "{}"),
    "a metric": ("audit", "x.npy", "--metric", "{}"),
    "a number": ("audit", "x.npy", "--margin", "{}"),
    "a rule": ("audit", "x.npy", "--gate", "{}"),
    "a scope": ("audit", "x.npy", "--gate", "{}.violated_triplets <= 1"),
    "a measure": ("audit", "x.npy", "--measures", "{}"),
    "a batch": ("audit", "x.npy", "--batch", "{}"),
    "a budget": ("audit", "x.npy", "--memory-budget", "{}"),
    "an output": ("audit", "x.npy", "-o", "{}"),
    "an output of another name": ("audit", "x.npy", "-o", "{}.json"),
    "a configuration": ("audit", "x.npy", "--config", "{}"),
    "an explanation": ("explain", "{}"),
    "a report": ("compare", "{}", "{}"),
    "a baseline": ("audit", "::error::e.parquet", *columns_of(), "--baseline", "{}.json", *QUICK),
}


@pytest.mark.parametrize("name", in_part(ERRORS, 2, 1))
def test_what_an_error_says_is_no_command(name, folder, monkeypatch):
    hostile = (*COMMANDS[:1], "a\n::stop-commands::x", *COMMANDS[20::24], "y" * 50 + "::error::x")
    for one in hostile:
        asked = [part.replace("{}", one) for part in ERRORS[name]]
        assert is_inert(said(folder, monkeypatch, 63, *asked))


def test_a_configuration_is_no_command(tmp_path, monkeypatch):
    key = json.dumps("::error::x\n##vso[task.complete]")
    (tmp_path / "embaudit.toml").write_text(f"{key} = 1\nmetric = {key}\n[gate.{key}]\nmax = 1\n")
    assert is_inert(said(tmp_path, monkeypatch, 80, "audit", "x.npy"))
