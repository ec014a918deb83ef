"""The command: measure, show, and write."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import faiss
import numpy as np
from rich.console import Console
from rich.live import Live
from rich.table import Table

import embaudit
from tests.bench import clock, cluster, geometry, growth, memory, speed
from tests.bench.plan import Plan, failure
from tests.bench.sets import clustered, even

DEFAULT: dict[str, Callable[[Plan], Iterator[dict]]] = {
    "scan": speed.scan,
    "audit": speed.audit,
    "memory": memory.memory,
    "approximate": growth.approximate,
    "growth": growth.growth,
    "geometry": geometry.geometry,
}
# these take gigabytes, processes, or long: only if they are named
NAMED = {"big": memory.big, "cluster": cluster.cluster, "forecast": cluster.forecast}
BENCHMARKS = {**DEFAULT, **NAMED}

FREE = 0.1  # processors that others may take of a machine that counts as free


def main() -> int:
    """Measure what was asked for; 1 if a benchmark failed."""
    asked = _arguments()
    plan = Plan(asked.scale, asked.repeats, asked.rows, asked.budget)
    rows: list[dict] = []
    console = Console(width=None if sys.stdout.isatty() else 120)
    _warm_up()
    for name in asked.only:
        with Live(console=console, auto_refresh=False) as live:
            for row in _measured(name, plan):
                rows.append(row)
                live.update(_table(name, rows), refresh=sys.stdout.isatty())
                if asked.output:  # after each row: a run takes long and may be stopped
                    _write(asked.output, plan, rows)
        console.print()
    disturbed = sum((row.get("others_cpus") or 0) > FREE for row in rows)
    if disturbed:
        console.print(
            f"{disturbed} rows were measured while other processes took more than "
            f"{FREE} processors (others_cpus): measure them again on a free machine."
        )
    return int(any("failed" in row for row in rows))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.bench", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="write the figures as JSON")
    parser.add_argument(
        "--only", type=_names, default=list(DEFAULT), help=f"of {', '.join(BENCHMARKS)}"
    )
    parser.add_argument("--repeats", type=int, default=Plan.repeats)
    parser.add_argument("--scale", type=float, default=Plan.scale, help="shrinks every set")
    parser.add_argument("--rows", type=int, default=Plan.rows, help="of big")
    parser.add_argument("--budget", default=Plan.budget, help="of memory, of big")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = sorted({*names} - {*BENCHMARKS})
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return names


def _warm_up() -> None:
    """Imports, and threads that are started once."""
    tiny = clustered(even(200, 5), 64)
    embaudit.audit(tiny.vectors, tiny.labels)


def _measured(name: str, plan: Plan) -> Iterator[dict]:
    others = clock.Others()
    try:
        for row in BENCHMARKS[name](plan):
            load = {} if "skipped" in row else {"others_cpus": others.cpus}
            yield {"benchmark": name, **row, **load}
            others = clock.Others()
    except Exception as error:  # the other benchmarks are worth having
        yield {"benchmark": name, **failure(error)}


def _write(path: Path, plan: Plan, rows: list[dict]) -> None:
    machine = {
        "cpus": os.cpu_count(),
        "threads": plan.threads,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "faiss": faiss.__version__,
    }
    told = {"machine": machine, "plan": asdict(plan), "rows": rows}
    path.write_text(json.dumps(told, indent=2, allow_nan=False) + "\n")


def _table(name: str, rows: list[dict]) -> Table:
    """A column for each set, a line for each figure."""
    own = [row for row in rows if row["benchmark"] == name]
    figures = dict.fromkeys(key for row in own for key in row if key not in ("benchmark", "set"))
    table = Table(name, *(row.get("set", "") for row in own), title_justify="left")
    for figure in figures:
        table.add_row(figure, *(_shown(row.get(figure, "")) for row in own))
    return table


def _shown(value: object) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(map(_shown, value))
    if isinstance(value, dict):
        return "\n".join(f"{key} {_shown(one)}" for key, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float) and value < 1000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value or "")


if __name__ == "__main__":
    sys.exit(main())
