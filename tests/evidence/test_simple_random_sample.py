"""Rows drawn: as many as the budget says, the truth within the interval; exact where all are."""

import numpy as np
import pytest

from embaudit.core.random_streams import random_stream
from embaudit.data import EmbeddingSet
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.evidence import Budget, Evidence, EvidenceOptions
from embaudit.evidence.simple_random_sample import LEAST_ROWS, SimpleRandomSample


@pytest.mark.parametrize("seed", range(3))
def test_of_all_rows_it_is_exact_and_of_some_the_truth_is_within(seed):
    rng = np.random.default_rng(seed)
    figures = rng.beta(0.3, 0.8, size=4000)
    for most, kind in ((4000, "exact"), (500, "sampled")):
        sample = SimpleRandomSample.of(np.arange(4000), most, rng)
        assert len(np.unique(sample.rows)) == most
        values = figures[sample.rows]
        mean, share = sample.mean(values, 0.0, 1.0), sample.share(int((values > 0.5).sum()))
        for found, truth in ((mean, figures.mean()), (share, (figures > 0.5).mean())):
            assert found.kind == kind
            assert found.lower <= truth <= found.upper
            assert (found.reason == "500 of 4,000 rows drawn") == (kind == "sampled")
        assert mean.value == values.mean()


@pytest.mark.parametrize("per_row", [1, 2000, 10**9])
def test_labelled_rows_are_as_many_as_the_budget_has_pairs_for(per_row):
    labels = [Unlabelled(f"unlabelled row {row}") if row % 3 else row % 7 for row in range(9000)]
    data = EmbeddingSet.from_arrays(np.ones((9000, 1)), labels)
    budget = Budget(*[0.0] * 6, pairs=4e6)
    sample = Evidence(data, EvidenceOptions(seed=5, budget=budget)).labelled_rows("x", per_row)
    assert len(sample.rows) == {1: 3000, 2000: 2000}.get(per_row, LEAST_ROWS)
    assert sample.population == 3000
    assert not (data.rows[sample.rows] % 3).any()
    if not sample.every:  # by the stream of that name, whatever else is drawn
        labelled = np.flatnonzero(data.rows % 3 == 0)
        drawn = random_stream(5, "x").choice(labelled, len(sample.rows), replace=False)
        assert sample.rows.tolist() == drawn.tolist()
