"""Which rows are nearest to some rows, against enumeration."""

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import identical_vectors, nearest_counts
from embaudit.search import k_nearest_rows as module
from tests import oracle
from tests.sets import SETS, cases


def truth(case, metric, rows):
    points, _ = oracle.prepared(case.vectors, metric)
    squared = oracle.squared_distances_to_all(points, rows)
    squared[np.arange(len(rows)), rows] = np.inf
    nearest = squared == squared.min(axis=1)[:, None]
    codes = oracle.class_codes(case.labels)
    alike = codes[rows, None] == codes
    return (nearest & alike).sum(axis=1), (nearest & ~alike).sum(axis=1)


def found(case, metric, rows, **options):
    """How many rows are nearest to some input rows: with their label, and with others."""
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, metric, data.rows)
    ordered = np.argsort(data.rows)[rows]
    return nearest_counts(points, identical_vectors(points), data.codes, ordered, **options)


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
