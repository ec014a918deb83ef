"""Large sets: the approximate search against the exact one, and how time grows with rows."""

from collections.abc import Callable, Iterator
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
GROWN_DIM = 64
EXACT = (10_000, 20_000, 40_000, 80_000)
APPROXIMATE = (100_000, 200_000, 400_000, 800_000)


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
    """The exponents of the exact and the approximate scan."""

    def exact(chosen: LabelledSet) -> float:
        with one_blas_thread():
            return median(*clock.alternately(plan.repeats, scanner(chosen, plan.threads)))

    yield _grown("exact scan", EXACT, exact, plan)
    yield _grown(
        "approximate scan", APPROXIMATE, lambda x: _approximate(x, plan).timing["scan"], plan
    )


def _grown(
    name: str, sizes: tuple[int, ...], spent: Callable[[LabelledSet], float], plan: Plan
) -> dict:
    times = [spent(_clustered(rows, GROWN_DIM, plan)) for rows in sizes]
    rows = [plan.scaled(size) for size in sizes]
    return {
        "set": name,
        "dim": GROWN_DIM,
        "sizes": rows,
        "seconds": times,
        "exponent": clock.exponent(rows, times),
    }


def _clustered(rows: int, dim: int, plan: Plan) -> LabelledSet:
    return clustered(even(plan.scaled(rows), plan.scaled(CLASSES)), dim, NOISE)


def _approximate(chosen: LabelledSet, plan: Plan) -> Report:
    return embaudit.audit(chosen.vectors, chosen.labels, search="approximate", threads=plan.threads)
