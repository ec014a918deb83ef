"""The action of GitHub and the hooks of pre-commit: their commands are run as they stand."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from embaudit.cli.exit_codes import EXIT_CODES
from embaudit.errors import InputRefused

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "actions" / "audit"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text())
SETUP, INSTALL, AUDIT = ACTION["runs"]["steps"]
HOOKS = {one["id"]: one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
REFUSED = EXIT_CODES[InputRefused]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A repository with embeddings, where `embaudit` is installed and a runner's files are."""
    program = tmp_path / "bin" / "embaudit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m embaudit "$@"\n')
    program.chmod(0o755)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    paths = [*sys.path, os.environ.get("PYTHONPATH", ""), str(ROOT)]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT", "GITHUB_PATH"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("GITHUB_ACTION_PATH", str(FOLDER))
    monkeypatch.setenv("RUNNER_TEMP", str(tmp_path / "temp"))
    rng, labels = np.random.default_rng(0), np.arange(60) % 6
    vectors = 3 * np.eye(6, 8)[labels] + 0.1 * rng.normal(size=(60, 8))
    table = {"embedding": list(vectors), "label": labels}
    pq.write_table(pa.table(table), "emb of today.parquet")
    np.save("emb_broken.npy", np.full((60, 8), np.nan))
    return tmp_path


def step(given, **inputs):
    """Run a step as the runner does: its script in bash, with `-e` and `pipefail`."""
    values = {name: one.get("default", "") for name, one in ACTION["inputs"].items()} | inputs
    env = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: values[found[1]], text)
        for name, text in given.get("env", {}).items()
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", given["run"]]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True)


@pytest.mark.thorough
def test_an_audit_writes_its_summary_and_reports(place):
    done = step(AUDIT, embeddings="emb of today.parquet", gate="smoke\n\nviolated_triplets <= 0.5")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("::notice ")
    assert (place / "GITHUB_STEP_SUMMARY").read_text().startswith("# ")
    told = dict(line.split("=") for line in (place / "GITHUB_OUTPUT").read_text().splitlines())
    report = json.loads(Path(told["report"]).read_text())
    assert told["exit-code"] == "0"
    assert any(rule["rule"] == "violated_triplets <= 0.5" for rule in report["gate"]["rules"])
    assert {path.suffix for path in Path("embaudit-reports").iterdir()} == {
        ".json", ".md", ".xml", ".parquet",
    }  # fmt: skip


def test_a_gate_that_fails_fails_the_step_and_is_told(place):
    Path("a.toml").write_text("metric = 'cosine'")
    done = step(
        AUDIT, embeddings="emb of today.parquet", gate="precision_at_1 <= 0.1", config="a.toml"
    )
    assert done.returncode == 1
    assert done.stdout.startswith("::error ")
    assert "precision_at_1 <= 0.1" in (place / "GITHUB_STEP_SUMMARY").read_text()
    assert "exit-code=1" in (place / "GITHUB_OUTPUT").read_text()


@pytest.mark.thorough
def test_what_is_refused_fails_with_its_own_code_and_leaves_no_older_report(place):
    Path("embaudit-reports").mkdir()
    Path("embaudit-reports/report.md").write_text("of last week")
    done = step(AUDIT, embeddings="emb_broken.npy", labels="emb of today.parquet")
    assert done.returncode == REFUSED
    assert not (place / "GITHUB_STEP_SUMMARY").exists()


def test_an_input_is_no_command(place):
    done = step(AUDIT, embeddings="$(touch owned)", gate="`touch owned`", labels="; touch owned")
    assert done.returncode != 0
    assert not Path("owned").exists()
    assert all("${{" not in one["run"] for one in (INSTALL, AUDIT))


def test_all_that_the_action_installs_is_pinned():
    assert re.fullmatch(r"actions/setup-python@[0-9a-f]{40}", SETUP["uses"])
    lock = (ROOT / ".ci" / "requirements.lock").read_text()
    assert f"For Python {SETUP['with']['python-version']} on Linux" in lock
    fetched, own = (line for line in INSTALL["run"].splitlines() if line.startswith('"${pip[@]}"'))
    assert "--require-hashes" in fetched
    assert "--no-index" in own


@pytest.mark.soak
def test_the_action_installs_this_checkout(place, monkeypatch):
    """From the registry, once: all that the lock names."""
    monkeypatch.delenv("PYTHONPATH")
    done = step(INSTALL)
    assert done.returncode == 0, done.stderr
    (added,) = (place / "GITHUB_PATH").read_text().splitlines()
    asked = [f"{added}/embaudit", "audit", str(place / "work" / "emb of today.parquet"), "-q"]
    assert subprocess.run(asked, cwd=place).returncode == 0


def hook(name, *files, args=None):
    """Run a hook as pre-commit does: its entry, its arguments, and the files that are committed."""
    given = HOOKS[name]
    asked = [*shlex.split(given["entry"]), *(args or given["args"]), *files]
    return subprocess.run(asked, capture_output=True, text=True)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_has_the_fields_that_pre_commit_asks_for(name):
    given = HOOKS[name]
    assert {"id", "name", "entry", "language", "files"} <= given.keys()
    wanted = re.compile(given["files"])
    assert all(map(wanted.search, ("emb.npy", "data/embeddings.parquet", "a/b/emb_1.npz")))
    assert not any(map(wanted.search, ("remb.npy", "emb.py", "embed/model.txt")))


@pytest.mark.thorough
def test_a_hook_takes_every_file_by_itself_and_fails_for_one(place):
    assert hook("embaudit-inspect", "emb of today.parquet").returncode == 0
    done = hook("embaudit-inspect", "emb_broken.npy", "emb of today.parquet")
    assert done.returncode == REFUSED
    assert "would refuse this" in done.stdout
    assert "would read this" in done.stdout


@pytest.mark.thorough
def test_options_of_a_hook_stand_before_its_files(place):
    failing = ["--gate", "precision_at_1 <= 0.1", "--no-config", "--"]
    done = hook("embaudit-audit", "emb of today.parquet", args=failing)
    assert done.returncode == 1
    assert "precision_at_1 <= 0.1" in done.stdout
