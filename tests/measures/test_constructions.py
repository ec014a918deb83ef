"""Sets whose distance to F_TS is known from a proof or from the paper."""

import itertools
import re

import numpy as np
import pytest

import embaudit
from embaudit.core.prepared_points import Points
from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence, EvidenceOptions
from embaudit.geometry.balls import enclosing_balls
from tests import oracle
from tests.combined import alternating, in_part
from tests.measures.measured import BY_ID, measured

ISOMETRY = ["d_iso", "d_haus", "hardest_triplet_loss"]
FAR = 1e5  # satellites, over the edge of the simplices


def simplex(m):
    """m points in m - 1 dimensions, 1 from each other, about 0."""
    corners = (np.eye(m) - 1 / m) / np.sqrt(2)
    return corners @ np.linalg.svd(corners)[2][: m - 1].T


def crossed_simplices(m, support):
    """Two simplices in orthogonal subspaces with a common centre, singletons far around them.

    The satellites lie in all directions with `support` equal coordinates, the others 0.
    """
    one = simplex(m)
    n = 2 * (m - 1)
    core = np.zeros((2 * m, n))
    core[:m, : m - 1], core[m:, m - 1 :] = one, one
    satellites = []
    for axes in itertools.combinations(range(n), support):
        for signs in itertools.product((-1, 1), repeat=support):
            direction = np.zeros(n)
            direction[list(axes)] = signs
            satellites.append(FAR / np.sqrt(support) * direction)
    labels = [0] * m + [1] * m + list(range(2, 2 + len(satellites)))
    return np.concatenate((core, satellites)), labels


def least_isometric_error(m, support):
    """What d_iso is at least.

    Let g be separated and within t of f, c the difference of the images' centroids and V their
    mean squared deviations. Averaged over triplets Definition 1 says 2 V m / (m - 1) <=
    V + V' + |c|^2 for both simplices, and V >= (1 - t)^2 (m - 1) / 2m, so (1 - t) / sqrt m <= |c|.
    A satellite in direction u, infinitely far, pins every difference along u to 2 t, so
    u . c <= 2 t. With satellites in all directions |c| <= 2 t and t >= 1 / (2 sqrt m + 1). With
    some, kappa |c| <= 2 t, kappa = min over unit c of max u . c, and t >= kappa /
    (2 sqrt m + kappa). For directions with k of n equal coordinates the dual ball has the corners
    e_i and (1, ..., 1) / k, so kappa = min(1 / sqrt k, sqrt(k / n)).

    At a distance R they pin to 2 t + 2 / R, and their images are turned by at most
    sqrt(n K) 8 t / R in all (Procrustes, of a tight frame of K directions): for R = 1e5 and
    K n <= 4e3 well below a hundredth of kappa, which is taken off.
    """
    n = 2 * (m - 1)
    kappa = 0.99 * min(1 / np.sqrt(support), np.sqrt(support / n))
    return kappa / (2 * np.sqrt(m) + kappa)


def check_simplices(m, support, effort):
    points, labels = crossed_simplices(m, support)
    found = measured(points, labels, ISOMETRY, effort=effort)
    largest = 1 - np.sqrt(1 - 1 / m)
    assert found["hardest_triplet_loss"].value == pytest.approx(largest, rel=1e-6)
    bound = least_isometric_error(m, support)
    assert found["d_iso"].lower == pytest.approx(largest / 2, rel=1e-6)
    assert found["d_iso"].lower <= bound <= found["d_iso"].upper
    assert bound / 2 <= found["d_haus"].upper  # d_iso <= 2 d_haus
    return bound / largest


@pytest.mark.parametrize(("effort", "m"), in_part(alternating([0, 1], [20, 7])))
def test_no_upper_end_is_below_what_crossed_simplices_need(m, effort):
    ratio = check_simplices(m, 1, effort)
    assert ratio > 0.65  # well above the L / 2 of the lower end


def test_more_satellites_need_more():
    assert check_simplices(7, 2, 0) > 0.9


@pytest.mark.soak
@pytest.mark.parametrize("effort", [0, 1])
def test_crossed_simplices_need_more_than_the_hardest_violation(effort):
    assert check_simplices(7, 3, effort) > 1.1


@pytest.mark.parametrize(
    "m", [pytest.param(5, marks=pytest.mark.thorough), pytest.param(7, marks=pytest.mark.soak)]
)
def test_classes_with_one_centre_are_pushed_apart(m):
    """Every descent from the set itself ends in collapsed classes, 8 to 11 L away."""
    points, labels = crossed_simplices(m, 1)
    evidence = Evidence(EmbeddingSet.from_arrays(points, labels), EvidenceOptions(effort=2))
    upper = BY_ID["d_iso"].of(evidence).upper
    largest = BY_ID["hardest_triplet_loss"].of(evidence).value
    assert least_isometric_error(m, 1) <= upper <= 1.6 * largest
    # the map that it belongs to is separated, and no distance changes by more: in plain float64
    near = evidence.separated_maps.search
    assert oracle.is_triplet_separated(near.isometric, labels)
    assert oracle.isometric_distance(points, near.isometric) <= upper * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_the_hardest_triplet_of_five_points_carries_the_intervals(seed):
    points = np.random.default_rng(seed).normal(size=(5, 2))
    labels = list("AABBB")
    readings = embaudit.audit(points, labels, measures=ISOMETRY, effort=1, threads=1).measures
    largest = readings["hardest_triplet_loss"].value
    if largest == 0:
        pytest.skip("separated")
    distances = np.sqrt(np.square(points[:, None] - points).sum(axis=2))
    gaps = {
        (a, p, z): distances[a, p] - distances[a, z]
        for a, p, z in itertools.permutations(range(5), 3)
        if labels[a] == labels[p] != labels[z]
    }
    hardest = max(gaps, key=gaps.__getitem__)
    for measure, share in (("d_iso", 2), ("d_haus", 4)):
        named = re.search(r"rows (\d+), (\d+) and (\d+)", readings[measure].reason)
        assert readings[measure].lower >= largest / share * (1 - 1e-9)
        if measure == "d_iso":
            assert tuple(map(int, named.groups())) == hardest
            assert readings[measure].lower == pytest.approx(largest / 2)


def test_five_points_of_the_plane_are_enclosed_tightly():
    # one violation only: the second class reaches between the rows of the first
    points = np.array([[0.0, 0.0], [4.0, 0.0], [1.5, 1.0], [2.0, 6.0], [4.0, 4.5]])
    readings = embaudit.audit(points, list("AABBB"), measures=ISOMETRY, effort=1).measures
    assert readings["d_iso"].upper <= 1.05 * readings["d_iso"].lower
    assert readings["d_haus"].upper <= 1.2 * readings["d_haus"].lower


@pytest.mark.parametrize("seed", range(3))
def test_random_labels_in_the_plane_shrink(seed):
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(20, 2)), rng.permutation(np.arange(20) % 2)
    near = Evidence(
        EmbeddingSet.from_arrays(points, labels.tolist()), EvidenceOptions(effort=1)
    ).separated_maps.search
    star = near.hausdorff
    if star is None:  # collapse to a point is the best that was found
        return
    assert radius(star) < radius(near.rows)


def radius(rows):
    whole = np.array([0, len(rows)])
    return float(enclosing_balls(Points(rows), whole, rows.mean(axis=0)[None]).radii[0])
