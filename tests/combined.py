"""What is parametrized, of which a part is enough each time; all of it is for thorough, or soak."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given, settings
from hypothesis.strategies import SearchStrategy


def in_part(values: Iterable, one_in: int = 2) -> list:
    """For parametrize: every second, or so, each time; the others are thorough."""
    return [
        pytest.param(
            *(one if isinstance(one, tuple) else (one,)),
            marks=() if at % one_in == 0 else pytest.mark.thorough,
        )
        for at, one in enumerate(values)
    ]


def alternating(left: Iterable, right: Iterable) -> list:
    """(left, right) for parametrize: each meets every second one of the other; the rest is soak."""
    right = list(right)
    return [
        pytest.param(one, other, marks=() if (at + k) % 2 == 0 else pytest.mark.soak)
        for at, one in enumerate(left)
        for k, other in enumerate(right)
    ]


def examples(*strategies: SearchStrategy, few: int, many: int) -> Callable:
    """Hypothesis over these strategies: few examples each time, and many for soak."""

    def decorate(check: Callable) -> Callable:
        @pytest.mark.parametrize("amount", [few, pytest.param(many, marks=pytest.mark.soak)])
        def test(amount: int) -> None:
            settings(max_examples=amount)(given(*strategies)(check))()

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__name__, None
        return test

    return decorate
