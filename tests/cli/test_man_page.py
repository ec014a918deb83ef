"""The page of man(1): all that help says, and valid roff."""

import re
import shutil
import subprocess

import pytest
import typer
from typer.testing import CliRunner

from embaudit.cli import EXIT_CODES, app

PROGRAM = typer.main.get_command(app)
MACROS = {".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".nf", ".fi"}


@pytest.fixture(scope="module")
def page():
    done = CliRunner().invoke(app, ["explain", "--man"])
    assert done.exit_code == 0, done.output
    return done.stdout


def read(page):
    """What a reader sees of it: fonts and escapes undone."""
    plain = re.sub(r"\\f[BIR]|\\&", "", page).replace(r"\-", "-").replace(r"\e", "\\")
    return " ".join(plain.split())


def test_it_holds_all_verbs_with_their_options_and_help(page):
    told = read(page)
    for name, verb in PROGRAM.commands.items():
        assert f".SS embaudit {name}" in told
        for one in verb.params:
            if one.name != "help":
                assert " ".join(str(one.help).replace("\\[", "[").split()) in told
                assert all(f"{flag}" in told for flag in one.opts if flag.startswith("-"))


def test_it_tells_every_exit_code_and_what_help_calls_an_example(page):
    for code in {0, 1, 70, 130, 143, *EXIT_CODES.values()}:
        assert rf"\fB{code}\fR" in page
    for verb in PROGRAM.commands.values():
        first = re.search(r"Examples:  (.*?)(?:  \||$)", verb.epilog)[1]
        assert first in read(page)


def test_every_line_of_it_is_a_known_macro_or_text(page):
    for line in page.splitlines():
        if line.startswith((".", "'")):
            assert line.split()[0] in MACROS, line
        assert not re.search(r"\\(?!f[BIR]|-|&|e)", line), line
    fonts = re.findall(r"\\f([BIR])", page)
    assert fonts[::2].count("R") == 0
    assert set(fonts[1::2]) == {"R"}


def test_roff_formats_it_without_a_warning(page):
    if shutil.which("groff") is None:
        pytest.skip("needs groff")
    asked = ["groff", "-man", "-Tutf8", "-ww", "-rLL=100n"]
    done = subprocess.run(asked, input=page, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    shown = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
    assert "EXIT STATUS" in shown
    assert "--embedding-column" in shown.replace("\u2010", "-").replace("\u2212", "-")


@pytest.mark.parametrize("more", [["gate"], ["--all"], ["-o", "x.md"]])
def test_it_is_asked_for_alone(more):
    done = CliRunner().invoke(app, ["explain", "--man", *more])
    assert done.exit_code == 2
    assert "Give it alone" in done.stderr
