"""How long an audit takes beside the plainest exact search, and where the time goes.

Nothing is asserted on time. Run with `-m bench -s`.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import embaudit

pytestmark = pytest.mark.bench

PEAK = """
import resource, sys
import numpy as np
import embaudit
vectors, labels = np.load(sys.argv[1], allow_pickle=False), np.load(sys.argv[2], allow_pickle=False)
embaudit.audit(vectors, labels)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(peak * (1 if sys.platform == "darwin" else 1024))
"""


def synthetic(rows=20_000, dim=128, classes=200):
    rng = np.random.default_rng(0)
    labels = rng.integers(classes, size=rows)
    vectors = rng.normal(size=(classes, dim))[labels] + rng.normal(size=(rows, dim))
    return vectors.astype(np.float32), labels


def real():
    if "EMBAUDIT_DATA" not in os.environ:
        pytest.skip("EMBAUDIT_DATA names no folder")
    folder = Path(os.environ["EMBAUDIT_DATA"]) / "glyph"
    return np.load(folder / "train_step03000.npy"), np.load(folder / "train_labels.npy")


def seconds(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def peak_memory(tmp_path, vectors, labels):
    """Bytes of the largest resident set of a process that does nothing else."""
    for name, array in (("vectors.npy", vectors), ("labels.npy", labels)):
        np.save(tmp_path / name, array)
    told = subprocess.run(
        [sys.executable, "-c", PEAK, tmp_path / "vectors.npy", tmp_path / "labels.npy"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(told.stdout)


@pytest.mark.parametrize("source", [synthetic, real], ids=["synthetic", "real"])
def test_audit_beside_faiss_knn(source, tmp_path, capsys):
    import faiss

    vectors, labels = source()
    embaudit.audit(vectors[:500], labels[:500].tolist(), threads=1)  # imports and warms up
    # side by side, twice each, the better counts: other loads hit both alike
    searches, audits = [], []
    for _ in range(2):
        faiss.omp_set_num_threads(os.cpu_count() or 1)
        searches.append(seconds(lambda: faiss.knn(vectors, vectors, 1))[0])
        audits.append(seconds(lambda: embaudit.audit(vectors, labels)))
    plain, (audit, report) = min(searches), min(audits, key=lambda pair: pair[0])
    peak = peak_memory(tmp_path, vectors, labels)
    with capsys.disabled():
        stages = ", ".join(f"{stage} {spent:.2f} s" for stage, spent in report.timing.items())
        print(
            f"\n{source.__name__} {vectors.shape[0]} x {vectors.shape[1]}: audit {audit:.2f} s, "
            f"faiss.knn k=1 {plain:.2f} s, ratio {audit / plain:.2f}; peak {peak / 2**20:.0f} MiB "
            f"for {vectors.nbytes / 2**20:.0f} MiB of vectors\n  {stages}\n"
            f"  settled {report.environment.get('nearest_negatives_settled')}"
        )
