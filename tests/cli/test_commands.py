"""Every command that is printed runs as it stands: pasted into a shell, with its own options."""

import contextlib
import json
import os
import re
import shlex
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.core.location import located
from embaudit.render.words.step_command import NextStep, command_lines
from embaudit.report.invocation import INPUT, TAKES, Invocation
from embaudit.report.shell_command import Command, Line, quoted
from tests.combined import in_part
from tests.zoo.sets import make

PROGRAM = typer.main.get_command(app)
QUICK = ("--no-progress", "--threads", "1")
REFUSED = {2, 3, 70}  # usage, input, a defect of ours
CLASSES = np.arange(90) % 9
TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), min_size=1)


def spread(apart, seed=0):
    """Nine classes around the axes' ends."""
    rng = np.random.default_rng(seed)
    centres = np.vstack([np.eye(8), -np.eye(8)])[:9]
    return (apart * centres[CLASSES] + rng.normal(size=(90, 8))).astype(np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sets by name, labels beside them, under names that a shell would take apart."""
    folder = tmp_path_factory.mktemp("commands") / "a folder"
    folder.mkdir()
    flipped = CLASSES.copy()
    flipped[:3] = (flipped[:3] + 1) % 9
    np.save(folder / "y.npy", CLASSES)
    np.save(folder / "my labels.npy", flipped)
    np.save(folder / "flipped.npy", flipped)
    flat = spread(20) * np.array([50, 1, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3], np.float32)
    sets = {
        "run $1 step2.npy": spread(3),
        "run $1 step10.npy": spread(20),
        "run $1 step300.npy": np.ones((90, 8), np.float32),
        "-good.npy": spread(20),
        "flat.npy": flat,
        "mixed.npy": spread(2),
    }
    for name, vectors in sets.items():
        np.save(folder / name, vectors)
    two = {"the first": list(spread(20)), "other": list(spread(1)), "kind": flipped, "a": CLASSES}
    pq.write_table(pa.table(two), folder / "two's.parquet")
    (folder / "shards").mkdir()
    np.save(folder / "shards" / "part0.npy", spread(20))
    return folder


def run(folder, *arguments):
    """The command line in this process; a defect of ours is raised."""
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, arguments, env={"COLUMNS": "80"})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def words_of(command):
    """What a shell hands to `embaudit`."""
    told = subprocess.run(
        ["bash", "-c", f'embaudit() {{ printf "%s\\0" "$@"; }}\n{command}'],
        capture_output=True, check=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    ).stdout  # fmt: skip
    return told.decode().split("\0")[:-1]


def pasted(folder, command):
    """What a command answers that is pasted into a shell."""
    return run(folder, *words_of(command))


def commands_of(text):
    """The commands under Next on a page, in one line each, as they would be copied."""
    told = re.split(r"\n\n(?=\S)", text.partition("\nNext\n")[2])[0]
    found = re.findall(r"^ +(embaudit (?:.*\\\n)*.*)$", told, re.MULTILINE)
    inside = re.findall(r"(?<![\w`])embaudit [a-z]+", told)
    assert len(found) == len(inside), told  # none hides in a sentence, where it would be cut
    return found


SERIES = ("run $1 step10.npy", "run $1 step300.npy", "run $1 step2.npy", "--no-cache")
PRINTED = {
    "labels, a metric and a margin": (
        "audit", "mixed.npy", "--labels", "my labels.npy", "--metric", "cosine", "--margin", "0.2",
    ),
    "suspects": ("audit", "./-good.npy", "--labels", "flipped.npy"),
    "good": ("audit", "./-good.npy", "--labels", "y.npy", "--measures", "paper", "--seed", "3"),
    "columns": ("audit", "two's.parquet", "--embedding-column", "the first",
                "--label-column", "kind"),
    "a gallery": ("audit", "mixed.npy", "--labels", "y.npy", "--gallery", "run $1 step2.npy",
                  "--gallery-labels", "my labels.npy"),
    "shards, whose folder holds what is written": (
        "audit", "shards", "--labels", "my labels.npy", "--batch", "4x3"),
    "no labels": ("audit", "flat.npy", "--no-labels"),
    "dimensional": ("audit", "flat.npy", "--labels", "y.npy"),
    "collapsed": ("audit", "run $1 step300.npy", "--labels", "y.npy"),
    "a series": ("trend", *SERIES, "--labels", "my labels.npy", "--margin", "0.2"),
    "a series of another metric": (
        "trend", *SERIES[:1], *SERIES[2:], "--labels", "y.npy", "--metric", "cosine",
        "--measures", "violated_triplets", "--sample", "60"),
    "a collapsed series": ("trend", "flat.npy", "run $1 step300.npy", "--labels", "y.npy",
                           "--no-cache"),
    "a forecast": ("forecast", "mixed.npy", "--labels", "my labels.npy", "--margin", "0.2"),
    "a forecast of what fell": ("forecast", "run $1 step300.npy", "--labels", "y.npy"),
    "a projection": ("project", "mixed.npy", "--labels", "y.npy"),
    "a projection of a point": ("project", "run $1 step300.npy", "--labels", "y.npy"),
}  # fmt: skip
# Their steps are no commands.
WITHOUT = {"labels, a metric and a margin", "no labels", "a forecast", "a gallery", "collapsed"}


@pytest.mark.parametrize("name", in_part(PRINTED, 4))
def test_every_printed_command_runs_as_it_stands(folder, name):
    done = run(folder, *PRINTED[name], *QUICK)
    assert done.exit_code == 0, done.stderr
    found = commands_of(done.stdout)
    assert bool(found) or name in WITHOUT, done.stdout
    for command in found:
        again = pasted(folder, command)
        assert again.exit_code not in REFUSED, f"{command}\n{again.stderr}"


def test_every_command_of_a_comparison_runs_as_it_stands(folder):
    for name, step in (("then", "run $1 step10.npy"), ("it's now", "run $1 step2.npy")):
        run(folder, "audit", step, "--labels", "y.npy", *QUICK, "-q", "-o", f"{name}.json")
    done = run(folder, "compare", "then.json", "it's now.json")
    found = commands_of(done.stdout)
    assert {shlex.split(one)[1] for one in found} == {"explain", "baseline"}
    for command in found:
        again = pasted(folder, command)
        assert again.exit_code == 0, f"{command}\n{again.stderr}"


def test_a_command_has_the_options_of_its_run(folder):
    done = run(folder, *PRINTED["a series"], *QUICK)
    audit = next(shlex.split(one.replace("\\\n", "")) for one in commands_of(done.stdout)
                 if " audit " in one)  # fmt: skip
    assert audit[2] == "run $1 step10.npy"
    assert audit[audit.index("--labels") + 1] == "my labels.npy"
    assert float(audit[audit.index("--margin") + 1]) == 0.2


def test_what_a_configuration_says_is_said_by_the_command(folder, tmp_path):
    """A forecast takes no margin from a configuration, so it is told."""
    (tmp_path / "own.toml").write_text('margin = 0.2\nlabels = "flipped.npy"\n')
    np.save(tmp_path / "flipped.npy", CLASSES)
    asked = ("audit", "mixed.npy", "--config", str(tmp_path / "own.toml"), "--format", "json")
    report = json.loads(run(folder, *asked, *QUICK).stdout)
    forecast = Invocation(**report["invocation"]).then("forecast")
    options = dict(forecast.options)
    assert options["margin"] == "0.2"
    assert options["labels"] == str(tmp_path / "flipped.npy")
    assert options["config"] == str(tmp_path / "own.toml")
    assert pasted(folder, forecast.line()).exit_code == 0


@pytest.mark.parametrize("verb", TAKES)
def test_a_verb_takes_what_a_command_gives_it(verb):
    known = {one.name for one in PROGRAM.commands[verb].params}
    assert set(TAKES[verb]) <= known
    assert set(INPUT) <= set(TAKES[verb])


@settings(max_examples=30)
@given(st.lists(TEXT, min_size=1, max_size=30), st.booleans())
def test_a_shell_reads_back_what_was_quoted(words, ascii_only):
    line = " ".join(quoted(word, ascii_only) for word in words)
    assert words_of(f"embaudit {line}") == words
    assert line.isprintable()
    assert line.isascii() or not ascii_only


@settings(max_examples=30)
@given(TEXT, TEXT, st.integers(10, 100), st.booleans())
def test_a_wrapped_command_is_the_same_command(path, labels, width, ascii_only):
    command = Invocation(inputs=(path,), options={"labels": labels, "no_config": None}).then(
        "audit", gate=("a <= 1", "-b"), output="x.md"
    )
    lines = command_lines(command, width, ascii_only)
    told = subprocess.run(
        ["bash", "-c", 'embaudit() { printf "%s\\0" "$@"; }\n' + "\n".join(lines)],
        capture_output=True, check=True, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    ).stdout  # fmt: skip
    context = PROGRAM.commands["audit"].make_context("audit", told.decode().split("\0")[1:-1])
    asked = context.params
    assert os.path.normpath(str(asked["embeddings"])) == os.path.normpath(str(located(path)))
    assert str(asked["labels"]) == str(located(labels))
    assert asked["gate"] == ["a <= 1", "-b"]
    assert asked["no_config"]
    for line in lines:
        # none begins with what was read; a flag may be quoted with its value
        assert line.lstrip().startswith(("embaudit ", "-", "'--", "$'--"))


@settings(max_examples=60)
@given(TEXT, TEXT, st.integers(10, 100), st.booleans())
def test_a_command_that_a_report_holds_as_text_is_the_same_command(path, labels, width, ascii_only):
    """Wrapped where the command would be, and a shell reads the same words."""
    command = Invocation(inputs=(path,), options={"labels": labels}).then("audit", output="x.md")
    kept = Line(command.line())
    assert kept.line() == command.line()
    assert words_of(kept.line(ascii_only)) == words_of(command.line())
    assert kept.line(ascii_only).isascii() or not ascii_only
    lines = command_lines(kept, width, ascii_only)
    assert words_of(" ".join(line.removesuffix(" \\") for line in lines)) == words_of(
        command.line()
    )
    for line in lines:
        assert line.lstrip().startswith(("embaudit ", "-", "'--", "$'--"))


def test_an_output_replaces_no_input_and_joins_no_shards(tmp_path, monkeypatch):
    inside = tmp_path / "shards" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)

    def beside(*inputs):
        return Invocation(inputs=inputs, options={}).beside("anchors.parquet")

    assert beside("emb.npy") == "anchors.parquet"
    assert beside("anchors.parquet") == "anchors1.parquet"
    assert beside("./anchors.parquet", "anchors1.parquet") == "anchors2.parquet"
    assert beside(".") == str(tmp_path / "shards" / "anchors.parquet")
    assert beside(str(tmp_path / "shards")) == str(tmp_path / "anchors.parquet")


def test_a_step_without_its_command_is_a_sentence():
    assert NextStep("See it:") == "See it."
    assert NextStep("See it:", Command("explain", ("d_iso",))) == "See it:"


# Sets of the zoo of which an option of the audit takes the fault away, the options that are given
# already, and the one that is advised.
ADVISED = {
    "zero_rows": ("zero_rows_middle", (), {"drop": "zero_rows"}),
    "repeated_vector": ("placeholder_middle", ("--drop", "zero_rows"),
                        {"drop": "zero_rows,repeated_vector"}),
    "repeated_block": ("shard_saved_twice_middle", (), {"drop": "repeated_block"}),
    "stray_rows": ("stray_middle", ("--drop", "zero_rows"), {"drop": "zero_rows,stray_rows"}),
    "sentinel_labels": ("minus_one_middle", (), {"ignore_label": ["-1"]}),
    "packed_bits": ("packed_middle", (), {"unpack_bits": True}),
    "metric_mismatch": ("lengths_are_noise_strong", ("--metric", "l2"), {"metric": "cosine"}),
}  # fmt: skip


@pytest.mark.parametrize("id", in_part(ADVISED, 6))
def test_the_command_of_a_finding_takes_the_fault_away(tmp_path, id):
    name, given, wanted = ADVISED[id]
    one = make(name)
    np.save(tmp_path / "it's.npy", one.x)
    np.save(tmp_path / "y.npy", one.y)
    asked = ("audit", "it's.npy", "--labels", "y.npy", *given, "--format", "json", *QUICK)

    def told(done):
        assert done.exit_code == 0, done.stderr
        return {one["id"]: one for one in json.loads(done.stdout)["diagnosis"]["findings"]}

    command = told(run(tmp_path, *asked))[id]["command"]
    words = words_of(command)
    parsed = PROGRAM.commands["audit"].make_context("audit", words[1:]).params
    assert {option: parsed[option] for option in wanted} == wanted
    assert len(words) == len(set(words))  # nothing is said twice
    assert id not in told(run(tmp_path, *words, "--format", "json", *QUICK))


def test_what_a_label_says_is_quoted(tmp_path):
    """An integer -1 is no flag, an empty text no missing one."""
    for label in ("", "N/A ", "-"):
        y = np.array(["a", "b's", "c", label])[np.arange(80) % 4]
        np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(80, 4)))
        np.save(tmp_path / "y.npy", y)
        asked = ("audit", "x.npy", "--labels", "y.npy", "--ignore-label", "b's")
        done = run(tmp_path, *asked, "--format", "json", *QUICK)
        found = json.loads(done.stdout)["diagnosis"]["findings"]
        command = next(one["command"] for one in found if one["id"] == "sentinel_labels")
        again = json.loads(run(tmp_path, *words_of(command), "--format", "json", *QUICK).stdout)
        assert again["options"]["ignore_label"] == sorted(["b's", label])
        assert again["data"]["rows"] == 40


def test_values_of_an_option_add_up():
    asked = Invocation(
        inputs=("x.npy",),
        options={"drop": "zero_rows,stray_rows", "metric": "l2"},
        repeated={"ignore_label": ("", "-1")},
    )
    command = asked.then("audit", drop="stray_rows,repeated_block", ignore_label=("-1", "?"))
    assert dict(command.options)["drop"] == "zero_rows,stray_rows,repeated_block"
    assert [value for name, value in command.options if name == "ignore_label"] == ["", "-1", "?"]
    assert asked.then("audit", metric="cosine").line() == (
        "embaudit audit x.npy --ignore-label '' --ignore-label=-1 --drop zero_rows,stray_rows "
        "--metric cosine"
    )
