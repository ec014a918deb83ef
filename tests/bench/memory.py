"""The peak resident memory of the command line, from files on disk."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from embaudit.core.machine import budget_of
from tests.bench import peak
from tests.bench.plan import MB, Plan
from tests.bench.sets import DIM, LabelledSet, on_every_set, write_clustered

ROOT = Path(__file__).parents[2]


def memory(plan: Plan) -> Iterator[dict]:
    """Default audits against 1.5 x the float32 matrix + 350 MB."""
    return on_every_set(_memory, plan)


def big(plan: Plan) -> Iterator[dict]:
    """An audit of many rows under a budget, against the budget + 200 MB."""
    rows = plan.scaled(plan.rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_clustered(folder, rows, DIM, plan.scaled(1000))
        report = folder / "report.json"
        options = ["--search", "approximate", "--memory-budget", plan.budget, "-o", report]
        row = _audited(paths, budget_of(plan.budget) + 200 * MB, *options)
        recall = json.loads(report.read_text())["search"]["recall"]
    yield {"set": f"big, {plan.budget}", "rows": rows, "dim": DIM, **row, "recall": recall}


def _memory(chosen: LabelledSet, plan: Plan) -> dict:
    limit = 1.5 * chosen.vectors.size * 4 + 350 * MB
    with tempfile.TemporaryDirectory() as folder:
        return _audited(chosen.save(Path(folder)), limit)


def _audited(paths: tuple[Path, Path], limit: float, *options: str | Path) -> dict:
    command = [sys.executable, "-m", "embaudit", "audit", paths[0], "--labels", paths[1], "-q"]
    done = subprocess.run(
        [sys.executable, "-m", peak.__name__, *command, *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout)
    return {
        "seconds": told["seconds"],
        "peak_mb": told["bytes"] / MB,
        "limit_mb": limit / MB,
        "within": told["bytes"] <= limit,
    }
