"""Certified geometry on one thread: how tight the intervals are, and what they cost."""

from collections.abc import Iterator

import numpy as np

import embaudit
from tests.bench import clock
from tests.bench.plan import Plan
from tests.generators import separated, unlearned

EFFORT = 1
THICK = 100_000, 128


def geometry(plan: Plan) -> Iterator[dict]:
    """d_iso and d_haus of batches, and thickness of a large set."""
    for name, make in (("unlearned", unlearned), ("separated", separated)):
        for rows, dim in ((72, 8), (72, 128), (1800, 128)):
            vectors, labels = make(plan.scaled(rows), dim, 0)
            yield from _measured(f"{name}, {dim} dims", vectors, labels, ("d_iso", "d_haus"))
    rows, dim = THICK
    vectors = np.random.default_rng(0).normal(size=(plan.scaled(rows), dim))
    labels = np.arange(len(vectors)) % (len(vectors) // 100 + 2)
    yield from _measured("standard normal", vectors, labels, ("thickness",))


def _measured(
    name: str, vectors: np.ndarray, labels: np.ndarray, ids: tuple[str, ...]
) -> Iterator[dict]:
    def audit(*measures: str) -> embaudit.Report:
        return embaudit.audit(vectors, labels.tolist(), measures=measures, effort=EFFORT, threads=1)

    without = clock.seconds(lambda: audit("rms_pair_distance"))[0]
    spent, report = clock.seconds(lambda: audit(*ids))
    tight = {}
    for id in ids:
        reading = report.measures[id]
        if reading.upper:
            tight[f"{id}_upper_to_lower"] = reading.upper / reading.lower
    yield {
        "set": name,
        "rows": len(vectors),
        "dim": vectors.shape[1],
        "seconds": max(0.0, spent - without),
        **tight,
    }
