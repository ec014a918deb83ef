"""The nearest other row of some rows, against enumeration."""

import numpy as np
import pytest

from embaudit.data import EmbeddingSet
from embaudit.search import identical_vectors, nearest_rows
from embaudit.search import nearest as module
from embaudit.space import prepare
from tests import oracle
from tests.sets import SETS, cases


def truth(case, metric, rows):
    points, _ = oracle.prepared(case.vectors, metric)
    squared = oracle.squared_distances_to_all(points, rows)
    squared[np.arange(len(rows)), rows] = np.inf
    return squared.argmin(axis=1)  # the first of equal ones: the lowest input row


def found(case, metric, rows, **options):
    """Input rows of the nearest rows of some input rows."""
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, metric, data.rows)
    ordered = np.argsort(data.rows)[rows]
    return data.rows[nearest_rows(points, identical_vectors(points), data.rows, ordered, **options)]


@pytest.mark.parametrize(("name", "metric"), cases())
def test_every_row_of_every_set(name, metric):
    case = SETS[name](min(SETS[name].size, 400))
    rows = np.arange(len(case.vectors))
    assert np.array_equal(found(case, metric, rows), truth(case, metric, rows))


@pytest.mark.parametrize("name", ["blobs", "four_distinct_rows", "all_identical"])
def test_tiles_and_threads_divide_the_work_only(name, monkeypatch):
    case = SETS[name](200)
    rows = np.array([7, 3, 150, 199])
    monkeypatch.setattr(module, "TILE", 7)
    monkeypatch.setattr(module, "TOGETHER", 3)
    assert np.array_equal(found(case, "l2", rows, threads=3), truth(case, "l2", rows))
