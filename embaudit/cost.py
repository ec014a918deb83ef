"""What an audit would take, known before values are read: memory, disk, time."""

import math
from dataclasses import dataclass, replace

from embaudit.config import Settings
from embaudit.data import EmbeddingSet
from embaudit.duration import seconds
from embaudit.files import Choice, read
from embaudit.geometry.nearest import pays
from embaudit.memory import Shape, allowed, goes_to_disk, needs_of_audit, needs_of_worker
from embaudit.search import Looks, distinct_in_classes, looks_of, one_blas_thread, plan_for
from embaudit.search.plan import SMALL
from embaudit.space import prepare

Gallery = tuple[int, int]  # rows of a second set, and bytes of a value of it
NO_GALLERY: Gallery = (0, 0)
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


def shape_of(
    settings: Settings, rows: int, dim: int, itemsize: int, gallery: Gallery = NO_GALLERY
) -> Shape:
    """What an audit of (rows, dim) values, or of a sample of them, is to the memory."""
    rows = min(rows, settings.sample or rows)
    batch = max(map(math.prod, settings.batches or [settings.batch or (18, 4)]))
    plan = plan_for(rows, dim, settings.search, labels=settings.labels, gallery=gallery[0])
    approximate = plan.approximate
    effort = settings.iterations
    return Shape(
        rows,
        dim,
        itemsize,
        settings.metric,
        batch,
        approximate,
        settings.workers,
        searched=not gallery[0] and effort > 0 and (pays(rows, dim, effort) or not settings.labels),
        labelled=settings.labels,
        gallery=gallery[0],
        gallery_itemsize=gallery[1],
    )


def check_memory(
    settings: Settings,
    rows: int,
    dim: int,
    itemsize: int,
    classes: int = 0,
    gallery: Gallery = NO_GALLERY,
) -> bool:
    """Whether the rows have to be on disk; raises BudgetExceeded if an audit would not fit."""
    shape = replace(shape_of(settings, rows, dim, itemsize, gallery), classes=classes)
    budget = allowed(settings.memory_budget)
    on_disk = goes_to_disk(shape, budget)
    needs_of_audit(shape, on_disk=on_disk).check(budget, _what(shape))
    return on_disk


def check_needs(
    data: EmbeddingSet, settings: Settings, gallery: EmbeddingSet | None = None
) -> None:
    """Raise BudgetExceeded if an audit of a set would not fit, wherever its rows are."""
    beside = NO_GALLERY if gallery is None else (gallery.size, gallery.vectors.itemsize)
    shape = shape_of(settings, data.size, data.dim, data.vectors.itemsize, beside)
    shape = replace(shape, classes=len(data.classes))
    budget = allowed(settings.memory_budget)
    on_disk = all(one.spill is not None for one in (data, gallery) if one is not None)
    needs_of_audit(shape, on_disk=on_disk).check(budget, _what(shape))


def _what(shape: Shape) -> str:
    beside = f" against {shape.gallery:,} of a gallery" if shape.gallery else ""
    return f"Auditing {shape.rows:,} rows x {shape.dim:,} dims{beside} ({shape.metric})"


def cost_of(
    settings: Settings,
    size: tuple[int, int, int],
    dtype: str,
    classes: int,
    gallery: Gallery = NO_GALLERY,
    workers: int = 0,
    looks: Looks | None = None,
) -> Cost:
    """The cost of auditing rows x dim values of so many bytes, before anything is computed.

    workers: processes of one thread that share the search. looks: of `looks_in`.
    """
    shape = replace(shape_of(settings, *size, gallery), classes=classes)
    asked, labels = settings.search, settings.labels
    plan = plan_for(shape.rows, shape.dim, asked, labels=labels, gallery=gallery[0])
    on_disk = check_memory(settings, *size, classes, gallery)
    each, least = (
        needs_of_worker(shape.rows, *size[1:], on_disk=there).total if workers else 0
        for there in (False, True)
    )
    spent = seconds(plan, classes, settings.metric, settings.workers, workers, looks)
    stored = shape.rows * shape.itemsize + shape.gallery * shape.gallery_itemsize
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
        disk=shape.dim * stored if on_disk else 0,
        gallery=gallery[0],
        seconds=float(f"{spent:.2g}"),
        threads=settings.workers,
        workers=workers,
        worker_memory=each,
        worker_memory_least=least,
        read=PASSES * (workers + 1) * math.prod(size) if workers else 0,
    )


def looks_in(chosen: Choice, settings: Settings) -> Looks | None:
    """What a sample says of an approximate search; None without one, and of large files.

    Reads all that was chosen once, and raises what is wrong with it.
    """
    rows, dim, itemsize = chosen.size
    shape = shape_of(settings, rows, dim, itemsize)
    if not shape.approximate or rows * dim * itemsize > SAMPLED:
        return None
    data = read(chosen, **{**settings.reading, "sample": SMALL})
    points = prepare(data.vectors, settings.metric, data.input_rows, data.spill, data.where)
    distinct = distinct_in_classes(points, data.runs)
    with one_blas_thread():
        return looks_of(points, distinct, data.rows, shape.rows, settings.seed)
