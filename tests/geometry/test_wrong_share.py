"""Probabilities that labels are wrong, on scores whose truth was drawn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from embaudit.geometry.mislabel_probability import probability_wrong


def drawn(seed, size, share, apart=(8.0, 14.0), further=0.0):
    """Scores of labels between normal classes, so many standard deviations squared apart; flags.

    The log odds of the other class, of which right labels have mean -a / 2 and variance a. A wrong
    label trades places; further: how much further still it is from the class that it bears.
    """
    rng = np.random.default_rng(seed)
    wrong = rng.random(size) < share
    apart = rng.choice(apart, size)
    right = -apart / 2 + np.sqrt(apart) * rng.normal(size=size)
    return np.where(wrong, -right + further, right) / 4, wrong


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2])
@pytest.mark.parametrize("further", [0.0, 4.0])
@pytest.mark.parametrize("apart", [(8.0, 14.0), (14.0, 30.0)])
def test_as_many_are_wrong_as_expected(apart, further, share):
    drawings = [drawn(seed, 4000, share, apart, further) for seed in range(4)]
    found = [probability_wrong(scores) for scores, _ in drawings]
    expected = sum(float(each[each >= 0.5].sum()) for each in found)
    rows = sum(int(np.count_nonzero(each >= 0.5)) for each in found)
    hit, all_ = 0, 0
    for each, (_, wrong) in zip(found, drawings, strict=True):
        hit += np.count_nonzero(wrong & (each >= 0.5))
        all_ += np.count_nonzero(wrong)
    presumed = 2 * len(drawings)  # right labels that are always reckoned with
    assert -0.1 * rows <= hit - expected <= 0.15 * rows + presumed  # rather too little
    if apart[0] > 8 or share > 0.01 or further:  # else as few as those that stray
        assert hit >= 0.6 * all_


@pytest.mark.parametrize("seed", range(5))
def test_of_right_labels_hardly_any_is_a_suspect(seed):
    scores, _ = drawn(seed, 4000, 0.0)
    found = probability_wrong(scores)
    assert np.count_nonzero(scores > 0) > 100
    assert found[found >= 0.5].sum() <= 0.003 * len(scores)


def test_a_single_wrong_label_among_tight_ones_is_found():
    scores = np.append(np.random.default_rng(0).normal(-3, 0.2, 399), 3.0)
    found = probability_wrong(scores)
    assert found[-1] > 0.8
    assert found[:-1].max() < 0.01


@pytest.mark.parametrize("wrong", [0, 30])
def test_classes_that_overlap_have_fewer_suspects_than_classes_apart(wrong):
    """Of scores alike far out, those beyond many rows about 0 are likelier to be right."""
    rng = np.random.default_rng(2)
    far, apart = rng.normal(2, 0.4, wrong), rng.normal(-2, 0.6, 3000)
    overlap = np.concatenate((apart, rng.normal(0, 1, 800)))
    of_apart = probability_wrong(np.concatenate((apart, far)))
    of_overlap = probability_wrong(np.concatenate((overlap, far)))
    assert of_overlap[of_overlap >= 0.5].sum() <= of_apart[of_apart >= 0.5].sum()
    assert of_apart[len(apart) :].sum() >= 0.8 * wrong


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


@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.2]))
def test_scores_that_differ_by_rounding_have_the_same_probabilities(seed, share):
    scores, _ = drawn(seed, 300, share)
    assume((np.abs(scores) > 1e-7).all())
    moved = scores + 1e-10 * np.random.default_rng(seed).normal(size=len(scores))
    np.testing.assert_allclose(probability_wrong(moved), probability_wrong(scores), atol=1e-6)


def test_no_two_scores_that_differ_are_of_one_probability():
    scores = np.unique(np.round(drawn(0, 3000, 0.1)[0], 6))
    assert (np.diff(probability_wrong(scores)) > 0).all()
