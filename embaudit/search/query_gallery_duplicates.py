"""Rows that are in both of two sets: queries that the gallery knows already."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Rows
from embaudit.data import EmbeddingSet, Label
from embaudit.search.deduplicated import identical_vectors
from embaudit.search.query_gallery import QueryGallery


@dataclass(frozen=True)
class Leakage:
    """The k queries whose stored vector a row of the gallery has too, by input row.

    queries: (k,) ordered rows. twins: (k,) of each the lowest such row of the gallery, by input
    row, as an ordered row. same_label, other_label: (k,) whether one of its twins has its label,
    and whether one has another. itself: (k,) the row of the gallery that the query is, -1 where it
    is none: a twin of its id, where both sets have ids, else of its label; of several the lowest.
    """

    queries: Rows
    twins: Rows
    same_label: NDArray[np.bool_]
    other_label: NDArray[np.bool_]
    itself: Rows


def leakage_of(queries: EmbeddingSet, gallery: EmbeddingSet) -> Leakage:
    """Of a gallery whose codes are the queries'. Equal numbers are equal, whatever their dtype."""
    ids = identical_vectors(QueryGallery.of(gallery.stored, queries.stored))
    theirs, ours = ids[: gallery.size], ids[gallery.size :]
    found = np.flatnonzero(np.isin(ours, theirs))
    found = found[np.argsort(queries.rows[found])]
    order = np.lexsort((gallery.rows, theirs))  # equal rows together, the lowest input row first
    first = np.searchsorted(theirs[order], ours[found])
    equal = np.searchsorted(theirs[order], ours[found], side="right") - first
    classes = len(gallery.classes)
    keys = np.sort(theirs * classes + gallery.codes)
    key = ours[found] * classes + queries.codes[found]
    alike = np.searchsorted(keys, key, side="right") - np.searchsorted(keys, key)
    itself = _themselves(queries, gallery, ours, theirs, found)
    return Leakage(found, order[first], alike > 0, alike < equal, itself)


def _themselves(
    queries: EmbeddingSet, gallery: EmbeddingSet, ours: Rows, theirs: Rows, found: Rows
) -> Rows:
    """(k,) the row of the gallery that each query found there is, -1 for none.

    ours, theirs: ids of the vectors, equal exactly for equal ones.
    """
    rows = np.flatnonzero(np.isin(theirs, ours[found]))
    rows = rows[np.argsort(gallery.rows[rows])]
    own, other = queries.codes[found], gallery.codes[rows]
    if queries.ids is not None and gallery.ids is not None:
        number: dict[tuple[type, Label | None], int] = {}
        own, other = (
            np.array([number.setdefault((type(one), one), len(number)) for one in named], np.int64)
            for named in (map(queries.id_of, found.tolist()), map(gallery.id_of, rows.tolist()))
        )
    first: dict[tuple[int, int], int] = {}
    for vector, who, row in zip(theirs[rows].tolist(), other.tolist(), rows.tolist(), strict=True):
        first.setdefault((vector, who), row)
    sought = zip(ours[found].tolist(), own.tolist(), strict=True)
    return np.array([first.get(key, -1) for key in sought], dtype=np.int64)
