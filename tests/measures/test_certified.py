"""Certified intervals enclose the truth, wherever the truth can be had by other means."""

from decimal import Decimal, getcontext

import numpy as np
import pytest

import embaudit
from tests import oracle
from tests.combined import in_part
from tests.measures.audited import audited, truth
from tests.measures.measured import measured
from tests.sets import thorough_cases

ISOMETRY = ["d_iso", "d_haus", "hardest_triplet_loss"]


def encloses(reading, value, rel=1e-9):
    """Whether an exact or certified reading is right about a value."""
    assert reading.kind in ("exact", "certified"), reading.reason
    assert reading.lower <= value * (1 + rel)
    assert reading.upper is None or value <= reading.upper * (1 + rel)


# d_iso and d_haus (Definition 4, eqs. 11 and 12).


@pytest.mark.parametrize("labels", ["AABB", "AAAB", "AABC"])
@pytest.mark.parametrize("seed", in_part(range(6), 3))
def test_four_points_on_a_line(labels, seed):
    positions = np.random.default_rng(seed).uniform(0, 10, size=4).round(3)
    found = measured(positions[:, None], list(labels), ISOMETRY)
    isometric, hausdorff = oracle.line_distances(positions, labels)
    if found["hardest_triplet_loss"].value == 0:
        assert isometric == pytest.approx(0, abs=1e-9)
        assert found["d_iso"].value == found["d_haus"].value == 0
        return
    encloses(found["d_iso"], isometric)
    encloses(found["d_haus"], hausdorff)


def test_the_papers_line():
    # f = (0, 2 | 1 | 1000): L = 1, d_iso = 1 and d_haus = 3/4 (derived in test_oracle)
    readings = embaudit.audit([[0.0], [2], [1], [1000]], list("AABC"), measures=ISOMETRY).measures
    assert readings["d_iso"].lower == pytest.approx(0.5)
    encloses(readings["d_iso"], 1.0)
    assert readings["d_haus"].lower >= 0.25  # L / 4, or better
    encloses(readings["d_haus"], 0.75)


def separated_maps(points, codes):
    """Triplet-separated maps: a point, and every class at one point, its mean, pulled or spread."""
    centre = points.mean(axis=0)
    means = np.array([points[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    yield np.broadcast_to(centre, points.shape)
    for spread in (0.5, 1.0, 1.3):
        yield centre + spread * (means[codes] - centre)
    # as much of each row's own deviation as stays separated
    for share in (0.5, 0.25, 0.1, 0.03):
        g = means[codes] + share * (points - means[codes])
        if oracle.is_triplet_separated(g, codes.tolist()):
            yield g
            return


@pytest.mark.parametrize(("name", "metric"), in_part(thorough_cases()))
def test_lower_ends_are_below_every_separated_map(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    points, unit = oracle.prepared(case.vectors, metric)
    codes = oracle.class_codes(case.labels)
    rounding = 1e-12 * oracle.diameter(case.vectors, metric)
    for g in separated_maps(points, codes):
        assert readings["d_iso"].lower <= oracle.isometric_distance(points, g) * unit + rounding
        moved = np.sqrt(oracle.left_to_right_sum((points - g) ** 2)).max() * unit
        assert readings["d_haus"].lower <= moved + rounding


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_isometry_keeps_the_theorems(name, metric):
    case, _, found = truth(name, metric)
    readings = audited(name, metric).measures
    d_iso, d_haus = readings["d_iso"], readings["d_haus"]
    largest = max(0.0, float(found.gaps.max()))
    across = oracle.diameter(case.vectors, metric)
    rounding = 1e-12 * across
    assert d_iso.lower == pytest.approx(largest / 2, rel=1e-9, abs=rounding)  # rigorous in any n
    assert d_haus.lower >= largest / 4 - rounding
    assert d_iso.lower <= 2 * d_haus.upper + rounding  # d_iso <= 2 d_haus
    assert d_iso.upper <= across * (1 + 1e-9)  # collapse is triplet-separated
    assert d_haus.upper <= across * (1 + 1e-9)  # and no row is further from another than that
    if (found.d2_furthest_positive <= found.d2_nearest_negative).all():
        assert d_iso.value == d_haus.value == 0


@pytest.mark.parametrize("seed", range(12))
def test_lower_ends_are_rounded_down(seed):
    # anchor between its positive and its negative: d_haus is L / 4, and L is a few roundings
    getcontext().prec = 60
    rng = np.random.default_rng(seed)
    along = rng.normal(size=64)
    along /= np.linalg.norm(along)
    points = np.array([0 * along, along, (rng.integers(1, 40) * 2.0**-50 - 1) * along])
    anchor, positive, negative = ([Decimal(x) for x in row] for row in points.tolist())
    gap = max(true_distance(anchor, positive) - true_distance(anchor, negative), Decimal(0))
    found = measured(points, list("AAB"), ISOMETRY)
    assert Decimal(found["d_iso"].lower) <= gap / 2
    assert Decimal(found["d_haus"].lower) <= gap / 4


def true_distance(x, y):
    """In decimals, far beyond float64."""
    return sum((a - b) ** 2 for a, b in zip(x, y, strict=True)).sqrt()


# Thickness (Definition 3).


def body(seed, rows, dim):
    """A stretched cloud, turned, away from the origin."""
    rng = np.random.default_rng(seed)
    turn, _ = np.linalg.qr(rng.normal(size=(dim, dim)))
    return rng.normal(size=(rows, dim)) * rng.uniform(0.1, 3, size=dim) @ turn + rng.normal(
        size=dim
    )


def thickness_of(points, *more):
    labels = np.arange(len(points)) % 2
    asked = ["thickness", "thickness_intrinsic", "thickness_ratio", "iap_factor", "diameter", *more]
    return measured(points, labels, asked)


@pytest.mark.parametrize("rows", [4, 9, 60])
@pytest.mark.parametrize("seed", range(4))
def test_one_and_two_dimensions_are_exact(rows, seed):
    for dim in (1, 2):
        points = body(seed, rows, dim)
        reading = thickness_of(points)["thickness"]
        assert reading.kind == "exact"
        assert reading.value == pytest.approx(oracle.exact_width(points), rel=1e-9, abs=0)


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e6])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_plane_lattices_and_offsets(dtype, offset):
    rng = np.random.default_rng(5)
    points = (rng.integers(0, 9, size=(70, 2)) + offset).astype(dtype)
    reading = thickness_of(points)["thickness"]
    encloses(reading, oracle.exact_width(points.astype(float)))
    assert reading.upper - reading.lower <= 1e-6 * reading.upper


@pytest.mark.parametrize("rows", [5, 8, 24])
@pytest.mark.parametrize("seed", range(4))
def test_three_dimensions_are_enclosed(rows, seed):
    points = body(seed, rows, 3)
    encloses(thickness_of(points)["thickness"], oracle.exact_width(points))


@pytest.mark.parametrize("dim", [5, 16])
@pytest.mark.parametrize("seed", range(3))
def test_no_direction_is_narrower_than_the_lower_end(seed, dim):
    points = body(seed, 20 * dim, dim)
    reading = thickness_of(points)["thickness"]
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(4000, dim))
    widths = oracle.width_along(points, directions)
    for step in (0.3, 0.1, 0.03, 0.01):  # refine round the narrowest
        best = directions[widths.argmin()] / np.linalg.norm(directions[widths.argmin()])
        directions = np.concatenate((best[None], best + step * rng.normal(size=(2000, dim))))
        widths = oracle.width_along(points, directions)
    assert reading.lower <= widths.min()
    # Popoviciu with uniform weights is the least that is promised from below
    assert reading.lower >= oracle.covariance_thickness_bound(points) * (1 - 1e-9)
    # and the narrowest principal direction from above
    axes = np.linalg.eigh(np.atleast_2d(np.cov(points.T)))[1].T
    assert reading.upper <= oracle.width_along(points, axes).min() * (1 + 1e-9)


@pytest.mark.parametrize(("name", "metric"), thorough_cases())
def test_lower_end_and_principal_directions_of_every_set(name, metric):
    case, _, _ = truth(name, metric)
    reading = audited(name, metric).measures["thickness"]
    points, unit = oracle.prepared(case.vectors, metric)
    directions = np.concatenate(
        (np.eye(points.shape[1]), np.linalg.eigh(np.atleast_2d(np.cov(points.T)))[1].T)
    )
    narrowest = oracle.width_along(points - points[0], directions).min() * unit
    rounding = 1e-14 * float(np.abs(points - points[0]).max()) * unit
    assert reading.lower <= narrowest + rounding


@pytest.mark.parametrize("rows", [3, 10])
def test_few_rows_lie_in_a_hyperplane(rows):
    readings = thickness_of(body(0, rows, 10))
    assert readings["thickness"].kind == "exact"
    assert readings["thickness"].value == 0
    assert readings["thickness_ratio"].value == 0
    # c-IAP is infinite where thickness is 0: null with a reason
    assert readings["iap_factor"].kind == "undefined"
    assert readings["iap_factor"].reason


def test_repeated_rows_do_not_fill_space():
    points = np.repeat(body(1, 5, 5), 4, axis=0)
    assert thickness_of(points)["thickness"].upper == 0


def test_a_constant_coordinate_is_no_thickness():
    points = body(2, 100, 4)
    points[:, 2] = 7.0
    readings = thickness_of(points)
    assert readings["thickness"].kind == "exact"
    assert readings["thickness"].value == 0
    within = readings["thickness_intrinsic"]
    solid = thickness_of(np.delete(points, 2, axis=1))["thickness"]
    assert (within.lower, within.upper) == pytest.approx((solid.lower, solid.upper), rel=1e-6)


@pytest.mark.parametrize("dim", [3, 6])
def test_a_plane_in_space_has_the_width_of_the_plane(dim):
    flat = body(3, 40, 2)
    frame, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(dim, dim)))
    readings = thickness_of(flat @ frame[:2] + 1.0, "affine_dimension")
    width = oracle.exact_width(flat)
    # the rows leave the plane by rounding only: thickness must not be far above 0
    assert readings["thickness"].lower <= 1e-12 * width
    assert readings["thickness"].upper <= 1e-9 * width
    assert readings["thickness_intrinsic"].value == pytest.approx(width, rel=1e-6)
    assert readings["affine_dimension"].lower <= 2 + 1e-9


@pytest.mark.parametrize("dim", [2, 3, 8])
def test_ratio_and_factor_follow_from_their_parts(dim):
    readings = thickness_of(body(4, 200, dim))
    thickness, across = readings["thickness"], readings["diameter"].value
    ratio, factor = readings["thickness_ratio"], readings["iap_factor"]
    assert (ratio.lower, ratio.upper) == pytest.approx(
        (thickness.lower / across, thickness.upper / across)
    )
    assert (factor.lower, factor.upper) == pytest.approx(
        (across / thickness.upper, across / thickness.lower)
    )
    assert "c_n" in factor.reason
