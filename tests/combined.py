"""Combinations for parametrize of which some are enough each time, and all are for soak."""

from collections.abc import Iterable

import pytest


def alternating(left: Iterable, right: Iterable) -> list:
    """(left, right) for parametrize: each meets every second one of the other; the rest is soak."""
    right = list(right)
    return [
        pytest.param(one, other, marks=() if (at + k) % 2 == 0 else pytest.mark.soak)
        for at, one in enumerate(left)
        for k, other in enumerate(right)
    ]
