"""Ranks of anchors whose positives all lead: the scan tells them, and nothing is compared."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.core.prepared_points import Rows
from embaudit.data import EmbeddingSet
from embaudit.data.gallery_classes import reference_of
from embaudit.evidence import Evidence
from embaudit.search import AnchorRanks, LocalExecutor, Prepared, rank_anchors, rank_gallery
from embaudit.search.anchor_scan import AnchorCheck

ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from("aaabbc")), min_size=4, max_size=14
).filter(lambda rows: len({label for _, label in rows}) > 1)
NOTHING = np.empty(0, dtype=np.int64)


class Noted(LocalExecutor):
    """Notes whose ranks were asked for."""

    def ranks(self, prepared: Prepared, anchors: Rows) -> AnchorRanks:
        """As before."""
        asked.append(anchors)
        return super().ranks(prepared, anchors)


asked: list[Rows] = []


def same(found: AnchorRanks, expected: AnchorRanks) -> None:
    for field in fields(found):
        ours, theirs = (getattr(one, field.name) for one in (found, expected))
        assert np.array_equal(ours, theirs), field.name
        assert ours.dtype == theirs.dtype, field.name


def set_of(rows: list[tuple[int, str]], tens: int) -> EmbeddingSet:
    """On a line: classes mix, and lie apart once they are moved by many places."""
    places = [[place + tens * ord(label)] for place, label in rows]
    return EmbeddingSet.from_arrays(np.array(places, dtype=np.float32), [r[1] for r in rows])


@settings(max_examples=40)
@given(ROWS, st.sampled_from([0, 5, 40]), st.booleans())
def test_ranks_are_those_of_a_comparison_with_all_rows(
    rows: list[tuple[int, str]], tens: int, missed: bool
) -> None:
    """missed: an approximate scan, which found no negative that is near."""
    data = set_of(rows, tens)
    evidence = Evidence(data)
    if not evidence.scan.anchor.any():
        return
    if missed:
        check = AnchorCheck(NOTHING, NOTHING.astype(float), NOTHING, NOTHING, NOTHING.astype(bool))
        far = evidence.scan.d2_nearest_negative + 1e9
        evidence.scan = replace(evidence.scan, check=check, d2_nearest_negative=far)
    expected = rank_anchors(data, evidence.points, evidence.deduplicated, evidence.anchors)
    same(evidence.ranks, expected)


@settings(max_examples=30)
@given(ROWS, ROWS, st.sampled_from([0, 5, 40]))
def test_so_are_those_of_a_gallery(
    rows: list[tuple[int, str]], others: list[tuple[int, str]], tens: int
) -> None:
    queries, gallery = set_of(rows, tens), set_of(others, tens)
    evidence = Evidence(queries, gallery=reference_of(queries, gallery))
    if not evidence.scan.anchor.any():
        return
    same(evidence.ranks, rank_gallery(evidence.gallery_scan, evidence.anchors))


@pytest.mark.parametrize(("tens", "compared"), [(40, []), (5, [[3, 4]])])
def test_only_anchors_that_violate_are_compared(tens: int, compared: list[list[int]]) -> None:
    """Of 0, 1, 2, 3 and 5, 14 only 3 and 5 do, which face each other; far apart none does."""
    asked.clear()
    rows = [(0, "a"), (1, "a"), (2, "a"), (3, "a"), (0, "b"), (9, "b")]
    evidence = Evidence(set_of(rows, tens), executor=Noted())
    assert len(evidence.ranks.anchors) == len(rows)
    assert [one.tolist() for one in asked] == compared
