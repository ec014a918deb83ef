"""Whole audits from the shell by local workers: speed-up, overhead, and what --dry-run forecast."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench import clock
from tests.bench.memory import ROOT
from tests.bench.plan import Plan
from tests.bench.sets import NOISE, clustered, even

ROWS, DIM, CLASSES = 200_000, 64, 1000
# rows, dimensions, classes, engine: what a forecast is compared with
FORECAST = (
    (50_000, 64, 250, "exact"),
    (100_000, 128, 500, "exact"),
    (200_000, 64, 1000, "exact"),
    (100_000, 64, 500, "approximate"),
    (200_000, 128, 1000, "approximate"),
    (800_000, 64, 1000, "approximate"),
)

Paths = tuple[Path, Path]


def cluster(plan: Plan) -> Iterator[dict]:
    """One thread against one worker, and one worker against two, turn by turn."""
    with tempfile.TemporaryDirectory() as name:
        paths = _saved(Path(name), plan, ROWS, DIM, CLASSES)

        def by(workers: int) -> object:
            return _audit(paths, workers, "exact")

        plain, one, two = clock.alternately(
            plan.repeats, lambda: by(0), lambda: by(1), lambda: by(2)
        )
    shape = {"rows": plan.scaled(ROWS), "dim": DIM, "classes": plan.scaled(CLASSES)}
    overhead = clock.compared("one_worker", one, "plain", plain)
    yield {"set": "1 worker / 1 thread", **shape, **overhead}
    yield {"set": "1 worker / 2 workers", **shape, **clock.compared("one", one, "two", two)}


def forecast(plan: Plan) -> Iterator[dict]:
    """What --dry-run forecasts, against what the same command takes."""
    for rows, dim, classes, search in FORECAST:
        with tempfile.TemporaryDirectory() as name:
            paths = _saved(Path(name), plan, rows, dim, classes)
            row: dict = {"set": f"{rows:,} x {dim} {search}"}
            for workers in (0, 1, 2):
                told = _audit(paths, workers, search, "--dry-run", "--format", "json")
                (spent,) = clock.alternately(
                    plan.repeats,
                    lambda paths=paths, workers=workers, search=search: _audit(
                        paths, workers, search
                    ),
                )
                said = json.loads(told)["seconds"]
                row[f"{workers}_workers"] = {
                    "forecast": said,
                    "measured": median(spent),
                    "ratio": said / median(spent),
                }
            yield row


def _saved(folder: Path, plan: Plan, rows: int, dim: int, classes: int) -> Paths:
    return clustered(even(plan.scaled(rows), plan.scaled(classes)), dim, NOISE).save(folder)


def _audit(paths: Paths, workers: int, search: str, *options: str) -> str:
    shared = ["--workers", str(workers)] if workers else []
    command = [sys.executable, "-m", "embaudit", "audit", paths[0], "--labels", paths[1]]
    asked = ["--search", search, "--threads", "1", *shared, *options]
    quiet = [] if options else ["-q"]
    done = subprocess.run([*command, *asked, *quiet], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
