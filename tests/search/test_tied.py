"""What ties leave open: every order of equally far rows, written out."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.search.tied_retrieval import found_within, orders_of


def rankings(levels, positive):
    """Flags of positives by rank, for every order of rows at the same level."""
    levels, positive = np.array(levels), np.array(positive)
    for order in map(list, permutations(range(len(levels)))):
        if (np.diff(levels[order]) >= 0).all():
            yield positive[order]


def precisions(ranking):
    """R-precision and average precision at R."""
    r = int(ranking.sum())
    hits = np.flatnonzero(ranking[:r])
    return len(hits) / r, sum((j + 1) / (rank + 1) for j, rank in enumerate(hits)) / r


def ends(values):
    return min(values), np.mean(values), max(values)


ROWS = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=2, max_size=6)
BOTH = ROWS.filter(lambda rows: 0 < sum(own for _, own in rows) < len(rows))


@settings(max_examples=60)
@given(BOTH)
def test_precision_over_every_order(rows):
    levels, positive = (np.array(side) for side in zip(*rows, strict=True))
    every = [precisions(ranking) for ranking in rankings(levels, positive)]
    own, other = np.sort(levels[positive]), np.sort(levels[~positive])
    found = orders_of(*(np.searchsorted(other, own, side=side) for side in ("left", "right")))
    for one, values in zip(found, zip(*every, strict=True), strict=True):
        assert one == pytest.approx(ends(values), abs=1e-15)
        assert one[0] <= one[1] <= one[2]


@settings(max_examples=60)
@given(BOTH, st.integers(1, 5))
def test_a_positive_among_the_first_over_every_order(rows, k):
    levels, positive = (np.array(side) for side in zip(*rows, strict=True))
    every = [float(ranking[:k].any()) for ranking in rankings(levels, positive)]
    nearest = levels[positive].min()
    counts = (
        (levels[~positive] < nearest).sum(),
        *((levels[which] == nearest).sum() for which in (positive, ~positive)),
    )
    found = found_within(k, *(np.array([one]) for one in counts))
    assert found[0] == pytest.approx(ends(every), abs=1e-15)


def test_thousands_of_ties_are_counted_exactly():
    found = found_within(10, np.array([0, 9, 10]), np.array([1, 2, 3]), np.array([10**6, 9, 5]))
    assert found[0] == pytest.approx([0, 10 / (10**6 + 1), 1])
    assert found[1] == pytest.approx([0, 2 / 11, 1])
    assert found[2].tolist() == [0, 0, 0]
