"""Loops of symlinks, wherever a path may be given: refused as what it was for, never a defect."""

import os
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from embaudit.cli import app
from embaudit.core.location import located
from embaudit.errors import OutputFailed, UsageError
from embaudit.files import create_ignored
from embaudit.outputs import check_assets
from embaudit.render.html.row_preview import thumbnail
from tests.faults.process import data

SAID = "Too many levels of symbolic links"
LABELLED = ("x.npy", "--labels", "y.npy")
CASES = {
    "embeddings": (3, "audit", "loop.npy", "--labels", "y.npy", "-o", "x.html"),
    "a folder above the embeddings": (3, "audit", "one/x.npy", "--labels", "y.npy", "-o", "x.json"),
    "a directory of shards": (3, "audit", "one", "--labels", "y.npy", "-o", "one.html"),
    "a shard": (3, "audit", "shards", "--labels", "y.npy"),
    "labels": (3, "audit", "x.npy", "--labels", "loop.npy", "-o", "x.html"),
    "gallery": (3, "audit", *LABELLED, "--gallery", "loop.npy", "-o", "x.html"),
    "labels of a gallery": (
        *(3, "audit", *LABELLED, "--gallery", "x.npy", "--gallery-labels", "loop.npy"),
        *("-o", "x.html"),
    ),
    "baseline": (3, "audit", *LABELLED, "--baseline", "loop.json", "-o", "x.html"),
    "output": (5, "audit", *LABELLED, "-o", "loop.json"),
    "a page": (5, "audit", *LABELLED, "-o", "loop.html"),
    "a folder above the output": (5, "audit", *LABELLED, "-o", "one/x.html"),
    "configuration": (2, "audit", *LABELLED, "--config", "loop.toml"),
    "inspect": (3, "inspect", "loop.npy"),
    "compare": (3, "compare", "loop.json", "loop.json", "-o", "x.html"),
    "trend": (3, "trend", "loop.npy", "x.npy", "--labels", "y.npy", "-o", "x.html"),
    "mine": (3, "mine", "loop.npy", "--labels", "y.npy", "-o", "x.json"),
    "mined": (5, "mine", *LABELLED, "-o", "loop.json"),
    "projected": (5, "project", *LABELLED, "-o", "loop.npy"),
    "forecast": (5, "forecast", *LABELLED, "-o", "loop.md"),
}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(data(tmp_path))
    for suffix in ("npy", "json", "html", "md", "toml", "png"):
        os.symlink(f"loop.{suffix}", tmp_path / f"loop.{suffix}")
    os.symlink("one", tmp_path / "two")
    os.symlink("two", tmp_path / "one")
    (tmp_path / "shards").mkdir()
    np.save(tmp_path / "shards" / "part-0.npy", np.load("x.npy"))
    os.symlink("part-1.npy", tmp_path / "shards" / "part-1.npy")
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_a_loop_is_refused_by_name(case: str, folder: Path) -> None:
    code, *arguments = CASES[case]
    done = run(*arguments)
    assert done.exit_code == code, done.output
    assert SAID in done.output
    assert "loop" in done.output or "one" in done.output or "part-1.npy" in done.output


def test_a_configuration_that_is_found_that_is_a_loop(folder: Path) -> None:
    os.symlink("embaudit.toml", "embaudit.toml")
    done = run("audit", *LABELLED)
    assert (done.exit_code, SAID in done.output) == (2, True)


def test_pictures_below_a_loop_are_none(folder: Path) -> None:
    assert thumbnail("loop.png", folder) is None
    assert thumbnail("x.png", folder / "one") is None
    with pytest.raises(UsageError, match="no such directory"):
        check_assets(folder / "one", "path", [located("x.html")])


def test_a_cache_that_is_a_loop_is_no_directory(folder: Path) -> None:
    with pytest.raises(OutputFailed, match="one: is no directory"):
        create_ignored(folder / "one")
    with pytest.raises(OutputFailed, match=SAID):
        create_ignored(folder / "one" / "cache")
