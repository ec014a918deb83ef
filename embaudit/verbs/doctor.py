"""What stands in the way of a fast audit here, and what one would cost."""

import locale
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from embaudit.core.machine import allowed, available_threads, more_memory, readable
from embaudit.core.package_extras import CORE, EXTRAS, install_line, version_of
from embaudit.errors import BudgetExceeded, UsageError
from embaudit.planning.duration import seconds
from embaudit.planning.plan import plan_of_audit
from embaudit.planning.search_plan import plan_for
from embaudit.report.doctor_report import AuditCost, Checkup, ExtraView, Trouble
from embaudit.search import use_threads
from embaudit.settings.settings import Settings
from embaudit.verbs.blas import blas_libraries, blas_troubles
from embaudit.version import __version__

SHAPE = re.compile(r"(\d[\d,_]{0,18})\s*[xX]\s*(\d{1,7})")
FLOAT32 = 4  # bytes
CLASS = 100  # rows of a class, where nothing is known of the set
LITTLE = 1 << 30  # bytes that an audit may take, below which few sets fit
QUOTA = Path("/sys/fs/cgroup/cpu.max")


def doctor(shape: str | None, settings: Settings) -> Checkup:
    """Look at the machine and the libraries; shape: rows x dimensions of an audit to be costed.

    Raises UsageError for what is no shape.
    """
    size = None if shape is None else _size(shape)
    memory, threads = allowed(settings.memory_budget), available_threads()
    cost, excess = (None, None) if size is None else _cost(*size, settings)
    use_threads(settings.workers)  # as an audit does
    blas = blas_libraries()
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    problems = [
        *([excess] if excess else ()),
        *_of_memory(memory, cost),
        *blas_troubles(blas, settings.workers),
        *_of_processors(threads),
        *_of_text(encoding),
        *_of_packages(),
    ]
    return Checkup(
        version=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        libraries={name: version_of(name) for name in CORE},
        extras=tuple(
            ExtraView(one.name, one.use, not one.missing, install_line(one.name)) for one in EXTRAS
        ),
        blas=blas,
        processors=os.cpu_count() or 1,
        threads=threads,
        memory=memory,
        encoding=encoding,
        cost=cost,
        problems=tuple(problems),
    )


def _size(shape: str) -> tuple[int, int]:
    found = SHAPE.fullmatch(shape.strip())
    rows, dim = (int(re.sub("[,_]", "", one)) for one in found.groups()) if found else (0, 0)
    if not rows or not dim:
        raise UsageError(
            f"Cannot read the shape {shape!r}.", "Give rows x dimensions, for example 1000000x128."
        )
    return rows, dim


def _cost(rows: int, dim: int, settings: Settings) -> tuple[AuditCost, Trouble | None]:
    """What an audit takes, and the problem where it would be refused."""
    classes = max(1, rows // CLASS)
    search = plan_for(rows, dim)
    how = "approximate" if search.approximate else "exact"
    try:
        plan = plan_of_audit(settings, (rows, dim, FLOAT32), None, classes)
    except BudgetExceeded as excess:
        told = Trouble("over_budget", excess.message, excess.hint)
        return AuditCost(rows, dim, classes, how, None, 0, None), told
    spent = seconds(plan.search, classes, settings.metric, settings.workers)
    disk = rows * dim * FLOAT32 if plan.on_disk else 0
    taken = float(f"{spent:.2g}")
    return AuditCost(rows, dim, classes, how, plan.needs.total, disk, taken), None


def _of_memory(memory: int, cost: AuditCost | None) -> Iterator[Trouble]:
    if memory < LITTLE:
        told = f"An audit may take {readable(memory)} of memory here; few sets fit."
        yield Trouble("little_memory", told, more_memory())
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if cost is not None and cost.disk > free:
        yield Trouble(
            "little_disk",
            f"The rows go to a file of {readable(cost.disk)}, and {folder} has {readable(free)}.",
            "Set TMPDIR to a directory with more room, or allow more memory.",
        )


def _of_processors(threads: int) -> Iterator[Trouble]:
    """Where a container may use less of its processors than it sees."""
    try:
        quota, period = QUOTA.read_text().split()
        share = int(quota) / int(period)
    except (OSError, ValueError):  # "max", or another system
        return
    if share < threads:
        fit = max(1, round(share))
        yield Trouble(
            "processor_quota",
            f"This container sees {threads} processors and may use {share:.3g} of them.",
            f"Give --threads {fit}: more only wait for each other.",
        )


def _of_text(encoding: str) -> Iterator[Trouble]:
    if encoding.lower().replace("-", "") != "utf8":
        yield Trouble(
            "no_utf8",
            f"Text is written as {encoding}: marks and names are spelled in what it has.",
            "export LC_ALL=C.UTF-8, or PYTHONUTF8=1",
        )


def _of_packages() -> Iterator[Trouble]:
    for name in CORE:
        if version_of(name) is None:
            yield Trouble(
                "missing_package",
                f"{name} is not installed under its name.",
                "In the checkout of embaudit: pip install --force-reinstall .",
            )
