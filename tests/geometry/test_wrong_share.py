"""Probabilities that labels are wrong, on scores whose truth was drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.geometry.wrong_share import probability_wrong


def drawn(seed, size, share, way=2.0, spread=0.7):
    """Scores of right labels about -way, of wrong ones about +way; flags of the wrong ones."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(size) < share
    right = -way + spread * np.abs(rng.normal(size=size)) * rng.choice([-1, 1], size)
    right += rng.exponential(0.5, size)
    return np.where(wrong, way + spread * rng.normal(size=size), right), wrong


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("seed", range(3))
def test_as_many_are_wrong_as_expected(seed, share):
    scores, wrong = drawn(seed, 4000, share)
    found = probability_wrong(scores)
    flagged = found >= 0.5
    chance = 2 / np.sqrt(np.count_nonzero(flagged))  # that few rows are other than expected
    assert abs(found[flagged].mean() - wrong[flagged].mean()) < 0.05 + chance * 0.5
    assert wrong[flagged].sum() > 0.5 * wrong.sum()


@pytest.mark.parametrize("seed", range(5))
def test_a_tail_without_a_hump_has_hardly_a_suspect(seed):
    scores, _ = drawn(seed, 4000, 0.0)
    found = probability_wrong(scores)
    assert found[found >= 0.5].sum() <= 0.003 * len(scores)


def test_a_single_wrong_label_among_tight_ones_is_found():
    scores = np.append(np.random.default_rng(0).normal(-3, 0.2, 399), 3.0)
    found = probability_wrong(scores)
    assert found[-1] > 0.8
    assert found[:-1].max() < 0.01


@given(st.lists(st.floats(-20, 20), min_size=1, max_size=60), st.randoms())
def test_probabilities_rise_with_scores_whatever_the_order(values, random):
    scores = np.array(values)
    found = probability_wrong(scores)
    assert ((found >= 0) & (found <= 1)).all()
    order = np.argsort(scores)
    assert (np.diff(found[order]) >= 0).all()
    mixed = [*range(len(values))]
    random.shuffle(mixed)
    np.testing.assert_array_equal(probability_wrong(scores[mixed]), found[mixed])
