"""Coordinates in float64 and the rest in float32 bound distances, whatever the axes are."""

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import distinct_in_classes, mixed_precision, rank_anchors
from embaudit.search.centre_scale_cast import frame_of
from embaudit.search.error_bounds import Frame
from embaudit.search.mixed_precision import SplitFrame, axes_of
from embaudit.search.ranking_dtype import ANCHORS, LEADING, cheaper, ranking_frame
from tests import oracle
from tests.search.test_error_bounds import CASTS, square
from tests.sets import SETS, crossed

ROWS = 300
WIDTHS = (0, 1, 8)


def long_rows(rows, dim):
    """Rows of more than one panel, of a spectrum that falls."""
    rng = np.random.default_rng(dim)
    scale = 8 / (1 + np.arange(dim))
    return rng.standard_normal((rows, dim)) * scale


def splits(vectors, metric, widths=WIDTHS):
    points = prepare(vectors, metric, np.arange(len(vectors)))
    every = np.arange(points.size)
    cloud = frame_of(points, every, np.float64, in_memory=False, drawn_in=False).cloud
    for width in widths:
        yield points, mixed_precision.split_frame(cloud, axes_of(cloud, min(width, points.dim)))


def breaches(points, frame):
    """Which bounds some pair of rows breaks."""
    every = np.arange(points.size)
    deciding = oracle.squared_distances_to_all(points.floats(every), every)
    computed = frame.beside(frame.asking(every), slice(None))
    radius = frame.radius[:, None]
    held = {
        "lower": frame.lower(computed, radius) <= deciding,
        "upper": frame.upper(computed, radius) >= deciding,
        "near": frame.near(deciding, radius) >= computed,
        "far": frame.far(deciding, radius) <= computed,
    }
    return {name for name, holds in held.items() if not holds.all()}


@pytest.mark.parametrize(("name", "metric", "width"), crossed(WIDTHS))
def test_bounds_hold_of_every_set(name, metric, width):
    for points, frame in splits(SETS[name]().vectors[:ROWS], metric, (width,)):
        assert breaches(points, frame) == set()


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_bounds_hold_of_long_rows(metric):
    for points, frame in splits(long_rows(ROWS, 700).astype(np.float32), metric, (0, 3, 64)):
        assert breaches(points, frame) == set()


def test_products_err_in_float32(monkeypatch):
    (points, frame), *_ = splits(long_rows(ROWS, 700), "l2")
    assert breaches(points, frame) == set()
    monkeypatch.setattr(mixed_precision, "rest_slack", lambda dim, reach: 0.0)
    assert breaches(points, frame) != set()


def cast_breaches(vectors):
    """The same where products are off by the whole slack from the distance of the rows as cast."""
    ((points, frame),) = splits(vectors, "l2", (0,))
    deciding, radius = points.squared_distances(np.array([0]), np.array([1])), frame.radius[:1]
    cast, slack = float(square(frame.rest)), frame.slack(radius)
    held = {
        "lower": frame.lower(cast + slack, radius) <= deciding,
        "upper": frame.upper(cast - slack, radius) >= deciding,
        "near": frame.near(deciding, radius) >= cast + slack,
        "far": frame.far(deciding, radius) <= cast - slack,
    }
    return {name for name, holds in held.items() if not holds.all()}


def test_casting_the_rest_moves_rows(monkeypatch):
    assert set().union(*map(cast_breaches, CASTS)) == set()
    monkeypatch.setattr(SplitFrame, "cast", lambda frame, radius: 0 * radius)
    assert set().union(*map(cast_breaches, CASTS)) != set()


@pytest.mark.parametrize("columns", [slice(100, 290), np.array([3, 250, 7])])
def test_any_columns_are_the_same_values(columns):
    """But for their last digits: a product of other rows may sum up otherwise."""
    for _, frame in splits(long_rows(ROWS, 200), "l2"):
        asked = frame.asking(np.arange(5, 60))
        every = frame.beside(asked, slice(None))
        np.testing.assert_allclose(frame.beside(asked, columns), every[:, columns], atol=1e-5)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("width", WIDTHS)
def test_ranks_are_those_of_float64(metric, width):
    labels = np.arange(400) % 7
    data = EmbeddingSet.from_arrays(
        long_rows(400, 300) + 0.5 * np.eye(300)[labels], labels.tolist()
    )
    points = prepare(data.vectors, metric, data.rows)
    distinct = distinct_in_classes(points, data.starts)
    every = np.arange(data.size)
    frame = ranking_frame(points)
    split = mixed_precision.split_frame(frame.cloud, axes_of(frame.cloud, width))
    ranks = rank_anchors(data, points, distinct, every, frame=split)
    expected = oracle.scan(points.floats(every), data.codes, "l2")
    assert np.array_equal(ranks.violated, expected.violated)
    assert np.array_equal(ranks.tied, expected.tied)


def sorts(vectors, classes):
    labels = np.arange(len(vectors)) % classes
    data = EmbeddingSet.from_arrays(vectors, labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    every = np.arange(data.size)
    frame = frame_of(points, every, np.float64, in_memory=False)
    return cheaper(frame, data, every, data.codes)


def test_it_is_taken_where_it_leaves_few_pairs_open():
    dim, rows = 16 * LEADING, 2 * ANCHORS
    falling = sorts(long_rows(rows, dim), 4)
    assert isinstance(falling, SplitFrame)
    assert falling.rows.shape == (rows, LEADING + 2)
    fewer_positives = sorts(long_rows(rows, dim), 64)  # pairs it would compute cost more than axes
    assert fewer_positives.rows.shape == (rows, LEADING + 2)
    assert sorts(long_rows(rows, dim), 256).rows.shape == (rows, 2)
    isotropic = np.random.default_rng(0).standard_normal((rows, dim))
    assert type(sorts(isotropic, 4)) is Frame
    few_positives = sorts(isotropic, rows // 4)
    assert isinstance(few_positives, SplitFrame) or few_positives.dtype is np.float32
