"""Arithmetic on what is known of a number: the result never claims more than its parts."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.core import intervals
from embaudit.core.intervals import (
    STRENGTH,
    certified,
    exact,
    ratio,
    student_quantile,
    undefined,
)
from tests.combined import in_part

POSITIVE = st.floats(1e-6, 1e6)

# Two-sided 99 % quantiles of Student's distribution, from any statistical table.
STUDENT_99 = {8: 3.3554, 10: 3.1693, 15: 2.9467, 20: 2.8453, 31: 2.7440, 60: 2.6603, 120: 2.6174}


def test_exact_is_its_own_interval():
    number = exact(3, "counted")
    assert (number.kind, number.value, number.lower, number.upper) == ("exact", 3.0, 3.0, 3.0)
    assert number.reason == "counted"
    assert number.known


def test_a_certified_interval_holds_its_value():
    number = certified(1.0, 2.0)
    assert number.kind == "certified"
    assert number.lower <= number.value <= number.upper


def test_an_interval_of_one_number_is_exact():
    assert certified(2.0, 2.0).kind == "exact"


def test_an_unbounded_interval_stands_on_its_lower_end():
    number = certified(2.0, math.inf)
    assert (number.kind, number.value, number.upper) == ("certified", 2.0, math.inf)


def test_an_empty_interval_is_a_defect():
    with pytest.raises(AssertionError, match="empty"):
        certified(2.0, 1.0)


def test_undefined_has_a_reason_and_nothing_else():
    number = undefined("nothing to divide by")
    assert not number.known
    assert (number.value, number.lower, number.upper) == (None, -math.inf, math.inf)
    assert number.reason == "nothing to divide by"


@settings(deadline=None, max_examples=100)
@given(POSITIVE, POSITIVE, POSITIVE, POSITIVE, st.floats(0, 1), st.floats(0, 1))
def test_a_ratio_encloses_every_quotient(a, b, c, d, s, t):
    top, bottom = certified(*sorted((a, b))), certified(*sorted((c, d)))
    x = min(max(top.lower + s * (top.upper - top.lower), top.lower), top.upper)
    y = min(max(bottom.lower + t * (bottom.upper - bottom.lower), bottom.lower), bottom.upper)
    found = ratio(top, bottom)
    assert found.lower <= x / y * (1 + 1e-15)
    assert x / y <= found.upper * (1 + 1e-15)
    assert STRENGTH.index(found.kind) >= max(STRENGTH.index(top.kind), STRENGTH.index(bottom.kind))


def test_a_ratio_of_exact_numbers_is_exact():
    assert ratio(exact(3), exact(2)).kind == "exact"
    assert ratio(exact(3), exact(2)).value == 1.5


def test_a_ratio_over_zero():
    assert not ratio(exact(1), exact(0)).known
    open_above = ratio(exact(1), certified(0.0, 2.0))
    assert (open_above.lower, open_above.upper) == (0.5, math.inf)


def test_the_undefined_stays_undefined():
    for pair in ((undefined("no top"), exact(1)), (exact(1), undefined("no bottom"))):
        assert not ratio(*pair).known
        assert ratio(*pair).reason in {"no top", "no bottom"}


@pytest.mark.parametrize("kind", STRENGTH[:4])
def test_scaling_keeps_the_kind(kind):
    number = intervals.Estimate(kind, 2.0, 1.0, 3.0)
    assert number.scaled(4.0) == intervals.Estimate(kind, 8.0, 4.0, 12.0)
    assert undefined("x").scaled(4.0) == undefined("x")


@pytest.mark.parametrize(("freedom", "quantile"), STUDENT_99.items())
def test_student_quantiles(freedom, quantile):
    assert student_quantile(freedom) == pytest.approx(quantile, abs=2e-3)


def test_student_never_claims_less_than_the_normal():
    quantiles = [student_quantile(freedom) for freedom in range(8, 400)]
    assert quantiles == sorted(quantiles, reverse=True)
    assert quantiles[-1] > 2.5758


def binomial(hits, draws, share):
    return math.comb(draws, hits) * share**hits * (1 - share) ** (draws - hits)


SHARES = [0.001, 0.01, 0.05, 0.1, 0.25, 1 / 3, 0.5, 0.7, 0.9, 0.97, 0.999]


@pytest.mark.parametrize("draws", in_part([1, 2, 3, 5, 8, 20, 50, 100]))
@pytest.mark.parametrize("share", SHARES)
def test_a_sampled_share_holds_the_truth_as_often_as_it_says_by_enumeration(share, draws):
    held = 0.0
    for hits in range(draws + 1):
        found = intervals.sampled_share(hits, draws)
        if found.lower <= share <= found.upper:
            held += binomial(hits, draws, share)
    assert held >= intervals.CONFIDENCE


@pytest.mark.parametrize("draws", [1, 2, 7, 30, 100])
def test_the_ends_of_a_sampled_share_leave_half_a_percent_on_either_side(draws):
    tail = (1 - intervals.CONFIDENCE) / 2
    for hits in range(draws + 1):
        found = intervals.sampled_share(hits, draws)
        assert found.lower <= found.value == hits / draws <= found.upper
        as_many = math.fsum(binomial(k, draws, found.lower) for k in range(hits, draws + 1))
        as_few = math.fsum(binomial(k, draws, found.upper) for k in range(hits + 1))
        assert as_many == (pytest.approx(tail, rel=1e-6) if hits else 1)
        assert as_few == (pytest.approx(tail, rel=1e-6) if hits < draws else 1)


@pytest.mark.parametrize("draws", [1, 9, 400, 4096])
def test_a_share_of_none_or_all_reaches_the_end_of_what_can_be(draws):
    none, every = intervals.sampled_share(0, draws), intervals.sampled_share(draws, draws)
    assert (none.value, none.lower, every.value, every.upper) == (0, 0, 1, 1)
    # nobody met in so many draws: (1 - upper)^draws is the chance of that
    assert none.upper == pytest.approx(1 - 0.005 ** (1 / draws), rel=1e-6)
    assert every.lower == pytest.approx(0.005 ** (1 / draws), rel=1e-6)


@pytest.mark.parametrize("draws", [1, 5, 30, 100, 400])
@pytest.mark.parametrize("level", [0.001, 0.01, 0.05, 0.5, 0.95, 0.99])
def test_quantile_ranks_leave_half_a_percent_on_either_side(draws, level):
    low, high = intervals.quantile_ranks(level, draws)
    tail = (1 - intervals.CONFIDENCE) / 2

    def up_to(count):  # chance that so many draws at most lie below the quantile
        return math.fsum(binomial(k, draws, level) for k in range(count + 1))

    assert 0 <= low < high <= draws + 1
    assert up_to(low - 1) <= tail  # else the draw of that rank may lie above the quantile
    assert 1 - up_to(high - 1) <= tail * (1 + 1e-9)
    assert up_to(low) > tail  # and no other ranks are nearer together
    assert high == low + 1 or 1 - up_to(high - 2) > tail * (1 - 1e-9)


def test_ranks_of_draws_with_ties_enclose_the_quantile():
    rng = np.random.default_rng(0)
    population = np.repeat([0.0, 1.0, 2.0], [30, 60, 10])
    for level, true in ((0.05, 0.0), (0.3, 0.0), (0.5, 1.0), (0.95, 2.0)):
        low, high = intervals.quantile_ranks(level, 300)
        inside = 0
        for _ in range(200):
            draws = np.sort(rng.choice(population, 300))
            inside += draws[low - 1] <= true <= draws[high - 1]
        assert inside >= 195


def test_a_sampled_share_of_many_draws_narrows_like_a_normal_interval():
    found = intervals.sampled_share(1024, 4096)
    half = 2.5758 * math.sqrt(0.25 * 0.75 / 4096)
    assert found.upper - found.lower == pytest.approx(2 * half, rel=0.02)
