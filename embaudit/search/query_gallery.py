"""Two sets of points as one, where a search compares one with the other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.prepared_points import Floats, Points, Rows


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
        block: Floats = self._of_both(rows, super().floats, self.more.floats)
        return block

    @cached_property
    def castable(self) -> bool:
        """Whether both are."""
        return super().castable and self.more.castable

    def singles(self, rows: Rows | slice) -> NDArray[np.float32]:
        """The chosen rows in float32 alone, (..., n)."""
        block: NDArray[np.float32] = self._of_both(rows, super().singles, self.more.singles)
        return block

    def _of_both(
        self,
        rows: Rows | slice,
        ours: Callable[[Rows], NDArray[Any]],
        theirs: Callable[[Rows], NDArray[Any]],
    ) -> NDArray[Any]:
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(self.size))
        left = len(self.stored)
        own = rows < left
        if own.all():
            return ours(rows)
        if not own.any():
            return theirs(rows - left)
        first = ours(rows[own])
        block = np.empty((*rows.shape, self.dim), dtype=first.dtype)
        block[own], block[~own] = first, theirs(rows[~own] - left)
        return block
