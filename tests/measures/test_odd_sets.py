"""Every measure, and the search for near maps, on small and odd sets: no warning, no crash."""

import numpy as np
import pytest

import embaudit
from embaudit.errors import InputRefused
from tests.combined import alternating, in_part

pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning")

RNG = np.random.default_rng(0)
SIX = list("ABCDEF") * 5
SAME = np.full((9, 3), 0.1)
NINE = list("AAABBBCCD")


def but(row, value):
    vectors = SAME.copy()
    vectors[row] = value
    return vectors


def normal(*shape):
    return RNG.normal(size=shape)


ODD = {
    "three rows on a line": ([[0.0], [2.0], [1.0]], list("AAB")),
    "one pair of classes": (normal(4, 2), list("AABB")),
    "all identical": (SAME, NINE),
    "all but one identical": (but(4, 1.0), NINE),
    "all but one identical, by an ulp": (but(4, np.nextafter(0.1, 1)), NINE),
    "the singleton alone apart": (but(8, 1.0), NINE),
    "huge": (1e200 * normal(30, 4), SIX),
    "huge and tiny": (np.concatenate((1e200 * normal(15, 4), 1e-200 * normal(15, 4))), SIX),
    "subnormal": (5e-324 * RNG.integers(0, 9, size=(30, 4)), SIX),
    "integers": (RNG.integers(-2, 3, size=(30, 4)), SIX),
    "half precision": (normal(30, 4).astype(np.float16), SIX),
    "one dimension": (normal(30, 1), SIX),
    "one dimension, ties": (RNG.integers(0, 3, size=(30, 1)), SIX),
    "lattice at the end of float64": (1e16 + 2.0 * RNG.integers(0, 5, size=(30, 2)), SIX),
    "constant beside tiny": (np.hstack((np.ones((30, 1)), 1e-155 * normal(30, 2))), SIX),
    "constant beside nothing": (np.hstack((np.ones((30, 1)), 1e-200 * normal(30, 2))), SIX),
    "singletons": (10 * normal(50, 3), [0, 0, *range(1, 49)]),
    "wide": (100 * normal(6, 40), list("AABBCC")),
}


def check(vectors, labels, **options):
    report = embaudit.audit(vectors, labels, measures="all", threads=1, **options)
    for measure in ("d_iso", "d_haus"):
        reading = report.measures[measure]
        assert reading.kind in ("exact", "certified")
        assert 0 <= reading.lower <= reading.upper < np.inf


@pytest.mark.parametrize(
    ("name", "effort"),
    [
        *in_part([(name, 1) for name in ODD], 3),
        *[pytest.param(name, 0, marks=pytest.mark.soak) for name in ODD],
    ],
)
def test_an_odd_set_is_audited(name, effort):
    vectors, labels = ODD[name]
    check(np.asarray(vectors), labels, effort=effort)


@pytest.mark.parametrize("effort", [0, 1])
@pytest.mark.parametrize("dim", [1, 4])
def test_cosine_is_audited(dim, effort):
    check(normal(30, dim), SIX, metric="cosine", effort=effort)


def test_one_row_more_than_a_batch():
    readings = embaudit.audit(*beyond_a_batch(), measures=["d_iso", "d_haus"], threads=1).measures
    for reading in readings.values():
        assert 0 < reading.lower < reading.upper < np.inf


@pytest.mark.soak
@pytest.mark.parametrize("effort", [0, 1])
def test_all_measures_of_one_row_more_than_a_batch(effort):
    check(*beyond_a_batch(), effort=effort)


def beyond_a_batch():
    return normal(2049, 3), (np.arange(2049) % 700).tolist()


@pytest.mark.parametrize(("seed", "effort"), alternating(range(12), [0, 1]))
def test_a_violation_below_the_rounding_of_products(seed, effort):
    # all rows are about 1 from the anchor: rounded products cannot tell by how much
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(5, 2))
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    vectors[0] = 0
    vectors *= 1 + 2.0**-52 * rng.integers(0, 3, size=(5, 1))
    check(vectors, list("AABAB"), effort=effort)


def test_the_set_whose_violation_vanished_in_products():
    vectors = np.array(
        [
            [0.0, 0.0],
            [0.008933087255818695, -0.00449443568045538],
            [-0.00027058020963874075, 0.009996338647523534],
            [0.0009263748027831044, -0.00995699903207631],
        ]
    )
    check(vectors, list("AABA"))
    check(vectors, list("AABA"), effort=1)


@pytest.mark.parametrize("labels", ["AA", "AB"])
def test_two_rows_are_refused(labels):
    with pytest.raises(InputRefused):
        embaudit.audit(np.array([[0.0], [2.0]]), list(labels))


def test_the_largest_margin_beside_tiny_rows():
    """In units of their distances no float64 holds it."""
    vectors, labels = ODD["three rows on a line"]
    check(1e-300 * np.array(vectors), labels, margin=1e300)
