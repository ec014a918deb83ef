"""The scan and the ranks of any small set, however badly conditioned, equal brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import oracle
from tests.search import test_anchor_ranks, test_anchor_scan

DTYPES = (np.float16, np.float32, np.float64, np.int8, np.uint8, np.int32)


@st.composite
def hostile(draw):
    """Rows in clusters, on a lattice or repeated, far away or tiny, of any accepted type."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, dim = draw(st.integers(3, 90)), draw(st.integers(1, 20))
    dtype = draw(st.sampled_from(DTYPES))
    vectors = rng.normal(size=(rows, dim))
    clusters = draw(st.integers(1, 6))
    spread = 10.0 ** draw(st.integers(-9, 1))
    vectors = rng.normal(size=(clusters, dim))[rng.integers(clusters, size=rows)] + spread * vectors
    if draw(st.booleans()):
        vectors = vectors[rng.integers(rows, size=rows)]  # repeated rows
    vectors += draw(st.sampled_from([0.0, 1.0, 100.0]))
    if np.dtype(dtype).kind in "iu":
        vectors = np.clip(np.round(3 * vectors), 0, 100)
    vectors = vectors.astype(dtype)
    if dtype == np.float64:
        vectors = vectors * 10.0 ** draw(st.sampled_from([-150, -40, 0, 40, 150]))
    labels = rng.integers(draw(st.integers(2, 10)), size=rows)
    labels[:3] = 0, 0, 1  # an anchor and a negative at least
    metrics = ["l2", "cosine"] if np.abs(vectors.astype(float)).max(axis=1).min() > 0 else ["l2"]
    return vectors, rng.permutation(labels).tolist(), draw(st.sampled_from(metrics))


def check(case, block_rows, options):
    vectors, labels, metric = case
    expected = oracle.scan(vectors, labels, metric)
    scanned = test_anchor_scan.disagreements(
        vectors, labels, metric, expected, block_rows=block_rows, **options
    )
    assert scanned == {}
    assert test_anchor_ranks.disagreements(vectors, labels, metric, expected) == {}


BLOCKS = st.sampled_from([1, 5, 32, None])
SEARCHES = st.sampled_from([{}, {"approximate": True, "aim": np.inf}, {"engine": "products"}])


@settings(deadline=None, max_examples=50)
@given(hostile(), BLOCKS, SEARCHES)
def test_any_small_set(case, block_rows, options):
    check(case, block_rows, options)


@pytest.mark.soak
@settings(deadline=None, max_examples=5000)
@given(hostile(), BLOCKS, SEARCHES)
def test_any_small_set_at_length(case, block_rows, options):
    check(case, block_rows, options)
