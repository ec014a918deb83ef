"""Help helps: every command shows examples that work, and what is mistyped is told apart."""

import re
import shlex

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from embaudit.cli import app

PROGRAM = typer.main.get_command(app)
COMMANDS = {"": PROGRAM, **PROGRAM.commands}
WIDE = {"COLUMNS": "300", "TERMINAL_WIDTH": "300", "NO_COLOR": "1"}


def examples(command) -> list[list[str]]:
    """The command lines of an epilog, as a shell would split them."""
    (told,) = re.findall(r"Examples:  (.*?)(?:\n\n|$)", command.epilog, re.DOTALL)
    lines = [re.sub(r"\s+(\(.*\)|> \S+)$", "", one) for one in told.split("  |  ")]
    return [shlex.split(line) for line in lines]


@pytest.fixture
def said(tmp_path, monkeypatch):
    """What a command line answers that cannot be understood, in one line."""
    monkeypatch.chdir(tmp_path)
    rng, count = np.random.default_rng(0), 12
    pq.write_table(
        pa.table({"vector": list(rng.normal(size=(count, 3))), "species": [*"abc"] * 4}),
        "emb.parquet",
    )

    def run(line: str, code: int = 2) -> str:
        done = CliRunner().invoke(app, shlex.split(line), env=WIDE)
        assert done.exit_code == code, done.output
        return " ".join(done.output.split())

    return run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_of_itself_in_its_help(name):
    lines = examples(COMMANDS[name])
    assert len(lines) >= 2
    assert all(line[0] == "embaudit" and (not name or line[1] == name) for line in lines)
    shown = CliRunner().invoke(app, [*name.split(), "--help"], env=WIDE).output
    assert all(" ".join(line[:2]) in " ".join(shown.split()) for line in lines)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_are_understood(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # no configuration there
    for _, verb, *arguments in examples(COMMANDS[name]):
        assert PROGRAM.commands[verb].make_context(verb, arguments)


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("audit emb.parquet --metrc l2", "--metric"),
        ("forecast emb.parquet --lables y.npy", "--labels"),
        ("mine emb.parquet --per-ancor 3", "--per-anchor"),
        ("audti emb.parquet", "'audit'"),
        ("explian d_iso", "'explain'"),
        ("explain violated_triplet", "Did you mean violated_triplets"),
        ("audit emb.parquet --measures precision_at1", "Did you mean precision_at_1"),
        ("audit emb.parquet --measures standrad", "Did you mean standard"),
        ("audit emb.parquet --gate 'diso <= 1'", "Did you mean d_iso"),
        ("audit emb.parquet --gate recomended", "Did you mean recommended"),
        ("audit emb.parquet --metric l1", "'l2', 'cosine'"),
        ("mine emb.parquet --mode semihard", "'semi-hard'"),
        ("schema reports", "'report'"),
        ("audit emb.parquet -o report.jsn", ".json"),
    ],
)
def test_what_is_mistyped_is_answered_with_what_is_right(said, line, right):
    assert right in said(line)


@pytest.mark.parametrize("flag", ["--label-column", "--embedding-column", "--id-column"])
def test_a_column_that_is_not_there_is_answered_with_the_nearest_and_all(said, flag):
    told = said(f"audit emb.parquet {flag} specie", 3)
    assert "it has 'vector', 'species'. Did you mean species?" in told


def test_what_is_like_nothing_gets_no_guess(said):
    assert "Did you mean" not in said("explain zzzzzzzz")
    assert "Did you mean" not in said("audit emb.parquet --label-column zzzzzzzz", 3)


def test_a_key_of_the_configuration_is_answered_with_the_nearest(said, tmp_path):
    (tmp_path / "embaudit.toml").write_text("metrics = 'cosine'\n")
    assert "unknown key. Did you mean metric?" in said("audit emb.parquet")


def test_explain_has_to_know_what_to_explain(said, tmp_path):
    assert "name none" in said("explain d_iso --all")
    assert "add --all" in said("explain --format markdown")
    said("explain d_iso -o d_iso.md", 0)
    assert (tmp_path / "d_iso.md").read_text().startswith("# Reference")
