"""Means of bounded draws with intervals that hold for every distribution, by betting.

Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting" (arXiv
2010.09686). Whoever bets against a wrong mean gets rich; against the true one no strategy
multiplies its capital by 1 / a with a probability above a, at whatever draw it stops.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embaudit.core.intervals import CONFIDENCE, Estimate
from embaudit.core.prepared_points import Floats

RICH = math.log(2 / (1 - CONFIDENCE))  # log of a bettor's capital that settles one end
STAKE = 0.9  # of the capital at most, in a single draw
BOLDNESS = (1.0, 0.6)  # of a stake: the lesser is better where a dozen events are drawn
BEGUN = (0.6, 0.4)  # their shares of the capital: costs 3 % where the other would do alone
HALVINGS = 50
GUESSES = 12  # at where they settle: what lies beyond these needs no bet


def sampled_mean(
    values: NDArray[Any],
    low: float,
    high: float,
    *,
    population: int | None = None,
    looks: Sequence[int] = (),
) -> Estimate:
    """Mean of random draws that are known to lie in [low, high], with its interval.

    values: (m,) in the order drawn, on which the interval depends a little. population: of how
    many values they were drawn without replacement; None for independent draws. looks: sizes of
    the sample, rising and fixed beforehand, at which one may look and stop when content; by
    default this one. The interval holds at all of them together. Raises ValueError without a draw.
    """
    if not len(values):
        raise ValueError("an interval needs a draw")
    mean, width = float(np.mean(values)), high - low
    if width <= 0 or len(values) == population:
        return Estimate("sampled", mean, mean, mean, CONFIDENCE)
    if width < np.finfo(float).tiny:  # too narrow to be divided by where subnormals are flushed
        return Estimate("sampled", mean, low, high, CONFIDENCE)
    shares = np.clip((np.asarray(values, dtype=float) - low) / width, 0.0, 1.0)
    bets = _bets(shares, looks or (len(shares),))
    lower, above = (_least_mean(one, bets, population) for one in (shares, 1 - shares))
    ends = min(mean, low + width * lower), max(mean, high - width * above)
    return Estimate("sampled", mean, *ends, CONFIDENCE)


def _bets(shares: Floats, looks: Sequence[int]) -> Floats:
    """(bettors, m) what each stakes on each draw, by the variance of the draws before it.

    Of each boldness one a look: the best for a sample of that size (the paper's equation 26).
    """
    draws = np.arange(1, len(shares) + 1)
    means = (0.5 + np.cumsum(shares)) / (draws + 1)
    variances = (0.25 + np.cumsum(np.square(shares - means))) / (draws + 1)
    before = np.concatenate(([0.25], variances[:-1]))
    bets = np.sqrt(2 * RICH / np.outer(looks, before))
    return np.concatenate([boldness * bets for boldness in BOLDNESS])


def _least_mean(shares: Floats, bets: Floats, population: int | None) -> float:
    """The largest mean below that of the draws which those who bet on more than it get rich at.

    Their capital falls as the mean rises, so that bisection finds it.
    """
    drawn = np.arange(len(shares))
    seen = np.cumsum(shares) - shares
    begun = _begun(len(bets) // len(BOLDNESS))

    def richer(mean: float) -> float:
        """By how much the logarithm of their capital is above RICH."""
        if population is None:
            return _log_capital(shares, bets, mean, begun) - RICH
        rest = (population * mean - seen) / (population - drawn)  # the mean of what is not drawn
        return math.inf if rest.min() <= 0 else _log_capital(shares, bets, rest, begun) - RICH

    low = 0.0 if population is None else float(shares.sum()) / population
    high = float(shares.mean())
    rich, poor = _closer(richer, low, high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle <= rich or (middle < poor and richer(middle) >= 0):
            low = middle
        else:
            high = middle
    return low


def _closer(richer: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Ends between which a falling function passes 0, by false position (Illinois)."""
    above, below = math.inf, -math.inf
    side = 0
    for _ in range(GUESSES):
        guess = (low + high) / 2
        if math.isfinite(above) and math.isfinite(below):
            guess = low + (high - low) * above / (above - below)
        if not low < guess < high:
            break
        value = richer(guess)
        if value >= 0:
            low, above, below = guess, value, below / 2 if side > 0 else below
            side = 1
        else:
            high, below, above = guess, value, above / 2 if side < 0 else above
            side = -1
    return low, high


def _begun(looks: int) -> Floats:
    """Logarithms of what bettors begin with: of a kind that of the first look with a half."""
    halved = np.minimum(np.arange(1, looks + 1), looks - 1) * math.log(2)
    begun: Floats = np.subtract.outer(np.log(BEGUN), halved).ravel()
    return begun


def _log_capital(shares: Floats, bets: Floats, means: Floats | float, begun: Floats) -> float:
    """Of all bettors together.

    means: (m,) what a draw would be on average, or one for all. begun: as they begin.
    """
    stakes = np.minimum(bets, STAKE / means)
    grown = np.log1p(stakes * (shares - means)).sum(axis=1)
    return float(np.logaddexp.reduce(grown + begun))
