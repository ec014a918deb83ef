"""Arrays from Python as a validated set, within the memory budget."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from embaudit.data import Array, EmbeddingSet, Label, Notice, Source
from embaudit.data.array_coercion import stacked_rows, view_of, without_axes_of_one
from embaudit.data.bit_unpacking import BITS
from embaudit.data.left_out_rows import ZERO
from embaudit.data.plain_labels import as_ids, as_labels
from embaudit.data.refusal_reasons import form_problems
from embaudit.data.subsets import draw_sample
from embaudit.errors import InputRefused, UsageError, option
from embaudit.findings.drop_flagged_rows import without
from embaudit.planning.memory import Size
from embaudit.planning.plan import plan_of_audit
from embaudit.settings.settings import Settings


def set_of(
    embeddings: Any,
    labels: Any,
    ids: Any,
    settings: Settings,
    *,
    role: str = "embeddings",
    among: Sequence[Label] | None = None,
    beside: Size | None = None,
) -> EmbeddingSet:
    """The set of embeddings (N, n) with N labels.

    role: what messages call it. among: as in `RowChoice`. beside: the size of the
    other set, where there are two. Raises InputRefused for what cannot be audited, UsageError for
    labels where the settings say that there are none.
    """
    marked = "labels" if role == "embeddings" else f"{role} labels"
    _check_given(embeddings, labels, settings, role, marked, alone=among is None)
    vectors, squeezed = array_of(embeddings, role)
    ignored = settings.ignore_label
    texts, notices = (None, []) if labels is None else as_labels(labels, marked, ignored)
    names, more = (None, []) if ids is None else as_ids(ids)
    sources = _sources(vectors, texts, role)
    data = EmbeddingSet.from_arrays(
        vectors,
        texts,
        names,
        sample=settings.of_reading.sample,
        seed=settings.seed,
        sources=sources,
        notices=[*squeezed, *notices, *more],
        on_disk=_on_disk(
            settings, vectors, len({(type(label), label) for label in texts or ()}), beside
        ),
        among=among,
        unpack_bits=settings.unpack_bits,
        ignored=ignored,
        drop_zeros=ZERO in settings.drop,
    )
    return settled(data, settings, alone=among is None)


def array_of(embeddings: Any, role: str) -> tuple[Array, list[Notice]]:
    """Embeddings (N, n) as numpy has them, and what is said of it; raises InputRefused."""
    if isinstance(embeddings, np.ma.MaskedArray):
        raise InputRefused(f"{role}: a masked array.", "Drop the masked rows, or fill them.")
    vectors = stacked_rows(view_of(embeddings, role), role)
    vectors, notices = without_axes_of_one(vectors, role)
    if problems := form_problems(role, vectors):
        raise InputRefused(problems)
    return vectors, notices


def of_loaded(data: EmbeddingSet, settings: Settings, *, alone: bool) -> EmbeddingSet:
    """A set that `load` gave, less what only findings name; options of loading come too late."""
    of_loading = ("sample", "unpack_bits", "ignore_label")
    if given := [name for name in of_loading if getattr(settings, name)]:
        hint = f"Give {' and '.join(given)} to embaudit.load."
        raise UsageError("The set is loaded already.", hint)
    if data.labelled and not settings.labels:
        raise UsageError("The set has labels already.", "Give no_labels to embaudit.load.")
    if settings.labels and not data.labelled:
        raise InputRefused("labels: the set was loaded without.", "Load it with its labels.")
    return without(data, settings.drop, settings.metric, alone=alone)


def _check_given(
    embeddings: Any, labels: Any, settings: Settings, role: str, marked: str, *, alone: bool
) -> None:
    """Refuse labels that are missing or too many; marked: what they are called."""
    if embeddings is None:
        raise InputRefused(
            f"{role}: none given.", "Pass an array (N, n), a path, or embaudit.load(path)."
        )
    if labels is None and settings.labels:
        remedy = f", or {option('no_labels', True)} to audit what needs none" if alone else ""
        raise InputRefused(f"{marked}: none given.", f"Pass one label for every row{remedy}.")
    if labels is not None and not settings.labels:
        raise UsageError("Both labels and no_labels were given.", "Give one of them.")


def _sources(vectors: Any, labels: Sequence[Label] | None, role: str) -> list[Source]:
    """Where the set comes from: arrays, by the digest of their values."""
    digest = digest_of_array(vectors)
    dim, dtype = int(vectors.shape[1]) if vectors.ndim == 2 else None, str(vectors.dtype)
    path = "<array>" if role == "embeddings" else f"<{role}>"
    sources = [Source("embeddings", path, "array", len(vectors), dim, dtype, digest)]
    if labels is not None:
        marks = hashlib.sha256(json.dumps(labels).encode()).hexdigest()
        sources.append(Source("labels", path, "array", len(labels), None, "labels", marks))
    return sources


def digest_of_array(array: Array) -> str:
    """SHA-256 of its values, row by row."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def settled(data: EmbeddingSet, settings: Settings, *, alone: bool = True) -> EmbeddingSet:
    """A set that was read with settings, less what only findings name, and then its sample.

    alone: as in `leave_out`.
    """
    if not settings.dropped_later:
        return data
    data = without(data, settings.dropped_later, settings.metric, alone=alone)
    if settings.sample is None:
        return data
    return draw_sample(data, settings.sample, settings.seed, alone=alone)


def array_size(embeddings: Any) -> Size | None:
    """Rows, dimensions and bytes a value; the faults of an array are told elsewhere."""
    vectors = embeddings.vectors if isinstance(embeddings, EmbeddingSet) else embeddings
    shape: Any = getattr(vectors, "shape", ())
    itemsize = getattr(getattr(vectors, "dtype", None), "itemsize", 0)
    known = isinstance(shape, tuple) and len(shape) == 2 and isinstance(itemsize, int)
    return (*shape, itemsize) if known else None


def _on_disk(settings: Settings, vectors: Any, classes: int, beside: Size | None) -> bool:
    """Whether the ordered copy of an array has to be on disk; its faults are told elsewhere."""
    if vectors.ndim != 2 or not vectors.size or not vectors.itemsize:
        return False
    rows, dim = vectors.shape
    dim *= BITS if settings.unpack_bits else 1
    size = rows, dim, vectors.itemsize
    return plan_of_audit(settings.of_reading, size, beside, classes).on_disk
