"""How well an order of the labels agrees with nearest rows, and what need not be known of it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embaudit.findings.candidate_label_orders import NONE
from embaudit.findings.misaligned_labels import _agreement

LABELS = st.lists(st.integers(NONE, 3), min_size=2, max_size=12)


@given(LABELS, st.integers(0, 2**32 - 1), st.floats(-1, 1))
def test_an_order_beats_the_best_so_far_where_all_of_it_is_looked_at(
    labels: list[int], seed: int, best: float
) -> None:
    """By definition: (share of right rows - chance) / (1 - chance), rows without a label left."""
    codes, rng = np.array(labels), np.random.default_rng(seed)
    asked, nearest = rng.integers(0, len(codes), (2, 20))
    pairs = [(codes[a], codes[n]) for a, n in zip(asked, nearest, strict=True)]
    pairs = [pair for pair in pairs if NONE not in pair]
    expected = 0.0
    if pairs:
        right = np.mean([one == other for one, other in pairs])
        chance = np.mean([np.mean(codes == one) for one, _ in pairs])
        expected = (right - chance) / (1 - chance) if chance < 1 else 0.0
    found = _agreement(codes, asked, nearest)
    assert found == np.float64(expected) or abs(found - expected) < 1e-12
    screened = _agreement(codes, asked, nearest, best)
    assert screened == found if found > best else screened <= best or screened == found
