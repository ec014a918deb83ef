"""A plan: rows in memory where that fits, else on disk, else refused; of headers and of sets."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.data import EmbeddingSet
from embaudit.errors import BudgetExceeded
from embaudit.planning.memory import Workload, needs_of_audit
from embaudit.planning.plan import plan_of_audit, plan_of_input, plan_of_set
from embaudit.planning.search_plan import plan_for
from embaudit.settings.settings import settings_of

SIZES = st.tuples(st.integers(2, 100_000), st.integers(1, 2_000), st.sampled_from([1, 2, 4, 8]))
METRICS = st.sampled_from(["l2", "cosine"])


@given(size=SIZES, metric=METRICS, budget=st.integers(1 << 20, 1 << 36))
def test_rows_are_in_memory_if_that_fits_else_on_disk_else_refused(size, metric, budget):
    settings = settings_of(metric=metric, memory_budget=budget, threads=1)
    work = Workload(*size, metric, threads=1, approximate=plan_for(*size[:2]).approximate)
    here, there = (needs_of_audit(work, on_disk=on_disk).total for on_disk in (False, True))
    if min(here, there) > budget:
        with pytest.raises(BudgetExceeded, match=f"Auditing {size[0]:,} rows x {size[1]:,} dims"):
            plan_of_input(settings, size)
        return
    plan = plan_of_input(settings, size)
    assert plan.on_disk == (here > budget)
    assert plan.needs.total == (there if plan.on_disk else here) <= plan.allowed == budget


@given(size=SIZES, classes=st.integers(1, 1_000), others=st.integers(0, 1_000))
def test_classes_may_be_told_later(size, classes, others):
    settings = settings_of(memory_budget=1 << 50)
    gallery = (others, *size[1:]) if others else None
    later = plan_of_input(settings, size, gallery).with_classes(classes)
    assert later == plan_of_audit(settings, size, gallery, classes)


def test_classes_that_no_longer_fit_are_refused():
    size = (1000, 64, 4)
    free = plan_of_input(settings_of(memory_budget=1 << 40), size)
    plan = replace(free, allowed=free.needs.total)
    assert plan.with_classes(0) == plan
    with pytest.raises(BudgetExceeded):
        plan.with_classes(10**6)


@pytest.mark.parametrize("search", ["auto", "exact", "approximate"])
def test_the_plan_of_a_set_is_that_of_its_headers_and_classes(search):
    vectors = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    data = EmbeddingSet.from_arrays(vectors, (np.arange(60) % 6).tolist())
    settings = settings_of(search=search, batch="3x4", effort=1, memory_budget="1G")
    assert plan_of_set(settings, data) == plan_of_audit(settings, (60, 5, 4), classes=6)


def test_a_sample_is_planned_as_what_is_audited_and_read_whole_where_rows_are_left_out_later():
    settings = settings_of(sample=100, drop="stray_rows", memory_budget="1G")
    assert plan_of_audit(settings, (5000, 8, 4)).work.rows == 100
    assert plan_of_input(settings, (5000, 8, 4)).work.rows == 5000
