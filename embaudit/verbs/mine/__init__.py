"""Training data from an audit: hard negatives, and triplets of them.

It knows the modes of mining, which candidates are probably no negatives, and the tables that
trainers read.
"""

from embaudit.verbs.mine.triplet_mining import mine, mined, rule_of
from embaudit.verbs.mine.triplet_table import Mined, check_text

__all__ = ["Mined", "check_text", "mine", "mined", "rule_of"]
