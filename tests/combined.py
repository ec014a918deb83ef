"""What is parametrized, of which a part is enough each time; all of it is for thorough, or soak."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def in_part(values: Iterable, one_in: int = 2, start: int = 0) -> list:
    """For parametrize: every second value, or so, each time; the others are thorough.

    What has marks already is neither counted nor changed.
    """
    found, at = [], 0
    for one in values:
        if not hasattr(one, "marks"):
            one = pytest.param(*(one if isinstance(one, tuple) else (one,)))
        if not one.marks:
            marks = () if at % one_in == start else pytest.mark.thorough
            one, at = pytest.param(*one.values, marks=marks), at + 1
        found.append(one)
    return found


def alternating(left: Iterable, right: Iterable) -> list:
    """(left, right) for parametrize: each meets every second one of the other; the rest is soak."""
    right = list(right)
    return [
        pytest.param(one, other, marks=() if (at + k) % 2 == 0 else pytest.mark.soak)
        for at, one in enumerate(left)
        for k, other in enumerate(right)
    ]


def examples(*strategies: SearchStrategy, few: int, some: int, many: int) -> Callable:
    """Hypothesis over these strategies: few examples each time, some if thorough, many for soak."""
    thorough = pytest.param(some, marks=pytest.mark.thorough)

    def decorate(check: Callable) -> Callable:
        @pytest.mark.parametrize(
            "amount", [few, thorough, pytest.param(many, marks=pytest.mark.soak)]
        )
        def test(amount: int) -> None:
            settings(max_examples=amount)(given(*strategies)(check))()

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__name__, None
        return test

    return decorate
