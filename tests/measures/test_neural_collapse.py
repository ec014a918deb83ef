"""Neural collapse: constructed simplices, the definitions on every set, and what is undefined."""

import math

import numpy as np
import pytest

import embaudit
from embaudit.evidence import STANDARD, Evidence, EvidenceOptions
from embaudit.geometry.nearest_mean import nearest_to_another
from embaudit.measures.class_angles import nc2_equiangular
from embaudit.measures.neural_collapse import nc4_error
from tests import oracle
from tests.measures.audited import audited, truth
from tests.measures.measured import measured
from tests.measures.test_exact import is_exactly
from tests.sets import SETS, thorough_cases

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

NC = ("nc1", "nc1_ratio", "nc2_equinorm", "nc2_equiangular", "etf_distance", "nc4_error")
APART = thorough_cases([name for name in SETS if name != "all_identical"])


def read(vectors, labels, ids=NC, **options):
    return measured(vectors, labels, ids, **options)


def corners(classes, each=3, dim=None):
    """A simplex: each class sits on an axis, with its mean in every row."""
    labels = np.repeat(np.arange(classes), each)
    return np.eye(classes, dim or classes)[labels], labels


def turned(vectors, seed=0):
    dim = vectors.shape[1]
    return vectors @ np.linalg.qr(np.random.default_rng(seed).normal(size=(dim, dim)))[0]


SIMPLICES = {
    "on the axes": lambda: corners(7),
    "two classes": lambda: corners(2),
    "in more dimensions": lambda: corners(5, dim=20),
    "turned": lambda: (turned(corners(6, dim=9)[0]), corners(6, dim=9)[1]),
    "far from the origin": lambda: (corners(7)[0] + 2.0**40, corners(7)[1]),
    "tiny": lambda: (1e-30 * corners(7)[0], corners(7)[1]),
    "huge": lambda: (1e30 * corners(7)[0], corners(7)[1]),
    "turned, huge, and moved": lambda: (3e30 * (turned(corners(4)[0], 1) + 2), corners(4)[1]),
    "half precision": lambda: (corners(7)[0].astype(np.float16), corners(7)[1]),
    "small integers": lambda: (100 * corners(7)[0].astype(np.int8), corners(7)[1]),
    "as many classes as there is room for": lambda: (
        np.array([[1, 0], [-0.5, math.sqrt(0.75)], [-0.5, -math.sqrt(0.75)]])[np.arange(9) % 3],
        np.arange(9) % 3,
    ),
    "classes of unequal size": lambda: (np.eye(3)[[0, 0, 0, 0, 1, 1, 2]], [0, 0, 0, 0, 1, 1, 2]),
}


@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("name", SIMPLICES)
def test_a_simplex_has_nothing_but_zeros(name, metric):
    vectors, labels = SIMPLICES[name]()
    if metric == "cosine" and ("far" in name or "moved" in name):
        pytest.skip("no simplex as seen from the origin")
    for id, reading in read(vectors, labels, metric=metric).items():
        assert reading.kind == "exact"
        assert 0 <= reading.value <= 1e-12, id


@pytest.mark.parametrize("scatter", [1e-9, 1e-5, 0.1])
def test_a_tiny_scatter_keeps_its_digits(scatter):
    # two rows a class, at its corner plus and minus a step along an axis that no corner uses
    classes = 4
    vectors, labels = corners(classes, each=2, dim=classes + 1)
    vectors[:, classes] = np.where(np.arange(len(vectors)) % 2, scatter, -scatter)
    aside = read(vectors, labels)
    # S_W is scatter^2 along that axis; the centred corners have squared length 1 - 1 / C
    assert aside["nc1_ratio"].value == pytest.approx(scatter**2 / (1 - 1 / classes), rel=1e-6)
    assert aside["nc1"].value <= 1e-25  # and that is a direction in which no means differ
    vectors, labels = corners(classes, each=2)
    vectors[:, 0] += np.where(np.arange(len(vectors)) % 2, scatter, -scatter)
    found = read(vectors, labels, ["nc1"])["nc1"].value
    # along the axes of S_B, all with eigenvalue 1 / C, a step has the squared length 1 - 1 / C
    assert found == pytest.approx(scatter**2 * (1 - 1 / classes), rel=1e-6)


@pytest.mark.parametrize(("name", "metric"), APART)
def test_every_set_against_the_full_matrices(name, metric):
    case, _, _ = truth(name, metric)
    readings = audited(name, metric).measures
    for id, value in oracle.neural_collapse(case.vectors, case.labels, metric).items():
        is_exactly(readings[id], value, abs=1e-12)
    least, most = oracle.class_mean_errors(case.vectors, case.labels, metric)
    assert readings["nc4_error"].kind == "exact"
    assert least <= readings["nc4_error"].value <= most
    value = oracle.class_orthogonality(case.vectors, case.labels, metric)
    is_exactly(readings["class_orthogonality"], value)


@pytest.mark.parametrize("metric", ["l2", "cosine"])
def test_where_all_is_one_point_only_the_errors_are_defined(metric):
    readings = audited("all_identical", metric).measures
    for id in NC[:-1]:
        is_exactly(readings[id], None)
        assert "class means coincide" in readings[id].reason
    is_exactly(readings["nc4_error"], 1)
    is_exactly(readings["class_orthogonality"], 1)


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_means_that_coincide_by_rounding_only(offset):
    # every class holds the same rows, in another order: the sums differ in the last digit
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(40, 6)) + offset
    vectors = np.concatenate([rng.permutation(rows) for _ in range(5)])
    readings = read(vectors, np.repeat(np.arange(5), 40))
    assert {readings[id].kind for id in NC[:-1]} == {"undefined"}


def test_a_class_mean_amid_the_others_has_no_direction():
    vectors = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])[np.arange(15) % 5]
    readings = read(vectors, np.arange(15) % 5)
    is_exactly(readings["nc2_equiangular"], None)
    assert "1 of 5 class means" in readings["nc2_equiangular"].reason
    is_exactly(readings["nc2_equinorm"], 0.5)  # lengths 1, 1, 1, 1, 0
    asked = read(vectors, np.arange(15) % 5, ["class_orthogonality"])
    is_exactly(asked["class_orthogonality"], None)
    assert "1 of 5 class means are 0" in asked["class_orthogonality"].reason


@pytest.mark.parametrize("classes", [4, 6, 30])
def test_more_classes_than_there_is_room_for(classes):
    # a regular polygon is as near to a simplex as the plane allows
    angles = 2 * np.pi * np.arange(classes) / classes
    means = np.stack((np.cos(angles), np.sin(angles)), axis=1)
    labels = np.arange(3 * classes) % classes
    reading = read(means[labels], labels)["etf_distance"]
    assert "unattainable" in reading.reason
    least = math.sqrt(2 - 2 * math.sqrt(2 / (classes - 1)))
    assert reading.value == pytest.approx(least, rel=1e-9)
    assert f"{least:.6g}" in reading.reason
    other = read(means[labels] * [1, 3], labels)["etf_distance"].value
    assert other > least * (1 + 1e-6)


def test_a_tie_between_two_class_means_is_an_error():
    # the means are at 0 and 4, exactly: rows at 2 could be of either class
    vectors = np.array([[-2.0], [2], [2], [6], [0], [4]])
    readings = read(vectors, list("AABBAB"), ["nc4_error"])
    is_exactly(readings["nc4_error"], 2 / 6)
    vectors[2] = np.nextafter(2, 3)
    assert read(vectors, list("AABBAB"), ["nc4_error"])["nc4_error"].value < 2 / 6


def test_classes_of_one_row_are_their_own_means():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(20, 4))
    labels = [0, 0, *range(1, 19)]
    readings = read(vectors, labels)
    for id, value in oracle.neural_collapse(vectors, labels).items():
        is_exactly(readings[id], value)
    least, most = oracle.class_mean_errors(vectors, labels)
    assert least <= readings["nc4_error"].value <= most <= 2 / 20


def test_equal_rows_are_decided_once_and_counted_all():
    rng = np.random.default_rng(5)
    vectors, labels = rng.integers(0, 3, size=(300, 2)), rng.integers(5, size=300)
    least, most = oracle.class_mean_errors(vectors, labels)
    assert least == most
    assert read(vectors, labels.tolist(), ["nc4_error"])["nc4_error"].value == least


def evidence(vectors, labels, **options):
    data = embaudit.data.EmbeddingSet.from_arrays(vectors, labels.tolist())
    return Evidence(data, EvidenceOptions(**options))


def test_samples_of_rows_and_of_pairs_of_classes_hold_the_truth():
    rng = np.random.default_rng(0)
    labels = np.arange(2400) % 400
    vectors = rng.normal(size=(400, 6))[labels] + 0.3 * rng.normal(size=(2400, 6))
    least, most = oracle.class_mean_errors(vectors, labels)
    angles = oracle.neural_collapse(vectors, labels)["nc2_equiangular"]
    frugal = type(STANDARD)(**dict.fromkeys(vars(STANDARD), 0))
    missed = np.zeros(2, dtype=int)
    for seed in range(30):
        found = evidence(vectors, labels, seed=seed, budget=frugal)
        errors, equiangular = nc4_error(found), nc2_equiangular(found)
        assert errors.kind == equiangular.kind == "sampled"
        missed += [
            not (errors.lower <= least and most <= errors.upper),
            not equiangular.lower <= angles <= equiangular.upper,
        ]
    assert missed.max() <= 2
    assert errors.upper - errors.lower < 0.1
    assert equiangular.upper - equiangular.lower < 0.02


def test_an_outlier_leaves_decisions_as_they_are():
    # bounds on products are useless beside it: float64 differences decide
    rng = np.random.default_rng(1)
    vectors, labels = rng.normal(size=(200, 5)), np.arange(200) % 4
    vectors[0] = 1e14
    found = evidence(vectors, labels)
    rows = np.arange(200)
    said = nearest_to_another(found.points, found.moments, rows, found.data.codes)
    means = found.moments.class_means
    points = found.points.floats(rows)
    squared = np.array([oracle.left_to_right_sum((points - mean) ** 2) for mean in means]).T
    own = squared[rows, found.data.codes].copy()
    squared[rows, found.data.codes] = np.inf
    assert np.array_equal(said, squared.min(axis=1) <= own)
    assert 0 < said.sum() < 200
