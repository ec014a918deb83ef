"""The one distance, and the preparation of each metric."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from embaudit.core.metric import prepare
from embaudit.core.prepared_points import Points, squared_distance
from embaudit.data import EmbeddingSet
from embaudit.errors import InputRefused
from tests import oracle
from tests.sets import SETS, cases

FINITE = st.floats(-1e6, 1e6, allow_nan=False, width=64)
PAIRS = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 40)), elements=FINITE)


def every(vectors):
    return np.arange(len(vectors))


@settings(deadline=None, max_examples=60)
@given(PAIRS, st.integers(0, 2**32 - 1))
def test_adds_from_left_to_right(x, seed):
    y = np.random.default_rng(seed).permutation(x.ravel()).reshape(x.shape)
    for one, other, found in zip(x, y, squared_distance(x, y), strict=True):
        total = 0.0
        for a, b in zip(one.tolist(), other.tolist(), strict=True):
            total += (a - b) * (a - b)
        assert found == total


@settings(deadline=None, max_examples=30)
@given(hnp.arrays(np.int64, (4, 12), elements=st.integers(-1000, 1000)))
def test_is_exact_on_small_integers(x):
    points = prepare(x, "l2", every(x))
    left, right = np.array([0, 1, 2]), np.array([3, 2, 0])
    true = [int(((x[i] - x[j]) ** 2).sum()) for i, j in zip(left, right, strict=True)]
    assert points.squared_distances(left, right).tolist() == true


def test_unsigned_integers_do_not_wrap():
    points = prepare(np.array([[0, 255], [255, 0]], dtype=np.uint8), "l2", np.arange(2))
    assert points.squared_distances(np.array([0]), np.array([1])).tolist() == [2 * 255**2]


@pytest.mark.parametrize(("name", "metric"), cases())
def test_agrees_with_the_oracle_to_the_last_bit(name, metric):
    case = SETS[name](min(SETS[name].size, 100))
    points = prepare(case.vectors, metric, every(case.vectors))
    prepared, unit = oracle.prepared(case.vectors, metric)
    expected = oracle.squared_distances_to_all(prepared, every(prepared))
    left, right = np.divmod(np.arange(expected.size), len(expected))
    found = points.squared_distances(left, right).reshape(expected.shape)
    # the two may scale by different powers of two, which is exact
    assert np.array_equal(np.sqrt(found) * points.unit, np.sqrt(expected) * unit)


@pytest.mark.parametrize("exponent", [-900, -400, -40, 40, 400, 900])
def test_a_power_of_two_is_exact(exponent):
    vectors = np.random.default_rng(0).normal(size=(20, 7))
    left, right = np.arange(19), np.arange(1, 20)
    plain = prepare(vectors, "l2", every(vectors))
    scaled = prepare(np.ldexp(vectors, exponent), "l2", every(vectors))
    ours = np.sqrt(scaled.squared_distances(left, right)) * scaled.unit
    assert np.array_equal(ours, np.ldexp(np.sqrt(plain.squared_distances(left, right)), exponent))


@pytest.mark.parametrize("name", [name for name in SETS if "cosine" in SETS[name].metrics])
def test_cosine_rows_have_unit_norm(name):
    case = SETS[name](min(SETS[name].size, 100))
    unit = prepare(case.vectors, "cosine", every(case.vectors)).floats(slice(None))
    assert unit.dtype == np.float64
    for row in unit:
        norm = math.sqrt(sum(Fraction(value) ** 2 for value in row.tolist()))
        assert norm == pytest.approx(1, abs=1e-14)


def test_chord_and_cosine():
    # d^2 = 2 - 2 cos
    vectors = np.random.default_rng(1).normal(size=(30, 9))
    points = prepare(vectors, "cosine", every(vectors))
    left, right = np.arange(29), np.arange(1, 30)
    a, b = vectors[left], vectors[right]
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    assert points.squared_distances(left, right) == pytest.approx(2 - 2 * cosine, abs=1e-13)


def test_cosine_does_not_know_the_length():
    vectors = np.random.default_rng(2).normal(size=(10, 4))
    scaled = np.ldexp(vectors, np.arange(-500, 500, 100)[:, None])
    ours, plain = (
        prepare(v, "cosine", np.arange(10)).floats(slice(None)) for v in (scaled, vectors)
    )
    assert np.array_equal(ours, plain)


def test_zero_vectors_have_no_direction_and_are_named_by_input_row():
    vectors = np.array([[1.0, 0], [0, 0], [0, 1], [-0.0, 0]])
    with pytest.raises(InputRefused, match=r"2 of 4 rows are zero vectors.*rows 7, 9") as refused:
        prepare(vectors, "cosine", np.array([6, 9, 8, 7]))
    assert refused.value.hint
    prepare(vectors, "l2", np.arange(4))


def test_signed_zero_is_zero():
    points = Points(np.array([[0.0, -0.0], [-0.0, 0.0]]), 1.0)
    squared = points.squared_distances(np.array([0]), np.array([1]))
    assert squared.tolist() == [0.0]
    assert not np.signbit(squared[0])


@pytest.mark.parametrize(("dtype", "signs"), [("int64", (1, -1)), ("uint64", (1,))])
def test_integers_are_audited_up_to_2_to_the_53_and_refused_from_the_next_on(dtype, signs):
    """2^53 + 1 has no float64: taken for its neighbour, it would be at distance 0 from it."""
    for sign in signs:
        fits = np.array([[0], [sign * 2**53], [5], [6]], dtype=dtype)
        assert EmbeddingSet.from_arrays(fits, list("aabb")).size == 4
        for beyond in (2**53 + 1, 2**54):
            wide = fits.copy()
            wide[2] = sign * beyond
            with pytest.raises(InputRefused, match=r"row.* 2"):
                EmbeddingSet.from_arrays(wide, list("aabb"))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_unit_rows_are_the_same_however_they_are_divided(dtype):
    """By a power of two and a length, one after the other, or by their product."""
    rng = np.random.default_rng(0)
    span = {np.float16: (-6, 4), np.float32: (-44, 38), np.float64: (-300, 300)}[dtype]
    vectors = rng.normal(size=(200, 5)) * np.logspace(*span, 200)[:, None]
    with np.errstate(over="ignore"):
        vectors = vectors.astype(dtype)
    vectors = vectors[np.isfinite(vectors).all(axis=1) & (vectors != 0).any(axis=1)]
    points = prepare(vectors, "cosine", np.arange(len(vectors)))
    scales, lengths = points.norms.T
    expected = vectors.astype(np.float64) / scales[:, None] / lengths[:, None]
    np.testing.assert_array_equal(points.floats(np.arange(len(vectors))), expected)


@pytest.mark.parametrize("pairs", [1, 3, 4, 65, 300])
def test_pairs_are_summed_in_stored_order_however_many(pairs):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, pairs, 700)) * 10.0 ** rng.integers(-8, 8, size=(2, pairs, 700))
    expected = np.cumsum(np.square(x - y), axis=1)[:, -1]
    np.testing.assert_array_equal(squared_distance(x, y), expected)
