"""How long the exact scan and a whole audit take, beside the plainest exact search."""

import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import faiss
import numpy as np

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.search import one_blas_thread, scan_anchors
from tests.bench import clock, pml
from tests.bench.plan import Plan
from tests.bench.sets import LabelledSet, on_every_set

ROOT = Path(__file__).parents[2]
PML_LIMIT = 600  # seconds
OUT_OF_MEMORY = {pml.OUT_OF_MEMORY, -6, -9}  # as it says itself, as C++ and as the system do


def scan(plan: Plan) -> Iterator[dict]:
    """The certified scan of all anchors against faiss.knn, and against bare matrix products."""
    return on_every_set(_scan, plan)


def audit(plan: Plan) -> Iterator[dict]:
    """The whole default audit against faiss.knn and pytorch-metric-learning."""
    return on_every_set(_audit, plan)


def scanner(
    chosen: LabelledSet, threads: int, *, approximate: bool = False
) -> Callable[[], object]:
    """The scan as the audit does it, from prepared points on."""
    data = EmbeddingSet.from_arrays(chosen.vectors, chosen.labels.tolist())
    points = Evidence(data).points
    return lambda: scan_anchors(data, points, threads=threads, approximate=approximate)


def _knn(vectors: np.ndarray, threads: int) -> Callable[[], object]:
    faiss.omp_set_num_threads(threads)
    queries = np.ascontiguousarray(vectors, dtype=np.float32)
    return lambda: faiss.knn(queries, queries, 1)


def _scan(chosen: LabelledSet, plan: Plan) -> dict:
    ours, plain = scanner(chosen, plan.threads), _knn(chosen.vectors, plan.threads)
    with one_blas_thread():  # numpy's; FAISS keeps its threads
        knn, scans = clock.alternately(plan.repeats, plain, ours)
    rows, dim = chosen.vectors.shape
    rate = clock.product_rate(dim, plan.threads)
    row = clock.compared("scan", scans, "knn", knn)
    floor = rows * rows / 2 * dim / rate  # every pair once
    return {
        **row,
        "gmadds_per_second": rate / 1e9,
        "floor_seconds": floor,
        "ratio_to_floor": row["scan_seconds"] / floor,
    }


def _audit(chosen: LabelledSet, plan: Plan) -> dict:
    knn, audits = clock.alternately(
        plan.repeats,
        _knn(chosen.vectors, plan.threads),
        lambda: embaudit.audit(chosen.vectors, chosen.labels, threads=plan.threads),
    )
    row = clock.compared("audit", audits, "knn", knn)
    spent, limit = row["audit_seconds"], 4 * row["knn_seconds"] + 2
    row |= {"limit_seconds": limit, "within": spent <= limit}
    theirs, outcome = _pml(chosen)
    ratio = None if theirs is None else spent / theirs
    return row | {"pml": outcome, "pml_seconds": theirs, "ratio_to_pml": ratio}


def _pml(chosen: LabelledSet) -> tuple[float | None, str]:
    """Seconds, and how it ended: once, and on its own, for it may take all the memory there is."""
    if importlib.util.find_spec("pytorch_metric_learning") is None:
        return None, "skipped: not installed"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", pml.__name__, *chosen.save(Path(folder))]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=PML_LIMIT
            )
        except subprocess.TimeoutExpired:
            return None, f"over the limit of {PML_LIMIT} s"
    if done.returncode in OUT_OF_MEMORY:
        return None, "over the limit of memory"
    if done.returncode:
        return None, f"failed: {done.stderr.strip().splitlines()[-1:]}"
    return json.loads(done.stdout)["seconds"], "finished"
