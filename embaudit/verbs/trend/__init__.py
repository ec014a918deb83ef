"""Series of checkpoints: each audited once, and what happened between them.

It knows the order of checkpoints, the cache of their audits, and the events: where collapse began,
and which checkpoint is best.
"""

from embaudit.verbs.trend.cache import HERE, Cache
from embaudit.verbs.trend.checkpoint_audits import trend_of
from embaudit.verbs.trend.checkpoint_series import series_of
from embaudit.verbs.trend.checkpoint_trend import trend
from embaudit.verbs.trend.events import best_of, events_of
from embaudit.verbs.trend.paths import in_order, names_of

__all__ = [
    "HERE",
    "Cache",
    "best_of",
    "events_of",
    "in_order",
    "names_of",
    "series_of",
    "trend",
    "trend_of",
]
