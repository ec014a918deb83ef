"""Whole default audits of wide sets beside faiss.knn, in processor seconds of one thread each.

`python -m tests.bench.wide [NAME...]`, with OPENBLAS_NUM_THREADS=1 and OMP_NUM_THREADS=1: on a
machine that is shared wall time tells nothing. Each set takes minutes.
"""

import json
import sys
from collections.abc import Callable

import faiss
import numpy as np

import embaudit
from tests.bench.clock import spent
from tests.bench.sets import SEED, LabelledSet

TURNS = 3


def cloud(rows: int, dim: int, classes: int, *, apart: float, falling: bool) -> LabelledSet:
    """Normal rows about normal centres, `apart` of their spread; along axes alike or falling."""
    rng = np.random.default_rng(SEED)
    scale = np.arange(1, dim + 1) ** (-0.5 if falling else 0.0)
    labels = rng.integers(classes, size=rows)
    centres = apart * rng.standard_normal((classes, dim)) * scale
    vectors = np.empty((rows, dim), dtype=np.float32)
    for start in range(0, rows, 1000):
        own = centres[labels[start : start + 1000]]
        vectors[start : start + 1000] = own + rng.standard_normal(own.shape) * scale
    return LabelledSet(vectors, labels)


WIDE: dict[str, tuple[Callable[[], LabelledSet], str]] = {
    f"{rows:,} x {dim:,}, {classes:,} classes {how}, {metric}": (
        lambda rows=rows, dim=dim, classes=classes, how=how: cloud(
            rows, dim, classes, apart=0.3 if how == "overlapping" else 3.0, falling=how == "falling"
        ),
        metric,
    )
    for rows, dim in ((20_000, 1536), (10_000, 3072), (10_000, 4096))
    for classes, how in ((26, "overlapping"), (26, "falling"), (2000, "separated"))
    for metric in ("l2", "cosine")
}


def compared(chosen: LabelledSet, metric: str) -> dict:
    """Medians of turns of each, their ratio, and the parts of the last audit in wall seconds."""
    knn, audits, parts = [], [], {}
    for _ in range(TURNS):
        knn.append(spent(lambda: faiss.knn(chosen.vectors, chosen.vectors, 1))[0])
        seconds, report = spent(
            lambda: embaudit.audit(chosen.vectors, chosen.labels, metric=metric, threads=1)
        )
        audits.append(seconds)
        parts = report.timing
    middle = [float(np.median(one)) for one in (audits, knn)]
    return {"audit": middle[0], "knn": middle[1], "ratio": middle[0] / middle[1], "parts": parts}


if __name__ == "__main__":
    faiss.omp_set_num_threads(1)
    for name, (make, metric) in WIDE.items():
        if not sys.argv[1:] or any(part in name for part in sys.argv[1:]):
            print(json.dumps({"set": name, **compared(make(), metric)}), flush=True)
