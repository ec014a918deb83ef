"""More effort only narrows d_iso and d_haus, and what must not change them does not."""

import itertools

import numpy as np
import pytest

from tests.combined import alternating, in_part
from tests.generators import separated, unlearned
from tests.measures.measured import measured
from tests.sets import SETS

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

ISOMETRY = ["d_iso", "d_haus"]
ROWS = 24
CASES = (
    "far_mean_float64", "far_clusters_float64", "close_pairs", "magnitude_1e200_float64",
    "magnitude_1e-30_float32", "huge_outlier", "four_distinct_rows", "lattice_int8",
    "duplicates_everywhere", "one_ulp_apart", "singletons", "many_pairs", "one_dimension",
    "two_dimensions", "wider_than_long", "blobs",
)  # fmt: skip


def intervals(vectors, labels, **options):
    found = measured(vectors, labels, ISOMETRY, **{"effort": 1, **options})
    return {m: (found[m].lower, found[m].upper) for m in ISOMETRY}


@pytest.mark.parametrize(("name", "effort"), in_part(alternating(CASES, (0, 1)), 4))
def test_effort_only_narrows(name, effort):
    case = SETS[name](min(ROWS, SETS[name].size))
    check_narrowing(case.vectors, case.labels, (effort, effort + 1))


def check_narrowing(vectors, labels, efforts=(0, 1, 2)):
    found = [intervals(vectors, labels, effort=effort) for effort in efforts]
    for less, more in itertools.pairwise(found):
        for measure in ISOMETRY:
            assert less[measure][0] <= more[measure][0] <= more[measure][1] <= less[measure][1]


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(40))
def test_effort_only_narrows_on_random_sets(seed):
    rng = np.random.default_rng(seed)
    rows, dim, classes = rng.integers(4, 80), rng.integers(1, 9), rng.integers(2, 9)
    labels = rng.integers(classes, size=rows)
    labels[:3] = 0, 0, 1
    spread = rng.choice([0, 0.5, 1, 2, 4])
    vectors = spread * rng.normal(size=(classes, dim))[labels] + rng.normal(size=(rows, dim))
    check_narrowing(vectors, labels)


@pytest.mark.soak
def test_threads_change_nothing():
    vectors, labels = unlearned(520, 3, 0)  # more rows than a tile has
    assert intervals(vectors, labels, threads=1) == intervals(vectors, labels, threads=2)


@pytest.mark.parametrize("exponent", in_part([-300, 5]))
@pytest.mark.parametrize("make", [unlearned, separated])
def test_a_power_of_two_scales_exactly(make, exponent):
    vectors, labels = make(24, 4, 1)
    plain = intervals(vectors, labels, margin=0.125)
    scaled = intervals(np.ldexp(vectors, exponent), labels, margin=np.ldexp(0.125, exponent))
    for measure in ISOMETRY:
        assert scaled[measure] == tuple(np.ldexp(plain[measure], exponent))


@pytest.mark.parametrize("seed", in_part(range(2)))
@pytest.mark.thorough
def test_names_order_and_position(seed):
    vectors, labels = unlearned(24, 5, seed)
    rng = np.random.default_rng(seed)
    plain = intervals(vectors, labels)
    assert intervals(vectors, [f"class {9 - label % 10}{label}" for label in labels]) == plain

    turn, _ = np.linalg.qr(rng.normal(size=(5, 5)))
    moved = intervals(vectors @ turn + rng.normal(size=5), labels)
    order = rng.permutation(len(vectors))
    shuffled = intervals(vectors[order], labels[order])
    for measure in ISOMETRY:
        assert moved[measure][0] == pytest.approx(plain[measure][0], rel=1e-6)
        # a descent may leave another way after a rounding: both ends stay certified
        for other in (moved, shuffled):
            assert max(other[measure][0], plain[measure][0]) <= min(
                other[measure][1], plain[measure][1]
            )


@pytest.mark.parametrize("seed", range(3))
def test_without_a_descent_a_rigid_motion_changes_rounding_only(seed):
    vectors, labels = unlearned(24, 5, seed)
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(5, 5)))
    plain = intervals(vectors, labels, effort=0)
    moved = intervals(vectors @ turn + 1.0, labels, effort=0)
    for measure in ISOMETRY:
        assert moved[measure] == pytest.approx(plain[measure], rel=1e-6)
