"""The parts that findings are made of, against their definitions."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.core.prepared_points import Points
from embaudit.evidence.norms_and_outliers import row_statistics_of
from embaudit.evidence.pairwise_sample import A_CLASS, CLASSES, MOST, rows_drawn, rows_of_classes
from embaudit.findings import FINDINGS
from embaudit.findings.finding import ranges_of
from embaudit.findings.mixed_space_candidates import PLACED
from embaudit.geometry.knn_graph_split import OTHERS, crossings, nearest_of_others, settled
from embaudit.geometry.mode_matching import places_alike, sides_by_one_map
from embaudit.geometry.sample_retrieval import (
    chance_of,
    corrected,
    hits_of,
    orders_of,
    pair_squares,
)
from embaudit.geometry.two_clusters import linked_modes, two_means
from embaudit.report.diagnosis_model import MARKS


@given(st.lists(st.integers(0, 40), min_size=2, max_size=12), st.integers(0, 3))
def test_hits_are_those_of_a_random_order_of_ties(values, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, len(values))
    x = np.array(values, dtype=float)[:, None]
    hits = hits_of(pair_squares(x), codes)
    for i in range(len(x)):
        d = np.abs(x[:, 0] - x[i, 0])
        d[i] = np.inf
        nearest = np.flatnonzero(d == d.min())
        assert hits[i] == pytest.approx((codes[nearest] == codes[i]).mean())


@given(st.lists(st.integers(0, 40), min_size=3, max_size=12), st.integers(0, 3))
def test_orders_are_pairs_of_a_positive_and_a_negative_in_order(values, seed):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 3, len(values))
    sizes = np.bincount(codes)[codes]
    asked = np.flatnonzero((sizes > 1) & (sizes < len(codes)))
    x = np.array(values, dtype=float)
    found = orders_of(pair_squares(x[:, None]), codes, asked)
    for i, share in zip(asked, found, strict=True):
        d = np.abs(x - x[i])
        same = codes == codes[i]
        others = [one for one in np.flatnonzero(same) if one != i]
        pairs = [(d[p] < d[n]) + (d[p] == d[n]) / 2 for p in others for n in np.flatnonzero(~same)]
        assert share == pytest.approx(np.mean(pairs))


@given(st.lists(st.integers(0, 5), min_size=4, max_size=30).filter(lambda x: len(set(x)) < len(x)))
def test_chance_is_the_share_of_positives(codes):
    codes = np.array(codes)
    anchors = [i for i in range(len(codes)) if (codes == codes[i]).sum() > 1]
    shares = [((codes == codes[i]).sum() - 1) / (len(codes) - 1) for i in anchors]
    assert chance_of(codes) == pytest.approx(np.mean(shares))
    assert corrected(chance_of(codes), chance_of(codes)) == 0


@given(st.sets(st.integers(0, 60), min_size=1))
def test_ranges_hold_the_rows_and_no_others(rows):
    found = ranges_of(sorted(rows))
    inside = [row for first, last in found for row in range(first, last + 1)]
    assert inside == sorted(rows)
    assert all(other - last > 1 for (_, last), (other, _) in itertools.pairwise(found))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
@pytest.mark.parametrize("offset", [0.0, 50.0])
def test_stray_rows_are_found_whatever_the_scale_and_the_offset(scale, offset):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 20))
    x[[3, 77]] += 200 * rng.normal(size=(2, 20))
    found = row_statistics_of(Points((x + offset) * scale), np.array([0, 150, 300]))
    assert np.flatnonzero(found.stray).tolist() == [3, 77]
    assert found.variances == pytest.approx(np.delete(x, [3, 77], 0).var(0) * scale**2)


def test_a_class_that_lies_off_is_not_stray():
    rng = np.random.default_rng(0)
    x = np.r_[rng.normal(size=(400, 8)), rng.normal(size=(10, 8)) + 1000]
    assert row_statistics_of(Points(x), np.array([0, 400, 410])).stray.sum() == 0
    assert row_statistics_of(Points(x), np.array([0, 410])).stray.sum() == 10


def test_lengths_are_those_of_the_stored_rows():
    x = np.array([[3.0, 4.0], [0, 0], [1e200, 0], [0, 2]])
    found = row_statistics_of(Points(np.ldexp(x, -600), unit=2.0**600), np.array([0, 4]))
    assert found.zero.tolist() == [False, True, False, False]
    assert np.exp(found.log_lengths[[0, 3]]) == pytest.approx([5, 2])


@pytest.mark.parametrize(("classes", "each"), [(3, 1000), (2000, 3), (40, 20), (1, 5000)])
def test_a_sample_keeps_positives(classes, each):
    codes = np.repeat(np.arange(classes), each)
    rows = rows_drawn(np.arange(classes + 1) * each, np.ones(len(codes), bool), seed=0)
    assert len(rows) <= MOST
    assert (np.diff(rows) > 0).all()
    sizes = np.bincount(codes[rows])
    assert sizes[sizes > 0].min() >= min(each, A_CLASS)


def test_two_clusters_are_found():
    rng = np.random.default_rng(0)
    side = rng.random(200) < 0.3
    x = rng.normal(size=(200, 10)) + np.where(side, 8, 0)[:, None]
    centres = two_means(x)
    nearer = ((x[:, None] - centres) ** 2).sum(2).argmin(1).astype(bool)
    assert (nearer == side).all() or (nearer == ~side).all()
    assert two_means(np.ones((5, 3))) is None


def test_modes_of_two_models_are_linked_and_those_of_classes_alone_are_not():
    rng = np.random.default_rng(0)
    codes = np.repeat(np.arange(10), 40)
    second = rng.random(400) < 0.4
    one = rng.normal(size=(10, 32))
    turned = one @ np.linalg.qr(rng.normal(size=(32, 32)))[0]
    noise = rng.normal(size=(400, 32)) * 0.2
    x = np.where(second[:, None], turned[codes], one[codes]) + noise
    first, other = linked_modes(x, codes)
    nearer = ((x - first[codes]) ** 2).sum(1) < ((x - other[codes]) ** 2).sum(1)
    assert (nearer == second).all() or (nearer == ~second).all()
    alone = np.where(second[:, None], rng.normal(size=(10, 32))[codes], one[codes]) + noise
    assert linked_modes(alone, codes) is None


@pytest.mark.parametrize(("classes", "each"), [(3, 1000), (2000, 3), (200, 9), (40, 20)])
def test_a_sample_of_classes_has_many_rows_of_each(classes, each):
    starts = np.arange(classes + 1) * each
    rows = rows_of_classes(starts, np.ones(classes * each, bool), least=6, seed=0)
    sizes = np.bincount(rows // each)
    held = sizes[sizes > 0]
    assert len(rows) <= MOST
    assert (np.diff(rows) > 0).all()
    assert len(held) == (min(classes, CLASSES) if each >= 6 else 0)
    if len(held):
        assert held.min() >= min(each, MOST // len(held))


def modes_of_two_networks(rng, classes=24, dim=128):
    """Places of classes in two networks that turn them differently, and have much in common."""
    places = rng.normal(size=(classes, dim)) * np.arange(1, dim + 1) ** -0.6
    own = (places + 0.2 * rng.normal(size=places.shape) * places.std(axis=0) for _ in range(2))
    return [one @ np.linalg.qr(rng.normal(size=(dim, dim)))[0] for one in own]


@pytest.mark.parametrize("seed", range(5))
def test_one_map_tells_which_modes_are_of_one_network(seed):
    rng = np.random.default_rng(seed)
    one, other = modes_of_two_networks(rng)
    first = rng.random(len(one)) < 0.5
    ones, others = (np.where(side[:, None], one, other) for side in (first, ~first))
    found = sides_by_one_map(ones, others, rng.random(len(one)) < 0.5)[0]
    assert max((found == first).mean(), (found != first).mean()) > 0.9
    assert places_alike(one, other) > 0.7
    assert places_alike(one, other) == pytest.approx(places_alike(3 * other + 1, one))


@pytest.mark.parametrize("seed", range(5))
def test_modes_that_say_nothing_of_each_other_are_not_those_of_two_networks(seed):
    rng = np.random.default_rng(seed)
    ones, others = rng.normal(size=(2, 24, 128)) * np.arange(1, 129) ** -0.4
    for first in sides_by_one_map(ones, others, rng.random(24) < 0.5):  # by chance, and then:
        sides = (np.where(side[:, None], ones, others) for side in (first, ~first))
        assert places_alike(*sides) < PLACED


def test_few_classes_and_modes_that_coincide_tell_nothing():
    rng = np.random.default_rng(0)
    one, other = modes_of_two_networks(rng, classes=7)
    assert sides_by_one_map(one, other, np.ones(7, bool)) == ()
    assert sides_by_one_map(*np.ones((2, 20, 4)), np.ones(20, bool)) == ()
    assert places_alike(*np.ones((2, 20, 4))) == 0


@given(st.integers(0, 1000))
def test_nearest_rows_of_other_classes_and_what_they_cross(seed):
    rng = np.random.default_rng(seed)
    codes, x = rng.integers(0, 3, 40), rng.normal(size=(40, 3))
    part = rng.random(40) < 0.4
    squares = pair_squares(x)
    near = nearest_of_others(squares, codes)
    crossed = []
    for i in range(40):
        others = sorted(np.flatnonzero(codes != codes[i]), key=lambda j: squares[i, j])[:OTHERS]
        assert set(near[i]) - {i} == set(others)
        crossed += [part[j] != part[i] for j in others] + [False] * (OTHERS - len(others))
    chance = 2 * part.mean() * (1 - part.mean())
    if chance:
        assert crossings(near, part) == pytest.approx(np.mean(crossed) / chance)


def test_rows_settle_on_the_part_that_they_lie_in():
    rng = np.random.default_rng(0)
    codes, part = rng.integers(0, 6, 300), rng.random(300) < 0.4
    x = rng.normal(size=(300, 8)) + np.where(part, 9, 0)[:, None]
    blurred = part ^ (rng.random(300) < 0.15)
    squares = pair_squares(x)
    assert (settled(squares, codes, blurred) == part).all()
    assert settled(squares, codes, np.ones(300, bool)).all()


def test_every_finding_says_what_it_is():
    assert len({one.id for one in FINDINGS}) == len(FINDINGS)
    for one in FINDINGS:
        assert one.mark in MARKS
        assert one.looks
        assert one.remedy.endswith(".")
        assert one.cost
        assert one.title[0].isupper()


def test_a_long_tail_of_lengths_has_no_stray_row_but_one_beyond_it_is():
    rng = np.random.default_rng(0)
    # lognormal lengths at their quantiles, and the furthest 2.2 times as far as the next
    away = np.exp(1.2 * np.sort(rng.normal(size=1000)))
    away[-1] = 2.2 * away[-2]
    x = rng.normal(size=(1000, 16))
    x *= (away / np.linalg.norm(x, axis=1))[:, None]
    starts = np.array([0, 500, 1000])
    assert not row_statistics_of(Points(x), starts).stray.any()
    x[-1] *= 1000
    assert np.flatnonzero(row_statistics_of(Points(x), starts).stray).tolist() == [999]
