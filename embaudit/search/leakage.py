"""Rows that are in both of two sets: queries that the gallery knows already."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from embaudit.data import EmbeddingSet
from embaudit.search.distinct import identical_vectors
from embaudit.search.joined import Joined
from embaudit.space import Rows


@dataclass(frozen=True)
class Leakage:
    """The k queries whose stored vector a row of the gallery has too, by input row.

    queries: (k,) ordered rows. twins: (k,) of each the lowest such row of the gallery, by input
    row, as an ordered row. same_label, other_label: (k,) whether one of its twins has its label,
    and whether one has another.
    """

    queries: Rows
    twins: Rows
    same_label: NDArray[np.bool_]
    other_label: NDArray[np.bool_]


def leakage_of(queries: EmbeddingSet, gallery: EmbeddingSet) -> Leakage:
    """Of a gallery whose codes are the queries'. Equal numbers are equal, whatever their dtype."""
    ids = identical_vectors(Joined.of(gallery.stored, queries.stored))
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
    return Leakage(found, order[first], alike > 0, alike < equal)
