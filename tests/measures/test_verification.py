"""Thresholds on pairs: all pairs of small sets, samples of larger ones, and the WDFS gap."""

import numpy as np
import pytest

from embaudit.evidence import shape_evidence
from embaudit.geometry.pair_sampling import PairPool
from tests import oracle
from tests.measures.audited import audited, truth
from tests.measures.measured import measured
from tests.measures.test_exact import is_exactly
from tests.measures.test_hypersphere import has_zero_rows
from tests.sets import SETS, thorough_cases

IDS = ["wdfs_gap", "wdfs_gap_p1", "pair_auc", "tar_at_far_1e3"]


def read(vectors, labels, ids=IDS, **options):
    return measured(vectors, labels, ids, **options)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_every_set_against_all_pairs(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    for id, value in oracle.verification(case.vectors, case.labels, metric).items():
        is_exactly(readings[id], value, rel=1e-12)
    if has_zero_rows(case):
        for id in IDS[:2]:
            is_exactly(readings[id], None)
            assert "zero rows" in readings[id].reason
        return
    for id, value in oracle.wdfs(case.vectors, case.labels).items():
        is_exactly(readings[id], value, abs=1e-15)


def test_a_positive_gap_means_separated_directions():
    case = SETS["separated_blobs"](200)
    readings = read(case.vectors, case.labels, [*IDS, "violating_anchors"], metric="cosine")
    assert readings["wdfs_gap"].value > 0
    assert readings["violating_anchors"].value == 0
    assert readings["wdfs_gap_p1"].value > readings["wdfs_gap"].value
    assert readings["pair_auc"].value == readings["tar_at_far_1e3"].value == 1


def test_pairs_of_lonely_rows_are_nobodys_negatives():
    # the two singletons point the same way, but neither is an anchor
    vectors = np.array([[1.0, 0], [1, 0.1], [0, 1], [0, 1]])
    assert read(vectors, list("AABC"))["wdfs_gap"].value > 0


@pytest.mark.parametrize(("near", "accepted"), [(0, 1), (2, 1), (3, 0)])
def test_two_negative_pairs_of_two_thousand_may_be_accepted(near, accepted):
    # on a line: a positive pair 2 apart, single rows 10 apart, and `near` pairs of those 1 apart
    singles = 100 + 10.0 * np.arange(62)
    singles[1 : 2 * near : 2] = singles[: 2 * near : 2] + 1
    vectors = np.concatenate(([0, 2], singles))[:, None]
    assert 2000 < len(vectors) * (len(vectors) - 1) // 2 - 1 < 3000
    readings = read(vectors, [0, 0, *range(1, 63)], ["tar_at_far_1e3"])
    is_exactly(readings["tar_at_far_1e3"], accepted)


SEEDS = range(30)


@pytest.fixture
def few(monkeypatch):
    """Samples of 2,000 pairs of each kind."""
    monkeypatch.setattr(shape_evidence, "DRAWN_PAIRS", 2000)


@pytest.mark.parametrize("name", ["blobs", "one_class_of_nine_tenths", "lattice_int8"])
def test_samples_of_pairs_hold_the_truth(name, few):
    case = SETS[name](300)
    true = oracle.verification(case.vectors, case.labels) | oracle.wdfs(case.vectors, case.labels)
    asked = IDS[1:]
    missed = dict.fromkeys(asked, 0)
    values = {id: [] for id in asked}
    for seed in SEEDS:
        readings = read(case.vectors, case.labels, asked, seed=seed)
        for id in asked:
            reading = readings[id]
            assert reading.kind == "sampled"
            assert reading.lower <= reading.value <= reading.upper
            missed[id] += not reading.lower <= true[id] <= reading.upper
            values[id].append(reading.value)
    assert max(missed.values()) <= 2, missed
    error = np.std(values["pair_auc"], ddof=1) / np.sqrt(len(SEEDS))
    assert abs(np.mean(values["pair_auc"]) - true["pair_auc"]) <= 4 * error, "biased"


STARTS = np.array([0, 3, 4, 6, 10])  # classes of 3, 1, 2 and 4 rows


@pytest.mark.parametrize("positive", [True, False])
def test_every_pair_has_one_number(positive):
    codes = np.repeat(np.arange(4), np.diff(STARTS))
    expected = {
        (a, b)
        for a in range(10)
        for b in range(10)
        if a != b and (codes[a] == codes[b]) == positive
    }
    pool = PairPool(STARTS, positive)
    assert pool.size == len(expected)
    left, right = pool.pairs(np.arange(pool.size))
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected


def test_pairs_of_any_rows_and_draws_of_them():
    pool = PairPool.of_all(5)
    left, right = pool.draw(40_000, np.random.default_rng(0))
    counts = np.zeros((5, 5))
    np.add.at(counts, (left, right), 1)
    assert (counts.diagonal() == 0).all()
    assert counts[~np.eye(5, dtype=bool)] == pytest.approx(2000, abs=5 * np.sqrt(2000))
