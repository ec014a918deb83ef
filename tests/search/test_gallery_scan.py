"""Queries scanned against a gallery, and ranked in it, against float64 brute force."""

import zlib
from functools import cache

import numpy as np
import pytest

from embaudit.core.metric import prepare_both
from embaudit.core.prepared_points import Points
from embaudit.data import EmbeddingSet
from embaudit.search import (
    GalleryScan,
    leakage_of,
    pca_prefix,
    rank_counting,
    rank_gallery,
    scan_gallery,
)
from embaudit.search.anchor_scan import COUNTED
from tests import oracle
from tests.combined import in_part
from tests.search.test_anchor_ranks import COUNTS, SHARES
from tests.search.test_anchor_scan import SCANNED_DISTANCES, SCANNED_ROWS
from tests.sets import SETS, alternating_cases, cases


def crossing_of(queries, labels, gallery, gallery_labels, metric, ids=(None, None)):
    """The two sets as the audit makes them, and the unit of their points."""
    data = EmbeddingSet.from_arrays(queries, labels, ids[0], among=())
    reference = EmbeddingSet.from_arrays(gallery, gallery_labels, ids[1], among=data.classes)
    raw = Points(data.vectors), Points(reference.vectors)
    points = prepare_both(*raw, metric, (data.rows, reference.rows))
    itself, leakage = np.full(data.size, -1), leakage_of(data, reference)
    itself[leakage.queries] = leakage.itself
    return GalleryScan.of(data, reference, points, itself), points[0].unit


def disagreements(
    queries, labels, gallery, gallery_labels, metric, expected, ids=(None, None), **options
):
    """What of scan and ranks differs from the oracle, by field: some query rows."""
    gallery_scan, unit = crossing_of(queries, labels, gallery, gallery_labels, metric, ids)
    found = scan_gallery(gallery_scan, **options)
    back = np.argsort(gallery_scan.queries.rows)
    assert np.array_equal(np.flatnonzero(found.anchor[back]), expected.anchors)
    ordered, gallery_rows = back[expected.anchors], gallery_scan.gallery.rows
    ranks = rank_gallery(gallery_scan, ordered)
    wrong = {}

    def differs(field, where):
        if where.any():
            wrong[field] = expected.anchors[where][:5].tolist()

    for field in SCANNED_ROWS:
        differs(field, gallery_rows[getattr(found, field)[ordered]] != getattr(expected, field))
    for field in SCANNED_DISTANCES:
        distance = np.sqrt(getattr(found, field)[ordered]) * unit
        true = np.sqrt(getattr(expected, field)) * expected.unit
        differs(field, ~np.isclose(distance, true, rtol=1e-12, atol=0))
    closer = found.closer_negatives[ordered]
    differs("closer_negatives", closer != np.minimum(expected.closer_negatives, COUNTED))
    tied = np.where(closer < COUNTED, expected.tied_negatives, 0)
    differs("tied_negatives", found.tied_negatives[ordered] != tied)
    differs("tied_positives", found.tied_positives[ordered] != expected.tied_positives)
    for field in COUNTS:
        differs(field, getattr(ranks, field) != getattr(expected, field))
    for ours, theirs in SHARES.items():
        mine, true = getattr(ranks, ours), getattr(expected, theirs)
        differs(ours, ~np.isclose(mine, true, rtol=1e-12, atol=1e-15).all(axis=1))
    alone = ~found.anchor
    for field in SCANNED_ROWS:
        assert (getattr(found, field)[alone] == -1).all()
    for field in SCANNED_DISTANCES:
        assert np.isnan(getattr(found, field)[alone]).all()
    return wrong


@cache
def truth(name, metric):
    """A set dealt to queries and gallery, some rows to both, and some labels to one side only."""
    case = SETS[name](min(SETS[name].size, 300))
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    size = len(case.labels)
    labels = np.array(case.labels)
    mine = np.sort(rng.permutation(size)[: max(2, size // 3)])
    rest = np.setdiff1d(np.arange(size), mine)
    shared = [mine[: len(mine) // 5], np.unique(labels, return_index=True)[1]]
    theirs = rng.permutation(np.unique(np.concatenate((rest, *shared))))
    ours, others = labels[mine], labels[theirs]
    if len(np.unique(labels)) > 4:
        ours, others = ours.copy(), others.copy()
        ours[ours == labels.min()] = -1
        others[others == labels.max()] = -2
    pair = case.vectors[mine], ours.tolist(), case.vectors[theirs], others.tolist()
    return pair, oracle.scan_against(*pair, metric)


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases()))
def test_every_query_of_every_set(name, metric):
    pair, expected = truth(name, metric)
    assert disagreements(*pair, metric, expected, block_rows=64, threads=2) == {}


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases(), 3))
def test_ranks_among_sorted_negatives(name, metric, monkeypatch):
    monkeypatch.setattr(rank_counting, "MAJORITY", 0)
    pair, expected = truth(name, metric)
    assert disagreements(*pair, metric, expected) == {}


@pytest.mark.parametrize("name", ["blobs", "close_pairs", "few_large_classes", "far_clusters"])
def test_a_prefix_bounds_as_well(name, monkeypatch):
    for option, value in (
        ("DRAWN", 2),
        ("STEP", 1),
        ("WIDEST", np.inf),
        ("PAYS", np.inf),
        ("WIDTHS", 1),
    ):
        monkeypatch.setattr(pca_prefix, option, value)
    pair, expected = truth(name, "l2")
    assert disagreements(*pair, "l2", expected, block_rows=64) == {}


TYING = (
    "blobs",
    "duplicates_everywhere",
    "four_distinct_rows",
    "all_identical",
    "lattice_int8",
    "singletons",
    "signed_zeros",
)


@pytest.mark.parametrize(("name", "metric"), [case for case in cases() if case[0] in TYING])
def test_a_gallery_that_is_the_queries_is_the_set_alone(name, metric):
    """Every row left out by itself: the same as no gallery at all, but for who is named in ties."""
    case = SETS[name](min(SETS[name].size, 200))
    gallery_scan, _ = crossing_of(case.vectors, case.labels, case.vectors, case.labels, metric)
    found, alone = scan_gallery(gallery_scan), oracle.scan(case.vectors, case.labels, metric)
    ordered = np.argsort(gallery_scan.queries.rows)[alone.anchors]
    ranks = rank_gallery(gallery_scan, ordered)
    assert np.array_equal(np.sort(ordered), np.flatnonzero(found.anchor))
    closer = np.minimum(alone.closer_negatives, COUNTED)
    assert np.array_equal(found.closer_negatives[ordered], closer)
    assert np.array_equal(found.tied_positives[ordered], alone.tied_positives)
    tied = np.where(closer < COUNTED, alone.tied_negatives, 0)
    assert np.array_equal(found.tied_negatives[ordered], tied)
    for field in COUNTS:
        assert np.array_equal(getattr(ranks, field), getattr(alone, field))
    for ours, theirs in SHARES.items():
        assert getattr(ranks, ours) == pytest.approx(getattr(alone, theirs), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("with_ids", [False, True])
def test_queries_that_are_rows_of_the_gallery_are_no_match_of_themselves(seed, with_ids):
    """Few values and few labels: own rows are single or among equals, with their label or not."""
    rng = np.random.default_rng(seed)
    gallery, theirs = rng.integers(0, 3, (60, 3)).astype(float), rng.integers(0, 4, 60)
    mine = rng.permutation(60)[:30]
    queries, labels = gallery[mine].copy(), theirs[mine].copy()
    labels[rng.random(30) < 0.3] = rng.integers(0, 4)  # relabelled since
    queries[rng.random(30) < 0.2] += 1
    ids = (mine % 50, np.arange(60) % 50) if with_ids else None
    pair = queries, labels.tolist(), gallery, theirs.tolist()
    expected = oracle.scan_against(*pair, ids=ids)
    named = (None, None) if ids is None else tuple(side.tolist() for side in ids)
    assert disagreements(*pair, "l2", expected, named, block_rows=7) == {}


def test_a_gallery_too_dense_for_float32():
    # from where the queries are, hundreds of rows of a class are as near as each other
    rng = np.random.default_rng(0)
    gallery, queries = 1e-7 * rng.normal(size=(400, 6)), rng.normal(size=(60, 6))
    pair = queries, (np.arange(60) % 2).tolist(), gallery, (np.arange(400) % 2).tolist()
    assert disagreements(*pair, "l2", oracle.scan_against(*pair)) == {}


@pytest.mark.parametrize("block_rows", [1, 3])
@pytest.mark.parametrize("name", ["smallest", "signed_zeros", "many_pairs", "singletons"])
def test_absurdly_small_blocks(name, block_rows):
    pair, expected = truth(name, "l2")
    assert disagreements(*pair, "l2", expected, block_rows=block_rows) == {}
