"""Rows of a batch, drawn from classes that are slices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.geometry.batch_shapes import AT_ONCE, drawing

SIZES = st.lists(st.sampled_from((1, 2, 3, 7, 30, 10_001)), min_size=2, max_size=9)


def starts_of(sizes):
    return np.concatenate(([0], np.cumsum(sizes)))


@given(SIZES, st.integers(2, 9), st.integers(1, 40), st.integers(0, 1000))
def test_rows_drawn_in_one_call_are_those_of_a_call_for_each_class(sizes, classes, samples, seed):
    starts = starts_of(sizes)
    draw = drawing(starts, (classes, samples))
    eligible = [c for c, size in enumerate(sizes) if size > 1]
    if len(eligible) < 2:
        assert draw is None
        return
    rng = np.random.default_rng(seed)
    chosen = rng.choice(eligible, min(classes, len(eligible)), replace=False)
    each = [starts[c] + rng.choice(sizes[c], min(samples, sizes[c]), False) for c in chosen]
    drawn = np.random.default_rng(seed)
    assert draw(drawn).tolist() == np.concatenate(each).tolist()
    assert drawn.random() == rng.random()  # as much was taken of the stream


@pytest.mark.parametrize("samples", [3, AT_ONCE, AT_ONCE + 1])
def test_a_batch_holds_every_row_once_at_most_and_each_as_often(samples):
    size = samples + 2
    draw, rng = drawing(starts_of([size, size]), (2, samples)), np.random.default_rng(4)
    seen, first = np.zeros(2 * size), np.zeros(2 * size)
    for _ in range(2000):
        rows = draw(rng)
        assert len(set(rows.tolist())) == len(rows) == 2 * samples
        assert np.count_nonzero(rows < size) == samples
        seen[rows] += 1
        first[rows[[0, samples]]] += 1
    share = samples / size
    assert np.abs(seen / 2000 - share).max() < 6 * np.sqrt(share * (1 - share) / 2000)
    assert np.abs(first / 2000 - 1 / size).max() < 6 * np.sqrt(1 / size / 2000)
