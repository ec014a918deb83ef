"""How surely is a label wrong? A tail of right ones and a hump of wrong ones, told apart by EM.

Scores of right labels thin out exponentially above the point where another class is as likely. A
wrong label trades places: what was the own class is now another one. So its score is about as far
above that point as right ones are below it, and spread as they are. Nothing is fitted to other
sets: a set without wrong labels has a tail and no hump.
"""

import numpy as np

from embaudit.space import Floats

BEGINS = 0.25  # of the way from 0 to where wrong labels are expected: there the tail begins
LEAST_WAY, LEAST_SPREAD = 0.5, 0.3  # of scores
NARROWER = 0.7  # the hump, than the scores of right labels; of 0.5 to 1 the best calibrated
TRUSTED = 5  # rows that the expected place of the hump counts for
ROUNDS = 80
BEYOND = 3.0  # spreads above the hump from which it falls no further: rows there are no tail
FIRST = 0.1  # of the tail's rows, before it is known


def probability_wrong(scores: Floats) -> Floats:
    """(N,) how probably each label is wrong, rising with its score, by all N scores.

    Source: local false discovery rates (Efron 2008), with an exponential tail for the null.
    """
    middle = float(np.median(scores))
    way = max(-middle, LEAST_WAY)
    usual = 1.4826 * float(np.median(np.abs(scores - middle)))
    spread = NARROWER * max(usual, LEAST_SPREAD)
    beyond = scores - BEGINS * way
    tail = np.sort(beyond[beyond > 0])  # sums must not depend on the order of the rows
    expected = (1 - BEGINS) * way
    place, rate, share = expected, 2 / way, FIRST
    for _ in range(ROUNDS if len(tail) else 0):
        hump = share * _hump(tail, place, spread)
        wrong = hump / (hump + (1 - share) * rate * np.exp(-rate * tail))
        share = float(wrong.sum()) / (len(tail) + 1)
        rate = (float((1 - wrong).sum()) + 1) / (float((1 - wrong) @ tail) + way / 2)
        drawn = (float(wrong @ tail) + TRUSTED * expected) / (float(wrong.sum()) + TRUSTED)
        place = max(expected, drawn)
    share = max(share if len(tail) else 0.0, 1 / (len(scores) + 1))  # one can never be excluded
    below = np.minimum((beyond - place) / spread, 0)
    odds = -0.5 * below**2 + rate * beyond
    odds += np.log(share / (1 - share)) - np.log(rate * spread * np.sqrt(2 * np.pi))
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -600, 600)))
    return probability


def _hump(values: Floats, place: float, spread: float) -> Floats:
    """The density of wrong labels: normal, but that it falls no further above BEYOND."""
    away = np.clip((values - place) / spread, -np.inf, BEYOND)
    density: Floats = np.exp(-0.5 * away**2) / (spread * np.sqrt(2 * np.pi))
    return density
