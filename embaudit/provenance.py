"""What a report was made from and with: its run id, its environment, and where the time went."""

import hashlib
import json
import platform
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from embaudit import __version__
from embaudit.config import Settings
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.model import Model
from embaudit.report import DataSummary
from embaudit.search import version


def run_id(data: EmbeddingSet, options: Model, gates: Sequence[str] = ()) -> str:
    """The same for the same inputs, options and version; also told apart by the columns read."""
    read = hashlib.sha256(json.dumps(data.classes).encode())
    for part in (data.starts, data.input_rows, data.vectors[:1024]):
        read.update(np.ascontiguousarray(part).tobytes())
    told = {
        "inputs": [(source.role, source.sha256) for source in data.sources],
        "read": read.hexdigest(),
        "options": options.model_dump(mode="json"),
        "gate": list(gates),
        "version": __version__,
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def summary(evidence: Evidence) -> DataSummary:
    """The set in figures."""
    data = evidence.data
    return DataSummary(
        rows=data.size,
        dim=data.dim,
        classes=len(data.classes),
        anchors=int(data.sizes[data.sizes > 1].sum()),
        singleton_classes=int((data.sizes == 1).sum()),
        duplicate_rows=evidence.duplicate_rows,
    )


def environment(settings: Settings, **work: Any) -> dict[str, Any]:
    """Versions, threads and work done: what may differ between two equal runs."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "faiss": version(),
        "platform": platform.platform(),
        "threads": settings.workers,
        **work,
    }


class Timing:
    """Seconds a stage, in the order of the stages."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time what is done inside."""
        start = time.perf_counter()
        yield
        self.seconds[stage] = round(time.perf_counter() - start, 4)
