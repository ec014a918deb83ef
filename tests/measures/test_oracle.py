"""The oracle itself, on cases that can be worked out by hand."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

from tests import oracle
from tests.sets import SETS, cases

# Four rows on a line, classes A A B C at 0, 2, 1 and 1000.
LINE = np.array([[0.0], [2.0], [1.0], [1000.0]])
LINE_LABELS = ["A", "A", "B", "C"]


def test_scan_of_a_line():
    found = oracle.scan(LINE, LINE_LABELS)
    assert found.anchors.tolist() == [0, 1]
    assert found.furthest_positive.tolist() == [1, 0]
    assert found.nearest_negative.tolist() == [2, 2]
    assert found.gaps.tolist() == [1, 1]
    assert found.closer_negatives.tolist() == [1, 1]
    assert (found.violated.tolist(), found.tied.tolist()) == ([1, 1], [0, 0])
    assert found.triplets.tolist() == [2, 2]


def test_ties_go_to_the_lowest_row_and_are_no_violation():
    found = oracle.scan([[0.0], [1.0], [-1.0], [-1.0], [1.0]], "AABBA")
    assert found.nearest_positive[0] == 1
    assert found.furthest_positive[0] == 1
    assert found.nearest_negative[0] == 2
    # rows 2 and 3 are as close as rows 1 and 4
    counts = found.closer_negatives, found.tied_positives, found.tied_negatives
    assert [one[0] for one in counts] == [0, 2, 2]
    assert (found.violated[0], found.tied[0]) == (0, 4)


def test_map_at_r_of_musgrave():
    # Ranks of anchor 0: positive, negative, positive | R = 3 counts only the first three ranks,
    # (1/1 + 0 + 2/3) / 3; the third positive comes last.
    vectors = [[0.0], [1.0], [2.0], [3.0], [4.0]]
    found = oracle.scan(vectors, ["A", "A", "B", "A", "A"])
    assert found.r_precision[0] == pytest.approx([2 / 3] * 3)
    assert found.average_precision_at_r[0] == pytest.approx([(1 + 2 / 3) / 3] * 3)


def test_ties_are_as_all_their_orders_have_it():
    """Every order of equally far rows, written out: the mean and both ends of each figure."""
    rng = np.random.default_rng(0)
    for _ in range(40):
        levels, positive = np.sort(rng.integers(0, 3, 6)), rng.permutation(6) < rng.integers(1, 5)
        rankings = [
            positive[list(order)]
            for order in itertools.permutations(range(6))
            if (np.diff(levels[list(order)]) >= 0).all()
        ]
        precise = np.array([oracle._precision_of(ranking) for ranking in rankings])
        found = oracle.ranked_precision(levels[positive] ** 2.0, levels[~positive] ** 2.0)
        for at in (0, 1):
            ends = precise[:, at].min(), precise[:, at].mean(), precise[:, at].max()
            assert found[at] == pytest.approx(ends)
        nearest = levels[positive].min()
        counts = [(levels[~positive] < nearest).sum()]
        counts += [(levels[which] == nearest).sum() for which in (positive, ~positive)]
        scan = SimpleNamespace(
            closer_negatives=counts[:1], tied_positives=counts[1:2], tied_negatives=counts[2:]
        )
        for k in (1, 2, 4):
            first = np.array([float(ranking[:k].any()) for ranking in rankings])
            ends = first.min(), first.mean(), first.max()
            assert oracle.found_within(k, scan)[0] == pytest.approx(ends)


def test_auc_counts_a_tie_as_half():
    found = oracle.scan([[0.0], [1.0], [1.0], [0.5]], "AABB", rows=[0])
    values = oracle.separation(found)
    assert values["separation_auc"] == pytest.approx(1 - (1 + 0.5) / 2)


def test_separation_margin_is_defined_where_nothing_violates():
    separated = oracle.separation(oracle.scan([[0.0], [1.0], [5.0], [6.0]], "AABB"))
    assert separated["separation_margin"] == 3  # the closest call: 1 against 4
    assert separated["hardest_triplet_loss"] == 0
    assert oracle.separation(oracle.scan(LINE, LINE_LABELS))["separation_margin"] is None


def test_distances_to_separated_maps_on_a_line():
    # L = 1. On a line, b must leave [a0, a1]; with s = |a0 - a1| and r >= s the nearer distance to
    # b, s >= 2 - t and r + s <= 1 + t give t >= 1. So d_iso = L here, twice the lower end L / 2.
    isometric, hausdorff = oracle.line_distances(LINE, LINE_LABELS)
    assert isometric == pytest.approx(1)
    assert isometric <= 2 * hausdorff
    # Rows move by at most t: b <= 1 + t must lie s = |a1 - a0| beyond a1 >= 2 - t, and a0 <= t,
    # so 1 + t >= 2 (2 - t) - t.
    assert hausdorff == pytest.approx(3 / 4)


def test_nothing_to_do_for_a_separated_line():
    assert oracle.line_distances([0, 1, 5, 6], "AABB") == pytest.approx((0, 0), abs=1e-12)


def test_two_points_between_two():
    # 0 and 3 of class A, 1 and 2 of class B: the constant map costs 3, and by symmetry halving
    # every demand is not enough; whatever the optimum, it obeys L/2 <= d_iso <= 2 d_haus.
    found = oracle.scan([[0.0], [3.0], [1.0], [2.0]], "AABB")
    isometric, hausdorff = oracle.line_distances([0, 3, 1, 2], "AABB")
    assert found.gaps.max() / 2 <= isometric <= 3
    assert isometric <= 2 * hausdorff + 1e-12


def test_triplet_separation_allows_equality():
    assert oracle.is_triplet_separated([[0.0], [1.0], [2.0]], "AAB")
    assert oracle.is_triplet_separated(np.zeros((4, 2)), "AABB")
    assert not oracle.is_triplet_separated([[0.0], [1.1], [2.0]], "AAB")


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.0])
def test_width_of_known_bodies(turn):
    cosine, sine = math.cos(turn), math.sin(turn)
    plane = np.array([[cosine, -sine], [sine, cosine]])
    rectangle = np.array([[0, 0], [4, 0], [0, 1], [4, 1.0]]) @ plane
    assert oracle.exact_width(rectangle) == pytest.approx(1)
    triangle = np.array([[0, 0], [1, 0], [0.5, math.sqrt(3) / 2]]) @ plane
    assert oracle.exact_width(triangle) == pytest.approx(math.sqrt(3) / 2)
    space = np.eye(3)
    space[:2, :2] = plane
    tetrahedron = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]]) @ space
    assert oracle.exact_width(tetrahedron) == pytest.approx(2)  # between two opposite edges


def test_spread_of_two_points():
    vectors = [[0.0, 0.0], [3.0, 4.0]]
    assert oracle.rms_pair_distance(vectors) == 5
    assert oracle.diameter(vectors) == 5
    assert oracle.participation_ratio(vectors) == pytest.approx(1)
    assert oracle.entropy_rank(vectors) == pytest.approx(1)


def test_rank_of_a_cross():
    cross = np.concatenate((np.eye(3), -np.eye(3)))
    assert oracle.participation_ratio(cross) == pytest.approx(3)
    assert oracle.entropy_rank(cross) == pytest.approx(3)
    assert oracle.covariance_thickness_bound(cross) == pytest.approx(2 * math.sqrt(1 / 3))


def test_within_class_share_of_a_square():
    assert oracle.within_class_share([[0, 0], [0, 2], [4, 0], [4, 2]], "AABB") == pytest.approx(0.2)


def test_duplicates_count_every_copy_and_signed_zeros():
    assert oracle.duplicate_rows([[0.0], [-0.0], [1.0], [2.0], [2.0], [2.0]]) == 5


def test_pressure_pulls_a_stretched_class_together():
    # One line: p pulls with (2)(2)/2 per anchor, n pushes with (1)(1)/1; both anchors of A are
    # active, so tr H_+ = 2 * 2 - 2 * 1 = 2 with one eigenvalue: all of the gradient contracts.
    pressure, gap = oracle.batch_pressure(LINE[:3], "AAB", margin=0.0)
    assert pressure == 1
    assert gap == pytest.approx(1 / 1)
    # Separated classes without a margin: nothing is active, nothing pushes.
    assert oracle.batch_pressure([[0.0], [1], [5], [6]], "AABB", margin=0.0)[0] == 0


@pytest.mark.parametrize(("name", "metric"), cases())
def test_every_set_is_what_an_audit_accepts(name, metric):
    case = SETS[name]()
    assert len(case.vectors) == len(case.labels)
    assert np.isfinite(case.vectors.astype(np.float64)).all()
    sizes = np.bincount(oracle.class_codes(case.labels))
    assert len(sizes) > 1
    assert sizes.max() > 1
    if metric == "cosine":
        assert np.abs(case.vectors.astype(np.float64)).max(axis=1).min() > 0
