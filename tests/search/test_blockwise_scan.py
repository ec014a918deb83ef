"""A scan in blocks is the scan: whatever the blocks, whoever measured which, to the last bit."""

from dataclasses import fields

import numpy as np
import pytest

from embaudit.core.metric import prepare
from embaudit.data import EmbeddingSet
from embaudit.errors import UsageError
from embaudit.search import (
    BlockScan,
    Prepared,
    block_extrema,
    blocks_of,
    distinct_in_classes,
    pca_prefix,
    positive_distances,
    scan_anchors,
    scan_of,
)
from tests.combined import in_part
from tests.sets import SETS, alternating_cases, cases


def prepared(vectors, labels, metric="l2"):
    data = EmbeddingSet.from_arrays(vectors, labels)
    points = prepare(data.vectors, metric, data.rows)
    return Prepared(data, points, distinct_in_classes(points, data.starts))


def in_blocks(subject, wanted, block_rows):
    """Settled by workers that each know the set on their own, and what came back in any order."""
    blocks = blocks_of(subject.distinct, wanted, block_rows)
    workers = [BlockScan(subject, block_rows) for _ in range(2)]
    patches = []
    for j, right in enumerate(blocks):
        for i, left in enumerate(blocks[: j + 1]):
            patches += workers[(i + j) % 2].measure(left, right)
    settled = [workers[i % 2].settle(block, patches[::-1]) for i, block in enumerate(blocks)]
    return scan_of(subject, settled)


def same(found, expected):
    for field in fields(expected):
        one, other = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(one, np.ndarray):
            assert one.dtype == other.dtype, field.name
            assert np.array_equal(one, other, equal_nan=one.dtype.kind == "f"), field.name


def check_every_way(case, metric, ways):
    subject = prepared(case.vectors, case.labels, metric)
    expected = scan_anchors(subject.data, subject.points, distinct=subject.distinct)
    for wanted, block_rows in ways:
        same(in_blocks(subject, wanted, block_rows), expected)


@pytest.mark.parametrize(("name", "metric"), in_part(alternating_cases()))
def test_every_set(name, metric):
    case = SETS[name](min(SETS[name].size, 400))
    check_every_way(case, metric, ((4, 64), (2, None)))


@pytest.mark.soak
@pytest.mark.parametrize(("name", "metric"), cases())
def test_every_set_in_full(name, metric):
    check_every_way(SETS[name](), metric, ((4, 64), (2, None)))


def test_under_a_prefix_and_with_classes_of_many_blocks(monkeypatch):
    monkeypatch.setattr(positive_distances, "DENSE", 1)
    for name, value in (
        ("DRAWN", 2),
        ("STEP", 1),
        ("WIDEST", np.inf),
        ("PAYS", np.inf),
        ("WIDTHS", 1),
    ):
        monkeypatch.setattr(pca_prefix, name, value)
    case = SETS["blobs"]()
    subject = prepared(case.vectors, np.minimum(np.asarray(case.labels), 1).tolist())
    assert BlockScan(subject, 16).search.rough is not BlockScan(subject, 16).search.frame
    expected = scan_anchors(subject.data, subject.points)
    for wanted in (2, 5):
        same(in_blocks(subject, wanted, 16), expected)


def test_one_class_across_all_blocks_is_told_by_tiles():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(700, 40)), (np.arange(700) % 10 == 0).astype(int)
    subject = prepared(vectors, labels.tolist())
    assert BlockScan(subject, 64).search.large.all()
    expected = scan_anchors(subject.data, subject.points)
    for wanted in (1, 4, 11):
        same(in_blocks(subject, wanted, 64), expected)


@pytest.mark.parametrize("dim", [8, 40])
def test_blocks_may_be_parts_of_regions(dim, monkeypatch):
    for name, value in (("REGIONS", 3), ("FEW", 1)):
        monkeypatch.setattr(block_extrema, name, value)
    rng = np.random.default_rng(0)
    subject = prepared(rng.normal(size=(700, dim)), (np.arange(700) % 9).tolist())
    expected = scan_anchors(subject.data, subject.points)
    for wanted in (2, 5, 22):
        same(in_blocks(subject, wanted, 32), expected)


def test_blocks_are_all_groups_once_and_whole_tiles():
    rng = np.random.default_rng(0)
    subject = prepared(rng.normal(size=(5000, 2)), (np.arange(5000) % 3).tolist())
    for wanted, block_rows in ((1, 16), (5, 16), (1000, 16), (7, None)):
        blocks = blocks_of(subject.distinct, wanted, block_rows)
        assert np.array_equal(np.concatenate([np.arange(5000)[one] for one in blocks]), range(5000))
        width = block_rows or 1024
        assert len(blocks) <= wanted
        assert all(one.start % width == 0 for one in blocks)


def test_patches_of_another_frame_are_refused():
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(100, 40)), (np.arange(100) % 3).tolist()
    ours, theirs = prepared(vectors, labels), prepared(vectors * 8, labels)
    (block,) = blocks_of(ours.distinct, 1)
    patches = BlockScan(theirs).measure(block, block)
    with pytest.raises(UsageError, match="one kind"):
        BlockScan(ours).settle(block, patches)
