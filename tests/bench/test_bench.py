import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]


def test_one_command_writes_the_table(tmp_path):
    told = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tests.bench", "--scale", "0.02", "--only", "scan,audit"]
    environment = {name: os.environ[name] for name in os.environ if name != "EMBAUDIT_DATA"}
    subprocess.run([*command, "-o", told], cwd=ROOT, env=environment, check=True)
    table = json.loads(told.read_text())
    assert {"cpus", "threads", "python", "numpy", "faiss"} <= table["machine"].keys()
    measured = [row for row in table["rows"] if "skipped" not in row]
    assert {row["benchmark"] for row in measured} == {"scan", "audit"}
    assert len(table["rows"]) - len(measured) == 4  # both benchmarks, both real sets
    for row in measured:
        assert "failed" not in row
        figures = {name: value for name, value in row.items() if type(value) in (int, float)}
        idle = figures.pop("others_cpus", 0)  # None where the system does not tell
        assert math.isfinite(idle)
        assert idle >= 0
        assert all(math.isfinite(value) and value > 0 for value in figures.values()), figures
