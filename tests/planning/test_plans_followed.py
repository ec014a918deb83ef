"""Verbs that compare all pairs are planned so, however large the set."""

import numpy as np
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.errors import BudgetExceeded
from embaudit.planning import search_plan
from embaudit.planning.plan import plan_of_set
from embaudit.settings.settings import settings_of

ROWS, DIM = 3000, 2


@pytest.mark.parametrize("verb", [embaudit.mine, embaudit.project, embaudit.forecast])
def test_what_compares_all_pairs_is_given_the_memory_of_that(verb, monkeypatch):
    monkeypatch.setattr(search_plan, "SMALL", 0)
    monkeypatch.setattr(search_plan, "EXACT", 0.0)  # audits of this size are approximate
    rng = np.random.default_rng(0)
    vectors, labels = rng.normal(size=(ROWS, DIM)).astype(np.float32), np.arange(ROWS) % 3
    data = EmbeddingSet.from_arrays(vectors, labels.tolist())
    needs = [
        plan_of_set(settings_of(labels=True, threads=1, search=search), data).needs.total
        for search in ("approximate", "exact")
    ]
    assert needs[0] < needs[1]
    between = sum(needs) // 2
    with pytest.raises(BudgetExceeded):
        verb(vectors, labels, threads=1, memory_budget=between)
