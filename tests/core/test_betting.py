"""Intervals of sampled means: they hold the truth as often as they say, and are not much wider."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embaudit.core import betting
from embaudit.core.betting import sampled_mean
from embaudit.core.intervals import CONFIDENCE
from tests.combined import in_part

POPULATIONS = {  # of so many values in [0, 1]
    "none": lambda rng, size: np.zeros(size),
    "all": lambda rng, size: np.ones(size),
    "rare": lambda rng, size: (rng.random(size) < 0.004).astype(float),
    "coin": lambda rng, size: (rng.random(size) < 0.5).astype(float),
    "skewed": lambda rng, size: rng.beta(0.05, 1.0, size),
    "mostly_one": lambda rng, size: 1 - rng.beta(0.05, 1.0, size),
    "two_points": lambda rng, size: np.where(rng.random(size) < 0.9, 0.1, 0.3),
    "uniform": lambda rng, size: rng.random(size),
    "narrow": lambda rng, size: rng.beta(300, 200, size),
}
SIZE = 4000
DRAWS = {"few": (32,), "some": (500,), "half": (2000,), "looks": (100, 400, 1600)}


def population(name):
    return POPULATIONS[name](np.random.default_rng(3), SIZE)


def misses(values, looks, seeds, *, replaced):
    """How many samples have an interval at any look that does not hold the mean of the values."""
    mean, missed = values.mean(), 0
    for seed in range(seeds):
        rng = np.random.default_rng((seed, 17))
        drawn = rng.choice(values, looks[-1]) if replaced else rng.permutation(values)
        found = [
            sampled_mean(
                drawn[:size],
                0.0,
                1.0,
                population=None if replaced else len(values),
                looks=looks,
            )
            for size in looks
        ]
        assert all(0 <= one.lower <= one.value <= one.upper <= 1 for one in found)
        slack = 1e-12
        missed += any(not one.lower - slack <= mean <= one.upper + slack for one in found)
    return missed


def most(seeds):
    """Misses that three standard errors allow where each is as likely as is claimed."""
    rate = 1 - CONFIDENCE
    return seeds * rate + 3 * math.sqrt(seeds * rate * (1 - rate))


@pytest.mark.parametrize("draws", in_part(["few", "looks"]))
@pytest.mark.parametrize("name", POPULATIONS)
def test_a_sampled_mean_holds_the_truth_as_often_as_it_says(name, draws):
    assert misses(population(name), DRAWS[draws], 40, replaced=draws == "few") <= most(40)


@pytest.mark.soak
@pytest.mark.parametrize("replaced", [False, True], ids=["without_replacement", "independent"])
@pytest.mark.parametrize("draws", DRAWS)
@pytest.mark.parametrize("name", POPULATIONS)
def test_hundreds_of_sampled_means_hold_the_truth_as_often_as_they_say(name, draws, replaced):
    assert misses(population(name), DRAWS[draws], 600, replaced=replaced) <= most(600)


@pytest.mark.parametrize("name", ["coin", "skewed", "mostly_one", "two_points", "uniform"])
def test_an_interval_is_at_most_eight_times_the_error_wide(name):
    values = population(name)
    for drawn, looks in ((500, (500,)), (2000, (2000,)), (1600, (400, 1600))):
        error = values.std() * math.sqrt((1 - drawn / SIZE) / drawn)
        widths = []
        for seed in range(10):
            rng = np.random.default_rng((seed, 18))
            sample = rng.permutation(values)[:drawn]
            found = sampled_mean(sample, 0.0, 1.0, population=SIZE, looks=looks)
            widths.append(found.upper - found.lower)
        assert np.mean(widths) <= 8 * error


@pytest.mark.parametrize(("events", "most"), [(3, 9), (16, 8), (50, 7.5), (200, 7)])
@pytest.mark.parametrize("drawn", [625, 2500])
def test_an_interval_of_rare_events_is_at_most_eight_times_the_error_wide(events, most, drawn):
    # with three events to be expected the exact binomial interval takes 6.1 times the error
    rng, size = np.random.default_rng(4), 20_000
    values = (np.arange(size) < events / drawn * size).astype(float)
    error = values.std() * math.sqrt((1 - drawn / size) / drawn)
    found = [
        sampled_mean(rng.permutation(values)[:drawn], 0.0, 1.0, population=size) for _ in range(30)
    ]
    assert np.mean([one.upper - one.lower for one in found]) <= most * error


@pytest.mark.parametrize("draws", [1, 32, 500])
def test_draws_that_all_agree_leave_as_much_open_as_they_must(draws):
    # a mean that lets all draws agree with a chance of half a percent cannot be ruled out
    least = 1 - (0.5 * (1 - CONFIDENCE)) ** (1 / draws)
    found = sampled_mean(np.zeros(draws), 0.0, 1.0)
    assert (found.lower, found.value) == (0, 0)
    assert least <= found.upper <= min(1.0, 1.4 * least)
    mirrored = sampled_mean(np.ones(draws), 0.0, 1.0)
    assert 1 - mirrored.lower == pytest.approx(found.upper)


def test_what_was_seen_of_a_finite_population_is_certain():
    values = np.array([1.0] * 30 + [0.0] * 70)
    for drawn in (1, 31, 60, 99):
        seen = values[:drawn].sum()
        found = sampled_mean(values[:drawn], 0.0, 1.0, population=100)
        assert found.lower >= (seen - 1e-12) / 100
        assert found.upper <= (seen + 100 - drawn + 1e-12) / 100
    whole = sampled_mean(values, 0.0, 1.0, population=100)
    assert (whole.lower, whole.value, whole.upper) == (0.3, 0.3, 0.3)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=40),
    st.floats(-50, 50),
    st.floats(0.01, 100),
)
def test_units_change_no_interval(shares, low, width):
    values = np.array(shares)
    plain = sampled_mean(values, 0.0, 1.0)
    found = sampled_mean(low + width * values, low, low + width)
    ends = [low + width * end for end in (plain.lower, plain.value, plain.upper)]
    assert [found.lower, found.value, found.upper] == pytest.approx(ends, abs=1e-6 * (1 + width))


def test_without_a_draw_there_is_no_interval():
    with pytest.raises(ValueError, match="needs a draw"):
        sampled_mean(np.array([]), 0.0, 1.0)


@pytest.mark.parametrize("name", POPULATIONS)
@pytest.mark.parametrize("size", [None, SIZE])
def test_ends_are_where_plain_bisection_finds_them(name, size, monkeypatch):
    drawn = np.random.default_rng(0).permutation(population(name))[:500]
    found = sampled_mean(drawn, 0.0, 1.0, population=size, looks=(125, 500))
    monkeypatch.setattr(betting, "GUESSES", 0)
    assert found == sampled_mean(drawn, 0.0, 1.0, population=size, looks=(125, 500))
