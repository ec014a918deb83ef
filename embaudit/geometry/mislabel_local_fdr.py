"""How surely is a label wrong? The rows that are as far on the right side tell how many strayed.

A score above 0 says that another class is likelier than the row's own. Of right labels, as many
would lie at +s as at -s, times odds that fall exponentially with s: how fast, the rows about 0
say. So each row at -s is a decoy, and stands for the right labels to be expected at +s. What lies
at +s beyond them is wrong. Nothing else is presumed of how either kind is spread.
"""

from dataclasses import dataclass

import numpy as np

from embaudit.core.prepared_points import Floats

LEAST_WAY = 0.5  # of scores
# Scores count in multiples of the way, |median|, which is about where wrong labels are.
STEPS, FURTHEST = 24, 8  # nodes per way, and ways beyond which all count alike
SEEN = 36  # nodes about 0 from which the odds are told: 1.5 ways
ABOUT = 12  # nodes either way that count as about 0
RATES = np.geomspace(0.5, 16, 61)  # per way, at which the odds of right labels fall
USUAL, SPREAD = 4.0, 0.7  # the rate presumed, and how far off in its logarithm
SWAPPED = np.append(0.0, np.geomspace(1e-4, 0.5, 50))  # odds that do not fall: wrong labels
ASTRAY = 0.75  # of squared shares: right labels on the wrong side for two reasons
PRESUMED, AT_MOST = 0.1, 0.5  # right labels amid the furthest rows: at least, and by decoys near
SMOOTH = 6  # nodes, either way, over which probabilities are levelled
LEAST = 1e-9  # rows
TIES = 1e-3  # of the probability, which is the score's alone: rows alike in all else stay in order
ROUNDS = 5


@dataclass(frozen=True)
class _Sides:
    """Rows above 0 and below it, (n,) each, shared out to the nodes next to them."""

    above: Floats
    below: Floats


def wrong_by_decoys(scores: Floats) -> Floats:
    """(N,) how probably each label is wrong, rising with its score, by all N scores.

    Source: decoys of opposite sign as in Barber & Candes 2015 (knockoffs), the local false
    discovery rate (Efron 2008) as a monotone ratio of both.
    """
    ordered = np.sort(scores)  # sums must not depend on the order of the rows
    way = max(-float(np.median(ordered)), LEAST_WAY)
    ordered /= way
    zero = np.searchsorted(ordered, 0, side="right")
    sides = _Sides(_at_nodes(ordered[zero:]), _at_nodes(-ordered[:zero]))
    odds = _odds(sides)
    most = _most(sides)
    right = sides.above.sum() / len(scores)
    share = np.ones(len(odds))
    for _ in range(ROUNDS):
        decoys = np.minimum(sides.below * (odds + ASTRAY * right**2), most)
        share = _falling(decoys, sides.above)
        right = float(share @ sides.above) / len(scores)
    level = _levelled(share, sides.above)
    ways = scores / way
    probability: Floats = TIES / 2 * (1 + ways / (1 + np.abs(ways)))
    above = np.flatnonzero(ways > 0)
    wrong = 1 - np.interp(ways[above] * STEPS, np.arange(len(level)), level)
    probability[above] += (1 - TIES) * wrong
    return np.clip(probability, 0, 1)


def _at_nodes(ways: Floats) -> Floats:
    """(n,) how many are at each node; between two, a row is shared out."""
    place = np.minimum(ways * STEPS, FURTHEST * STEPS)
    first = np.minimum(place.astype(np.int64), FURTHEST * STEPS - 1)
    nodes = FURTHEST * STEPS + 1
    rows: Floats = np.bincount(first, 1 - (place - first), nodes).astype(np.float64)
    return rows + np.bincount(first + 1, place - first, nodes)


def _odds(sides: _Sides) -> Floats:
    """(n,) of right labels, how many are expected above 0 for each below it.

    The mean over all rates, each as likely as it makes the sides on which rows about 0 are found.
    So odds that few rows tell of are not taken to fall fast.
    """
    nodes = np.arange(len(sides.above)) / STEPS
    falling = np.exp(-np.outer(RATES, nodes))
    ratio = falling[:, None, : SEEN + 1] + SWAPPED[:, None]
    above, below = sides.above[: SEEN + 1], sides.below[: SEEN + 1]
    likely = np.log(ratio) @ above - np.log1p(ratio) @ (above + below)
    likely -= 0.5 * np.square(np.log(RATES / USUAL) / SPREAD)[:, None]
    weights = np.exp(likely - likely.max()).sum(axis=1)
    odds: Floats = weights @ falling / weights.sum()
    return odds


def _levelled(share: Floats, rows: Floats) -> Floats:
    """(n,) means of the shares of all rows at near nodes."""
    near = np.ones(2 * SMOOTH + 1)
    amount, count = (np.convolve(each, near)[SMOOTH:-SMOOTH] for each in (share * rows, rows))
    return np.where(count > LEAST, amount / np.maximum(count, LEAST), share)


def _most(sides: _Sides) -> Floats:
    """(n,) no more right labels are at nodes above 0 than about 0, on average: they thin out."""
    most = np.full(len(sides.above), np.inf)
    about = sides.above[: ABOUT + 1].sum() + sides.below[: ABOUT + 1].sum()
    most[ABOUT + 1 :] = (about + PRESUMED) / (2 * ABOUT + 1)
    return most


def _falling(decoys: Floats, rows: Floats) -> Floats:
    """(n,) the share of decoys among rows, at most 1, that falls from node to node: pooled.

    Some right labels may lie furthest, where no decoy is: the likelier, the more are near there.
    """
    presumed = PRESUMED + min(AT_MOST, float(decoys[STEPS:].sum()))
    decoys, rows = decoys.copy(), rows.copy()
    decoys[-1] += presumed
    rows[-1] += presumed
    pools: list[tuple[float, float, int]] = []
    for amount, count in zip(decoys.tolist(), rows.tolist(), strict=True):
        pool = amount, count, 1
        while pools and pools[-1][0] * pool[1] <= pool[0] * pools[-1][1]:
            last = pools.pop()
            pool = last[0] + pool[0], last[1] + pool[1], last[2] + pool[2]
        pools.append(pool)
    shares = [min(1.0, amount / count) if count else 1.0 for amount, count, _ in pools]
    return np.repeat(shares, [width for _, _, width in pools])
