"""The k nearest rows, with their distances, against enumeration."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import identical_vectors, k_nearest
from embaudit.search import k_nearest_rows as module
from tests import oracle
from tests.sets import SETS, crossed


def found(vectors, labels, metric, asked, k, *, negatives=True, **options):
    """Input rows and distances from the code, of input rows; options are in input order, too."""
    data = EmbeddingSet.from_arrays(vectors, labels)
    points = prepare(data.vectors, metric, data.rows)
    ordered = np.argsort(data.rows)
    codes = data.codes if negatives else np.arange(data.size)
    for name in ("served", "barred"):
        if name in options:
            options[name] = options[name][data.rows]
    if "beyond" in options:
        options["beyond"] = options["beyond"] / points.unit**2
    near = k_nearest(
        points, identical_vectors(points), codes, data.rows, ordered[asked], k, **options
    )
    rows = np.where(near.rows < 0, -1, data.rows[near.rows])
    return rows, np.sqrt(near.d2) * points.unit, codes[ordered]


def assert_true(vectors, labels, metric, asked, k, *, negatives=True, **options):
    """What is found is what enumeration finds, rows and distances."""
    rows, distances, codes = found(
        vectors, labels, metric, asked, k, negatives=negatives, **options
    )
    may = codes[asked][:, None] != codes
    may &= options.get("served", np.ones(len(codes), dtype=bool))
    if "barred" in options:
        may &= codes[asked][:, None] != options["barred"]
    beyond = options.get("beyond")
    if beyond is not None:
        beyond = beyond / oracle.prepared(vectors, metric)[1] ** 2  # a power of two
    expected, truth = oracle.k_nearest(vectors, asked, k, may=may, metric=metric, beyond=beyond)
    assert np.array_equal(rows, expected)
    assert distances == pytest.approx(truth, rel=1e-12)


def some_rows(size, most=40):
    return np.unique(np.linspace(0, size - 1, min(size, most)).astype(int))


@pytest.mark.parametrize(("name", "metric", "negatives"), crossed((True, False)))
def test_every_set(name, metric, negatives):
    case = SETS[name](min(SETS[name].size, 400))
    rows = some_rows(len(case.vectors))
    assert_true(case.vectors, case.labels, metric, rows, 7, negatives=negatives)


@pytest.mark.parametrize("name", ["blobs", "four_distinct_rows", "all_identical", "far_clusters"])
def test_tiles_and_threads_divide_the_work_only(name, monkeypatch):
    case = SETS[name](150)
    monkeypatch.setattr(module, "TILE", 7)
    monkeypatch.setattr(module, "TOGETHER", 3)
    monkeypatch.setattr(module, "FOLDS", 2)
    rows = np.array([7, 3, 120, 149])
    assert_true(case.vectors, case.labels, "l2", rows, 5, threads=3)


@pytest.mark.parametrize("name", ["one_ulp_apart", "far_clusters_float64", "uint8_extremes"])
def test_a_crowd_of_candidates_is_decided_in_float64(name, monkeypatch):
    case = SETS[name](200)
    monkeypatch.setattr(module, "CROWD", -80)  # nobody may have more than none
    monkeypatch.setattr(module, "CELLS", 64)
    assert_true(case.vectors, case.labels, "l2", some_rows(200), 10)


def test_all_rows_where_fewer_than_k_are_there():
    vectors = np.array([[0.0], [1], [2], [4], [8]])
    rows, distances, _ = found(vectors, list("aabbb"), "l2", [0, 4], 4)
    assert rows.tolist() == [[2, 3, 4, -1], [1, 0, -1, -1]]
    assert distances.tolist() == [[2, 4, 8, np.inf], [7, 8, np.inf, np.inf]]


def test_of_equal_rows_the_lowest_are_found_and_none_of_the_own_class():
    vectors = np.zeros((2000, 2))
    labels = [0] * 1000 + [1] * 500 + [0, 2] * 250
    rows, distances, _ = found(vectors, labels, "l2", [0, 1200, 1999], 3)
    assert rows.tolist() == [[1000, 1001, 1002], [0, 1, 2], [0, 1, 2]]
    assert not distances.any()


def test_nothing_served_and_nobody_asking():
    vectors = np.arange(4.0)[:, None]
    nobody = np.zeros(4, dtype=bool)
    assert (found(vectors, list("aabb"), "l2", [0], 2, served=nobody)[0] == -1).all()
    none = np.array([], dtype=int)
    assert found(vectors, list("aabb"), "l2", none, 2)[0].shape == (0, 2)


# Few distances, many ties: coordinates of a small lattice, with and without what is left out.
lattices = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=60, deadline=None)
@given(rng=lattices, rows=st.integers(4, 60), dim=st.integers(1, 3), k=st.integers(1, 9))
def test_what_is_left_out_is_not_found(rng, rows, dim, k):
    vectors = rng.integers(0, 3, size=(rows, dim)).astype(np.float64)
    labels = np.arange(rows) % 3
    asked = rng.permutation(rows)[:8]
    assert_true(
        vectors,
        labels.tolist(),
        "l2",
        asked,
        k,
        served=rng.random(rows) < 0.8,
        barred=rng.integers(-1, 3, size=rows),
        beyond=rng.integers(-1, 4, size=len(asked)).astype(np.float64),
    )


def test_rows_on_disk_are_found_as_in_memory():
    case = SETS["blobs"](300)
    rows = some_rows(300)
    data = EmbeddingSet.from_arrays(case.vectors, case.labels, on_disk=True)
    here = EmbeddingSet.from_arrays(case.vectors, case.labels)
    near = []
    for one in (data, here):
        points = prepare(one.vectors, "cosine", one.rows, one.mapped_rows)
        vectors = identical_vectors(points)
        near.append(k_nearest(points, vectors, one.codes, one.rows, rows, 6, threads=2))
    assert np.array_equal(near[0].rows, near[1].rows)
    assert np.array_equal(near[0].d2, near[1].d2)
