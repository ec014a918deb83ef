"""The choice of the search: by data and flags alone, and what it says that it will cost."""

import builtins
import os
import time

import pytest

from embaudit.planning.search_plan import EXACT, SMALL, plan_for

ROWS = (2, 100, 5_000, SMALL, SMALL + 1, 100_000, 500_000, 3_000_000, 20_000_000)
DIMS = (1, 16, 32, 33, 128, 1024, 4096)
ASKED = ("auto", "exact", "approximate")
GRID = [(rows, dim) for rows in ROWS for dim in DIMS]
LARGE = [rows for rows in ROWS if rows > SMALL]


def multiply_adds(rows, dim):
    """Of comparing every pair of rows once."""
    return rows * rows / 2 * dim


def most_rows(dim):
    """The largest set whose pairs cost no more than auto spends on them."""
    rows = int((2 * EXACT / dim) ** 0.5)
    while multiply_adds(rows + 1, dim) <= EXACT:
        rows += 1
    while multiply_adds(rows, dim) > EXACT:
        rows -= 1
    return rows


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("rows", ROWS)
def test_exact_asked_is_exact(rows, dim):
    assert not plan_for(rows, dim, "exact").approximate


@pytest.mark.parametrize("dim", DIMS)
def test_auto_is_exact_up_to_the_stated_cost_and_approximate_beyond(dim):
    last = max(most_rows(dim), SMALL)
    assert not plan_for(last, dim).approximate
    assert plan_for(last + 1, dim).approximate


@pytest.mark.parametrize("dim", DIMS)
def test_auto_states_both_costs_where_it_is_approximate(dim):
    rows = 10 * max(most_rows(dim), SMALL)
    why = plan_for(rows, dim).why
    assert f"{EXACT:.0g}" in why
    assert f"{multiply_adds(rows, dim):.2g}" in why
    assert "--search exact" in why


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("rows", [2, 1000, SMALL])
def test_a_small_set_is_exact_whatever_is_asked(rows, dim):
    for asked in ASKED:
        assert not plan_for(rows, dim, asked).approximate
    why = plan_for(rows, dim, "approximate").why
    assert f"{SMALL:,} rows" in why
    assert "costs more" in why


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("rows", LARGE)
def test_approximate_asked_is_approximate_beyond(rows, dim):
    found = plan_for(rows, dim, "approximate")
    assert found.approximate
    assert "asked for" in found.why


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("rows", "dim"), GRID)
def test_every_plan_says_what_and_why(rows, dim, asked):
    found = plan_for(rows, dim, asked)
    assert (found.rows, found.dim) == (rows, dim)
    assert found.why
    exact = plan_for(rows, dim, "exact").backend
    assert (found.backend == exact) == (not found.approximate)


def test_nothing_but_the_arguments_is_asked(monkeypatch):
    before = [plan_for(rows, dim, asked) for rows, dim in GRID for asked in ASKED]

    def refuse(*_, **__):
        raise AssertionError("a plan asked for more than its arguments")

    for module, names in (
        (os, ("getloadavg", "cpu_count", "sched_getaffinity", "getenv", "sysconf", "open")),
        (time, ("time", "perf_counter", "monotonic", "process_time")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, refuse, raising=False)
    monkeypatch.setattr(os, "environ", {})
    with monkeypatch.context() as closed:
        closed.setattr(builtins, "open", refuse)
        after = [plan_for(rows, dim, asked) for rows, dim in GRID for asked in ASKED]
    assert after == before
