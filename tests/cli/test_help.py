"""Help helps: every command shows examples that work, and what is mistyped is told apart."""

import os
import re
import shlex
import subprocess
import sys
from typing import Literal, get_args, get_origin

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from embaudit import outputs
from embaudit.cli import app
from embaudit.gate.rule_layers import PRESETS
from embaudit.measures import MEASURES
from embaudit.settings.acknowledgeable_ids import acknowledgeable
from embaudit.settings.chosen_measures import PRESETS as SETS_OF_MEASURES
from embaudit.settings.chosen_measures import chosen_measures
from embaudit.settings.option_table import MOST_EFFORT, OPTIONS, PANELS, option_of, panel_of
from tests.docs.pages import PAGES, snippets, text_of

PROGRAM = typer.main.get_command(app)
COMMANDS = {"": PROGRAM, **PROGRAM.commands}
UNCONFIGURED = ("compare", "doctor", "explain", "schema")  # which take nothing of a configuration
WRITERS = {
    "audit": outputs.report_writers,
    "trend": outputs.trend_writers,
    "forecast": outputs.forecast_writers,
    "project": outputs.projection_writers,
    "mine": outputs.mining_writers,
    "compare": outputs.comparison_writers,
    "explain": outputs.reference_writers,
}
PLACES = {
    **{name: text_of(page).replace("install --quiet", "") for name, page in PAGES.items()},
    "explain": "\n".join(
        f"{one.meaning} {one.advice} {one.low} {one.high} {one.says}" for one in MEASURES
    ),
    "help": "\n".join(
        text or ""
        for one in COMMANDS.values()
        for text in (one.help, one.epilog, *(param.help for param in one.params))
    ),
}
CHOICES = [  # where the shell does not list them itself
    one
    for one in OPTIONS
    if get_origin(one.kind) is Literal and "|".join(get_args(one.kind)) != one.metavar
]
OF_DASK = ("--tls-ca-file", "--tls-cert", "--tls-key", "--protocol")  # of its own commands
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


def shown(name, columns):
    """The help of a command, as wide as that."""
    env = {"COLUMNS": str(columns), "TERMINAL_WIDTH": str(columns), "NO_COLOR": "1"}
    return CliRunner().invoke(app, [*name.split(), "--help"], env=env).output


def words(text):
    """Without boxes and line ends."""
    return " ".join(re.sub("[\u2500-\u257f]", " ", text).split())


@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_of_a_help_is_eaten_by_markup(name):
    """What is written in brackets is not taken for a style."""
    told = words(shown(name, 1000))
    command = COMMANDS[name]
    for text in [one.help or "" for one in command.params] + [command.help, command.epilog]:
        assert words(text.replace("\\[", "[")) in told
    assert name in ("", *UNCONFIGURED) or "[tool.embaudit]" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_no_word_of_a_help_is_cut_or_a_type_of_python(name):
    told = shown(name, 80)
    assert "…" not in told
    assert not re.search(r"<(bool|int|float|str|list|\w*Location|\w*Path)\b", told)
    for kind in re.findall(r" <([^<>\s]+)> ", told):  # choices, which are whole
        assert "|" in kind
    assert "...}..." not in told


def test_a_paragraph_of_a_help_is_not_broken_by_its_source():
    assert "a paired test tells which changes are real" in shown("compare", 300)


@pytest.mark.parametrize("name", WRITERS)
def test_the_help_of_an_output_names_what_can_be_written(name):
    (option,) = (one for one in COMMANDS[name].params if "--output" in one.opts)
    named = set(re.findall(r"\.[a-z]+\b", option.help))
    assert named == set(WRITERS[name]().files)


def test_every_verb_with_an_output_is_in_that_test():
    having = {
        name for name, one in COMMANDS.items() for param in one.params if "--output" in param.opts
    }
    assert having - {"baseline"} == set(WRITERS)  # which takes a .json only


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"", "audit"}))
def test_the_help_of_another_verb_speaks_of_that_verb(name):
    """An option that verbs share says nothing that only an audit does."""
    told = words(shown(name, 300))
    assert "Audit N rows" not in told
    assert "report.html" not in told
    assert "anchors.parquet" not in told


# What `explain`, the README, the manual and a help say of the command line is so.


@pytest.mark.parametrize("place", PLACES)
def test_every_flag_that_is_spoken_of_exists(place):
    known = {flag for one in COMMANDS.values() for param in one.params for flag in param.opts}
    text = re.sub(r"`(python -m|\.ci/run) [^`]*`", "", PLACES[place])  # of the tests, of CI
    for one in snippets(PAGES[place]) if place == "release" else ():
        text = text.replace(one.code, "")  # of git, pip and gpg
    spoken = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
    assert spoken - known <= {"--help", *OF_DASK}


@pytest.mark.parametrize("place", PLACES)
def test_every_verb_that_is_spoken_of_exists(place):
    spoken = re.findall(r"(?:`|bin/)embaudit ([a-z]+)\b", PLACES[place])
    for code in re.findall(r"```(?:sh|yaml)\n(.*?)```", PLACES[place], re.DOTALL):
        spoken += re.findall(r"(?:^| )embaudit ([a-z]+)\b", code, re.MULTILINE)
    assert set(spoken) <= set(PROGRAM.commands)


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {""}))
def test_the_readme_speaks_of_every_verb(name):
    assert re.search(rf"embaudit {name}\b", PLACES["README"])


def test_what_a_help_lists_is_what_is_taken():
    options = {one.name: one for one in COMMANDS["audit"].params}
    assert all(preset in options["measures"].help for preset in SETS_OF_MEASURES)
    assert all(preset in options["gate"].help for preset in PRESETS)
    assert f"0 to {MOST_EFFORT}" in options["effort"].help


@pytest.mark.parametrize("option", CHOICES, ids=lambda one: f"{one.verb} {one.name}")
def test_a_help_lists_every_choice(option):
    assert all(choice in option.help for choice in get_args(option.kind))


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
        ("audti emb.parquet", "Did you mean audit?"),
        ("explian d_iso", "Did you mean explain?"),
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
    assert "it has 'vector', 'species'. hint: Did you mean species?" in told


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


# Groups, and what a shell completes.


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {""}))
def test_options_stand_under_the_headings_of_the_table_in_its_order(name):
    told = shown(name, 100)
    wanted = [
        title
        for title, rows in PANELS.items()
        if any(option_of(name, one.name) in rows for one in COMMANDS[name].params)
    ]
    assert re.findall(r"╭─ ([A-Z][\w ]+) ─", told) == [
        *(["Arguments"] if COMMANDS[name].params[0].param_type_name == "argument" else []),
        *wanted,
        "Help",
    ]
    for one in COMMANDS[name].params[:-1]:
        row = option_of(name, one.name)
        assert one.rich_help_panel == panel_of(row)
        assert row.argument or row.flags[-1:] == () or row.flags[-1] in told


def test_an_argument_stands_in_the_usage_as_people_write_it():
    assert "Usage: embaudit audit [OPTIONS] EMBEDDINGS" in words(shown("audit", 100))
    assert "Usage: embaudit trend [OPTIONS] CKPT..." in words(shown("trend", 100))
    assert "Usage: embaudit explain [OPTIONS] [ID]" in words(shown("explain", 100))


def completed(line, monkeypatch):
    """What a shell is offered for the last word of a line, which may be empty."""
    typed = line.split(" ")
    monkeypatch.setenv("_EMBAUDIT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(typed) - 1))
    return CliRunner().invoke(app, [], prog_name="embaudit").output.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("embaudit for", ["forecast"]),
        ("embaudit audit e.npy --ack", ["--acknowledge"]),
        ("embaudit audit e.npy --metric ", ["l2", "cosine"]),
        ("embaudit audit e.npy --format j", ["json"]),
        ("embaudit mine e.npy --mode s", ["semi-hard"]),
        ("embaudit schema tr", ["trend"]),
        ("embaudit audit e.npy --measures pap", ["paper"]),
        ("embaudit audit e.npy --measures paper,d_haus_", ["paper,d_haus_estimate"]),
        ("embaudit audit e.npy --measures d_iso,d_i", ["d_iso,d_iso_estimate"]),
        ("embaudit audit e.npy --gate smo", ["smoke"]),
        ("embaudit audit e.npy --gate macro_r", ["macro_r_precision"]),
        ("embaudit audit e.npy --drop repeated_v", ["repeated_vector"]),
        ("embaudit trend e.npy --acknowledge label_t", ["label_twins"]),
        ("embaudit audit e.npy --acknowledge overl", []),  # a state
        ("embaudit explain near_c", ["near_copies"]),
        ("embaudit explain recomm", ["recommended"]),
        ("embaudit explain gat", ["gate"]),
        ("embaudit explain macro_m", ["macro_map_at_r"]),
    ],
)
def test_a_shell_completes(line, offered, monkeypatch):
    assert completed(line, monkeypatch) == offered


def test_what_a_shell_offers_is_understood(monkeypatch):
    """Every word of a vocabulary is one that its option takes."""
    for word in completed("embaudit audit e.npy --acknowledge ", monkeypatch):
        assert acknowledgeable(word) == (word,)
    for word in completed("embaudit audit e.npy --measures ", monkeypatch):
        assert chosen_measures((word,), [], MEASURES, labels=True)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_shown_for_the_name_that_is_typed(shell, tmp_path):
    asked = f"import shellingham; shellingham.detect_shell = lambda: ({shell!r}, ''); "
    done = run_python(asked + RUN.format("--show-completion"), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "_EMBAUDIT_COMPLETE" in done.stdout
    assert "python" not in done.stdout.replace("complete_", "")


@pytest.mark.parametrize("flag", ["--install-completion", "--show-completion"])
def test_a_shell_that_is_not_known_is_an_error_of_usage(flag, tmp_path):
    """Code 1 is that of a failed gate."""
    asked = "import shellingham; shellingham.detect_shell = lambda: ('sh', ''); "
    done = run_python(asked + RUN.format(flag), tmp_path)
    assert done.returncode == 2
    assert "error: Of this shell" in done.stderr
    assert "hint: It is there for bash, zsh" in done.stderr
    assert not [*tmp_path.iterdir()]


def test_a_help_imports_nothing_that_it_does_not_show(tmp_path):
    ask = RUN.format("--help").replace("main()", "app(standalone_mode=False)")
    done = run_python(f"{ask}; import sys; print('LOADED', *sys.modules)", tmp_path)
    told, loaded = done.stdout.split("LOADED")
    assert "Exit codes" in told
    unwanted = ("numpy", "pydantic", "pyarrow", "rich.markdown", "markdown_it", "pygments", "faiss")
    assert not {*loaded.split()} & {*unwanted}


def test_markdown_is_there_after_a_help(tmp_path):
    ask = RUN.format("--help").replace("main()", "app(standalone_mode=False)")
    done = run_python(f"{ask}; from rich.markdown import Markdown; print(Markdown)", tmp_path)
    assert "<class 'rich.markdown.Markdown'>" in done.stdout


RUN = (
    "import sys; sys.argv = ['python -m embaudit', {0!r}]; from embaudit.cli import app; "
    "from embaudit.__main__ import main; main()"
)


def run_python(code, home):
    """A process of its own, at home in an empty folder."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HOME": str(home), "COLUMNS": "100"},
        capture_output=True,
        text=True,
    )
