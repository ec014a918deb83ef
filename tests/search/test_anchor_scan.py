"""The scan of every anchor against float64 brute force: rows, distances and counts."""

from functools import cache
from typing import get_args

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.search import pca_prefix, positive_distances, scan_anchors
from embaudit.search.anchor_scan import COUNTED
from embaudit.search.block_minima import Engine
from embaudit.search.ivf import inverted_lists
from tests import oracle
from tests.combined import in_part
from tests.sets import SETS, cases, crossed

SCANNED_ROWS = ("furthest_positive", "nearest_positive", "nearest_negative")
SCANNED_DISTANCES = ("d2_furthest_positive", "d2_nearest_positive", "d2_nearest_negative")


@cache
def truth(name, metric):
    case = SETS[name]()
    return case, oracle.scan(case.vectors, case.labels, metric, graded=False)


def disagreements(vectors, labels, metric, expected, **options):
    """What of a scan differs from the oracle, by field: input rows of the anchors."""
    data = EmbeddingSet.from_arrays(vectors, labels)
    points = prepare(data.vectors, metric, data.rows)
    found = scan_anchors(data, points, **options)
    back = np.argsort(data.rows)  # ordered rows in the order of the input
    wrong = {}

    def differs(field, where):
        if where.any():
            wrong[field] = expected.anchors[where][:5].tolist()

    assert np.array_equal(np.flatnonzero(found.anchor[back]), expected.anchors)
    for field in SCANNED_ROWS:
        rows = getattr(found, field)[back][expected.anchors]
        differs(field, data.rows[rows] != getattr(expected, field))
    for field in SCANNED_DISTANCES:
        distance = np.sqrt(getattr(found, field)[back][expected.anchors]) * points.unit
        true = np.sqrt(getattr(expected, field)) * expected.unit
        differs(field, ~np.isclose(distance, true, rtol=1e-12, atol=0))
    closer = found.closer_negatives[back][expected.anchors]
    differs("closer_negatives", closer != np.minimum(expected.closer_negatives, COUNTED))
    tied = np.where(closer < COUNTED, expected.tied_negatives, 0)
    differs("tied_negatives", found.tied_negatives[back][expected.anchors] != tied)
    differs(
        "tied_positives", found.tied_positives[back][expected.anchors] != expected.tied_positives
    )
    return wrong


# What a scan can be made of; the sets are small, so what is for large ones is switched on.
BACKENDS = {engine: {"engine": engine} for engine in get_args(Engine)} | {
    "prefix, large classes": {"engine": "products"},
    "every cell": {"approximate": True, "aim": np.inf},
}


def switch_on(backend, patched):
    if backend == "prefix, large classes":
        patched.setattr(positive_distances, "DENSE", 1)
        for name, value in (
            ("DRAWN", 2),
            ("STEP", 1),
            ("WIDEST", np.inf),
            ("PAYS", np.inf),
            ("WIDTHS", 1),
        ):
            patched.setattr(pca_prefix, name, value)
    elif backend == "every cell":
        patched.setattr(inverted_lists, "LEAST", 8)


@pytest.mark.parametrize(("name", "metric", "backend"), in_part(crossed(BACKENDS)))
def test_every_anchor_of_every_set(name, metric, backend, monkeypatch):
    every_anchor(name, metric, 64, backend, monkeypatch)


# A block of at least all rows is one block: 999 is another case for the larger sets only.
@pytest.mark.soak
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("name", "metric", "block_rows"),
    [
        (name, metric, block_rows)
        for name, metric in cases()
        for block_rows in (999, None)
        if block_rows != 999 or SETS[name].size > 999
    ],
)
def test_every_anchor_in_larger_blocks(name, metric, block_rows, backend, monkeypatch):
    every_anchor(name, metric, block_rows, backend, monkeypatch)


def every_anchor(name, metric, block_rows, backend, monkeypatch):
    case, expected = truth(name, metric)
    switch_on(backend, monkeypatch)
    options = {"block_rows": block_rows, "threads": 2} | BACKENDS[backend]
    assert disagreements(case.vectors, case.labels, metric, expected, **options) == {}


@pytest.mark.parametrize("block_rows", [1, 2, 7])
@pytest.mark.parametrize("name", ["smallest", "wider_than_long", "signed_zeros", "many_pairs"])
def test_absurdly_small_blocks(name, block_rows):
    case = SETS[name](min(SETS[name].size, 90))
    expected = oracle.scan(case.vectors, case.labels, graded=False)
    assert disagreements(case.vectors, case.labels, "l2", expected, block_rows=block_rows) == {}


@pytest.mark.parametrize("name", ["blobs", "duplicates_everywhere", "lattice_int8", "singletons"])
@pytest.mark.parametrize("order", ["F", "strided", "swapped"])
def test_memory_layout_is_no_matter(name, order):
    case, expected = truth(name, "l2")
    vectors = {
        "F": np.asfortranarray(case.vectors),
        "strided": np.repeat(case.vectors, 2, axis=1)[:, ::2],
        "swapped": case.vectors.astype(case.vectors.dtype.newbyteorder()),
    }[order]
    assert disagreements(vectors, case.labels, "l2", expected) == {}


def test_rows_that_are_no_anchor_have_no_rows_and_no_distances():
    case = SETS["singletons"]()
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    found = scan_anchors(data, prepare(data.vectors, "l2", data.rows))
    alone = np.repeat(data.sizes == 1, data.sizes)
    assert np.array_equal(found.anchor, ~alone)
    for field in SCANNED_ROWS:
        assert (getattr(found, field)[alone] == -1).all()
    for field in SCANNED_DISTANCES:
        assert np.isnan(getattr(found, field)[alone]).all()


def test_the_input_is_not_touched():
    case = SETS["blobs"]()
    before = case.vectors.copy()
    case.vectors.setflags(write=False)
    data = EmbeddingSet.from_arrays(case.vectors, case.labels)
    scan_anchors(data, prepare(data.vectors, "l2", data.rows))
    assert np.array_equal(case.vectors, before)
