"""An audit in a forked child of a process that audited: it ends, and says the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.process import PATIENCE, data, environment

CODE = """
import json, os, signal, sys
import embaudit

def told():
    report = embaudit.audit(embaudit.load("x.npy", "y.npy"), threads=2)
    kept = json.loads(report.to_json())
    del kept["environment"], kept["timing"]
    return json.dumps(kept)

before = told()
child = os.fork()
if child == 0:
    signal.alarm(500)  # one that hangs goes, too
    os._exit(0 if told() == before else 9)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.thorough
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_audits_as_its_parent_did(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CODE]
    data(tmp_path, 3000, 16)
    done = subprocess.run(command, cwd=tmp_path, env=environment(), timeout=PATIENCE)
    assert done.returncode == 0
