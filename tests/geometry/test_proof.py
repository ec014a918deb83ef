"""No separated map moves its rows by less than weighted pairs prove, whatever the weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.geometry.displacement_descent import DisplacementDescent
from embaudit.geometry.displacement_lower_bound import Weighted, least_move_proven
from embaudit.geometry.pairs import Pairs
from tests import oracle
from tests.combined import in_part


def separated_near(rows, codes, rng):
    """Random triplet-separated maps: classes pulled together and apart, and rows jittered."""
    centres = np.array([rows[codes == c].mean(axis=0) for c in range(codes.max() + 1)])
    for shrink in (0.0, 0.1, 0.3, 0.5, 0.8):
        for spread in (1.0, 1.5, 2.5):
            g = spread * centres[codes] + shrink * (rows - centres[codes])
            g = g + 0.02 * shrink * rng.normal(size=g.shape)
            if oracle.is_triplet_separated(g, codes.tolist()):
                yield g


def weighted(rng, codes, same, chosen):
    pairs = [
        (x, y)
        for x in range(len(codes))
        for y in range(len(codes))
        if x != y and (codes[x] == codes[y]) == same
    ]
    kept = rng.permutation(len(pairs))[: max(1, int(chosen * len(pairs)))]
    anchors, others = np.array(pairs)[kept].T
    return Weighted(anchors, others, rng.exponential(size=len(kept)) ** 3)


@given(
    seed=st.integers(0, 2**32),
    rows=st.integers(4, 9),
    dim=st.integers(1, 4),
    off=st.sampled_from([0.0, 0.1, 1.0]),
    chosen=st.sampled_from([0.1, 0.5, 1.0]),
)
def test_random_weights_at_random_rows_prove_nothing_false(seed, rows, dim, off, chosen):
    rng = np.random.default_rng(seed)
    codes = np.sort(np.concatenate(([0, 0, 1], rng.integers(0, 3, size=rows - 3))))
    codes = np.unique(codes, return_inverse=True)[1]
    f = rng.normal(size=(rows, dim)) + 0.5 * codes[:, None]
    pulled, pushed = (weighted(rng, codes, same, chosen) for same in (True, False))
    bound = least_move_proven(f, f + off * rng.normal(size=f.shape), pulled, pushed)
    for g in separated_near(f, codes, rng):
        assert bound <= np.sqrt(oracle.left_to_right_sum((f - g) ** 2)).max() * (1 + 1e-9)


@pytest.mark.parametrize("dim", in_part([1, 2, 8, 64]))
@pytest.mark.parametrize("seed", in_part(range(5), 3))
def test_what_a_descent_proves_holds_for_every_map_it_finds(seed, dim):
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(6), 4)
    f = rng.normal(size=(24, dim)) + 1.5 * rng.normal(size=(6, dim))[codes]
    pairs = Pairs(np.arange(0, 25, 4))
    gap = float(oracle.scan(f, codes.tolist(), graded=False).gaps.max())
    if gap <= 0:
        pytest.skip("separated already")
    proven, moves = [], []
    for t in (0.2, 0.3, 0.4, 0.6, 1.0, 2.0):
        descent = DisplacementDescent(pairs, f, gap, t * gap)
        for _, h in descent.iterations(200):
            if oracle.is_triplet_separated(h, codes.tolist()):
                moves.append(np.sqrt(oracle.left_to_right_sum((f - h) ** 2)).max())
        proven.append(descent.proven(h))
    moves += [
        np.sqrt(oracle.left_to_right_sum((f - g) ** 2)).max() for g in separated_near(f, codes, rng)
    ]
    assert max(proven) <= min(moves)
    if dim >= 8:  # in few dimensions too many anchors press at once to prove anything
        assert max(proven) > gap / 4


def test_rows_that_nothing_presses_on_prove_nothing():
    f = np.array([[0.0], [1.0], [10.0], [11.0]])
    none = np.empty(0, dtype=np.int64)
    empty = Weighted(none, none, np.empty(0))
    pulled = Weighted(np.array([0]), np.array([1]), np.ones(1))
    pushed = Weighted(np.array([0]), np.array([2]), np.ones(1))
    assert least_move_proven(f, f, pulled, empty) == 0
    assert least_move_proven(f, f, empty, pushed) == 0
    assert least_move_proven(f, f, pulled, pushed) == 0  # the positive is nearer


def test_one_triplet_on_a_line_is_proven_between_its_quarter_and_its_half():
    f = np.array([[0.0], [3.0], [1.0]])
    pulled = Weighted(np.array([0]), np.array([1]), np.ones(1))
    pushed = Weighted(np.array([0]), np.array([2]), np.ones(1))
    best = max(
        least_move_proven(f, f + u * np.array([[0.0], [-1.0], [1.0]]), pulled, pushed)
        for u in np.linspace(0, 1, 101)
    )
    # L = 2; p and n both at 2 is a separated map, 1 away
    assert 0.5 <= best <= 1.0 + 1e-9
