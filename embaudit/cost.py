"""What an audit would take, known before values are read: memory, disk, time."""

import math
from dataclasses import dataclass, replace

from embaudit.config import Settings
from embaudit.data import EmbeddingSet
from embaudit.geometry.nearest import pays
from embaudit.memory import Shape, allowed, goes_to_disk, needs_of_audit
from embaudit.search import plan_for


@dataclass(frozen=True)
class Cost:
    """What an audit would do and cost; memory and disk in bytes, time in seconds."""

    rows: int
    dim: int
    dtype: str
    classes: int
    search: str
    backend: str
    why: str
    memory: int
    allowed: int
    disk: int
    seconds: float
    threads: int


def shape_of(settings: Settings, rows: int, dim: int, itemsize: int) -> Shape:
    """What an audit of (rows, dim) values, or of a sample of them, is to the memory."""
    rows = min(rows, settings.sample or rows)
    batch = max(map(math.prod, settings.batches or [settings.batch or (18, 4)]))
    approximate = plan_for(rows, dim, settings.search, labels=settings.labels).approximate
    effort = settings.iterations
    return Shape(
        rows,
        dim,
        itemsize,
        settings.metric,
        batch,
        approximate,
        settings.workers,
        searched=effort > 0 and (pays(rows, dim, effort) or not settings.labels),
        labelled=settings.labels,
    )


def check_memory(settings: Settings, rows: int, dim: int, itemsize: int, classes: int = 0) -> bool:
    """Whether the rows have to be on disk; raises BudgetExceeded if an audit would not fit."""
    shape = replace(shape_of(settings, rows, dim, itemsize), classes=classes)
    budget = allowed(settings.memory_budget)
    on_disk = goes_to_disk(shape, budget)
    needs_of_audit(shape, on_disk=on_disk).check(budget, _what(shape))
    return on_disk


def check_needs(data: EmbeddingSet, settings: Settings) -> None:
    """Raise BudgetExceeded if an audit of a set would not fit, wherever its rows are."""
    shape = shape_of(settings, data.size, data.dim, data.vectors.itemsize)
    shape = replace(shape, classes=len(data.classes))
    budget = allowed(settings.memory_budget)
    needs_of_audit(shape, on_disk=data.spill is not None).check(budget, _what(shape))


def _what(shape: Shape) -> str:
    return f"Auditing {shape.rows:,} rows x {shape.dim:,} dims ({shape.metric})"


def cost_of(settings: Settings, size: tuple[int, int, int], dtype: str, classes: int) -> Cost:
    """The cost of auditing rows x dim values of so many bytes, before anything is computed."""
    shape = replace(shape_of(settings, *size), classes=classes)
    plan = plan_for(shape.rows, shape.dim, settings.search, labels=settings.labels)
    on_disk = check_memory(settings, *size, classes)
    search = "approximate" if plan.approximate else "exact"
    return Cost(
        rows=shape.rows,
        dim=shape.dim,
        dtype=dtype,
        classes=classes,
        search=search if settings.labels else "none",
        backend=plan.backend,
        why=plan.why,
        memory=needs_of_audit(shape, on_disk=on_disk).total,
        allowed=allowed(settings.memory_budget),
        disk=shape.rows * shape.dim * shape.itemsize if on_disk else 0,
        seconds=float(f"{plan.seconds(settings.workers):.2g}"),
        threads=settings.workers,
    )
