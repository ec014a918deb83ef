"""A few rows, compared with each other in every way that a finding asks for."""

from functools import cached_property

import numpy as np

from embaudit.geometry.precision import chance_of, hits_of, pair_squares
from embaudit.space import Floats, Rows

MOST = 1024  # rows
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

    def hits_among(self, values: Floats) -> Floats:
        """(m,) the same of these rows with other values, (m, k)."""
        return hits_of(pair_squares(values), self.codes)


def rows_drawn(codes: Rows, usable: Rows, seed: int) -> Rows:
    """At most MOST of the usable ordered rows, ascending; of many classes a few rows of some."""
    rng = np.random.default_rng((seed, 9))
    if len(usable) <= MOST:
        return usable
    own = codes[usable]
    present, inverse, sizes = np.unique(own, return_inverse=True, return_counts=True)
    order = rng.permutation(len(usable))
    rank = np.empty(len(usable), dtype=np.int64)  # a random rank of each row in its class
    by_class = order[np.argsort(inverse[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    rank[by_class] = np.arange(len(usable)) - np.repeat(starts, sizes)
    if len(present) * A_CLASS > MOST:
        chosen = np.isin(inverse, rng.permutation(len(present))[: MOST // A_CLASS])
        return np.sort(usable[chosen & (rank < A_CLASS)])
    # each class its share, and at least A_CLASS
    share = np.maximum(A_CLASS, np.floor(sizes * (MOST / len(usable)))).astype(np.int64)
    kept = np.flatnonzero(rank < share[inverse])
    if len(kept) > MOST:
        kept = rng.permutation(kept)[:MOST]
    return np.sort(usable[kept])
