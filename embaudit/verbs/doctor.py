"""What stands in the way of a fast audit here, and what one would cost."""

import locale
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from embaudit.core.machine import allowed, available_threads, more_memory, readable
from embaudit.core.optional_packages import CORE, EXTRAS, install_line, version_of
from embaudit.errors import BudgetExceeded, UsageError
from embaudit.planning.duration import seconds
from embaudit.planning.plan import plan_of_audit
from embaudit.planning.search_plan import plan_for
from embaudit.render.text import count
from embaudit.report.checkup import AuditCost, BlasLibrary, Checkup, ExtraView, Trouble
from embaudit.search import blas_in_force, use_threads
from embaudit.settings.settings import Settings
from embaudit.version import __version__

SHAPE = re.compile(r"(\d[\d,_]{0,18})\s*[xX]\s*(\d{1,7})")
FLOAT32 = 4  # bytes
CLASS = 100  # rows of a class, where nothing is known of the set
LITTLE = 1 << 30  # bytes that an audit may take, below which few sets fit
CPU, QUOTA = Path("/proc/cpuinfo"), Path("/sys/fs/cgroup/cpu.max")
WIDE = ("SkylakeX", "Cooperlake", "SapphireRapids", "Zen4", "Zen5")  # kernels with AVX-512
NAMES = {"faiss": "FAISS"}
CORETYPE = "OPENBLAS_CORETYPE"
FEWER = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS")


def doctor(shape: str | None, settings: Settings) -> Checkup:
    """Look at the machine and the libraries; shape: rows x dimensions of an audit to be costed.

    Raises UsageError for what is no shape.
    """
    size = None if shape is None else _size(shape)
    memory, threads = allowed(settings.memory_budget), available_threads()
    cost, excess = (None, None) if size is None else _cost(*size, settings)
    use_threads(settings.workers)  # as an audit does
    blas = tuple(_blas())
    encoding = getattr(sys.stdout, "encoding", None) or locale.getpreferredencoding(False)
    problems = [
        *([excess] if excess else ()),
        *_of_memory(memory, cost),
        *_of_blas(blas, settings.workers),
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


def _blas() -> Iterator[BlasLibrary]:
    for of, known in blas_in_force():
        yield BlasLibrary(
            NAMES.get(of, of),
            str(known["internal_api"]),
            known.get("version"),
            known.get("architecture"),
            int(known["num_threads"]),
        )


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


def _of_blas(blas: Sequence[BlasLibrary], threads: int) -> Iterator[Trouble]:
    """OpenBLAS alone is looked at: of others no kernels are known. threads: those of an audit."""
    told, wide = os.environ.get(CORETYPE), "avx512f" in _processor_flags()
    for one in blas:
        if one.name != "openblas":
            continue
        if wide and one.architecture and one.architecture not in WIDE:
            what = f"The BLAS of {one.of} computes with {one.architecture}, and without AVX-512"
            if told:
                yield Trouble("blas_kernels", f"{what}: {CORETYPE} is {told}.", f"unset {CORETYPE}")
            else:
                yield Trouble(
                    "blas_kernels",
                    f"{what}: `embaudit explain benchmarks` tells what that costs.",
                    f"export {CORETYPE}=SkylakeX, and compare a report of before: the kernels of "
                    "old builds had defects.",
                )
        if one.of == "FAISS" and one.threads < threads:
            given = [name for name in FEWER if name in os.environ]
            why = f": {given[0]} is {os.environ[given[0]]}" if given else ""
            yield Trouble(
                "blas_threads",
                f"The BLAS of FAISS has {count(one.threads, 'thread')} of {threads:,}{why}.",
                f"unset {given[0]}" if given else f"export OPENBLAS_NUM_THREADS={threads}",
            )


def _processor_flags() -> Sequence[str]:
    """What the processor says that it can, where the system tells (Linux)."""
    try:
        found = re.search(r"^flags\s*:(.*)$", CPU.read_text(), re.MULTILINE)
    except OSError:
        return ()
    return found[1].split() if found else ()


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
