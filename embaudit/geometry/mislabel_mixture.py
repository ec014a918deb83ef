"""How surely is a label wrong? A tail of right ones and a hump of wrong ones, told apart by EM.

Scores of right labels thin out exponentially above the point where another class is as likely. A
wrong label trades places: what was the own class is now another one. So its score is about as far
above that point as right ones are below it, and spread as they are. Nothing is fitted to other
sets: a set without wrong labels has a tail and no hump.
"""

import math

import numpy as np

from embaudit.core.prepared_points import Floats

BEGINS = 0.25  # of the way from 0 to where wrong labels are expected: there the tail begins
LEAST_WAY, LEAST_SPREAD = 0.5, 0.3  # of scores
# The hump's spread, of that of right labels, and at least of the way; of 0.5 to 1 the narrowest
# that leaves clean sets without suspects.
NARROWER, LEAST_OF_WAY = 0.7, 0.25
LOWEST = 0.5  # of the way: there the hump is at least, as where many are wrong alike
TRUSTED = 5  # rows that what is expected of tail and hump counts for
DECAY = 1.5  # per spread: faster than right labels have been seen to thin out, from the middle on
ROUNDS = 80
BEYOND = 3.0  # spreads above the hump from which it falls no further: rows there are no tail
FIRST = 0.1  # of the tail's rows, before it is known
LEAST = 1e-6  # rows


def wrong_by_hump(scores: Floats) -> Floats:
    """(N,) how probably each label is wrong, rising with its score, by all N scores.

    Source: local false discovery rates (Efron 2008), with an exponential tail for the null.
    """
    middle = float(np.median(scores))
    way = max(-middle, LEAST_WAY)
    usual = 1.4826 * float(np.median(np.abs(scores - middle)))
    spread = max(NARROWER * max(usual, LEAST_SPREAD), LEAST_OF_WAY * way)
    beyond = scores - BEGINS * way
    expected = (1 - BEGINS) * way
    tail = np.sort(beyond[beyond > 0])  # sums must not depend on the order of the rows
    above = tail[tail > expected]
    place = float(above.mean()) if len(above) else expected
    # a right label that is presumed in the tail, unless right ones hardly reach it
    reached = len(scores) * math.exp(-DECAY * (1 + BEGINS) * way / max(usual, LEAST_SPREAD / 6))
    usually = 1 / max(usual, LEAST_SPREAD / 2)  # right labels have been seen to thin out so
    presumed = min(1.0, reached) + LEAST
    rate, share = usually, FIRST
    for _ in range(ROUNDS if len(tail) else 0):
        hump = share * _hump(tail, place, spread)
        wrong = hump / (hump + (1 - share) * rate * np.exp(-rate * tail))
        rows, right = float(wrong.sum()), 1 - wrong
        share = rows / (len(tail) + presumed)
        rate = (float(right.sum()) + TRUSTED) / (float(right @ tail) + TRUSTED / usually)
        place = (float(wrong @ tail) + TRUSTED * expected) / (rows + TRUSTED)
        place = max(place, (LOWEST - BEGINS) * way)
    least = 1 / (len(scores) + 1)  # one wrong label can never be excluded
    share = min(max(share if len(tail) else 0.0, least), 1 - LEAST)
    odds = rate * beyond - 0.5 * np.minimum((beyond - place) / spread, 0) ** 2
    odds += math.log(share / (1 - share)) - math.log(rate * spread * math.sqrt(2 * math.pi))
    probability: Floats = 1 / (1 + np.exp(-np.clip(odds, -600, 600)))
    return probability


def _hump(values: Floats, place: float, spread: float) -> Floats:
    """The density of wrong labels: normal, but that it falls no further above BEYOND."""
    away = np.minimum((values - place) / spread, BEYOND)
    density: Floats = np.exp(-0.5 * away**2) / (spread * math.sqrt(2 * math.pi))
    return density
