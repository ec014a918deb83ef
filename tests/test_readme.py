"""The README's promises are checked, not trusted."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from embaudit.cli import EXIT_CODES
from embaudit.measures import MEASURES
from embaudit.render import measures_table

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_measures_table_is_generated_from_the_specs():
    assert measures_table(MEASURES).strip() in README


def test_shown_report_is_what_the_command_prints():
    shown = re.search(r"```text\n(.*?)```", README, re.DOTALL)[1].rstrip()
    printed = subprocess.run(
        [sys.executable, "-m", "embaudit", "audit", "sample_data/healthy.parquet"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "PYTHONIOENCODING": "utf-8"},
        check=True,
    ).stdout
    # the version of FAISS may differ, and with it where that line wraps
    without_faiss = [text.split("exact search")[0] for text in (shown, printed)]
    assert without_faiss[1].startswith(without_faiss[0])


@pytest.mark.parametrize("code", sorted({0, 1, 70, *EXIT_CODES.values()}))
def test_every_exit_code_is_documented(code):
    assert re.search(rf"^\| {code} \|", README, re.MULTILINE)


def test_the_training_loop_stops_where_collapse_begins(tmp_path):
    (loop,) = (
        code for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL) if "epoch" in code
    )
    done = subprocess.run(
        [sys.executable, "-c", loop],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    states = [line.split()[-1] for line in done.stdout.splitlines()]
    assert len(states) > 1
    assert set(states[:-1]) == {"none"}
    assert states[-1] != "none"
