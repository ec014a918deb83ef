"""Large sets: the approximate search against the exact one, and how time grows with rows."""

from collections.abc import Iterator
from statistics import median

import faiss

import embaudit
from embaudit.report import Report
from embaudit.search import one_blas_thread
from tests.bench import clock
from tests.bench.plan import Plan
from tests.bench.sets import DIM, NOISE, LabelledSet, clustered, even
from tests.bench.speed import scanner

ROWS, CLASSES, QUERIES = 1_000_000, 1000, 20_000
GROWN = {  # dimensions: rows of the exact scan, of the approximate one
    128: ((20_000, 40_000, 80_000), (100_000, 200_000, 400_000)),
    1536: ((5_000, 10_000, 20_000), (40_000, 80_000, 160_000)),
}


def approximate(plan: Plan) -> Iterator[dict]:
    """The approximate scan against FAISS's exhaustive search, extrapolated from a slice."""
    chosen = _clustered(ROWS, DIM, plan)
    faiss.omp_set_num_threads(plan.threads)
    flat = faiss.IndexFlatL2(DIM)
    flat.add(chosen.vectors)
    queries = chosen.vectors[: plan.scaled(QUERIES)]
    before = clock.seconds(lambda: flat.search(queries, 1))[0]
    report = _approximate(chosen, plan)
    after = clock.seconds(lambda: flat.search(queries, 1))[0]
    exhaustive = (before + after) / 2 * len(chosen.labels) / len(queries)
    yield {
        "set": f"{plan.scaled(CLASSES):,} classes",
        **chosen.shape,
        "scan_seconds": report.timing["scan"],
        "flat_seconds": exhaustive,
        "speed_up": exhaustive / report.timing["scan"],
        "recall": report.search.recall,
        "recall_lower": report.search.recall_lower,
    }


def growth(plan: Plan) -> Iterator[dict]:
    """The exponents of the exact and the approximate scan, in processor seconds of one thread."""
    for dim, sizes in GROWN.items():
        for name, some in zip(("exact", "approximate"), sizes, strict=True):
            rows, times = [plan.scaled(size) for size in some], []
            for size in some:
                scan = scanner(_clustered(size, dim, plan), 1, approximate=name == "approximate")
                with one_blas_thread():
                    times.append(median(clock.spent(scan)[0] for _ in range(plan.repeats)))
            yield {
                "set": f"{name} scan, {dim:,} dims",
                "dim": dim,
                "sizes": rows,
                "seconds": times,
                "exponent": clock.exponent(rows, times),
            }


def _clustered(rows: int, dim: int, plan: Plan) -> LabelledSet:
    return clustered(even(plan.scaled(rows), plan.scaled(CLASSES)), dim, NOISE)


def _approximate(chosen: LabelledSet, plan: Plan) -> Report:
    return embaudit.audit(chosen.vectors, chosen.labels, search="approximate", threads=plan.threads)
