"""How surely is a label wrong? Two estimates by the scores of the whole set, weighed.

Decoys hold for scores of any shape, but need rows about 0; a tail and a hump know where wrong
labels are in sets whose classes leave nothing there, or where two classes lie on one another.
"""

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.mislabel_local_fdr import wrong_by_decoys
from embaudit.geometry.mislabel_mixture import wrong_by_hump

# Of the log odds. Of 0, 0.2, 0.3, 0.4 and 0.5 the least that finds a single flip amid classes far
# apart; pooled over sets, expected precision was off by 0.09 at most at each kind and rate.
BY_HUMP = 0.2
SURE_OF = 1e-6  # what either leaves to chance at least


def probability_wrong(scores: Floats) -> Floats:
    """(N,) how probably each label is wrong, rising with its score, by all N scores."""
    odds = BY_HUMP * _log_odds(wrong_by_hump(scores))
    odds += (1 - BY_HUMP) * _log_odds(wrong_by_decoys(scores))
    probability: Floats = 1 / (1 + np.exp(-odds))
    return probability


def _log_odds(probability: Floats) -> Floats:
    odds: Floats = np.clip(probability, SURE_OF, 1 - SURE_OF)
    odds /= 1 - odds
    return np.log(odds, out=odds)
