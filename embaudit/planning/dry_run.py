"""What an audit would do, and cost of memory, disk and time: told before values are read."""

import math
from dataclasses import dataclass

from embaudit.core.machine import allowed
from embaudit.core.metric import prepare
from embaudit.files import Choice, count_classes, read
from embaudit.planning.duration import seconds
from embaudit.planning.expected_probes import ProbeEstimate, probes_of
from embaudit.planning.memory import disk_of_audit, outgrowing
from embaudit.planning.plan import plan_of_audit
from embaudit.planning.search_plan import SMALL, plan_for
from embaudit.planning.shared_search import SharedSearch
from embaudit.search import distinct_in_classes, one_blas_thread
from embaudit.settings.settings import Settings

SAMPLED = 1 << 30  # bytes of values up to which a forecast looks at a sample of them
PASSES = 2  # over a file: its digest, its values


@dataclass(frozen=True)
class Cost:
    """What an audit would do and cost; memory and disk in bytes, time in seconds.

    gallery: rows of the set that these are compared with, 0 without one. workers: processes that
    share the search, 0 for none; each takes worker_memory, or where it may not take as much the
    least and a file; read: bytes that they and this process read, as stored.
    """

    rows: int
    dim: int
    dtype: str
    classes: int
    gallery: int
    search: str
    backend: str
    why: str
    memory: int
    allowed: int
    disk: int
    seconds: float
    threads: int
    workers: int = 0
    worker_memory: int = 0
    worker_memory_least: int = 0
    read: int = 0


def dry_run(
    chosen: Choice,
    gallery: Choice | None,
    settings: Settings,
    workers: SharedSearch | None = None,
) -> Cost:
    """What an audit of chosen columns would cost; labels are read, values only to sample a search.

    workers: who shares the search. Raises what is wrong with the labels,
    and BudgetExceeded.
    """
    classes, alone = count_classes(chosen, alone=gallery is None, ignored=settings.ignore_label)
    probes = _probes_in(chosen, settings) if gallery is None else None
    size, beside = chosen.size, None if gallery is None else gallery.size
    plan = plan_of_audit(settings, size, beside, classes + alone)
    work, search = plan.work, plan.search
    each, least = (
        workers.needs(work.rows, *size[1:], on_disk=there).total if workers else 0
        for there in (False, True)
    )
    spent = seconds(search, classes + alone, settings.metric, settings.workers, workers, probes)
    how = "approximate" if search.approximate else "exact"
    return Cost(
        rows=work.rows,
        dim=work.dim,
        dtype=chosen.first.stored,
        classes=classes,
        gallery=work.gallery,
        search=how if settings.labels else "none",
        backend=search.backend,
        why=search.why,
        memory=plan.needs.total,
        allowed=plan.allowed,
        disk=disk_of_audit(work) if plan.on_disk else 0,
        seconds=float(f"{spent:.2g}"),
        threads=settings.workers,
        workers=workers.count if workers else 0,
        worker_memory=each,
        worker_memory_least=least,
        read=PASSES * (workers.count + 1) * math.prod(size) if workers else 0,
    )


def _probes_in(chosen: Choice, settings: Settings) -> ProbeEstimate | None:
    """What a sample says of an approximate search; None without one, and of large files.

    Reads all that was chosen once, and raises what is wrong with it.
    """
    rows, dim, itemsize = chosen.size
    audited = min(rows, settings.sample or rows)
    search = plan_for(audited, dim, settings.search, labels=settings.labels)
    if not search.approximate or rows * dim * itemsize > SAMPLED:
        return None
    on_disk = outgrowing(chosen.size, SMALL, allowed(settings.memory_budget))
    data = read(chosen, on_disk=on_disk, **{**settings.reading, "sample": SMALL})
    points = prepare(data.vectors, settings.metric, data.input_rows, data.mapped_rows, data.where)
    distinct = distinct_in_classes(points, data.runs)
    with one_blas_thread():
        return probes_of(points, distinct, data.rows, audited)
