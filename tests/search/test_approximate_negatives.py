"""The approximate search: whatever it finds is true, and it says what it may have missed."""

import re
from functools import cache

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import ListThreads, scan_anchors
from embaudit.search.error_bounds import frame_of
from embaudit.search.ivf import approximate_negatives, inverted_lists
from embaudit.search.ivf.inverted_lists import SHARED, cells_of, centres_of, list_groups_of
from tests.combined import in_part
from tests.sets import SETS, crossed, thorough_cases

EXACT = ("furthest_positive", "nearest_positive", "d2_furthest_positive", "d2_nearest_positive")


@cache
def truth(name, metric):
    """The set, its prepared points, and their exact scan."""
    case = SETS[name]()
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, metric, data.rows)
    return data, points, scan_anchors(data, points)


def scans(name, metric, monkeypatch, **options):
    """The set, its prepared points, and its scans: exact, and with one probe an anchor."""
    data, points, exact = truth(name, metric)
    monkeypatch.setattr(inverted_lists, "LEAST", 8)
    return (
        data,
        points,
        exact,
        scan_anchors(data, points, approximate=True, probe_radius=0.0, **options),
    )


@pytest.mark.parametrize(("name", "metric", "nearest_members"), crossed((False, True)))
def test_one_probe_is_wrong_on_one_side_only(name, metric, nearest_members, monkeypatch):
    monkeypatch.setattr(approximate_negatives, "PAYS", 1 if nearest_members else 10**9)
    data, points, exact, found = scans(name, metric, monkeypatch, threads=2)
    for field in EXACT:
        assert np.array_equal(getattr(found, field), getattr(exact, field), equal_nan=True)
    rows = np.flatnonzero(found.anchor)
    negative = found.nearest_negative[rows]
    assert (data.codes[negative] != data.codes[rows]).all()
    squared = points.squared_distances(rows, negative)
    assert np.array_equal(found.d2_nearest_negative[rows], squared)
    assert (squared >= exact.d2_nearest_negative[rows]).all()
    assert (found.closer_negatives <= exact.closer_negatives).all()


@pytest.mark.parametrize(
    ("name", "metric"), thorough_cases([name for name in SETS if name != "smallest"])
)
def test_the_check_is_the_truth(name, metric, monkeypatch):
    monkeypatch.setattr("embaudit.search.scan.CALIBRATION", 2)
    monkeypatch.setattr("embaudit.search.ivf.approximate_negatives.CALIBRATION", 2)
    _, _, exact, found = scans(name, metric, monkeypatch)
    check = found.check
    assert len(check.rows) > 0
    assert len(np.unique(check.rows)) == len(check.rows)
    assert found.anchor[check.rows].all()
    assert np.array_equal(check.d2_nearest_negative, exact.d2_nearest_negative[check.rows])
    assert np.array_equal(check.closer_negatives, exact.closer_negatives[check.rows])
    hit = found.d2_nearest_negative[check.rows] == exact.d2_nearest_negative[check.rows]
    assert np.array_equal(check.found, hit)


def test_one_probe_misses_something(monkeypatch):
    """Else the tests above would pass a search that is not approximate at all."""
    _, _, exact, found = scans("blobs", "l2", monkeypatch)
    rows = found.anchor
    assert (found.d2_nearest_negative[rows] > exact.d2_nearest_negative[rows]).any()


@pytest.mark.parametrize("name", ["blobs", "singletons", "one_class_of_nine_tenths", "smallest"])
def test_cells_hold_every_row_once_and_keep_classes_apart(name):
    case = SETS[name]()
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    points = prepare(data.vectors, "l2", data.rows)
    frame = frame_of(points, np.arange(data.size), np.float32)
    list_groups = list_groups_of(data.starts, 8)
    centres = [centres_of(frame, list_group, 8) for list_group in list_groups]
    made = cells_of(list_groups, centres, ListThreads(frame).nearest_centres(list_groups, centres))
    assert np.array_equal(np.sort(made.order), np.arange(data.size))
    assert len(made.centres) == made.size == len(made.begin) - 1
    for k in range(made.size):
        codes = data.codes[made.members(k)]
        assert len(codes) > 0
        assert made.owner[k] == SHARED or (codes == made.owner[k]).all()
    for c in range(len(data.classes)):
        owned = np.flatnonzero(made.owner == c)
        assert np.array_equal(np.arange(made.size)[made.own(c)], owned)
    assert np.array_equal(
        made.order[np.argsort(made.of_each()[made.order], kind="stable")], made.order
    )


def clustered(classes, size, dim=16, noise=0.2, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(classes), size)
    centres = rng.normal(size=(classes, dim))
    return centres[labels] + noise * rng.normal(size=(len(labels), dim)), labels


def test_few_anchors_are_compared_with_all_rows(monkeypatch):
    vectors, _ = clustered(300, 30)
    labels = np.arange(9000)
    labels[:400] //= 2  # 200 pairs, the rest alone
    data = EmbeddingSet.from_arrays(vectors.astype(np.float32), labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    exact, found = (scan_anchors(data, points, approximate=flag) for flag in (False, True))
    assert found.check is None
    assert np.array_equal(found.nearest_negative, exact.nearest_negative)


def test_as_many_cells_as_the_pilots_need(monkeypatch):
    vectors, labels = clustered(60, 150)
    data = EmbeddingSet.from_arrays(vectors.astype(np.float32), labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    exact, found = (scan_anchors(data, points, approximate=flag) for flag in (False, True))
    hits = found.d2_nearest_negative == exact.d2_nearest_negative
    assert hits.mean() > approximate_negatives.AIM - 0.02
    assert "cells" in found.how


def test_rows_that_face_a_cell_hold_its_nearest_negatives(monkeypatch):
    monkeypatch.setattr(approximate_negatives, "PAYS", 1)
    vectors, labels = clustered(60, 150)
    data = EmbeddingSet.from_arrays(vectors.astype(np.float32), labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    exact, found = (scan_anchors(data, points, approximate=flag) for flag in (False, True))
    hits = found.d2_nearest_negative == exact.d2_nearest_negative
    assert 1 > hits.mean() > approximate_negatives.AIM + approximate_negatives.MEMBER_AIM - 1 - 0.02
    share = float(re.search(r"at the ([\d.]+)%", found.how)[1])
    assert share < 60


@pytest.mark.thorough
def test_where_pilots_need_most_cells_all_pairs_are_compared():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(8000, 60)).astype(np.float32)  # no neighbourhoods at all
    data = EmbeddingSet.from_arrays(vectors, rng.integers(20, size=8000).tolist())
    points = prepare(data.vectors, "l2", data.rows)
    found = scan_anchors(data, points, approximate=True)
    assert found.check is None
    assert "all pairs" in found.how
    exact = scan_anchors(data, points)
    assert np.array_equal(found.nearest_negative, exact.nearest_negative)


@pytest.mark.parametrize("pays", [1, 2000, 10**9])
@pytest.mark.parametrize("threads", in_part([1, 2, 3], 3, 1))
def test_neither_threads_nor_blocks_change_what_is_found(threads, pays, monkeypatch):
    monkeypatch.setattr(approximate_negatives, "PAYS", pays)
    monkeypatch.setattr(approximate_negatives, "MEMBER_AIM", 0.8)
    vectors, labels = clustered(40, 100, noise=0.5)
    data = EmbeddingSet.from_arrays(vectors.astype(np.float32), labels.tolist())
    points = prepare(data.vectors, "l2", data.rows)
    options = {"approximate": True, "probe_radius": 0.2}
    one = scan_anchors(data, points, **options)
    monkeypatch.setattr(approximate_negatives, "BLOCK", 300 * threads)  # other cells come together
    other = scan_anchors(data, points, threads=threads, block_rows=100 * threads, **options)
    assert np.array_equal(one.nearest_negative, other.nearest_negative)
    assert np.array_equal(one.closer_negatives, other.closer_negatives)
    assert np.array_equal(one.check.rows, other.check.rows)
