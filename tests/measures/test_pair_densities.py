"""Densities of pair distances: every pair of a small set counted once, on the right side."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import embaudit


def counted(distances, edges):
    """In each bin, the last of which holds its right edge."""
    return np.histogram(distances, edges)[0]


def classes_of(seed, classes, each, dim=4):
    rng = np.random.default_rng(seed)
    y = np.arange(classes * each) % classes
    return 2 * rng.normal(size=(classes, dim))[y] + rng.normal(size=(len(y), dim)), y


def shared(positive, negative):
    """The area that two densities share."""
    return np.minimum(positive / positive.sum(), negative / negative.sum()).sum()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from(["l2", "cosine"]))
@pytest.mark.thorough
def test_every_pair_of_a_small_set_is_counted(seed, classes, metric):
    x, y = classes_of(seed, classes, 12)
    found = embaudit.audit(x, y, metric=metric).distributions.pairs
    rows = x / np.linalg.norm(x, axis=1)[:, None] if metric == "cosine" else x
    left, right = np.triu_indices(len(y), 1)
    distances = np.linalg.norm(rows[left] - rows[right], axis=1)
    alike = y[left] == y[right]
    assert found.edges[0] <= distances.min() * (1 + 1e-6)
    assert found.edges[-1] >= distances.max() * (1 - 1e-6)
    assert sum(found.positive) == alike.sum()
    assert sum(found.negative) == (~alike).sum()
    inner = np.array(found.edges)[1:-1]
    for counts, kind in ((found.positive, alike), (found.negative, ~alike)):
        # below each inner edge, but for pairs that lie on it to rounding
        below = np.searchsorted(np.sort(distances[kind]), [inner * (1 - 1e-6), inner * (1 + 1e-6)])
        assert (below[0] <= np.cumsum(counts)[:-1]).all()
        assert (np.cumsum(counts)[:-1] <= below[1]).all()
    assert found.overlap == pytest.approx(
        shared(np.array(found.positive), np.array(found.negative)), rel=1e-3, abs=1e-4
    )


def test_a_gallery_is_compared_with_and_a_query_is_no_pair_with_itself():
    x, y = classes_of(3, 4, 20)
    report = embaudit.audit(x[:40], y[:40], gallery=x[20:], gallery_labels=y[20:])
    found = report.distributions.pairs
    alike = y[:40, None] == y[20:]
    itself = np.arange(40)[:, None] == np.arange(20, 80)
    assert sum(found.positive) == (alike & ~itself).sum()
    assert sum(found.negative) == (~alike).sum()


def test_classes_far_apart_share_nothing_and_mixed_ones_nearly_all():
    y = np.repeat([0, 1], 100)
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(200, 3)) + 1000 * y[:, None]
    assert embaudit.audit(apart, y).distributions.pairs.overlap == 0
    assert embaudit.audit(rng.normal(size=(200, 3)), y).distributions.pairs.overlap > 0.9


@pytest.mark.parametrize("x", [np.ones((6, 3)), np.eye(4)[[0, 0, 1, 1]] * 1e150])
def test_where_all_are_alike_or_overflow_there_is_none_or_it_is_finite(x):
    found = embaudit.audit(x, [0, 0, 1, 1, 1, 1][: len(x)]).distributions.pairs
    assert found is None or np.isfinite(found.edges).all()
