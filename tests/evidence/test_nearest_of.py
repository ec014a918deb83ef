"""The nearest other row of a row, whatever the labels, from a scan by labels."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from embaudit.data import EmbeddingSet
from embaudit.evidence import Evidence
from embaudit.search.anchor_scan import AnchorCheck

CORNERS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.sampled_from("aaabbc")),
    min_size=4,
    max_size=14,
).filter(lambda rows: len({label for *_, label in rows}) > 1)


@given(CORNERS, st.booleans())
def test_a_scan_knows_the_nearest_row_of_any_label(
    rows: list[tuple[int, int, str]], missed: bool
) -> None:
    """By definition: the least distance, then the lowest input row; rows tie, repeat, stand alone.

    missed: an approximate scan, which names the last row of another label for all.
    """
    vectors = np.array([row[:2] for row in rows], dtype=np.float32)
    data = EmbeddingSet.from_arrays(vectors, [row[2] for row in rows])
    evidence, every = Evidence(data), np.arange(data.size)
    if not evidence.scan.anchor.any():
        return
    if missed:
        nothing = np.empty(0, dtype=np.int64)
        check = AnchorCheck(nothing, nothing.astype(float), nothing, nothing, nothing.astype(bool))
        last = np.array([np.flatnonzero(data.codes != code)[-1] for code in data.codes])
        d2 = np.square(vectors[data.rows] - vectors[data.rows[last]]).sum(axis=1).astype(float)
        evidence.scan = replace(
            evidence.scan, check=check, nearest_negative=last, d2_nearest_negative=d2
        )
    found = np.empty(data.size, dtype=np.int64)
    found[data.rows] = data.rows[evidence.nearest_of(every)]
    squares = np.square(vectors[:, None] - vectors).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    assert found.tolist() == squares.argmin(axis=1).tolist()
