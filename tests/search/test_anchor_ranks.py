"""Triplet counts and retrieval of every anchor against enumeration."""

import dataclasses
from functools import cache

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import distinct_in_classes, rank_anchors, rank_counting
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.negative_rank_bounds import standing_among
from embaudit.search.positive_rank_bounds import apart, standing
from embaudit.search.ranking_dtype import cheaper
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


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases(), 3))
def test_every_anchor_of_every_set(name, metric):
    case, expected = truth(name, metric)
    assert disagreements(case.vectors, case.labels, metric, expected) == {}


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases(), 3))
def test_it_is_no_matter_whose_values_are_sorted(name, metric, monkeypatch):
    """Positives among the negatives of their anchor count as negatives among its positives."""
    monkeypatch.setattr(rank_counting, "MAJORITY", 0)
    case, expected = truth(name, metric)
    assert disagreements(case.vectors, case.labels, metric, expected) == {}


@pytest.mark.parametrize("step", [0.25, 1e-7])
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("size", [400, pytest.param(1500, marks=pytest.mark.thorough)])
def test_a_class_of_most_rows(size, step, metric):
    """On a grid, most distances tie; a finer one leaves bounds in float32 open."""
    rng = np.random.default_rng(0)
    vectors = 1 + step * rng.integers(-4, 5, (size, 3))
    labels = np.where(rng.random(size) < 0.9, 0, rng.integers(1, 4, size)).tolist()
    expected = oracle.scan(vectors, labels, metric)
    assert disagreements(vectors, labels, metric, expected) == {}


@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-6, 1.0])
@pytest.mark.parametrize("intervals", [0, 1, 40, 3000])
@pytest.mark.parametrize("width", [0.0, 1e-12, 1e-3])
def test_values_stand_where_enumeration_has_them(spread, intervals, width):
    rng = np.random.default_rng(intervals)
    low = 1 + spread * np.sort(rng.random(intervals))
    high = low + width
    values = 1 + spread * rng.uniform(-1, 2, 4000)
    if intervals:
        values[:400] = rng.choice(low, 400)
        values[400:800] = rng.choice(high, 400)
    less, upto = standing_among(values, low, high)
    assert np.array_equal(less, np.count_nonzero(high < values[:, None], axis=1))
    assert np.array_equal(upto, np.count_nonzero(low <= values[:, None], axis=1))


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("held", [False, True])
def test_every_frame_counts_the_same(dtype, held):
    case = SETS["blobs"]()
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, "l2", data.rows)
    distinct = distinct_in_classes(points, data.starts)
    every = np.arange(data.size)
    frame = frame_of(points, every, dtype, in_memory=held)
    ranks = rank_anchors(data, points, distinct, every, frame=frame)
    expected = rank_anchors(data, points, distinct, every)
    for field in dataclasses.fields(expected):
        assert np.array_equal(getattr(ranks, field.name), getattr(expected, field.name)), field


@pytest.mark.parametrize("spread", [0.0, 1e-15, 1e-6, 1.0])
@pytest.mark.parametrize("positives", [1, 2, 40, 3000])
@pytest.mark.parametrize("width", [0.0, 1e-12, 1e-3])
def test_buckets_count_what_enumeration_counts(spread, positives, width):
    rng = np.random.default_rng(positives)
    low = 1 + spread * np.sort(rng.random(positives))
    high = low + width
    values = 1 + spread * rng.uniform(-1, 1, 4000)
    values[:400] = rng.choice(low, 400)
    values[400:420] = rng.choice(high, 20)
    values = values[values <= high[-1]]
    less, alike = apart(values, low, high)
    closer, open_ = standing(values[alike], low, high)
    below, upto = (
        np.array([np.count_nonzero(each) for each in table])
        for table in (values < low[:, None], values <= high[:, None])
    )
    assert np.array_equal(less + closer, below)
    assert np.array_equal(open_, upto > below)


def test_few_values_share_a_bucket_with_a_positive():
    rng = np.random.default_rng(0)
    low = np.sort(rng.random(100))
    _, alike = apart(rng.random(20_000) * low[-1], low, low + 1e-12)
    assert len(alike) < 200


@pytest.mark.parametrize(("apart", "dtype"), [(0.0, np.float64), (30.0, np.float32)])
def test_float32_is_taken_where_it_leaves_few_pairs_open(apart, dtype):
    rng = np.random.default_rng(0)
    labels = np.arange(1200) % 3
    vectors = rng.standard_normal((1200, 32)) + apart * np.eye(32)[labels]
    data = EmbeddingSet.from_arrays(vectors, labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    every = np.arange(data.size)
    frame = frame_of(points, every, np.float64, in_memory=False)
    assert cheaper(frame, data, every, data.codes).dtype is dtype
