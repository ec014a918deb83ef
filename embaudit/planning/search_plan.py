"""The one place that chooses how nearest negatives are found: from data and flags, never the load.

It also says what the choice costs, before anything is computed.
"""

from dataclasses import dataclass

from embaudit.search.block_minima import BACKENDS, WHY, engine_for
from embaudit.settings.option_table import Searches

EXACT = 1e13  # multiply-adds up to which `auto` compares all pairs: minutes on two cores
SMALL = 1 << 15  # rows up to which checking an approximate search costs more than an exact one


@dataclass(frozen=True)
class SearchPlan:
    """How nearest negatives are to be found in (rows, dim), and why so.

    labels: whether there are any: without them there are no negatives. gallery: rows that these
    are compared with, where they are not their own; else 0.
    """

    rows: int
    dim: int
    approximate: bool
    why: str
    labels: bool = True
    gallery: int = 0

    @property
    def backend(self) -> str:
        """The engine, in words."""
        if not self.labels:
            return "none"
        engine = "products" if self.gallery else engine_for(self.dim)
        return APPROXIMATE if self.approximate else BACKENDS[engine]


AGAINST = "every query is compared with all of the gallery: no approximate search is of two sets"
APPROXIMATE = "cells of the classes bound, float64 decides"


def plan_for(
    rows: int, dim: int, asked: Searches = "auto", *, labels: bool = True, gallery: int = 0
) -> SearchPlan:
    """The search for a set of this shape, or against a gallery of so many rows.

    Without labels there is nothing to search for.
    """
    if not labels:
        return SearchPlan(rows, dim, False, "without labels no row is a negative", labels=False)
    if gallery:
        return SearchPlan(rows, dim, False, AGAINST, gallery=gallery)
    cost = rows * rows / 2 * dim
    if asked == "exact":
        return SearchPlan(rows, dim, False, WHY[engine_for(dim)])
    if rows <= SMALL:
        why = f"up to {SMALL:,} rows, checking an approximate search costs more than an exact one"
        return SearchPlan(rows, dim, False, why if asked == "approximate" else WHY[engine_for(dim)])
    if asked == "approximate":
        return SearchPlan(rows, dim, True, "an approximate search was asked for")
    if cost <= EXACT:
        return SearchPlan(rows, dim, False, WHY[engine_for(dim)])
    why = f"all pairs cost {cost:.2g} multiply-adds, above {EXACT:.0g}: --search exact does them"
    return SearchPlan(rows, dim, True, why)
