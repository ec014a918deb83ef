"""Hubness: how unevenly rows are named among others' ten nearest."""

import numpy as np
import pytest

from embaudit.measures import hubness
from tests import oracle
from tests.measures.measured import measured
from tests.sets import SETS, alternating_cases

IDS = ["hubness_skewness", "antihub_share"]


def read(vectors, labels, **options):
    return [*measured(vectors, labels, IDS, **options).values()]


def two_classes(rows):
    return (np.arange(rows) % 2).tolist()


@pytest.mark.parametrize(("name", "metric"), alternating_cases())
def test_every_set(name, metric):
    case = SETS[name](min(SETS[name].size, 200))
    skewness, antihubs = read(case.vectors, case.labels, metric=metric)
    if len(case.vectors) < 12 or name == "all_identical":
        assert skewness.kind == antihubs.kind == "undefined"
        return
    chances = oracle.chances_among_nearest(case.vectors, 10, metric)
    expected = oracle.hubness(chances, 10)
    open_ = ((chances > 0) & (chances < 1)).any()
    assert skewness.kind == ("certified" if open_ else "exact")
    assert antihubs.kind == ("exact" if antihubs.lower == antihubs.upper else "certified")
    assert antihubs.value == pytest.approx(expected["antihub_share"], rel=1e-9, abs=1e-12)
    assert skewness.value == pytest.approx(expected["hubness_skewness"], rel=1e-6, abs=1e-9)
    assert antihubs.lower == pytest.approx((chances.sum(axis=0) == 0).mean())
    assert antihubs.upper == pytest.approx((~(chances == 1).any(axis=0)).mean())


@pytest.mark.parametrize("seed", range(3))
def test_the_ends_enclose_every_order_and_no_order_of_rows_changes_them(seed):
    rng = np.random.default_rng(seed)
    vectors = rng.integers(0, 2, (60, 6)).astype(float)
    found = read(vectors, two_classes(60))
    for _ in range(20):
        order = rng.permutation(60)
        for one, other in zip(found, read(vectors[order], two_classes(60)), strict=True):
            told = (other.lower, other.value, other.upper)
            assert told == pytest.approx((one.lower, one.value, one.upper))
        squared = np.square(vectors[order, None] - vectors[order]).sum(axis=2)
        np.fill_diagonal(squared, np.inf)
        near = np.argsort(squared, axis=1, kind="stable")[:, :10]  # as if ties went to low rows
        count = np.bincount(near.ravel(), minlength=60)
        away = count - count.mean()
        values = (away**3).mean() / count.std() ** 3, (count == 0).mean()
        for one, value in zip(found, values, strict=True):
            assert one.lower - 1e-9 <= value <= one.upper + 1e-9


def test_a_hub_and_its_antihubs():
    # a star: the centre is near to all, the tips are near to nobody but by lot
    vectors = np.concatenate((np.zeros((1, 40)), np.eye(40), -np.eye(40)))
    skewness, antihubs = read(vectors, two_classes(81))
    assert skewness.value > 2
    assert antihubs.upper > 0.7


def test_a_ring_has_neither():
    # eleven on a line see each other whole; on a ring of 36 everybody has five on each side
    angle = 2 * np.pi * np.arange(36) / 36
    skewness, antihubs = read(np.stack((np.cos(angle), np.sin(angle)), axis=1), two_classes(36))
    assert antihubs.value == 0
    assert skewness.kind == "undefined" or abs(skewness.value) < 1


@pytest.mark.parametrize("rows", [4, 11])
def test_few_rows_have_no_neighbourhoods(rows):
    vectors = np.random.default_rng(0).normal(size=(rows, 2))
    for reading in read(vectors, two_classes(rows)):
        assert reading.kind == "undefined"
        assert "12" in reading.reason


def test_equal_counts_have_no_skewness():
    # two dozens far apart, each row with the eleven others all at one distance: the last of each
    # dozen is named by nobody, but in dozens of eleven everybody is named by the ten others
    vectors = np.concatenate((np.eye(11), 50 + np.eye(11)))
    skewness, antihubs = read(vectors, two_classes(22))
    assert skewness.kind == "undefined"
    assert "equally" in skewness.reason
    assert antihubs.value == 0


def test_beyond_the_cost_they_are_undefined_and_say_so(monkeypatch):
    monkeypatch.setattr(hubness, "COST", 1e3)
    vectors = np.random.default_rng(0).normal(size=(40, 3))
    for reading in read(vectors, two_classes(40)):
        assert reading.kind == "undefined"
        assert "--sample" in reading.reason


def test_neither_labels_nor_threads_change_them():
    case = SETS["blobs"](200)
    plain = read(case.vectors, case.labels)
    assert read(case.vectors, two_classes(200)) == plain
    assert read(case.vectors, case.labels, threads=2) == plain


def test_they_are_in_no_preset_but_all():
    presets = {one.presets for one in (hubness.HUBNESS_SKEWNESS, hubness.ANTIHUB_SHARE)}
    assert presets == {frozenset({"all"})}
