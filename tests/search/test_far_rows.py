"""Rows that lie far off all others: they cost no other row its bounds, and no answer."""

from types import SimpleNamespace

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.core.prepared_points import Points
from embaudit.data import EmbeddingSet
from embaudit.search import centred_rows as module
from embaudit.search import (
    distinct_in_classes,
    furthest_pair,
    identical_vectors,
    isometric_error,
    k_nearest,
    nearest_counts,
    rank_anchors,
    scan_anchors,
)
from embaudit.search.centre_scale_cast import frame_of
from tests import oracle
from tests.search import test_anchor_ranks, test_anchor_scan, test_k_nearest, test_nearest_ties
from tests.search.test_pairs import radii

LABELS = [0, 1, 2, 3] * 1000


def with_far_rows(rows=4000, dim=32):
    """Two rows at 1e15, of two classes, amid others of length 6."""
    vectors = np.random.default_rng(0).normal(size=(rows, dim))
    vectors[[7, rows // 2 + 1]] *= 1e15
    return vectors


@pytest.fixture
def pairs(monkeypatch):
    """How many pairs float64 has decided so far."""
    counted = []
    true = Points.squared_distances

    def counting(points, left, right):
        counted.append(len(left))
        return true(points, left, right)

    monkeypatch.setattr(Points, "squared_distances", counting)
    return counted


def searches(data, points):
    """Those that meet all rows, each of all or of 100 of them."""
    distinct = distinct_in_classes(points, data.starts)
    vectors, every = identical_vectors(points), np.arange(data.size)
    return {
        "scan": lambda: scan_anchors(data, points, distinct=distinct),
        "k nearest": lambda: k_nearest(points, vectors, every, data.rows, every, 10),
        "nearest": lambda: nearest_counts(points, vectors, data.codes, every),
        "ranks": lambda: rank_anchors(data, points, distinct, every[100:200]),
    }


@pytest.mark.parametrize("name", ["scan", "k nearest", "nearest", "ranks"])
def test_they_leave_few_pairs_to_float64(name, pairs):
    data = EmbeddingSet.from_arrays(with_far_rows(), LABELS)
    search = searches(data, prepare(data.vectors, "l2", data.rows))[name]
    pairs.clear()
    search()
    assert sum(pairs) < 30 * data.size  # of size^2; two rows meet all others


def drawn(kind, rows=90):
    """Sets with far rows: single, close together, equal, at several scales, nearly as far."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(rows, 5))
    far = rng.normal(size=(3, 5)) * 1e9
    if kind == "together":
        far = far[:1] + rng.normal(size=(3, 5)) * 1e-3
    elif kind == "equal":
        far = far[[0, 0, 1]]
    elif kind == "scales":
        far *= np.array([[1], [1e-5], [1e4]])
    elif kind == "as far":
        far = far[:1] * np.array([[1.0], [-1.0], [1 + 1e-15]])
    elif kind == "all but collapsed":
        vectors *= 1e-9
        far *= 1e-9
    vectors[[0, 40, 77]] = far
    return vectors, (np.arange(rows) % 4).tolist()


KINDS = ["single", "together", "equal", "scales", "as far", "all but collapsed"]


@pytest.fixture
def small(monkeypatch):
    """Sets of a few rows may have far ones, too."""
    monkeypatch.setattr(module, "MANY", 8)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.usefixtures("small")
def test_every_answer_is_as_without_them(kind, metric):
    vectors, labels = drawn(kind)
    if metric == "l2":
        points = prepare(vectors, metric, np.arange(len(vectors)))
        frame = frame_of(points, np.arange(len(vectors)), np.float32)
        assert np.isinf(frame.radius).sum() == 3
    expected = oracle.scan(vectors, labels, metric)
    for options in ({"engine": "products", "block_rows": 32}, {"engine": "faiss"}):
        assert test_anchor_scan.disagreements(vectors, labels, metric, expected, **options) == {}
    assert test_anchor_ranks.disagreements(vectors, labels, metric, expected) == {}
    rows = np.arange(len(vectors))
    test_k_nearest.assert_true(vectors, labels, metric, rows, 7)
    case = SimpleNamespace(vectors=vectors, labels=labels)
    counts = test_nearest_ties.found(case, metric, rows)
    assert np.array_equal(counts, test_nearest_ties.truth(case, metric, rows))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("small")
def test_figures_over_pairs_are_as_without_them(kind):
    vectors, _ = drawn(kind)
    points = prepare(vectors, "l2", np.arange(len(vectors)))
    extent = furthest_pair(points, radii(points, 1), np.inf)
    changed = points.floats(slice(None)) * 0.5
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "MANY", np.inf)
        assert furthest_pair(points, radii(points, 1), np.inf) == extent
        assert isometric_error(points, changed) >= extent.distance * 0.5
