"""How surely is a label wrong? A tail of right ones and a hump of wrong ones, told apart by EM.

Scores of right labels thin out exponentially above the point where another class is as likely. A
wrong label trades places: what was the own class is now another one. So its score is about as far
above that point as right ones are below it, and spread as they are. Nothing is fitted to other
sets: a set without wrong labels has a tail and no hump.
"""

import math

import numpy as np

from embaudit.space import Floats

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
SEEN = 3  # rows beyond the last of three places from which a tail is told by them


# Places of a tail, in multiples of the way: first, and so far apart.
TRIPLES = ((0.5, 0.5), (0.75, 0.5), (1.0, 0.5), (0.75, 0.75))
SIGNIFICANT = 2.5  # standard errors of an excess that counts
CENTRE, BELOW, ABOVE = 1.6, 0.7, 1.5  # of the way, and of spreads: where an excess lies
AT_MOST = 0.75  # probability by an excess alone: it is of many rows and of none for sure


def probability_wrong(scores: Floats) -> Floats:
    """(N,) how probably each label is wrong, rising with its score, by all N scores.

    Source: local false discovery rates (Efron 2008), with an exponential tail for the null.
    """
    return np.maximum(_by_hump(scores), _by_excess(scores))


def _by_excess(scores: Floats) -> Floats:
    """The same by how much the far tail exceeds what its beginning promises; 0 without excess.

    With c rows above three equally distant places, of a tail that thins out exponentially but for
    w wrong labels above all of them, (c_0 - w) (c_2 - w) = (c_1 - w)^2. A tail that thins out
    faster makes w smaller, never larger.
    """
    middle = float(np.median(scores))
    way = max(-middle, LEAST_WAY)
    ordered = np.sort(scores)
    best, chosen = SIGNIFICANT, None
    for first, step in TRIPLES:
        places = np.array([first, first + step, first + 2 * step]) * way
        above = (len(scores) - np.searchsorted(ordered, places, side="right")).astype(np.float64)
        bend = above[0] + above[2] - 2 * above[1]
        if bend <= 0 or above[2] < SEEN:
            continue
        wrong = float(above[0] * above[2] - above[1] ** 2) / bend
        slopes = np.array([above[2] - wrong, 2 * (wrong - above[1]), above[0] - wrong]) / bend
        rows = np.array([above[0] - above[1], above[1] - above[2], above[2]])
        error = float(np.sqrt(np.square(np.cumsum(slopes)) @ rows))  # of counts that are Poisson's
        if error and wrong / error > best:
            best, chosen = wrong / error, (places, above, wrong)
    found = np.zeros(len(scores))
    if chosen is None:
        return found
    places, above, wrong = chosen
    begin, end = max(above[0] - wrong, 0.5), max(above[2] - wrong, 0.25)
    rate = math.log(begin / end) / float(places[2] - places[0])
    right = begin * rate * np.exp(-rate * (scores - places[0]))
    usual = 1.4826 * float(np.median(np.abs(scores - middle)))
    spread = max(usual, LEAST_OF_WAY * way)
    away = (scores - CENTRE * way) / spread
    hump = np.exp(-0.5 * np.square(away / np.where(away < 0, BELOW, ABOVE)))
    hump *= wrong / (math.sqrt(2 * math.pi) * spread * (BELOW + ABOVE) / 2)
    beyond = scores > places[0]
    found[beyond] = hump[beyond] / (hump[beyond] + right[beyond])
    order = np.argsort(scores, kind="stable")
    found[order] = np.maximum.accumulate(found[order])
    return np.minimum(found, AT_MOST)


def _by_hump(scores: Floats) -> Floats:
    """The same by a tail and a hump that EM tells apart."""
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
