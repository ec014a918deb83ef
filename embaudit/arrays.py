"""Arrays from Python as a validated set, within the memory budget."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from embaudit.config import Settings
from embaudit.cost import check_memory
from embaudit.data import EmbeddingSet, Source
from embaudit.errors import InputRefused, UsageError
from embaudit.labels import as_ids, as_labels


def set_of(embeddings: Any, labels: Any, ids: Any, settings: Settings) -> EmbeddingSet:
    """The set itself if it was loaded already, else one of embeddings (N, n) with N labels.

    Raises InputRefused for what cannot be audited, UsageError for a path or a second sample.
    """
    if isinstance(embeddings, EmbeddingSet):
        if settings.sample is not None:
            raise UsageError("The set is loaded already.", "Give sample to embaudit.load.")
        return embeddings
    if labels is None:
        raise InputRefused("labels: none given; pass one label for every row.")
    if isinstance(embeddings, str | Path):
        raise UsageError(
            f"{str(embeddings)!r} is a path, not an array.", "Give embaudit.load(path) instead."
        )
    if isinstance(embeddings, np.ma.MaskedArray):
        raise InputRefused("embeddings: a masked array; drop the masked rows, or fill them.")
    try:
        vectors = np.asarray(embeddings)
    except (TypeError, ValueError) as error:
        raise InputRefused(f"embeddings: cannot be viewed as an array: {error}.") from error
    texts, notices = as_labels(labels)
    names = None if ids is None else as_ids(ids)
    digest = hashlib.sha256(np.ascontiguousarray(vectors).tobytes()).hexdigest()
    marks = hashlib.sha256(json.dumps(texts).encode()).hexdigest()
    dim = int(vectors.shape[1]) if vectors.ndim == 2 else None
    sources = (
        Source("embeddings", "<array>", "array", len(vectors), dim, str(vectors.dtype), digest),
        Source("labels", "<array>", "array", len(texts), None, "labels", marks),
    )
    return EmbeddingSet.from_arrays(
        vectors,
        texts,
        names,
        sample=settings.sample,
        seed=settings.seed,
        sources=sources,
        notices=notices,
        on_disk=_on_disk(settings, vectors, len({(type(label), label) for label in texts})),
    )


def _on_disk(settings: Settings, vectors: Any, classes: int) -> bool:
    """Whether the ordered copy of an array has to be on disk; its faults are told elsewhere."""
    if vectors.ndim != 2 or not vectors.size or not vectors.itemsize:
        return False
    rows, dim = vectors.shape
    return check_memory(settings, rows, dim, vectors.itemsize, classes)
