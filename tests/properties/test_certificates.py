"""What proves an interval: no map is called separated that is not, no bound is above a repair."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from embaudit.core.prepared_points import Points
from embaudit.geometry.anchor_displacement_bound import least_move, least_moves
from embaudit.geometry.pairs import Pairs, is_triplet_separated
from embaudit.geometry.witness_maps import soft_shrink
from tests import oracle

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

SEEDS = st.integers(0, 2**32 - 1)
MODEST = settings(deadline=None, max_examples=40)
PLENTY = settings(deadline=None, max_examples=150)
ROUNDING = 1e-11  # of the distances at hand


# How far the rows of one anchor must move, by search over where the anchor goes.


def repair(anchor_to, positives, negatives):
    """Least delta for which the anchor can move by each of some u (k, n): (k,).

    The positives then move towards x + u and the negatives away, all by delta at most, so that
    |x + u - p| - delta <= |x + u - n| + delta is all that it takes.
    """
    u = anchor_to[:, None]
    far = np.sqrt(np.square(u + positives).sum(axis=2)).max(axis=1)
    near = np.sqrt(np.square(u + negatives).sum(axis=2)).min(axis=1)
    return np.maximum(np.sqrt(np.square(anchor_to).sum(axis=1)), (far - near) / 2)


def least_repair(positives, negatives, rng):
    """An upper bound on the least delta of one anchor, close to it in a few dimensions."""
    reach = np.sqrt(np.square(positives).sum(axis=1).max())
    best = np.zeros((1, positives.shape[1]))
    width = reach / 2
    for _ in range(24):
        tried = np.concatenate((best, best + width * rng.normal(size=(300, best.shape[1]))))
        best = tried[repair(tried, positives, negatives).argmin()][None]
        width *= 0.6
    return float(repair(best, positives, negatives)[0])


def floor_of(positives, negatives):
    away = np.sqrt(np.square(positives).sum(axis=1).max())
    near = np.sqrt(np.square(negatives).sum(axis=1).min())
    return float(away - near) / 4


@st.composite
def surroundings(draw):
    """An anchor's positives and negatives about it: ordinary, on a line, repeated or extreme."""
    rng = np.random.default_rng(draw(SEEDS))
    dim = draw(st.integers(1, 3))
    positives = rng.normal(size=(draw(st.integers(1, 5)), dim))
    negatives = draw(st.sampled_from([0.1, 0.5, 1.0])) * rng.normal(
        size=(draw(st.integers(1, 5)), dim)
    )
    shape = draw(st.sampled_from(["any", "flat", "lattice", "at the anchor", "copies", "shell"]))
    if shape == "flat":
        positives[:, 1:], negatives[:, 1:] = 0, 0
    elif shape == "lattice":
        positives, negatives = np.round(2 * positives), np.round(2 * negatives)
    elif shape == "at the anchor":
        positives[0], negatives[0] = 0, 0
    elif shape == "copies":
        negatives[0] = positives[0]
        positives[-1] = positives[0]
    elif shape == "shell":  # all negatives as near as each other
        norms = np.sqrt(np.square(negatives).sum(axis=1))
        negatives *= 0.3 / np.maximum(norms, 1e-9)[:, None]
    scale = 10.0 ** draw(st.sampled_from([0, 0, 0, -90, 90]))
    return scale * positives, scale * negatives, rng


@pytest.mark.thorough
@PLENTY
@given(surroundings())
def test_no_anchor_is_repaired_by_less_than_the_bound(case):
    positives, negatives, rng = case
    floor = floor_of(positives, negatives)
    bound = least_move(positives, negatives, floor)
    assert bound >= floor
    if floor > 0:
        size = np.sqrt(np.square(positives).sum(axis=1).max())
        assert bound <= least_repair(positives, negatives, rng) + ROUNDING * size


@pytest.mark.parametrize("angle", np.linspace(0, np.pi, 7))
@pytest.mark.parametrize("ratio", [0.0, 1e-9, 0.2, 0.5, 0.999])
def test_a_single_triplet_needs_no_less_than_the_bound_and_little_more(angle, ratio):
    positives = np.array([[1.0, 0.0]])
    negatives = ratio * np.array([[np.cos(angle), np.sin(angle)]])
    bound = least_move(positives, negatives, floor_of(positives, negatives))
    truth = least_repair(positives, negatives, np.random.default_rng(0))
    assert bound <= truth + ROUNDING
    assert bound >= truth * 0.95  # |u|^2 is taken for delta^2, which costs most on a line


def test_a_bound_at_the_distance_of_the_negative_itself():
    # least delta = |x - n| makes the root in the bound vanish at its worst u
    positives, negatives = np.array([[4.0]]), np.array([[1.0]])
    bound = least_move(positives, negatives, 0.75)
    assert 0.75 <= bound <= least_repair(positives, negatives, np.random.default_rng(0))


@pytest.mark.parametrize("scale", [1e-150, 1e-100, 1e100, 1e150])
def test_extreme_distances_scale_the_bound(scale):
    rng = np.random.default_rng(3)
    positives, negatives = rng.normal(size=(4, 3)), 0.3 * rng.normal(size=(4, 3))
    plain = least_move(positives, negatives, floor_of(positives, negatives))
    scaled = least_move(
        scale * positives, scale * negatives, floor_of(scale * positives, scale * negatives)
    )
    assert scaled == pytest.approx(plain * scale, rel=1e-3)


# Maps near a set that are separated: none moves its rows by less than the bound of any anchor.


@st.composite
def labelled(draw):
    """A small set ordered by class, its starts, and a generator."""
    rng = np.random.default_rng(draw(SEEDS))
    rows, dim = draw(st.integers(3, 24)), draw(st.integers(1, 4))
    classes = draw(st.integers(2, max(2, rows // 2)))
    labels = np.concatenate(([0, 0, 1], rng.integers(classes, size=rows - 3)))
    labels = np.unique(np.sort(labels), return_inverse=True)[1]
    vectors = draw(st.sampled_from([0.0, 1.0, 3.0])) * rng.normal(size=(classes, dim))[labels]
    vectors = vectors + rng.normal(size=(rows, dim))
    if draw(st.booleans()):
        vectors = np.round(vectors)
    return vectors, np.searchsorted(labels, np.arange(labels.max() + 2)), labels, rng


def separated_near(rows, labels, rng):
    """Separated maps near the rows, found by going towards classes collapsed to points."""
    means = np.array([rows[labels == c].mean(axis=0) for c in range(labels.max() + 1)])
    for spread in (0.0, 1.0, 1.5):
        target = (rows.mean(axis=0) * (1 - spread) + spread * means)[labels]
        noise = 0.2 * rng.normal(size=means.shape)[labels]
        for goal in (target, target + noise):
            low, high = 0.0, 1.0
            for _ in range(20):
                share = (low + high) / 2
                separated = oracle.is_triplet_separated(rows + share * (goal - rows), labels)
                low, high = (low, share) if separated else (share, high)
            g = rows + high * (goal - rows)
            if oracle.is_triplet_separated(g, labels):
                yield g
    for delta in np.geomspace(0.05, 5, 24):
        g = soft_shrink(rows, means[labels], float(delta))
        if oracle.is_triplet_separated(g, labels):
            yield g
            return


@pytest.mark.thorough
@MODEST
@given(labelled())
def test_no_separated_map_is_nearer_than_the_bound(case):
    rows, starts, labels, rng = case
    found = oracle.scan(rows, labels.tolist(), graded=False)
    largest = float(found.gaps.max())
    assume(largest > 0)
    anchors = found.anchors[np.argsort(-found.gaps, kind="stable")]
    bound, _ = least_moves(Points(rows), starts, anchors, largest / 4 * (1 - 1e-12))
    for g in separated_near(rows, labels, rng):
        moved = np.sqrt(np.square(g - rows).sum(axis=1).max())
        assert bound <= moved + ROUNDING * np.abs(rows).max()


@pytest.mark.parametrize("scale", [1e-60, 1.0, 1e60])
def test_bounds_in_the_span_of_rows_are_those_of_all_dimensions(scale):
    rng = np.random.default_rng(0)
    starts, labels = np.array([0, 9, 20, 40]), np.repeat([0, 1, 2], [9, 11, 20])
    rows = scale * rng.normal(size=(40, 300))
    found = oracle.scan(rows / scale, labels.tolist(), graded=False)
    anchors = found.anchors[np.argsort(-found.gaps, kind="stable")][:4]
    floor = scale * float(found.gaps.max()) / 4
    bound, at = least_moves(Points(rows), starts, anchors, floor)
    same = labels == labels[at]
    same[at] = False
    other = labels != labels[at]
    expected = least_move(rows[at] - rows[same], rows[at] - rows[other], floor)
    assert bound > floor
    assert bound == pytest.approx(expected, rel=1e-3)


# Definition 1, proven from rounded products.


@st.composite
def nearly_separated(draw):
    """A map ordered by class, separated or not by very little, anywhere and of any size."""
    rng = np.random.default_rng(draw(SEEDS))
    sizes = rng.integers(1, 5, size=draw(st.integers(2, 5)))
    sizes[0] = max(2, sizes[0])
    labels = np.repeat(np.arange(len(sizes)), sizes)
    dim = draw(st.integers(1, 6))
    kind = draw(st.sampled_from(["blobs", "ties", "collapsed", "copies", "points"]))
    centres = rng.normal(size=(len(sizes), dim))
    rows = centres[labels] + draw(st.sampled_from([1e-3, 0.1, 0.5])) * rng.normal(
        size=(len(labels), dim)
    )
    if kind == "ties":
        rows = rng.integers(-1, 2, size=rows.shape) * 1.0
    elif kind == "collapsed":
        rows = np.broadcast_to(rows[0], rows.shape).copy()
    elif kind == "copies":
        rows[-1] = rows[0]  # of another class
    elif kind == "points":
        rows = centres[labels]
    rows += 10.0 ** draw(st.integers(-17, -3)) * rng.normal(size=rows.shape)
    rows += draw(st.sampled_from([0.0, 0.0, 1.0, 1e3, 1e6, 1e12]))
    rows *= 10.0 ** draw(st.sampled_from([0, 0, -100, 100]))
    return rows, labels


def exactly_separated(rows, labels):
    """Definition 1 in integers: float64 rows are multiples of a power of two."""
    exponent = int(np.frexp(np.abs(rows).max())[1])
    whole = [[int(x) for x in row] for row in np.ldexp(rows, 1000 - exponent).tolist()]
    n = range(len(whole))
    squared = [[sum((x - y) ** 2 for x, y in zip(whole[a], whole[b], strict=True)) for b in n]
               for a in n]  # fmt: skip
    return all(
        squared[a][p] <= squared[a][z]
        for a in n for p in n for z in n
        if a != p and labels[a] == labels[p] != labels[z]
    )  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(nearly_separated())
@example((np.array([[0.0], [1.0 + 1e-12], [-1.0]]), np.array([0, 0, 1])))
@example((np.array([[0.0], [1.0], [1.0]]), np.array([0, 0, 1])))
def test_what_is_proven_separated_is(case):
    rows, labels = case
    starts = np.searchsorted(labels, np.arange(labels.max() + 2))
    if is_triplet_separated(Pairs(starts), rows):
        assert exactly_separated(rows, labels)
        assert oracle.is_triplet_separated(rows, labels)


@pytest.mark.parametrize("scale", [1e-100, 1.0, 1e100])
@pytest.mark.parametrize("offset", [0.0, 1e3])
@pytest.mark.parametrize("rows", [12, 700])
def test_clear_cases_are_proven(scale, offset, rows):
    rng = np.random.default_rng(rows)
    labels = np.sort(np.arange(rows) % 4)
    starts = np.searchsorted(labels, np.arange(5))
    g = 10 * np.eye(4)[labels] + 0.1 * rng.normal(size=(rows, 4)) + offset
    assert is_triplet_separated(Pairs(starts), scale * g)
    g[0] = g[-1]  # of another class
    assert not is_triplet_separated(Pairs(starts), scale * g)


def test_classes_at_one_point_each_are_proven():
    labels = np.repeat(np.arange(3), 4)
    g = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 5.0]])[labels]
    assert is_triplet_separated(Pairs(np.array([0, 4, 8, 12])), g)


@pytest.mark.parametrize("delta", [0.0, 1e-300, 0.5, 4.0, 1e100])
def test_a_row_at_its_centre_stays_there(delta):
    rows = np.array([[0.0, 0.0], [3.0, 4.0], [1e90, 0.0]])
    shrunk = soft_shrink(rows, np.zeros((3, 2)), delta)
    assert (shrunk[0] == 0).all()
    norms = np.sqrt(np.square(rows).sum(axis=1))
    left = np.sqrt(np.square(shrunk).sum(axis=1))
    assert left == pytest.approx(np.maximum(norms - delta, 0), rel=1e-12)
