"""A sample: every class keeps its share and its positives, and rows keep their numbers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import embaudit
from embaudit.data.sampling import drawn
from embaudit.errors import InputRefused, UsageError
from tests.files.corpus import npy

RNG = np.random.default_rng(3)
Y = np.repeat(np.arange(4), (400, 90, 9, 1))[RNG.permutation(500)]
X = RNG.normal(size=(500, 6)).astype(np.float32)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.data())
def test_shares(sizes: list[int], data: st.DataObject) -> None:
    codes = np.repeat(np.arange(len(sizes)), sizes)
    least = sum(2 for size in sizes if size > 1)
    wanted = data.draw(st.integers(max(1, least), max(1, least, len(codes))))
    rows = drawn(codes, wanted, seed=0)
    got = np.bincount(codes[rows], minlength=len(sizes))
    assert len(rows) == len(set(rows.tolist())) == min(wanted, len(codes))
    assert (np.diff(rows) > 0).all()
    assert all(n >= 2 for n, size in zip(got, sizes, strict=True) if size > 1)
    # no class gains on a larger one
    for one, size in enumerate(sizes):
        assert all(got[one] <= got[other] + 1 for other in range(len(sizes)) if sizes[other] > size)


def test_a_draw_is_repeatable_and_differs_by_seed() -> None:
    assert np.array_equal(drawn(Y, 100, 1), drawn(Y, 100, 1))
    assert not np.array_equal(drawn(Y, 100, 1), drawn(Y, 100, 2))


def test_loading_a_sample_is_auditing_it(tmp_path: Path) -> None:
    paths = npy(tmp_path / "x.npy", X), npy(tmp_path / "y.npy", Y)
    loaded = embaudit.load(*paths, sample=100, seed=5)
    assert loaded.size == 100
    assert np.array_equal(loaded.vectors, X[loaded.input_rows])
    assert [loaded.classes[code] for code in loaded.codes] == Y[loaded.input_rows].tolist()
    from_file = embaudit.audit(loaded, seed=5)
    report = embaudit.audit(X, Y, sample=100, seed=5)
    assert from_file.measures == report.measures
    assert from_file.hardest_triplets == report.hardest_triplets
    assert report.options.sample == report.data.rows == 100
    assert "sampled_rows" in {notice.code for notice in report.warnings}


def test_rows_and_ids_of_a_sample_are_those_of_the_input() -> None:
    ids = [f"id-{row}" for row in range(len(X))]
    report = embaudit.audit(X, Y, ids=ids, sample=100)
    for one in report.hardest_triplets:
        rows = (one.anchor, one.positive, one.negative)
        assert one.ids == tuple(ids[row] for row in rows)
        assert [Y[row] for row in rows] == [one.anchor_label, one.anchor_label, one.negative_label]
        distance = np.linalg.norm(X[one.anchor].astype(float) - X[one.negative])
        assert one.d_negative == pytest.approx(distance)


def test_a_sample_as_large_as_the_set_is_the_set() -> None:
    whole, sampled = embaudit.audit(X, Y), embaudit.audit(X, Y, sample=500)
    assert whole.run_id == sampled.run_id
    assert sampled.options.sample is None


def test_what_a_sample_cannot_be() -> None:
    with pytest.raises(UsageError, match="at least 6"):
        embaudit.audit(X, Y, sample=5)
    with pytest.raises(UsageError, match="sample"):
        embaudit.audit(X, Y, sample=0)


def test_rows_that_are_not_drawn_are_checked_too() -> None:
    broken = X.copy()
    broken[[3, 333]] = np.nan
    with pytest.raises(InputRefused, match="in 2 of 500 rows"):
        embaudit.audit(broken, Y, sample=10)
