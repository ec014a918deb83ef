"""Triplet counts and retrieval of every anchor against enumeration."""

from functools import cache

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import distinct_in_classes, rank_anchors
from tests import oracle
from tests.combined import in_part
from tests.sets import SETS, alternating_cases

COUNTS = ("violated", "tied", "triplets")
SHARES = {"r_precision": "r_precision", "average_precision": "average_precision_at_r"}


@cache
def truth(name, metric):
    case = SETS[name](min(SETS[name].size, 500))
    return case, oracle.scan(case.vectors, case.labels, metric)


def disagreements(vectors, labels, metric, expected):
    """Fields of the ranks of the oracle's anchors that differ from it, with some input rows."""
    data = EmbeddingSet.from_arrays(vectors, labels)
    points = prepare(data.vectors, metric, data.rows)
    distinct = distinct_in_classes(points, data.starts)
    ordered = np.argsort(data.rows)[expected.anchors]
    ranks = rank_anchors(data, points, distinct, ordered)
    wrong = {}
    for field in COUNTS:
        where = getattr(ranks, field) != getattr(expected, field)
        if where.any():
            wrong[field] = expected.anchors[where][:5].tolist()
    for ours, theirs in SHARES.items():
        mine, true = getattr(ranks, ours), getattr(expected, theirs)
        where = ~np.isclose(mine, true, rtol=1e-12, atol=1e-15).all(axis=1)
        if where.any():
            wrong[ours] = expected.anchors[where][:5].tolist()
    return wrong


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases()))
def test_every_anchor_of_every_set(name, metric):
    case, expected = truth(name, metric)
    assert disagreements(case.vectors, case.labels, metric, expected) == {}


def test_some_anchors_give_the_same_as_all():
    case = SETS["blobs"]()
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, "l2", data.rows)
    distinct = distinct_in_classes(points, data.starts)
    every = rank_anchors(data, points, distinct, np.arange(data.size))
    some = np.array([500, 3, 77])
    picked = rank_anchors(data, points, distinct, some)
    for field in (*COUNTS, *SHARES):
        assert np.array_equal(getattr(picked, field), getattr(every, field)[some])
