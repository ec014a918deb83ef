"""The approximate search: whatever it finds is true, and it says what it may have missed."""

import re
from functools import cache

import faiss
import numpy as np
import pytest

from embaudit.core.intervals import sampled_share
from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import cost_constants, distinct_in_classes, scan_anchors
from embaudit.search.ivf import (
    approximate_negatives,
    calibration,
    cell_search,
    cell_shortlists,
    inverted_lists,
    list_executor,
)
from embaudit.search.ivf.approximate_negatives import ProbeSearch
from embaudit.search.ivf.fast_scan import in_blocks
from embaudit.search.ivf.inverted_lists import SHARED
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


def by(rows, monkeypatch):
    """Let a search look at rows that are told in one of the two ways, whatever it costs."""
    dear = {"facing": "coded", "coded": "facing"}[rows]
    for name in ("choice", "coding", "facing", "coded"):
        spent = 1e300 if name == dear else 0.0
        monkeypatch.setattr(cost_constants, name, lambda *_, spent=spent: spent)


def scans(name, metric, monkeypatch, **options):
    """The set, its prepared points, and its scans: exact, and with one probe an anchor."""
    data, points, exact = truth(name, metric)
    monkeypatch.setattr(inverted_lists, "LEAST", 8)
    return (
        data,
        points,
        exact,
        scan_anchors(data, points, approximate=True, aim=0.0, **options),
    )


@pytest.mark.parametrize(("name", "metric", "rows"), in_part(crossed(("facing", "coded")), 3))
def test_one_probe_is_wrong_on_one_side_only(name, metric, rows, monkeypatch):
    by(rows, monkeypatch)
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
    distinct = distinct_in_classes(points, data.starts)
    made = ProbeSearch(points, distinct, data.rows, np.zeros(distinct.size)).formed(8)
    assert np.array_equal(np.sort(made.order), np.arange(distinct.size))
    assert len(made.centres) == made.size == len(made.begin) - 1
    for k in range(made.size):
        codes = data.codes[distinct.first[made.members(k)]]
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


def scattered():
    """Directions that all classes share, of falling spread: nearest negatives are anywhere."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(9000, 48)) * np.arange(1, 49) ** -0.7
    return vectors + 0.02 * rng.normal(size=vectors.shape), rng.integers(12, size=9000)


def noise():
    """The worst case of codes."""
    rng = np.random.default_rng(2)
    return rng.normal(size=(8000, 24)), rng.integers(6, size=8000)


def copies():
    vectors, labels = clustered(60, 150)
    rng = np.random.default_rng(3)
    taken = rng.integers(len(labels), size=(3000, 2))
    vectors[taken[:, 0]] = vectors[taken[:, 1]]
    return vectors, labels


def one_of_nine_tenths():
    vectors, labels = clustered(60, 150, noise=0.6)
    labels[:8100] = 0
    return vectors, labels


def two():
    vectors, _ = clustered(40, 220)
    return vectors, np.random.default_rng(4).integers(2, size=len(vectors))


def tiny():
    return clustered(1800, 5)


def far():
    vectors, labels = clustered(60, 150)
    return vectors + 3000, labels


def huge():
    vectors, labels = clustered(60, 150)
    vectors[:3] *= 1e12
    return vectors * 1e150, labels


def halves():
    vectors, labels = clustered(60, 150)
    return vectors.astype(np.float16), labels


MAKERS = (scattered, noise, copies, one_of_nine_tenths, two, tiny, far, huge, halves)
HONEST = [(make, "l2") for make in MAKERS] + [(scattered, "cosine"), (copies, "cosine")]


def loaded(vectors, labels):
    return EmbeddingSet.from_arrays(vectors, np.asarray(labels).tolist())


@cache
def searched(make):
    vectors, labels = make()
    kept = vectors if vectors.dtype == np.float16 or make is huge else vectors.astype(np.float32)
    return loaded(kept, labels)


@cache
def exactly(make, metric):
    data = searched(make)
    points = prepare(data.vectors, metric, data.rows)
    return data, points, scan_anchors(data, points)


@pytest.mark.parametrize(
    ("make", "metric", "rows"),
    in_part([(*case, rows) for case in HONEST for rows in ("coded", "facing")], 11, 2),
)
def test_recall_is_told_as_it_is(make, metric, rows, monkeypatch):
    """Of all anchors, within what the check says of some with 99 % confidence."""
    by(rows, monkeypatch)
    data, points, exact = exactly(make, metric)
    found = scan_anchors(data, points, approximate=True)
    there = found.anchor
    hits = (found.d2_nearest_negative == exact.d2_nearest_negative)[there].mean()
    said = sampled_share(int(found.check.found.sum()), len(found.check.found))
    assert said.lower <= hits <= said.upper
    assert hits > 0.97 or rows == "coded"
    negative = np.flatnonzero(there)
    met = points.squared_distances(negative, found.nearest_negative[negative])
    assert np.array_equal(found.d2_nearest_negative[negative], met)
    assert ("bits" in found.how) == (rows == "coded")


@pytest.mark.parametrize("rows", ["facing", "coded"])
def test_as_many_cells_and_rows_as_the_pilots_need(rows, monkeypatch):
    by(rows, monkeypatch)
    vectors, labels = clustered(60, 150)
    data = loaded(vectors.astype(np.float32), labels)
    points = prepare(data.vectors, "l2", data.rows)
    exact, found = (scan_anchors(data, points, approximate=flag) for flag in (False, True))
    hits = found.d2_nearest_negative == exact.d2_nearest_negative
    assert 1 > hits.mean() > calibration.AIM - 0.02
    if rows == "facing":
        looked = re.search(r"([\d,]+) on average", found.how)[1]
        assert int(looked.replace(",", "")) < 0.5 * len(labels)


@pytest.mark.thorough
def test_where_all_pairs_cost_less_they_are_compared(monkeypatch):
    monkeypatch.setattr(cost_constants, "all_pairs", lambda rows, dim: 0.0)
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(8000, 60)).astype(np.float32)  # no neighbourhoods at all
    data = EmbeddingSet.from_arrays(vectors, rng.integers(20, size=8000).tolist())
    points = prepare(data.vectors, "l2", data.rows)
    found = scan_anchors(data, points, approximate=True)
    assert found.check is None
    assert "all pairs" in found.how
    exact = scan_anchors(data, points)
    assert np.array_equal(found.nearest_negative, exact.nearest_negative)


def same(one, other):
    assert np.array_equal(one.nearest_negative, other.nearest_negative)
    assert np.array_equal(one.d2_nearest_negative, other.d2_nearest_negative, equal_nan=True)
    assert np.array_equal(one.closer_negatives, other.closer_negatives)
    assert np.array_equal(one.tied_negatives, other.tied_negatives)


@pytest.mark.parametrize("rows", ["facing", "coded"])
@pytest.mark.parametrize("threads", in_part([1, 2, 3], 3, 1))
def test_neither_threads_nor_blocks_change_what_is_found(threads, rows, monkeypatch):
    by(rows, monkeypatch)
    monkeypatch.setattr(calibration, "AIM", 0.8)
    for module in (cell_shortlists, list_executor):
        monkeypatch.setattr(module, "TOGETHER", 16)  # of the 40 cells
    vectors, labels = clustered(40, 150, noise=0.5)
    data = loaded(vectors.astype(np.float32), labels)
    points = prepare(data.vectors, "l2", data.rows)
    one = scan_anchors(data, points, approximate=True)
    assert not one.check.found.all()
    monkeypatch.setattr(approximate_negatives, "BLOCK", 300 * threads)  # other cells come together
    monkeypatch.setattr(cell_search, "TOGETHER", 70 * threads)
    monkeypatch.setattr(cell_search, "FOUND", 5000 * threads)
    monkeypatch.setattr(cell_search, "TILE", 20 * threads)
    other = scan_anchors(data, points, approximate=True, threads=threads, block_rows=100 * threads)
    same(one, other)
    assert np.array_equal(one.check.rows, other.check.rows)


@pytest.mark.parametrize("rows", ["facing", "coded"])
@pytest.mark.thorough
def test_nor_does_the_order_of_the_input(rows, monkeypatch):
    by(rows, monkeypatch)
    monkeypatch.setattr(calibration, "AIM", 0.8)
    vectors, labels = copies()
    vectors = vectors.astype(np.float32)
    order = np.random.default_rng(7).permutation(len(labels))
    found = []
    for asked in (np.arange(len(labels)), order):
        data = loaded(vectors[asked], labels[asked])
        points = prepare(data.vectors, "l2", data.rows)
        scan = scan_anchors(data, points, approximate=True)
        assert not scan.check.found.all()
        back = np.argsort(asked[data.rows])
        found.append((scan.d2_nearest_negative[back], scan.closer_negatives[back], scan.how))
    (d2, closer, how), (other_d2, other_closer, other_how) = found
    assert np.array_equal(d2, other_d2, equal_nan=True)
    assert np.array_equal(closer, other_closer)
    assert how == other_how


@pytest.mark.parametrize(("rows", "width"), [(1, 1), (32, 3), (70, 6), (129, 33)])
def test_codes_are_packed_as_faiss_packs_them(rows, width):
    parts = 2 * width
    rng = np.random.default_rng(0)
    index = faiss.IndexPQFastScan(2 * parts, parts, 4)
    tables = rng.normal(size=(parts, 16, 2)).astype(np.float32)
    faiss.copy_array_to_vector(tables.ravel(), index.pq.centroids)
    index.is_trained = True
    vectors = rng.normal(size=(rows, 2 * parts)).astype(np.float32)
    index.add(vectors)
    packed = in_blocks(index.pq.compute_codes(vectors))
    assert np.array_equal(packed, faiss.rev_swig_ptr(index.codes.data(), len(packed)))


@pytest.mark.parametrize("size", [60, 6])  # cells of a class alone, and cells that classes share
def test_rows_that_face_a_cell_are_the_nearest_to_its_centre(size, monkeypatch):
    """By the definition in float64, whichever cells are asked for together."""
    monkeypatch.setattr(cell_shortlists, "TOGETHER", 4)
    vectors, labels = clustered(1200 // size, size, noise=0.5)
    data = loaded(vectors.astype(np.float32), labels)
    points = prepare(data.vectors, "l2", data.rows)
    distinct = distinct_in_classes(points, data.starts)
    search = ProbeSearch(points, distinct, data.rows, np.zeros(distinct.size))
    cells, rows, codes = search.formed(50), search.rows, search.codes
    sample, count = search.drawn[:300], 7
    limits = cell_shortlists.limits_of(rows, cells, codes, sample, count)
    found = cell_shortlists.facing_rows(rows, cells, codes, limits, np.arange(cells.size))
    taken = rows.taken(np.arange(distinct.size)).astype(np.float64)
    for k in range(cells.size):
        away = ((taken - cells.centres[k]) ** 2).sum(axis=1)
        away[codes == cells.owner[k]] = np.inf
        limit = np.sort(away[sample])[count - 1]
        surely, maybe = away < limit * (1 - 1e-5), away <= limit * (1 + 1e-5)
        met = np.zeros(distinct.size, dtype=bool)
        met[found[k]] = True
        assert met.sum() == len(found[k]) >= count
        assert (surely <= met).all()
        assert (met <= maybe).all()
    for homes in (np.arange(3, 9), np.array([5]), np.array([1, 4, 13])):
        again = cell_shortlists.facing_rows(rows, cells, codes, limits, homes)
        assert len(again) == len(homes)
        for k, met in zip(homes.tolist(), again, strict=True):
            assert np.array_equal(met, found[k])


def test_where_a_sample_has_too_few_negatives_all_rows_face_a_cell():
    vectors, labels = clustered(20, 60)
    data = loaded(vectors.astype(np.float32), labels)
    points = prepare(data.vectors, "l2", data.rows)
    distinct = distinct_in_classes(points, data.starts)
    search = ProbeSearch(points, distinct, data.rows, np.zeros(distinct.size))
    cells, rows, codes = search.formed(50), search.rows, search.codes
    limits = cell_shortlists.limits_of(rows, cells, codes, search.drawn[:100], 101)
    found = cell_shortlists.facing_rows(rows, cells, codes, limits, np.arange(cells.size))
    for k, met in enumerate(found):
        assert np.array_equal(np.sort(met), np.flatnonzero(codes != cells.owner[k]))
