"""A few rows, compared with each other in every way that a finding asks for."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Rows
from embaudit.core.random_streams import CLASS_ROWS, PROFILE_ROWS, random_stream
from embaudit.geometry.sample_retrieval import anchored, chance_of, hits_of, orders_of, pair_squares

MOST = 1024  # rows
CLASSES = 64  # of which many rows each are drawn
ORDERED = 200  # of them, whose order of all others is looked at
A_CLASS = 4  # rows of a class that are drawn at least, where there are many classes


class RowSample:
    """m ordered rows with their codes, and a comparison of all pairs of them.

    values: (m, n) of the prepared rows, less the centre.
    """

    def __init__(self, rows: Rows, codes: Rows, values: Floats) -> None:
        self.rows, self.values = rows, values
        self.codes = np.unique(codes, return_inverse=True)[1]

    @cached_property
    def chance(self) -> float:
        """Precision@1 of a random neighbour."""
        return chance_of(self.codes)

    @cached_property
    def squares(self) -> Floats:
        """(m, m) squared distances, the diagonal infinite."""
        return pair_squares(self.values)

    @cached_property
    def hits(self) -> Floats:
        """(m,) whether the nearest row has the same label, by halves where rows tie."""
        return hits_of(self.squares, self.codes)

    @cached_property
    def ordered(self) -> Rows:
        """(q,) the rows whose order of all others is looked at; none of a single class."""
        rows = np.flatnonzero(anchored(self.codes))
        if not self.codes.any():
            return rows[:0]
        return rows[np.linspace(0, len(rows) - 1, min(len(rows), ORDERED)).astype(np.int64)]

    @cached_property
    def orders(self) -> Floats:
        """(q,) how often a row of the same class is nearer than one of another: an AUC each."""
        return orders_of(self.squares, self.codes, self.ordered)

    def among(self, values: Floats) -> tuple[Floats, Floats]:
        """Hits (m,) and orders (q,) of these rows with other values, (m, k)."""
        squares = pair_squares(values)
        return hits_of(squares, self.codes), orders_of(squares, self.codes, self.ordered)

    def hits_among(self, values: Floats) -> Floats:
        """(m,) the same of these rows with other values, (m, k)."""
        return hits_of(pair_squares(values), self.codes)


def rows_drawn(starts: Rows, usual: NDArray[np.bool_], seed: int) -> Rows:
    """At most MOST of the usual ordered rows, ascending; of many classes a few rows of some.

    starts: (C + 1,) of the classes. usual: (N,) flags. No more than the drawn rows is looked at.
    """
    if len(usual) <= MOST:
        return np.flatnonzero(usual)
    rng = random_stream(seed, PROFILE_ROWS)
    sizes = np.diff(starts)
    classes = np.flatnonzero(sizes)
    if len(classes) * A_CLASS > MOST:
        classes = np.sort(rng.permutation(classes)[: MOST // A_CLASS])
    # each class its share, and at least A_CLASS
    part = MOST / sizes[classes].sum()
    share = np.maximum(A_CLASS, np.floor(sizes[classes] * part)).astype(np.int64)
    drawn = []
    for code, wanted in zip(classes.tolist(), share.tolist(), strict=True):
        size = int(sizes[code])
        rows = starts[code] + rng.choice(size, min(size, 2 * wanted), replace=False)
        drawn.append(rows[usual[rows]][:wanted])
    rows = np.concatenate(drawn)
    return np.sort(rows if len(rows) <= MOST else rng.permutation(rows)[:MOST])


def rows_of_classes(starts: Rows, usual: NDArray[np.bool_], least: int, seed: int) -> Rows:
    """At most MOST of the usual ordered rows, ascending, of so few classes that each has many.

    least: rows that a class has to have. CLASSES of the classes at most.
    """
    rng = random_stream(seed, CLASS_ROWS)
    sizes = np.diff(starts)
    classes = np.flatnonzero(sizes >= least)
    if len(classes) > CLASSES:
        classes = np.sort(rng.permutation(classes)[:CLASSES])
    drawn = [np.empty(0, dtype=np.int64)]
    for code in classes.tolist():
        wanted = MOST // len(classes)
        size = int(sizes[code])
        rows = starts[code] + rng.choice(size, min(size, 2 * wanted), replace=False)
        drawn.append(rows[usual[rows]][:wanted])
    return np.sort(np.concatenate(drawn))
