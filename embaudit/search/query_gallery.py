"""Two sets of points as one, where a search compares one with the other."""

from dataclasses import dataclass, field

import numpy as np

from embaudit.core.metric import Floats, Points, Rows


@dataclass(frozen=True)
class QueryGallery(Points):
    """Rows of one set followed by those of another, as one: nothing is copied.

    more: the other set, in the same units.
    """

    more: Points = field(kw_only=True)

    @classmethod
    def of(cls, left: Points, right: Points) -> "QueryGallery":
        """Both, the left rows first."""
        own = (left.stored, left.unit, left.norms, left.mapped_rows, left.exponent)
        return cls(*own, more=right)

    @property
    def size(self) -> int:
        """Rows of both."""
        return len(self.stored) + self.more.size

    @property
    def on_disk(self) -> bool:
        """Whether memory cannot hold one of them."""
        return super().on_disk or self.more.on_disk

    def floats(self, rows: Rows | slice) -> Floats:
        """The chosen rows as float64, (..., n) for rows of shape (...)."""
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(self.size))
        left = len(self.stored)
        own = rows < left
        if own.all():
            return super().floats(rows)
        if not own.any():
            return self.more.floats(rows - left)
        block = np.empty((*rows.shape, self.dim))
        block[own], block[~own] = super().floats(rows[own]), self.more.floats(rows[~own] - left)
        return block
