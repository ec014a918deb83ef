"""What a map changes: distances of pairs, and the places of rows."""

import numpy as np

from embaudit.core.prepared_points import Floats
from embaudit.geometry.pairs import Pairs, distances


def changed(before: Floats, after: Floats) -> float:
    """max | |x - y| - |g(x) - g(y)| | over pairs, (N, n) each, as float64 computes it."""
    bands = Pairs(np.array([0, len(before)])).bands
    return max(
        float(np.abs(distances(before, a, b) - distances(after, a, b)).max())
        for a in bands
        for b in bands
    )


def moved(before: Floats, after: Floats) -> float:
    """sup |f - g|, rounded up; (N, n) each, about one centre."""
    away = np.sqrt(np.square(before - after).sum(axis=1).max())
    reach = np.abs(before).max() + np.abs(after).max()
    return float(away * (1 + 1e-12) + reach * np.sqrt(before.shape[1]) * 1e-15)
